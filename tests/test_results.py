"""From the analyst's rows to scores: which answers count, what a grade is, and that the gap is scoring's own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from scoring.measures import bootstrapped, frame, summary
from study.comparison import by_case, side_by_side
from study.desk.staff import Grade
from study.gap import computed
from study.results import given_grades, planned_scale, readings

AT = "2026-01-02T03:04:{:02d}+00:00"
OPTIONS = [{"label": "A", "text": "Gout", "right": False}, {"label": "B", "text": "Malaria", "right": True}]


def answer(kind: str, said: dict[str, Any], second: int = 0, **marks: bool) -> dict[str, Any]:
    return {"kind": kind, "answer": said, "at": AT.format(second), "late": False, "timed_out": False, **marks}


def row(reader: str, case: str = "alpha", lines: tuple[str, ...] = ("Malaria",), choice: str = "B", **more: Any) -> Any:
    """A completed reading whose truth is malaria, right option B; the open diagnosis is the list's first line."""
    return {
        "reader": reader,
        "kind": "human",
        "model": None,
        "sample": None,
        "case": case,
        "translation_of": None,
        "specialty": "infectious-diseases",
        "language": "en",
        "arm": "images",
        "state": "completed",
        "answers": [
            answer("ddx", {"lines": list(lines), "confidence": 70}, 1),
            answer("open", {"diagnosis": lines[0], "confidence": 60}, 11),
            answer("selection", {"choice": choice, "confidence": 50}, 31),
        ],
        "options": OPTIONS,
        "diagnosis": {"name": "Malaria", "synonyms": ["Plasmodium infection"], "codes": []},
    } | more


def grade(line: str, value: int, source: str = "human", case: str = "alpha") -> Grade:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Grade(case=case, line=line, scale="kanjee2023", version="1", grade=value, source=source, at=at)


def one(found: Any, grades: list[Grade] | None = None) -> Any:
    scale = planned_scale(None)
    return readings([found], given_grades(grades or [], scale), scale)[0]


def test_a_synonym_is_exact_and_another_wording_waits_for_a_grader() -> None:
    scored = one(row("R", lines=("Plasmodium infection", "Marsh fever")))
    assert scored.lines == (("Plasmodium infection", 5), ("Marsh fever", None))


def test_the_newest_grade_of_a_wording_counts_whatever_its_capitals() -> None:
    scored = one(row("R", lines=("MARSH FEVER",)), [grade("Marsh fever", 2), grade("marsh fever", 4)])
    assert scored.lines == (("MARSH FEVER", 4),)


def test_an_answer_after_a_hard_limit_is_not_scored() -> None:
    found = row("R", lines=("Gout",))
    found["answers"].append(answer("ddx", {"lines": ["Malaria"]}, 40, late=True))
    assert one(found, [grade("Gout", 0)]).lines == (("Gout", 0),)


def test_time_that_ran_out_over_an_empty_answer_is_a_failure_and_over_a_draft_is_not() -> None:
    found = row("R")
    found["answers"][2] = answer("selection", {}, timed_out=True)
    assert one(found).state == "timed_out"
    found["answers"][2] = answer("selection", {"choice": "B"}, timed_out=True)
    assert one(found).state == "completed"


def test_a_failure_is_left_out_of_one_denominator_and_wrong_in_the_other() -> None:
    # Two cases right and one timed out empty: coverage 2/2 left out, 2/3 as wrong.
    failed = row("R", case="gamma")
    failed["answers"][0] = answer("ddx", {"lines": []}, timed_out=True)
    gap = computed([row("R"), row("R", case="beta"), failed], [], None, draws=50)
    score = gap.of("coverage", "human")
    assert score is not None
    assert (score.estimate, score.n, score.failed) == (1.0, 2, 1)
    assert score.as_wrong == pytest.approx(2 / 3)
    assert score.n_as_wrong == 3


def test_a_translation_is_the_same_case_with_grades_of_its_own_wording() -> None:
    chinese = row("S", case="alpha-zh", translation_of="alpha", language="zh", lines=("疟疾热",))
    scale = planned_scale(None)
    given = given_grades([grade("疟疾热", 4, case="alpha-zh")], scale)
    found = readings([row("R"), chinese], given, scale)
    assert [one.case for one in found] == ["alpha", "alpha"]
    assert found[1].lines == (("疟疾热", 4),)


