"""Mixed models of the planned outcomes: the sensitivity analysis of the closed forms, linear and logistic."""

from __future__ import annotations

from typing import Any, Literal

from study.findings._material import Material, states
from study.findings._result import Finding, LeftOut, Result, Value, left_out
from study.gap import planned_failures
from study.outcomes import HITS, TASKS, linear_of, logistic_of

Kind = Literal["linear", "logistic"]


class Fitted(Result):
    """Humans minus models in one planned outcome by one model; of the logistic one in log odds.

    ``effect.n`` counts the scores; ``singular`` says that a variance is estimated as zero.
    """

    outcome: str
    measure: str
    kind: Kind
    effect: Value
    singular: bool


class Mixed(Finding):
    """The models that could be fitted; the others are among ``left_out`` with the reason."""

    models: tuple[Fitted, ...] = ()


METHOD = (
    "Mixed models with crossed readers and cases, the sensitivity analysis beside the closed forms. Gaps: group by "
    "task with random slopes for the task by reader and by case; other outcomes: random intercepts. Linear by REML "
    "with Satterthwaite's degrees of freedom, logistic (hits, log odds) by Laplace's approximation against the normal. "
    "Readers of both groups have one variance, which models do not keep to."
)
KINDS: tuple[Kind, ...] = ("linear", "logistic")
FITS = {"linear": linear_of, "logistic": logistic_of}


def find(material: Material) -> Mixed:
    """Each outcome that the plan's family names, by a linear model and, where it is made of hits, a logistic one."""
    found: list[Fitted] = []
    refused: list[LeftOut] = []
    for outcome in material.plan.family:
        measure = material.measure_of(outcome)
        for kind in KINDS if measure in {*HITS, *TASKS} else KINDS[:1]:
            one = _fitted(material, outcome, measure, kind)
            if isinstance(one, Fitted):
                found.append(one)
            else:
                refused.append(one)
    return Mixed(
        method=METHOD,
        n=len(found),
        counted="mixed models",
        left_out=(
            *refused,
            *left_out(*(("readings", n, state.replace("_", " ")) for state, n in states(material.readings).items())),
        ),
        why="" if found else "no planned outcome bears a mixed model",
        models=tuple(found),
    )


def _fitted(material: Material, outcome: str, measure: str, kind: Kind) -> Fitted | LeftOut:
    try:
        told = FITS[kind](material.scored, measure, planned_failures(material.protocol))
    except ValueError as refusal:  # too little data, or a measure that waits for grades
        return LeftOut(what=f"{kind} mixed model of {outcome}", n=1, why=str(refusal).removeprefix(f"{measure}: "))
    return Fitted(outcome=outcome, measure=measure, kind=kind, effect=_value(told), singular=bool(told["singular"]))


def _value(told: dict[str, Any]) -> Value:
    parts = {name: told[name] for name in ("estimate", "se", "df", "p", "n", "method")}
    return Value(**parts, ci=told["ci"])
