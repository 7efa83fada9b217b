"""Results before and after a model's cut-off: which case is of which period, what changes, and what the humans did."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from scoring.estimates import TooLittleData, welch
from study.contamination import Contamination, computed, first_published, period_of
from tests.model_rows import row

CUTOFF = date(2025, 6, 30)
OLD, NEW = "2024-01-01", "2025-07-01"


def read(case: str, right: bool, published: str | None, **more: Any) -> Any:
    return row(case, "Malaria" if right else "Gout", **more) | {"published": published, "reader": "x"}


def human(case: str, right: bool, published: str | None, reader: str) -> Any:
    return read(case, right, published) | {"kind": "human", "reader": reader, "model": None, "sample": None}


def study() -> list[Any]:
    """Six old cases, five of them right; four new ones, one right; one undated. Two humans are right in every other."""
    cases = [(f"old-{n}", n != 0, OLD) for n in range(6)] + [(f"new-{n}", n == 0, NEW) for n in range(4)]
    rows = [read(*case) for case in [*cases, ("undated", True, None)]]
    return rows + [human(c, n % 2 == 0, day, reader) for n, (c, _, day) in enumerate(cases) for reader in ("A", "B")]


def found(rows: list[Any], cutoff: date | None = CUTOFF) -> Contamination:
    return computed(rows, [], None, {"M": cutoff}, draws=100)


def test_the_day_of_the_cut_off_is_before_it_and_what_is_not_known_is_unknown() -> None:
    assert period_of(date(2025, 6, 30), CUTOFF) == "before"
    assert period_of(date(2025, 7, 1), CUTOFF) == "after"
    assert period_of(None, CUTOFF) == period_of(date(2025, 6, 30), None) == "unknown"


def test_a_case_has_appeared_when_the_first_of_its_translations_did() -> None:
    rows = [read("a", True, NEW), read("a-zh", True, OLD) | {"translation_of": "a"}, read("b", True, None)]
    assert first_published(rows) == {"a": date(2024, 1, 1), "b": None}


def test_results_are_told_by_period_with_n_and_interval() -> None:
    (model,) = found(study()).models
    selection = {
        (period.name, score.group): score
        for period in model.periods
        for score in period.scores
        if score.measure == "selection"
    }
    assert [(period.name, period.cases) for period in model.periods] == [("before", 6), ("after", 4), ("unknown", 1)]
    assert selection["before", "model"].estimate == pytest.approx(5 / 6)
    assert (selection["after", "model"].estimate, selection["after", "model"].n) == (0.25, 4)
    assert selection["before", "model"].interval is not None
    assert selection["before", "human"].estimate == 0.5
    assert found(study()).undated == 1


def test_the_change_is_told_of_the_model_of_the_humans_and_of_their_difference_by_case() -> None:
    (model,) = found(study()).models
    changes = {one.of: one for one in model.changes if one.measure == "selection"}
    assert changes["model"].estimate == pytest.approx(0.25 - 5 / 6)
    assert changes["human"].estimate == pytest.approx(0.0)
    assert changes["model minus human"].estimate == pytest.approx(0.25 - 5 / 6)
    assert changes["model"].n == (6, 4)
    assert changes["model"].p == pytest.approx(welch([1, 0, 0, 0], [1, 1, 1, 1, 1, 0]).p)


def test_without_a_cut_off_every_case_is_unknown_and_nothing_has_changed() -> None:
    (model,) = found(study(), None).models
    assert [period.cases for period in model.periods] == [0, 0, 11]
    assert {change.why for change in model.changes} == {"no cut-off is declared, so that nothing is before or after it"}


def test_other_conditions_and_cases_that_the_model_did_not_read_are_no_part_of_it() -> None:
    rows = [*study(), read("old-0", True, OLD, condition="findings"), human("alone", True, OLD, "A")]
    (model,) = found(rows).models
    assert model.periods[0].cases == 6
    changes = {one.of: one for one in model.changes if one.measure == "selection"}
    assert changes["model"].estimate == pytest.approx(0.25 - 5 / 6)


def test_lists_that_wait_for_a_grade_have_bounds_and_no_change() -> None:
    rows = study()
    for one in rows:
        ddx = {"lines": ["Marsh fever"], "confidence": 50}
        one["answers"] = [{**one["answers"][0], "kind": "ddx", "answer": ddx}, *one["answers"]]
    (model,) = found(rows).models
    coverage = next(score for score in model.periods[0].scores if score.measure == "coverage")
    assert (coverage.estimate, coverage.low, coverage.high) == (None, 0, 1)
    changes = {one.of: one.why for one in model.changes if one.measure == "coverage"}
    assert changes["model"] == "lines that matter wait for a grade"


def test_welch_needs_two_cases_a_side_and_gives_the_textbook_figures() -> None:
    # 2, 4, 6 against 1, 1, 4: means 4 and 2, variances 4 and 3, SE^2 = 7/3, df = (7/3)^2 / ((4/3)^2/2 + 1/2).
    made = welch([2, 4, 6], [1, 1, 4])
    assert (made.estimate, made.se**2) == pytest.approx((2, 7 / 3))
    assert made.df == pytest.approx((7 / 3) ** 2 / ((4 / 3) ** 2 / 2 + 1 / 2))
    with pytest.raises(TooLittleData, match="two cases on each side"):
        welch([1], [0, 1])


def test_the_result_is_json() -> None:
    plain = json.loads(json.dumps(found(study()).to_json(), allow_nan=False))
    assert plain["models"][0]["cutoff"] == "2025-06-30"
    assert plain["models"][0]["periods"][0]["scores"][0]["measure"] == "selection"
