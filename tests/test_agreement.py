"""What is said of those who graded a study: whose grade counts, how far they agree, the scores under each."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from scoring.adjudication import source_of
from study.agreement import Judging, judging
from study.desk.staff import Grade, GradingQueue, ModelEntry
from study.gap import computed
from study.grading import waiting
from study.judged import JudgeNote
from study.results import given_grades, planned_scale, readings
from tests.test_results import row

SCALE = planned_scale(None)


def grade(line: str, value: int, source: str, case: str = "alpha", who: str = "g1", **terms: Any) -> Grade:
    """A grade; a judge's carries its terms."""
    stamp = {"scale": "kanjee2023", "version": "1", "at": datetime(2026, 1, 1, tzinfo=UTC)}
    note = JudgeNote(rubric="kanjee2023.1", **terms).text() if source.startswith("judge:") else None
    return Grade.model_validate(
        {**stamp, "case": case, "line": line, "grade": value, "source": source, "grader": who, "note": note}
    )


def both(line: str, north: int, south: int, case: str = "alpha", **terms: Any) -> list[Grade]:
    """The grades of two judges."""
    given = (("north", north), ("south", south))
    return [grade(line, value, source_of(name), case, family=name, **terms) for name, value in given]


def said(grades: list[Grade], rows: list[Any] | None = None, **more: Any) -> Judging:
    found = judging(rows or [], grades, SCALE, **more)
    assert found is not None
    return found


def test_lines_have_the_grade_of_the_rule_and_wait_while_judges_are_apart() -> None:
    grades = [*both("Marsh fever", 5, 4), *both("Gout", 5, 2)]
    scored = readings([row("R", lines=("Marsh fever", "Gout", "Malaria"))], given_grades(grades, SCALE), SCALE)
    assert scored[0].lines == (("Marsh fever", 4), ("Gout", None), ("Malaria", 5))
    found = said(grades)
    assert (found.settled, found.waiting, found.astride) == ({"judges": 1}, {"apart": 1}, 0)


def test_a_line_that_equals_the_truth_has_the_grade_that_it_was_given_where_it_was_given_one() -> None:
    grades = both("Malaria", 4, 4, everything=True)
    scored = readings([row("R")], given_grades(grades, SCALE), SCALE)
    assert scored[0].lines == (("Malaria", 4),)
    assert "equal the diagnosis, too" in said(grades).notes[0]


def test_a_human_grade_replaces_the_judges_and_what_it_replaced_is_told() -> None:
    grades = [
        *both("Marsh fever", 4, 4),
        *both("Gout", 0, 0),
        grade("marsh fever", 2, "Dr A"),
        grade("Gout", 0, "Dr A"),
    ]
    assert given_grades(grades, SCALE) == {("alpha", "fever marsh"): 2, ("alpha", "gout"): 0}
    (override,) = said(grades).overrides
    assert (override.line, override.grade, override.replaced, override.source) == ("marsh fever", 2, 4, "Dr A")
    assert said(grades).settled == {"human": 2}


def test_what_the_judges_say_of_a_side_of_the_threshold_is_counted() -> None:
    assert said([*both("Marsh fever", 3, 4), *both("Gout", 3, 2)]).astride == 1


def test_judges_are_paired_with_one_another_and_with_humans_with_and_without_what_they_left_to_them() -> None:
    grades = []
    for number, (north, south, human) in enumerate([(5, 5, 5), (4, 5, 4), (0, 0, 0), (5, 0, 3), (0, 2, 0), (3, 3, 2)]):
        grades += [*both("Gout", north, south, f"case-{number}"), grade("Gout", human, "Dr A", f"case-{number}")]
    found = {(pair.first, pair.second, pair.lines): pair for pair in said(grades).pairs}
    assert set(found) == {
        ("north", "south", "all"),
        ("north", "human", "all"),
        ("north", "human", "settled"),
        ("south", "human", "all"),
        ("south", "human", "settled"),
    }
    everything, settled = found["north", "human", "all"], found["north", "human", "settled"]
    assert (everything.n, settled.n, everything.cases) == (6, 5, 6)
    assert (everything.equal, settled.equal, settled.within_one) == (4 / 6, 4 / 5, 1.0)
    assert everything.linear.kappa is not None
    assert settled.linear.kappa is not None
    assert settled.linear.kappa > everything.linear.kappa


