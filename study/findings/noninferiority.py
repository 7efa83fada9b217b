"""Whether models, as a group and one by one, are not worse than humans by more than the margin that the plan fixed."""

from __future__ import annotations

import math

from study.findings._material import Material, Matrix, difference
from study.findings._result import Finding, Result, Status, Value, left_out


class Compared(Result):
    """Models (``model`` None), or one, against the humans in one outcome, in the direction in which more is better.

    ``difference`` is model minus human of a share, and human minus model of the gap. ``t`` = (difference + margin) / se
    and ``p`` = P(t_df > t) is one-sided; ``lower`` is the lower end of the two-sided 95 % interval, so ``lower`` above
    -margin is the same as p < .025. ``shown`` says whether p < .025. Confirmatory is the primary outcome of all models.
    """

    status: Status = "exploratory"
    outcome: str
    model: str | None
    difference: Value
    margin: float
    t: float | None
    p: float | None
    lower: float | None
    shown: bool | None


class NonInferiority(Finding):
    """Empty, with the reason, where the plan fixes no margin."""

    margin: float | None = None
    compared: tuple[Compared, ...] = ()


METHOD = (
    "One-sided t-test of models not worse than humans by the margin: T = (d + margin) / SE and p = P(t > T), with the "
    "degrees of freedom of the two-sided analysis, these models fixed; shown where p < .025, which is the two-sided "
    "95 % interval above -margin. Of a share d is model minus human, of the gap human minus model."
)


def find(material: Material) -> NonInferiority:
    """The planned outcomes, for the models as a group and each alone; only the group's primary one is confirmatory."""
    margin = material.plan.margin
    if margin is None:
        return NonInferiority(
            method=METHOD,
            n=0,
            counted="comparisons",
            why="the analysis plan fixes no margin, and one chosen now would be chosen knowing the results",
        )
    compared = [one for outcome in material.plan.family for one in _outcome(material, outcome, margin)]
    untold = sum(one.p is None for one in compared)
    return NonInferiority(
        status="confirmatory",
        method=METHOD,
        n=len(compared) - untold,
        counted="comparisons of an outcome",
        left_out=left_out(("comparisons", untold, "their error cannot be told, or grades are open")),
        notes=("The models one by one are exploratory.",),
        margin=margin,
        compared=tuple(compared),
    )


def _outcome(material: Material, outcome: str, margin: float) -> list[Compared]:
    measure = material.measure_of(outcome)
    whole = _compared(material.difference(measure), outcome, None, margin)
    status: Status = "confirmatory" if outcome == material.plan.primary else "exploratory"
    found = [whole.model_copy(update={"status": status})]
    human, models = material.matrix(measure, "human"), material.matrix(measure, "model")
    for place, model in enumerate(models.readers):
        own = Matrix((model,), models.cases, models.scores[place : place + 1])
        waits = material.waiting(measure)
        value = found[0].difference if waits else difference(human, own)
        found.append(_compared(value, outcome, model, margin, turned=waits > 0))
    return found


def _compared(value: Value, outcome: str, model: str | None, margin: float, turned: bool = False) -> Compared:
    from scipy import stats

    better = value if outcome == "gap" or turned else _negative(value)
    if better.estimate is None or better.se is None:
        return Compared(
            outcome=outcome, model=model, difference=better, margin=margin, t=None, p=None, lower=None, shown=None
        )
    t = (better.estimate + margin) / better.se
    p = float(stats.t.sf(t, math.inf if better.df is None else better.df))
    lower = better.ci[0] if better.ci else None
    return Compared(
        outcome=outcome, model=model, difference=better, margin=margin, t=t, p=p, lower=lower, shown=p < 0.025
    )


def _negative(value: Value) -> Value:
    ends = (-value.ci[1], -value.ci[0]) if value.ci else None
    estimate = None if value.estimate is None else -value.estimate
    return value.model_copy(update={"estimate": estimate, "ci": ends})
