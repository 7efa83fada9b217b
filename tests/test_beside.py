"""Humans beside models: every measure's difference, and no rate for an arm that has no answers."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from study.beside import NO_ANSWER, NOT_READ, Beside, computed
from tests.test_results import grade, row

PROTOCOL: dict[str, Any] = {"arms": {"images": {}, "findings": {}}, "conditions": {"without-ct": {}, "remove-text": {}}}


def model(case: str, name: str = "m", **more: Any) -> Any:
    return row(name, case=case, kind="model", model=name, sample=1, **more)


def study() -> Beside:
    """Three readers and two models on four cases; the models' readings without CT all failed."""
    cases = [f"case-{n}" for n in range(4)]
    rows = [row(f"R{r}", case=c, choice="AB"[r * n % 2]) for r in range(3) for n, c in enumerate(cases)]
    rows += [model(c, f"m{m}", choice="AB"[m or n % 2]) for m in range(2) for n, c in enumerate(cases)]
    rows += [model(c, arm="x", condition="without-ct", state="failed", answers=[]) for c in cases]
    return computed(rows, [grade("Gout", 0, case=c) for c in cases], PROTOCOL)


def test_an_arm_without_answers_has_no_rate_and_says_why() -> None:
    arms = {(one.name, one.group): one for one in study().arms}
    assert arms["images", "human"].rates["selection"].n == 12
    failed = arms["without-ct", "model"]
    assert (failed.rates, failed.why, failed.others) == ({}, NO_ANSWER, {"failed": 4})
    assert (arms["remove-text", "model"].rates, arms["remove-text", "model"].why) == ({}, NOT_READ)
    assert arms["findings", "human"].why == NOT_READ


def test_each_measure_has_one_difference_that_leads_and_it_is_humans_minus_models() -> None:
    found = study()
    leading = [one for one in found.differences if one.leads]
    assert len({one.measure for one in leading}) == len(leading)
    selection = next(one for one in leading if one.measure == "selection")
    assert selection.estimate == pytest.approx(2 / 12 - 6 / 8)
    assert selection.n == 20


def arms_page(language: str) -> None:
    import streamlit as st

    from streamlit_app.pages import analyst_beside
    from study.desk import StudyStatus
    from tests.test_beside import study

    st.session_state["interface_language"] = language
    analyst_beside._arms(study(), StudyStatus.model_construct(slug="s", synthetic=True))


@pytest.mark.parametrize(("language", "told"), [("en", "No answers, so no rate:"), ("zh", "没有回答，故无比率：")])
def test_the_page_prints_the_reason_in_place_of_a_rate(language: str, told: str) -> None:
    shown = AppTest.from_function(arms_page, args=(language,)).run(timeout=90)
    assert not shown.exception
    body = next(one.proto.body for one in shown.get("html") if "<table" in one.proto.body)
    failed = next(line for line in body.split("<tr") if "without-ct" in line)
    assert told in failed
    assert failed.count('<td class="number">–</td>') == 3
    assert "0.0" not in failed
