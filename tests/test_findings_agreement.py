"""Agreement in a study: judges, clinicians, both together, readers' hits, and guesses of who wrote a line."""

from __future__ import annotations

import random
from typing import Any

import pytest

from study.desk.staff import Grade
from study.findings import findings_of
from study.findings.agreement import Agreement
from tests.findings_rows import rows_of
from tests.test_agreement import grade
from tests.test_results import row


def graded_by(judges: int, people: int, cases: int, noise: float = 0.3) -> list[Grade]:
    """A line a case, which all grade: mostly its true grade, sometimes the next one."""
    draws, found = random.Random(3), []
    for case in range(cases):
        true = draws.choice((0, 2, 3, 4, 5))
        for number in range(judges + people):
            value = draws.choice((2, 3, 4)) if draws.random() < noise else true
            source, who = (f"judge:j{number}", "runner") if number < judges else ("human", f"g{number}")
            found.append(grade("Gout", value, source, f"case-{case:02}", who))
    return found


def said(grades: list[Grade], rows: list[Any] | None = None) -> Agreement:
    found = findings_of(rows or [], grades, only={"agreement"}).agreement
    assert found is not None
    return found


def test_judges_clinicians_and_both_have_every_coefficient() -> None:
    panels = {panel.of: panel for panel in said(graded_by(2, 2, 40)).panels}
    assert set(panels) == {"judges", "clinicians", "judges and clinicians"}
    assert panels["judges and clinicians"].raters == 4
    names = [one.name for one in panels["judges"].coefficients]
    assert names[:3] == ["fleiss", "gwet-ac1", "krippendorff-nominal"]
    assert names[-6:] == ["icc1", "icc2", "icc3", "icc1k", "icc2k", "icc3k"]
    assert all(one.value.ci and one.value.n == 40 for one in panels["judges"].coefficients)


def test_pairs_are_averaged_by_kind_and_the_ratio_has_its_interval() -> None:
    found = said(graded_by(2, 2, 60))
    assert [(one.kind, one.pairs, one.lines) for one in found.pairs] == [
        ("judge with judge", 1, 60),
        ("judge with clinician", 4, 240),
        ("clinician with clinician", 1, 60),
    ]
    mixed, people = found.pairs[1].linear.estimate, found.pairs[2].linear.estimate
    assert mixed is not None
    assert people is not None
    assert found.ratio is not None
    assert found.ratio.estimate == pytest.approx(mixed / people)
    assert found.ratio.ci is not None
    assert found.ratio.ci[0] < mixed / people < found.ratio.ci[1]


def test_one_clinician_has_no_ratio_and_no_grader_says_why() -> None:
    assert said(graded_by(1, 1, 10)).ratio is None
    found = said([])
    assert (found.panels, found.pairs, found.guessed) == ((), (), None)
    assert found.why


def test_readers_agree_in_which_cases_they_hit() -> None:
    rows = [row(reader, f"c{case}", choice="B" if case % 2 else "A") for reader in "RST" for case in range(6)]
    found = {(panel.of, panel.what): panel for panel in said([], rows).panels}
    selection = {one.name: one.value.estimate for one in found["human readers", "selection"].coefficients}
    assert selection == pytest.approx({"fleiss": 1.0, "gwet-ac1": 1.0, "krippendorff-nominal": 1.0})
    covered = found["human readers", "coverage"].coefficients[0].value
    assert (covered.estimate, covered.why != "") == (None, True)


def test_guesses_of_who_wrote_a_line_are_counted_where_one_kind_alone_wrote_it() -> None:
    rows = [row("R", lines=("Gout", "Typhus")), row("m", kind="model", model="m", sample=1, lines=("Scurvy", "Gout"))]
    stamp = {"scale": "kanjee2023", "version": "1", "grade": 0, "source": "human", "grader": "g", "case": "alpha"}
    notes = (("Typhus", "source: human"), ("Scurvy", "Source: human?"), ("Gout", "source: model"), ("Flu", "why"))
    grades = [Grade.model_validate(stamp | {"line": a, "note": b, "at": "2026-01-01T00:00:00Z"}) for a, b in notes]
    guessed = said(grades, rows).guessed
    assert guessed is not None
    assert (guessed.share.n, guessed.share.estimate, guessed.chance) == (2, 0.5, 0.5)
    assert guessed.share.ci is not None


def test_a_guess_kept_with_the_grade_counts_before_a_remark_and_cannot_tell_is_no_guess() -> None:
    rows = [row("R", lines=("Gout", "Typhus")), row("m", kind="model", model="m", sample=1, lines=("Scurvy", "Flu"))]
    stamp = {"scale": "kanjee2023", "version": "1", "grade": 0, "source": "human", "grader": "g", "case": "alpha"}
    told = (
        ("Typhus", "human", "source: model"),
        ("Scurvy", "human", None),
        ("Flu", "unsure", None),
        ("Gout", None, ""),
        ("Scurvy", "model", None),  # the newest of a line counts
    )
    stamp["at"] = "2026-01-01T00:00:00Z"
    grades = [Grade.model_validate(stamp | {"line": line, "guess": own, "note": note}) for line, own, note in told]
    guessed = said(grades, rows).guessed
    assert guessed is not None
    assert (guessed.share.n, guessed.share.estimate, guessed.unsure) == (2, 1.0, 1)


def test_a_large_study_has_its_agreement() -> None:
    found = said(graded_by(2, 3, 30), rows_of(5, 3, 20))
    assert {panel.of for panel in found.panels} >= {"human readers", "model readers", "judges"}
    assert found.n == 30


def test_a_failure_is_no_answer_that_readers_agree_on() -> None:
    rows = [row(reader, f"c{case}", choice="B" if case % 2 else "A") for reader in "RST" for case in range(6)]
    gone = {"state": "failed", "answers": []}
    lost = [one | gone if one["reader"] != "R" and one["case"] > "c3" else one for one in rows]
    panel = {(one.of, one.what): one for one in said([], lost).panels}["human readers", "selection"]
    assert panel.coefficients[0].value.n == 4


def test_readers_agreement_waits_while_one_of_their_lines_waits_for_a_grade() -> None:
    found = findings_of([row("R"), row("S", lines=("Marsh fever",))], [], only={"agreement"}).agreement
    assert found is not None
    panels = {panel.what: panel for panel in found.panels if panel.of == "human readers"}
    # One list is settled as a hit, the other is open; both selections are settled.
    assert panels["coverage"].why == "1 readings wait for a grade that matters"
    assert (panels["coverage"].coefficients, panels["selection"].why) == ((), "")
    assert panels["selection"].coefficients
