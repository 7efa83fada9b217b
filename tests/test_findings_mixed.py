"""Mixed models of what the plan names: the same as those of the scores, or the reason why there is none."""

from __future__ import annotations

from typing import Any

from scoring import mixed
from scoring.measures import scores
from study.findings import findings_of
from study.findings._material import Material
from study.findings.mixed import Mixed
from study.held import Held
from tests.findings_rows import grades_of, rows_of
from tests.test_results import row

PLAN: Any = {"plan": {"primary": "gap", "family": ["gap", "coverage", "reciprocal-rank"], "correction": "holm"}}


def found(rows: list[Any]) -> Mixed:
    own = findings_of(rows, grades_of(12), PLAN, only={"mixed"}).mixed
    assert own is not None
    return own


def test_each_planned_outcome_has_its_linear_model_and_hits_have_a_logistic_one() -> None:
    rows = rows_of(5, 3, 12)
    told = {(one.outcome, one.kind): one.effect for one in found(rows).models}
    linear, logistic = [("gap", "linear"), ("coverage", "linear"), ("reciprocal-rank", "linear")], ("gap", "logistic")
    assert {*linear, logistic} <= set(told) <= {*linear, logistic, ("coverage", "logistic")}
    scored = scores(Material(rows, grades_of(12), PLAN).scored, "coverage")
    effect = mixed.outcome(scored).effect
    assert (told["coverage", "linear"].estimate, told["coverage", "linear"].p) == (effect.estimate, effect.p)
    assert told["coverage", "linear"].n == 12 * 8
    assert told["gap", "linear"].n == told["gap", "logistic"].n == 2 * 12 * 8


def test_what_cannot_be_fitted_says_why() -> None:
    own = found(rows_of(5, 1, 12))
    assert (own.models, own.why) == ((), "no planned outcome bears a mixed model")
    assert "a mixed model needs two readers in each group; found 5 humans and 1 models" in {
        one.why for one in own.left_out
    }
    waiting = found([*rows_of(5, 3, 12), row("H1", case="case-040", lines=("Marsh fever",))])
    assert {one.why for one in waiting.left_out} == {"lines that matter wait for a grade, so only bounds are known"}


def test_they_are_fitted_only_on_request_and_leave_other_findings_their_stages() -> None:
    rows = rows_of(4, 3, 12, lists=2)
    assert findings_of(rows, grades_of(12), PLAN).mixed is None
    held = Held(PLAN, [one.model_dump(mode="json") for one in grades_of(12)], [])
    held.add(rows)
    assert held.told("mixed") == findings_of(rows, grades_of(12), PLAN, only={"mixed"})
    held.add_stages([])
    assert held.told("times") == findings_of(rows, grades_of(12), PLAN, stages=[], only={"times"})
