"""Scales, list grades, and what a reading scores; each test states its arithmetic."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.grades import SCALES, Grade, applied, list_grade, rank
from scoring.measures import Measure, analysis_table, bootstrapped, frame, summary
from scoring.reading import Reading

GRADES = st.lists(st.sampled_from([0, 2, 3, 4, 5, None]), max_size=8)


def measured(readings: list[Reading], measure: str, group: str = "human", *, cap: int | None = 5) -> Measure:
    return next(row for row in summary(frame(readings, cap)) if (row.group, row.measure) == (group, measure))


def read(case: str, *grades: int | None, selection: bool | None = None, **rest: object) -> Reading:
    lines = tuple((f"line {place}", grade) for place, grade in enumerate(grades))
    return Reading("r1", "human", case, lines=lines, selection_right=selection, **rest)  # type: ignore[arg-type]


def test_kanjee_has_no_level_1_and_counts_4_as_correct() -> None:
    scale = SCALES["kanjee2023"]
    assert scale.grades == (5, 4, 3, 2, 0)
    assert (scale.correct(4), scale.correct(3)) == (True, False)
    with pytest.raises(ValueError, match="no grade 1"):
        Grade("c", "gout", 1, "kanjee2023", "1", "grader")


def test_a_line_is_graded_once_whoever_wrote_it_and_however() -> None:
    grade = Grade("c1", "esophagus tumor", 4, "kanjee2023", "1", "grader")
    assert applied([grade], "c1", ["Oesophageal tumour", "Tumors of the esophagus", "gout"]) == (4, 4, None)
    assert applied([grade], "c2", ["Oesophageal tumour"]) == (None,)


def test_a_list_grade_is_its_best_line_within_the_cap() -> None:
    assert list_grade([0, 3, 5], cap=2).grade == 3
    assert list_grade([], cap=5).grade == 0
    assert rank([0, 3, 5], 4) == 3
    assert rank([0, 3, 5], 4, cap=2) is None


def test_ungraded_lines_make_a_list_provisional_unless_they_cannot_matter() -> None:
    assert (list_grade([3, None]).low, list_grade([3, None]).high, list_grade([3, None]).grade) == (3, 5, None)
    assert list_grade([5, None]).grade == 5


@settings(deadline=None)
@given(GRADES, st.sampled_from([0, 2, 3, 4, 5, None]))
def test_another_line_never_lowers_a_list(grades: list[int | None], more: int | None) -> None:
    before, after = list_grade(grades), list_grade([*grades, more])
    assert before.low <= before.high
    assert before.low <= after.low
    assert before.high <= after.high


@settings(deadline=None)
@given(GRADES, st.integers(0, 7))
def test_grading_an_open_line_stays_within_the_bounds(grades: list[int | None], fill: int) -> None:
    before = list_grade(grades)
    after = list_grade([[0, 2, 3, 4, 5][fill % 5] if grade is None else grade for grade in grades])
    assert after.grade is not None
    assert before.low <= after.grade <= before.high


def test_coverage_and_ranks_of_one_list() -> None:
    readings = [read("c1", 0, 4, 5)]
    expected = {"coverage5": 1, "coverage": 1, "top1": 0, "top3": 1, "reciprocal_rank": 1 / 2}
    assert {name: measured(readings, name).estimate for name in expected} == expected
    assert measured(readings, "coverage", cap=1).estimate == 0


def test_the_gap_is_lost_minus_rescued() -> None:
    cases = [("a", 5, True), ("b", 5, False), ("c", 5, False), ("d", 0, True)]
    readings = [read(case, grade, selection=right, n_options=4) for case, grade, right in cases]
    found = {name: measured(readings, name).estimate for name in ("selection_gap", "lost", "rescued")}
    assert found == {"selection_gap": 3 / 4 - 2 / 4, "lost": 2 / 4, "rescued": 1 / 4}
    corrected = measured(readings, "selection_corrected").estimate
    assert corrected == pytest.approx((0.5 - 0.25) / 0.75)


def test_the_open_gap_needs_no_options() -> None:
    readings = [read("a", 5, open_line=("gout", 0)), read("b", 4, open_line=("lupus", 5))]
    assert measured(readings, "open_gap").estimate == 1 / 2
    assert measured(readings, "open_lost").estimate == 1 / 2


def test_provisional_measures_show_bounds_and_no_estimate() -> None:
    found = measured([read("a", None), read("b", 5)], "coverage")
    assert (found.estimate, found.low, found.high, found.provisional) == (None, 0.5, 1.0, True)
    gap = measured([read("a", None, selection=True)], "selection_gap")
    assert (gap.low, gap.high) == (-1.0, 0.0)


def test_failures_are_shown_in_both_denominators_and_skips_in_neither() -> None:
    readings = [
        read("a", 5),
        read("b", 0),
        Reading("r1", "human", "c", state="failed"),
        Reading("r1", "human", "d", state="skipped"),
    ]
    found = measured(readings, "coverage")
    assert (found.estimate, found.n, found.failed, found.missing) == (1 / 2, 2, 1, 1)
    assert (found.as_wrong, found.n_as_wrong) == (1 / 3, 3)


def test_runs_of_a_model_are_averaged_per_case_before_cases_are() -> None:
    runs = [("a", "1", 5), ("a", "2", 5), ("a", "3", 5), ("b", "1", 0)]
    readings = [Reading("m", "model", case, run=run, lines=(("x", grade),)) for case, run, grade in runs]
    found = measured(readings, "coverage", "model")
    assert (found.estimate, found.n) == (1 / 2, 2)


def test_brier_uses_the_confidence_of_the_answer_given() -> None:
    readings = [read("a", 5, selection=True, confidence_selection=80), read("b", 0, selection=False)]
    found = measured(readings, "brier_selection")
    assert found.estimate == pytest.approx((0.8 - 1) ** 2)
    assert (found.n, found.missing) == (1, 1)


def test_the_analysis_table_has_failures_as_asked_and_nothing_provisional() -> None:
    readings = frame([read("a", None, selection=True), Reading("r1", "human", "b", state="failed")])
    wrong = analysis_table(readings)
    assert wrong["ddx"].isna().tolist() == [True, False]
    assert wrong["fdx"].tolist() == [1.0, 0.0]
    assert analysis_table(readings, failures="left_out")["fdx"].isna().tolist() == [False, True]


def test_bootstrap_intervals_leave_out_what_is_provisional() -> None:
    readings = [
        Reading(
            f"r{reader}", "human", f"c{case}", lines=(("x", 5 if (reader + case) % 2 else 0),), open_line=("x", None)
        )
        for reader in range(3)
        for case in range(4)
    ]
    names, drawn = bootstrapped(frame(readings), draws=200)
    assert "coverage" in names
    assert "open" not in names
    low, high = drawn.interval("human", outcome=names.index("coverage"))
    assert 0 <= low < 0.5 < high <= 1
