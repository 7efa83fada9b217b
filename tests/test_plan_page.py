"""The page of a plan: from stated spreads or a pilot to curves, every design, and the smallest one."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from scoring import planning
from study.plans import Asked, Pilot, Spread, Variances, as_json, basis_from, planned


def page(language: str) -> None:
    import json

    import streamlit as st

    from streamlit_app import analysing
    from streamlit_app.pages import analyst_plan
    from study.desk import StudyStatus

    st.session_state["interface_language"] = language
    basis = analyst_plan._stated()
    asked = analyst_plan._asked(basis)
    if asked is not None:
        plan = analysing.plan(basis.variances.model_dump_json(), json.dumps(asked, sort_keys=True))
        status = StudyStatus.model_construct(slug="s", synthetic=True)
        analyst_plan._smallest(plan, asked, status)
        analyst_plan._curves(plan, asked, status)


@pytest.fixture(scope="module")
def english() -> AppTest:
    return AppTest.from_function(page, args=("en",), default_timeout=90).run()


def tables(shown: AppTest) -> list[str]:
    return [one.proto.body for one in shown.get("html") if "<table" in one.proto.body]


def test_stated_spreads_give_the_designs_that_scoring_gives(english: AppTest) -> None:
    assert not english.exception
    human = planning.Spread(0.1**2, 0.2**2, 0.45**2)
    basis = planning.Basis(human, planning.Spread(0.15**2, 0.2**2, 0.4**2), 0.5 * 0.2 * 0.2)
    one = planning.plan(basis, planning.Design(8, 100, 3), 0.1, "models_fixed")
    cells = ("8", "100", "3", f"{100 * one.se:.2f}", f"{one.df:.1f}", f"{100 * one.width:.1f}", f"{one.power:.3f}")
    row = f'<th scope="row">{cells[0]}</th>' + "".join(f'<td class="number">{cell}</td>' for cell in cells[1:])
    smallest, power, width = tables(english)
    assert row in power
    assert row in width
    assert "not reached" in smallest


def test_a_list_of_numbers_that_is_none_is_refused_with_a_sentence() -> None:
    shown = AppTest.from_function(page, args=("en",), default_timeout=90).run()
    shown.text_input(key="plan-readers").set_value("4, many").run()
    assert "write up to 12 whole numbers above 0" in shown.error[0].value
    assert tables(shown) == []


def test_the_page_is_there_in_chinese() -> None:
    shown = AppTest.from_function(page, args=("zh",), default_timeout=90).run()
    assert not shown.exception
    assert any("达到目标所需的最少阅读" in one.value for one in shown.success)


def test_what_a_plan_needs_survives_the_way_to_a_process_and_back() -> None:
    told = Variances(human=Spread(reader=0.01, case=0.04, rest=0.2))
    assert Variances.model_validate_json(told.model_dump_json()) == told
    asked = Asked("panel", 0.1, [4], [50], 0, 1.0, 0.8, None)
    plain = as_json(basis_from(told), asked, *planned(basis_from(told), asked))
    assert plain["designs"][0]["design"] == {"readers": 4, "cases": 50, "models": 0, "share": 1.0}
    assert Pilot(why="no").variances is None
