"""The pages of findings: each number in the table is the finding's own, in both languages; nothing found is said."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from streamlit_app.pages.analyst_cases import records
from streamlit_app.pages.exhibit import csv_of
from streamlit_app.pages.figures import LIGHT
from streamlit_app.pages.figures_findings import Dot, Frame, dots
from study.comparison import side_by_side
from study.findings import Findings, Value, findings_of
from tests.findings_rows import grades_of, rows_of
from tests.test_results import row

SUBJECTS = ("calibration", "agreement", "trajectories", "times", "subgroups")
TITLES = {
    "calibration": ("Over- and underconfidence", "过度自信与信心不足"),
    "agreement": ("Agreement", "一致性"),
    "subgroups": ("Specialty, Selection gap (exploratory)", "专科, 选择差距 (探索性)"),
    "trajectories": ("The truth, list by list: On the list, %", "真实诊断，逐个列表：在列表中，%"),
}


@cache
def found(lists: int = 3) -> Findings:
    """Six humans and three models on eight cases with three lists each."""
    return findings_of(rows_of(6, 3, 8, lists=lists), grades_of(8), {"arms": {"images": {}}}, only=SUBJECTS)


def page(subject: str, language: str, lists: int) -> None:
    from importlib import import_module

    import streamlit as st

    from streamlit_app.pages.figures import LIGHT
    from streamlit_app.pages.finding import Look
    from tests.test_finding_pages import found

    st.session_state["interface_language"] = language
    module = import_module(f"streamlit_app.pages.analyst_{subject}")
    module.show(getattr(found(lists), subject), Look(LIGHT, ["43 simulated grades"], "s"))


def shown(subject: str, language: str = "en", lists: int = 3) -> AppTest:
    made = AppTest.from_function(page, args=(subject, language, lists), default_timeout=90).run()
    assert not made.exception
    return made


def tables(made: AppTest) -> str:
    return "\n".join(one.proto.body for one in made.get("html") if "<table" in one.proto.body)


def figures(made: AppTest) -> list[Any]:
    return [one.proto.spec for one in made.get("plotly_chart")]


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("subject", sorted(TITLES))
def test_each_subject_has_its_figure_marked_and_titled_in_every_language(subject: str, place: int) -> None:
    drawn = "".join(figures(shown(subject, ("en", "zh")[place])))
    told = drawn.encode().decode("unicode_escape") if "\\u" in drawn else drawn
    assert TITLES[subject][place] in told
    assert "43 simulated grades" in drawn


def test_calibration_shows_brier_and_overconfidence_as_found() -> None:
    finding = found().calibration
    assert finding is not None
    body = tables(shown("calibration"))
    for one in finding.calibrated:
        if one.reader is None and one.stage == "selection":
            assert one.brier.ci is not None
            low, high = one.brier.ci
            assert f"{one.brier.estimate:.3f} [{low:.3f}, {high:.3f}]" in body


def test_trajectories_show_each_list_with_its_n() -> None:
    finding = found().trajectories
    assert finding is not None
    body = tables(shown("trajectories"))
    for one in finding.stands:
        if one.case is None:
            cells = (one.stage, one.n, f"{100 * one.covered:.1f}", f"{100 * one.top1:.1f}")
            assert "".join(f'<td class="number">{cell}</td>' for cell in cells) in body


def test_one_list_alone_has_no_path_and_the_page_says_so() -> None:
    made = shown("trajectories", lists=1)
    assert made.info[0].value.startswith("Nothing to show:")
    assert figures(made) == []


def test_without_stages_time_says_what_is_missing() -> None:
    made = shown("times")
    assert made.info[0].value.startswith("Nothing to show:")
    assert tables(made) == ""


def test_each_subgroup_has_its_cases_and_a_warning_where_they_are_few() -> None:
    finding = found().subgroups
    assert finding is not None
    body = tables(shown("subgroups"))
    for level in finding.divisions[0].levels:
        name = level.level.replace("-", " ").capitalize()
        assert f'<th scope="row">{name}</th><td class="number">{level.cases}</td>' in body
        assert level.small
    assert body.count("few cases or readers") == len(finding.divisions[0].levels)


def test_where_every_difference_waits_for_a_grade_no_empty_axes_are_drawn() -> None:
    frame = Frame("title", "words", [], LIGHT)
    waiting, known = (
        Dot("one", "human", Value(estimate=None, n=6, why="waits")),
        Dot("two", "human", Value(estimate=0.5, n=6)),
    )
    assert dots([waiting, waiting], frame, "axis") is None
    drawn = dots([waiting, known], frame, "axis")
    assert drawn is not None
    assert [list(trace.x) for trace in drawn.data] == [[0.5]]


def case_page(conditions: tuple[str, ...]) -> None:

    import streamlit as st

    from streamlit_app.pages.analyst_cases import chosen
    from study.comparison import side_by_side
    from tests.test_results import row

    rows: list[Any] = [row("R"), *(row("m", kind="model", model="m", sample=1, condition=one) for one in conditions)]
    st.json([f"{one.name} {one.condition}" for one in chosen(side_by_side(rows, {}), "all")])


def test_a_case_shows_one_condition_at_a_time_and_first_the_main_reading() -> None:
    made = AppTest.from_function(case_page, args=(("main", "fresh"),), default_timeout=60).run()
    assert [one.value for one in made.json] == ['["R main", "m main"]']
    made.selectbox[0].select("fresh").run()
    assert [one.value for one in made.json] == ['["m fresh"]']
    assert not AppTest.from_function(case_page, args=(("main",),), default_timeout=60).run().selectbox


def test_the_file_of_a_case_has_a_row_for_each_line_and_runs_nothing_in_a_spreadsheet() -> None:
    view = side_by_side([row("R", lines=("=1+1", "Malaria"))], {})
    rows = csv_of(records(view, list(view.answerers))).splitlines()
    assert len(rows) == 1 + 2 + 1 + 1
    assert rows[1].endswith("1,'=1+1,")
    assert rows[2].endswith("2,Malaria,5")
