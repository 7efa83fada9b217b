"""Tables of ablations: accuracy per condition with its n and failures, differences to the main reading by case."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scoring.accuracy import wilson
from study.ablation import (
    AS_FINDING,
    CONTEXT,
    FINDINGS,
    FULL,
    LANGUAGE,
    LEFT_OUT,
    REFINED,
    TEXT,
    Ablation,
    ablation_tables,
)
from study.conditions import medsyn
from tests.model_rows import failed, row

PROTOCOL: dict[str, Any] = {
    "arms": {"images": {"visual": "image", "by_type": {}}},
    "conditions": {name: rule.model_dump(mode="json") for name, rule in medsyn(["ct"]).items()},
    "plan": {"failures": "left-out"},
}


def only(found: Ablation, condition: str) -> Any:
    return next(one for one in found.rows if one.condition == condition)


def test_a_condition_is_held_against_the_main_reading_of_the_same_cases() -> None:
    rows = [row(f"c{n}", "Malaria" if n < 6 else "Gout") for n in range(10)]
    rows += [row(f"c{n}", "Malaria" if n in (0, 6, 7, 8) else "Gout", "findings") for n in range(9)]
    found = only(ablation_tables(rows), "findings")
    assert (found.accuracy.estimate, found.accuracy.ci) == (4 / 9, pytest.approx(wilson(4, 9)))
    # Over the nine cases read both ways: 4/9 against 6/9; three gained, five lost, McNemar p = 2 P(X <= 3 | 8).
    assert (found.difference.estimate, found.difference.n) == (pytest.approx(-2 / 9), 9)
    assert found.difference.p == pytest.approx(2 * (1 + 8 + 28 + 56) / 256)
    assert found.elsewhere == 1


def test_failures_are_left_out_in_one_denominator_and_wrong_in_the_other() -> None:
    rows = [row("a"), row("b"), failed("c"), failed("d", outcome="truncated")]
    rows += [row("e") | {"state": "assigned", "answers": []}]
    found = only(ablation_tables(rows), "main")
    assert (found.accuracy.estimate, found.accuracy.n) == (1.0, 2)
    assert (found.as_wrong.estimate, found.as_wrong.n) == (0.5, 4)
    assert (found.failed, found.missing) == ({"refused": 1, "truncated": 1}, {"not reached": 1})


def test_a_condition_without_any_answer_has_no_rate_not_even_with_failures_as_wrong() -> None:
    rows = [row("a"), row("b", "Gout"), failed("a", "findings", outcome="failed"), failed("b", "findings")]
    found = only(ablation_tables(rows), "findings")
    assert (found.accuracy, found.as_wrong, found.difference, found.difference_as_wrong) == (None,) * 4
    assert "no case has an answer, so there is no rate" in found.why
    assert found.failed == {"failed": 1, "refused": 1}


def test_a_condition_that_nobody_read_stands_in_the_table_without_a_rate() -> None:
    found = only(ablation_tables([row("a")], PROTOCOL), "without-ct")
    assert (found.accuracy, found.readings) == (None, 0)
    assert found.why == ("the model has not read in this condition",)


def test_samples_are_averaged_by_case_before_anything_is_counted() -> None:
    rows = [row("a", "Malaria", sample=n) for n in range(4)] + [row("b", "Gout", sample=n) for n in range(2)]
    found = only(ablation_tables(rows), "main")
    assert (found.accuracy.estimate, found.accuracy.n, found.accuracy.answers) == (0.5, 2, 6)
    assert "clustered by case" in found.accuracy.method


def test_a_translation_counts_as_the_case_that_it_was_translated_from() -> None:
    rows = [row("a"), row("a-zh", "Gout") | {"translation_of": "a", "language": "zh"}]
    assert only(ablation_tables(rows), "main").accuracy.n == 1


def test_a_translation_is_held_against_the_same_cases_as_they_were_written() -> None:
    rows = [row("a"), row("b"), row("c", "Gout")]
    rows += [row(f"{case}-zh", "Gout") | {"translation_of": case, "language": "zh"} for case in "ab"]
    found = only(ablation_tables(rows), "translated: zh")
    assert (found.table, found.accuracy.n, found.difference.n) == (LANGUAGE, 2, 2)
    assert (found.accuracy.estimate, found.difference.estimate, found.elsewhere) == (0, -1, 1)


def test_cannot_tell_is_a_wrong_answer_and_no_failure() -> None:
    found = only(ablation_tables([row("a", None), row("b")]), "main")
    assert (found.accuracy.estimate, found.accuracy.n, found.failed) == (0.5, 2, {})


def test_each_condition_of_medsyn_stands_in_its_table() -> None:
    found = ablation_tables([row("a")], PROTOCOL)
    tables = {one.condition: one.table for one in found.rows}
    assert tables == {
        "main": FULL,
        "findings": FINDINGS,
        "remove-text": TEXT,
        "random-text": TEXT,
        "without-ct": LEFT_OUT,
        "without-ct-findings": LEFT_OUT,
        "finding-ct": AS_FINDING,
        "refine-ct": REFINED,
        "fresh": CONTEXT,
    }
    assert [one.table for one in found.rows] == sorted(tables.values(), key=list(dict.fromkeys(tables.values())).index)
    assert found.failures == "left-out"


def test_another_arm_of_the_protocol_is_not_the_main_reading() -> None:
    arms = {"images": {"visual": "image"}, "words": {"visual": "finding"}}
    rows = [row("a"), row("b", "Gout") | {"arm": "words"}]
    found = ablation_tables(rows, {"arms": arms})
    assert (only(found, "main").accuracy.n, only(found, "arm words").table) == (1, FINDINGS)


def test_the_plan_says_which_way_of_counting_failures_is_tested() -> None:
    rows = (
        [row(f"c{n}") for n in range(6)]
        + [failed(f"c{n}", "findings") for n in range(5)]
        + [row("c5", condition="findings")]
    )
    left_out, wrong = (
        only(ablation_tables(rows, PROTOCOL | {"plan": {"failures": way}}), "findings") for way in ("left-out", "wrong")
    )
    assert (left_out.planned.n, left_out.planned.estimate) == (1, 0)
    assert (wrong.planned.n, wrong.planned.estimate) == (6, pytest.approx(-5 / 6))
    assert wrong.p_holm == wrong.planned.p == pytest.approx(2 / 32)


def test_p_is_adjusted_over_the_conditions_of_a_model() -> None:
    rows = [row(f"c{n}") for n in range(8)]
    rows += [row(f"c{n}", "Gout", "remove-text") for n in range(8)]
    rows += [row(f"c{n}", "Gout" if n < 4 else "Malaria", "findings") for n in range(8)]
    found = ablation_tables(rows)
    assert only(found, "remove-text").p_holm == pytest.approx(2 * only(found, "remove-text").difference.p)
    assert only(found, "findings").p_holm == only(found, "findings").difference.p == pytest.approx(0.125)


def test_only_the_models_named_are_told_of_and_all_is_json() -> None:
    rows = [row("a"), row("a") | {"model": "N"}, row("a") | {"kind": "human", "reader": "P1", "model": None}]
    found = ablation_tables(rows, models=["N"])
    assert {one.model for one in found.rows} == {"N"}
    assert json.loads(json.dumps(found.to_json(), allow_nan=False))["rows"][0]["accuracy"]["n"] == 1