def test_two_humans_are_paired_though_both_are_called_human_and_one_alone_has_no_agreement() -> None:
    one, other = grade("Gout", 2, "human", who="g1"), grade("Gout", 3, "human", who="g2")
    assert judging([], [one], SCALE) is None
    (pair,) = said([one, other]).pairs
    assert (pair.first, pair.second, pair.n, pair.within_one) == ("human:human", "human:human (2)", 1, 1.0)


def test_a_judge_over_repeats_has_a_spread_of_its_own() -> None:
    grades = []
    for number, (first, again) in enumerate([(5, 5), (0, 0), (4, 3), (2, 2)]):
        grades += both("Gout", first, first, f"case-{number}")
        grades.append(grade("Gout", again, source_of("north", 2), f"case-{number}", family="north"))
    found = said(grades)
    (spread,) = found.repeats
    assert (spread.judge, spread.lines, spread.gradings) == ("north", 4, 8)
    assert spread.within == pytest.approx(0.125)
    assert (spread.changed, spread.crossed) == (0.25, 0.25)
    assert found.settled == {"judges": 4}


def test_scores_stand_under_each_judge_alone_and_under_humans_alone_with_bounds_where_these_are_silent() -> None:
    rows = [row("R", lines=("Marsh fever",)), row("S", lines=("Gout",))]
    grades = [*both("Marsh fever", 4, 3), *both("Gout", 0, 0), grade("Gout", 0, "Dr A")]
    under = {(one.by, one.measure): one for one in said(grades, rows).under if one.group == "human"}
    assert under["north", "coverage"].estimate == 0.5
    assert under["south", "coverage"].estimate == 0.0
    alone = under["human", "coverage"]
    assert (alone.estimate, alone.low, alone.high, alone.n) == (None, 0.0, 0.5, 2)


def test_a_judge_alone_and_a_judge_of_the_answerers_family_are_named_in_every_result() -> None:
    models = [ModelEntry(model="M", condition="main", samples=1, details={"kind": "model", "family": "north"})]
    alone = [grade("Gout", 0, source_of("north"), family="north", alone=True)]
    notes = said(alone, models=models).notes
    assert notes[0] == "1 lines were graded by one judge alone, because one judge was said to be enough."
    assert notes[1] == "The judge north is of the family north, as are M, whose answers it graded."
    found = computed([row("R", lines=("Gout",))], alone, None, draws=50, models=models)
    assert found.agreement is not None
    assert (found.agreement.alone, found.agreement.notes) == (1, notes)


def test_without_a_second_grade_the_line_waits_and_the_result_says_so() -> None:
    grades = [grade("Gout", 0, source_of("north"), family="north")]
    assert given_grades(grades, SCALE) == {("alpha", "gout"): None}
    assert "fewer than two judges" in said(grades).notes[0]


def queue(grades: list[Grade], *lines: str) -> GradingQueue:
    cases = {"alpha": {"name": "Malaria", "synonyms": [], "codes": []}}
    entries = [{"case": "alpha", "line": line} for line in lines]
    return GradingQueue.model_validate({"cases": cases, "lines": entries, "grades": [g.model_dump() for g in grades]})


def test_a_share_of_what_has_a_grade_is_mixed_with_what_has_none_for_humans_to_grade() -> None:
    lines = [f"Illness {number}" for number in range(40)]
    grades = [one for line in lines[:30] for one in both(line, 4, 4)]
    found = queue(grades, *lines)
    assert len(waiting(found, "s", SCALE)) == 10
    assert len(waiting(found, "s", SCALE, regrade=True)) == 40
    sample = [waiting(found, "s", SCALE, seed, regrade=True, share=0.2) for seed in (0, 0, 1)]
    assert [len(one) for one in sample] == [16, 16, 16]
    assert sample[0] == sample[1] != sample[2]
    assert {line.line for line in sample[0]} >= set(lines[30:])
