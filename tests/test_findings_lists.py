"""Lengths of lists and cuts of them, relative agreement of lists, and what readers make of advice."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.advice import Advised, reliance
from study.findings import Findings, findings_of
from tests.findings_rows import WRONG, grades_of, rows_of
from tests.test_results import answer, grade, row

GRADES = [grade(line, 0, case=case) for line in WRONG for case in ("alpha", "beta", "gamma")]


def found(subject: str, rows: list[Any], protocol: Any = None) -> Any:
    all_of: Findings = findings_of(rows, GRADES, protocol, only={subject})
    return getattr(all_of, subject)


def model(case: str, lines: tuple[str, ...], name: str = "m", **more: Any) -> Any:
    return row(name, case, lines, kind="model", model=name, sample=1, **more)


def test_lines_past_the_cap_are_written_and_do_not_count() -> None:
    rows = [row("R", lines=("Gout", "Typhus", "Malaria")), row("R", "beta", ("Gout",))]
    whole = found("lists", rows, {"ddx": {"max_lines": 2}}).lengths[0]
    assert (whole.written, whole.counted, whole.counts) == (2.0, 1.5, {1: 1, 2: 1})
    assert (whole.group, whole.reader, whole.n) == ("human", None, 2)


def test_a_models_list_cut_to_the_humans_length_loses_what_stood_below() -> None:
    rows = []
    for case in ("alpha", "beta", "gamma"):
        rows += [row("R", case, ("Malaria", "Gout")), row("S", case, ("Gout", "Typhus"))]
        rows.append(model(case, ("Gout", "Typhus", "Measles", "Malaria")))
    cuts = {(cut.measure, cut.to): cut for cut in found("lists", rows).cuts}
    assert cuts["coverage", "as written"].model.estimate == 1.0
    for to in ("median of humans", "median of humans in the case"):
        assert cuts["coverage", to].model.estimate == 0.0
        assert cuts["coverage", to].human.estimate == 0.5
    assert cuts["coverage", "one line"].human.estimate == 0.5
    # All selections are right: the gap falls by as much as coverage does.
    assert cuts["selection_gap", "median of humans"].model.estimate == -1.0


def test_a_difference_waits_for_grades_that_matter_and_a_study_without_models_has_no_cuts() -> None:
    rows = [
        row("R"),
        row("S"),
        row("R", "beta"),
        row("S", "beta"),
        model("alpha", ("Marsh fever",)),
        model("beta", ("Gout",)),
    ]
    first = found("lists", rows).cuts[0]
    assert (first.difference.estimate, first.difference.why) == (None, "1 readings wait for a grade that matters")
    # Both humans' lists are settled, so theirs is a share; of the models one hits and one waits: no share is told.
    assert (first.human.estimate, first.model.estimate, first.model.why) == (1.0, None, first.difference.why)
    assert found("lists", [row("R")]).cuts == ()


def test_a_model_that_answers_as_the_experts_do_has_a_relative_agreement_of_one() -> None:
    rows = []
    for case in ("alpha", "beta", "gamma"):
        rows += [row("R", case, ("Gout", "Typhus")), row("S", case, ("Typhus", "Scurvy"))]
        rows += [model(case, ("typhus", "Measles")), model(case, ("Sepsis",), "n")]
    own = found("relative", rows)
    assert (own.expert_precision, own.n) == (0.5, 3)
    same, other = own.models
    assert (same.precision, same.recall, same.rpad.estimate, same.rrad.estimate) == (0.5, 0.5, 1.0, 1.0)
    assert (other.precision, other.rpad.estimate, other.rpad.se) == (0.0, 0.0, None)


def test_precision_is_of_the_models_lines_and_recall_of_the_experts() -> None:
    rows = []
    for case in ("alpha", "beta", "gamma"):
        rows += [row("R", case, ("Gout", "Typhus")), row("S", case, ("Gout", "Typhus"))]
        rows.append(model(case, ("Gout", "Typhus", "Scurvy", "Sepsis")))
    (own,) = found("relative", rows).models
    assert (own.precision, own.recall, own.rpad.estimate, own.rrad.estimate) == (0.5, 1.0, 0.5, 1.0)


def test_the_interval_of_a_relative_agreement_lies_about_it_alike_on_the_logarithm() -> None:
    (own, *_) = found("relative", rows_of(4, 2, 12)).models
    low, high = own.rpad.ci
    assert low < own.rpad.estimate < high
    assert low * high == pytest.approx(own.rpad.estimate**2)


def test_cases_with_one_human_list_are_left_out_of_relative_agreement_and_counted() -> None:
    own = found("relative", [row("R"), model("alpha", ("Malaria",))])
    assert (own.models, own.n, own.left_out[0].n) == ((), 0, 1)
    assert own.why


def test_advice_is_counted_by_hand() -> None:
    # Right and misled: two, one of whom follows. Wrong and helped: three, one of whom does not follow. One agrees.
    told = [(1, 0, 0), (1, 0, 1), (0, 1, 1), (0, 1, 1), (0, 1, 0), (1, 1, 1)]
    own = reliance(Advised(*map(bool, one)) for one in told)
    assert (own.commission, own.omission, own.appropriate) == ((1, 2), (1, 3), (3, 5))
    assert (own.before, own.advice, own.after) == ((3, 6), (4, 6), (4, 6))


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), max_size=40))
def test_what_is_not_appropriate_is_an_error_of_one_kind(told: list[tuple[bool, bool, bool]]) -> None:
    own = reliance(Advised(*one) for one in told)
    assert own.appropriate[1] - own.appropriate[0] == own.commission[0] + own.omission[0]


def test_without_advice_in_the_protocol_nothing_is_said_of_it_but_that() -> None:
    own = found("advice", [row("R")])
    assert (own.reliance, own.n, own.why) == ((), 0, "the protocol shows readers no model's answer")


def test_an_answer_is_held_against_the_advice_that_came_before_the_second_one() -> None:
    answers = [answer("selection", {"choice": "B"}, 1), answer("assisted-selection", {"choice": "A"}, 2)]
    own = found("advice", [row("R", answers=answers, advice={"selection": {"choice": "A"}}), row("S")])
    (selection,) = own.reliance
    assert (own.n, selection.commission.estimate, selection.commission.n, selection.omission.n) == (1, 1.0, 1, 0)


def test_all_findings_of_one_study_come_at_once_and_as_plain_data() -> None:
    plain = findings_of(rows_of(4, 3, 12), grades_of(12)).to_json()
    assert {"agreement", "calibration", "lists", "relative", "subgroups", "multiplicity"} <= set(plain)
    assert all({"status", "method", "n", "counted", "left_out", "why"} <= set(one) for one in plain.values())
    assert plain["lists"]["n"] == pytest.approx(84)


def test_a_model_that_never_answered_has_no_coverage_at_any_length() -> None:
    rows = [row(r, case) for r in "RS" for case in ("alpha", "beta")]
    rows += [model(case, ("Gout",), state="failed", answers=[]) for case in ("alpha", "beta")]
    assert found("lists", [*rows, model("alpha", ("Gout",), "n")]).cuts[0].model.n == 1
    assert found("lists", rows).cuts == ()
