"""Calibration: the published numbers, the identity of its parts, and what a study's answers come to."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.calibration import calibration
from study.findings import findings_of
from tests.findings_rows import grades_of, rows_of
from tests.test_results import row

CALIBRATION20 = [  # A made-up set of twenty answers, two in each of ten bins.
    *((0.05, 0), (0.05, 0), (0.15, 0), (0.15, 1), (0.25, 0), (0.25, 0), (0.35, 1), (0.35, 0), (0.45, 0), (0.45, 1)),
    *((0.55, 1), (0.55, 0), (0.65, 1), (0.65, 1), (0.75, 0), (0.75, 1), (0.85, 1), (0.85, 1), (0.95, 1), (0.95, 1)),
]


def test_twenty_answers_have_the_scores_that_were_worked_out_by_hand() -> None:
    found = calibration(*zip(*CALIBRATION20, strict=True))
    assert found.brier == pytest.approx(67 / 400, abs=1e-12)
    assert [found.ece, found.mce] == pytest.approx([17 / 100, 7 / 20])
    assert [found.reliability, found.resolution] == pytest.approx([17 / 400, 49 / 400])
    assert [found.uncertainty, found.within] == pytest.approx([99 / 400, 0])


@given(st.lists(st.tuples(st.integers(0, 100), st.booleans()), min_size=1, max_size=60))
def test_the_parts_sum_to_the_brier_score_and_ece_is_below_mce(answers: list[tuple[int, bool]]) -> None:
    confidence, right = np.array([c for c, _ in answers]) / 100, np.array([float(r) for _, r in answers])
    found = calibration(confidence, right)
    assert found.brier == pytest.approx(float(np.mean((confidence - right) ** 2)))
    parts = found.reliability - found.resolution + found.uncertainty + found.within
    assert parts == pytest.approx(found.brier)
    assert found.ece <= found.mce + 1e-12
    assert sum(one.n for one in found.bins) == found.n == len(answers)


def test_a_confidence_on_an_edge_belongs_to_the_bin_above_and_certainty_to_the_last() -> None:
    found = calibration([k / 10 for k in range(11)], [1.0] * 11)
    assert [one.n for one in found.bins] == [1] * 9 + [2]


def test_a_study_has_each_group_and_reader_at_each_stage_and_says_what_is_left_out() -> None:
    rows = [row("R"), row("R", case="beta", state="skipped", answers=[])]
    found = findings_of(rows, [], only={"calibration"}).calibration
    assert found is not None
    first = {one.reader: one for one in found.calibrated if one.stage == "first"}
    assert set(first) == {None, "R"}
    assert (first[None].n, first[None].right, first[None].confidence) == (1, 1.0, 0.7)
    assert first[None].over.estimate == pytest.approx(-0.3)
    assert {(one.what, one.why): one.n for one in found.left_out} == {("readings", "skipped"): 1}
    assert found.status == "exploratory"


def test_a_group_has_no_calibration_at_a_stage_while_one_of_its_answers_waits_for_a_grade() -> None:
    found = findings_of([row("R"), row("S", lines=("Marsh fever",))], [], only={"calibration"}).calibration
    assert found is not None
    # Two stages (first line and open) with one answer settled as right and one open; both selections are settled.
    assert {one.stage for one in found.calibrated} == {"selection"}
    told = {one.why: one.n for one in found.left_out}
    assert told == {"their grade is open": 2, "others of their group and stage wait for a grade": 2}
    assert (found.n, len(found.notes)) == (2, 1)


def test_overconfidence_has_an_interval_over_readers_and_cases_and_one_reader_has_none() -> None:
    found = findings_of(rows_of(4, 1, 30), grades_of(30), only={"calibration"}).calibration
    assert found is not None
    over = {one.group: one.over for one in found.calibrated if one.stage == "open" and one.reader is None}
    assert over["human"].ci is not None
    assert over["human"].estimate is not None
    assert over["human"].ci[0] < over["human"].estimate < over["human"].ci[1]
    assert (over["model"].ci, over["model"].why) == (None, "one reader has no variance between readers")


def test_a_study_without_answers_has_no_calibration_and_says_so() -> None:
    found = findings_of([row("R", state="failed", answers=[])], [], only={"calibration"}).calibration
    assert found is not None
    assert (found.calibrated, found.n) == ((), 0)
    assert found.why


def test_a_subject_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="no finding named mood"):
        findings_of([], [], only={"mood"})


def test_brier_and_overconfidence_are_those_of_the_readings_where_a_model_was_asked_unequally_often() -> None:
    # Two models on six cases, asked three times in the first case and once elsewhere: cells are not readings.
    rows = [one for one in rows_of(3, 2, 6, samples=3) if one["sample"] in (None, 1) or one["reading"].endswith("/0")]
    found = findings_of(rows, grades_of(6), only={"calibration"}).calibration
    assert found is not None
    for one in found.calibrated:
        assert one.brier.estimate == pytest.approx(one.reliability - one.resolution + one.uncertainty + one.within)
        assert one.over.estimate == pytest.approx(one.confidence - one.right)