def test_a_models_samples_are_runs_of_one_reader() -> None:
    samples = [row("x", kind="model", model="retrieval", sample=n) for n in (1, 2)]
    gap = computed(samples, [], None, draws=50)
    assert gap.readers == {"model": 1}
    score = gap.of("coverage", "model")
    assert score is not None
    assert score.n == 1


def test_the_plans_threshold_decides_what_is_covered() -> None:
    rows, grades = [row("R", lines=("Marsh fever",))], [grade("Marsh fever", 4)]
    exact = {"plan": {"scale": "kanjee-2023", "threshold": 5}}
    for protocol, covered in ((None, 1.0), (exact, 0.0)):
        score = computed(rows, grades, protocol, draws=50).of("coverage", "human")
        assert score is not None
        assert score.estimate == covered


def crossed_rows() -> list[Any]:
    """Four humans and three models on six cases, some lists without the truth, some selections wrong; all gradable."""
    found = []
    for number in range(7):
        kind = {"kind": "model", "model": f"model-{number}", "sample": 1} if number > 3 else {}
        for place in range(6):
            lines = ("Gout", "Malaria") if (number + place) % 3 else ("Gout",)
            choice = "B" if (number * 2 + place) % 4 else "A"
            found.append(row(f"R{number}", f"case-{place}", lines, choice, **kind))
    return found


def test_the_gap_is_coverage_minus_selection_with_scorings_own_interval() -> None:
    rows, grades = crossed_rows(), [grade("Gout", 0, case=f"case-{place}") for place in range(6)]
    gap, scale = computed(rows, grades, None, draws=400, seed=5), planned_scale(None)
    scored = frame(readings(rows, given_grades(grades, scale), scale))
    names, bootstrap = bootstrapped(scored, draws=400, seed=5)
    expected = {m.measure: m.estimate for m in summary(scored) if m.group == "human"}
    own = gap.of("selection_gap", "human")
    assert own is not None
    assert own.estimate == expected["selection_gap"]
    assert own.interval == bootstrap.interval("human", outcome=names.index("selection_gap"))
    cover, chosen = gap.of("coverage", "human"), gap.of("selection", "human")
    assert cover is not None
    assert chosen is not None
    assert own.estimate == pytest.approx((cover.estimate or 0) - (chosen.estimate or 0))
    methods = {contrast.method for contrast in gap.contrasts if contrast.measure == "selection_gap"}
    assert len(methods) == 3, "bootstrap, models random, these models fixed"


def test_outcomes_are_tested_together_on_one_set_of_weights() -> None:
    gap = computed(crossed_rows(), [grade("Gout", 0, case=f"case-{place}") for place in range(6)], None, draws=400)
    alone = {one.measure: one for one in gap.contrasts if "percentile" in one.method}
    assert {one.measure for one in gap.joint} >= {"selection_gap", "selection", "coverage"}
    for one in gap.joint:
        assert "max-T over" in one.method
        assert one.ci is not None
        assert one.p is not None
        assert (one.estimate, one.se) == pytest.approx((alone[one.measure].estimate, alone[one.measure].se))


def test_lines_without_a_grade_give_bounds_no_interval_and_no_closed_form() -> None:
    gap = computed(crossed_rows(), [], None, draws=50)
    score = gap.of("coverage", "human")
    assert score is not None
    assert (score.estimate, score.interval, score.high) == (None, None, 1.0)
    selected = gap.of("selection", "human")
    assert selected is not None
    assert selected.interval is not None, "a selection needs no grader"
    assert all("bootstrap" in contrast.method for contrast in gap.contrasts)
    assert any("wait for a grade" in sentence for sentence in gap.refused)


def test_a_case_stands_side_by_side_humans_first_with_grades_choices_and_times() -> None:
    machine = row("x", kind="model", model="retrieval", sample=1, lines=("Gout",), choice="A")
    found = by_case([machine, row("R1")])["alpha"]
    view = side_by_side(found, given_grades([grade("Gout", 2)], planned_scale(None)))
    assert [one.name for one in view.answerers] == ["R1", "retrieval"]
    model = view.answerers[1]
    listed, chosen = model.last("ddx"), model.last("selection")
    assert listed is not None
    assert chosen is not None
    assert [line.grade for line in listed.lines] == [2]
    assert (chosen.chosen, chosen.right, chosen.confidence, chosen.seconds) == ("Gout", False, 50, 20.0)
