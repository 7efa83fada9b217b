"""Relative agreement of models' lists with experts' lists, whatever the truth.

Relative Precision and Recall of Algorithmic Diagnostics (RPAD, RRAD): Kopanichuk et al. 2026, How to evaluate medical
AI. There a model tells whether two wordings mean the same; here they do where their normal forms are equal.
"""

from __future__ import annotations

import math
from collections import Counter

import numpy as np

from scoring.matching import normalise
from scoring.raters import jackknifed
from study.findings._material import Array, Material
from study.findings._result import Finding, Result, Value, left_out


class Relative(Result):
    """One model. ``precision`` (``recall``): mean share of its (the expert's) lines that the other list has.

    ``rpad`` and ``rrad`` divide them by the same of expert with expert; above 1 the model agrees with the panel at
    least as well as the experts do with one another. ``cases`` have the model and two experts.
    """

    model: str
    cases: int
    precision: float
    recall: float
    rpad: Value
    rrad: Value


class RelativeAgreement(Finding):
    """``expert_precision`` is that of expert with expert, which is their recall too."""

    expert_precision: float | None = None
    models: tuple[Relative, ...] = ()


METHOD = (
    "Kopanichuk 2026: mean model-expert precision (RPAD) or recall (RRAD) over mean expert-expert precision, of the "
    "lines within the cap. Two lines are the same when their normal forms are; a grade plays no part. Of two experts "
    "each is held against the other, so their precision is their recall. Means are over pairs within a case, then over "
    "cases that have the model and two experts; samples of a model are averaged. The interval is made on the "
    "logarithm, with a jackknife over cases: it takes these readers as they are."
)
NORMAL = 1.959963984540054


def find(material: Material) -> RelativeAgreement:
    """Each model against the humans; cases with fewer than two human lists are left out."""
    people: dict[str, list[frozenset[str]]] = {}
    models: dict[str, dict[str, list[frozenset[str]]]] = {}
    nothing = 0
    for reading in material.readings:
        if reading.state != "completed" or reading.lines is None:
            continue
        lines = frozenset(normalise(text) for text, _ in reading.lines[: material.cap]) - {""}
        if not lines:
            nothing += 1
        elif reading.group == "human":
            people.setdefault(reading.case, []).append(lines)
        else:
            models.setdefault(reading.reader, {}).setdefault(reading.case, []).append(lines)
    experts = {case: _among(own) for case, own in people.items() if len(own) > 1}
    found = [one for name, own in sorted(models.items()) if (one := _relative(name, own, people, experts))]
    return RelativeAgreement(
        method=METHOD,
        n=len(experts),
        counted="cases with the lists of two humans",
        left_out=left_out(
            ("cases", len(material.cases) - len(experts), "fewer than two humans named a diagnosis"),
            ("lists", nothing, "they name no diagnosis"),
        ),
        why="" if found else "no case has the lists of a model and of two humans",
        expert_precision=float(np.mean(list(experts.values()))) if experts else None,
        models=tuple(found),
    )


def _among(lists: list[frozenset[str]]) -> float:
    """The mean share of a list's lines that another list of the case has, over both directions of all pairs."""
    times = Counter(line for one in lists for line in one)
    return float(np.mean([sum(times[line] - 1 for line in one) / len(one) / (len(lists) - 1) for one in lists]))


def _shares(own: list[frozenset[str]], people: list[frozenset[str]]) -> tuple[float, float]:
    """Mean precision and recall of a model's lists of one case, over all pairs with humans' lists."""
    times: Counter[str] = Counter()
    weights: dict[str, float] = {}
    for one in people:
        for line in one:
            times[line] += 1
            weights[line] = weights.get(line, 0.0) + 1 / len(one)
    pairs = len(own) * len(people)
    precision = sum(times[line] / len(one) for one in own for line in one) / pairs
    return precision, sum(weights.get(line, 0.0) for one in own for line in one) / pairs


def _relative(
    name: str, own: dict[str, list[frozenset[str]]], people: dict[str, list[frozenset[str]]], experts: dict[str, float]
) -> Relative | None:
    cases = sorted(own.keys() & experts.keys())
    if not cases:
        return None
    precision, recall = np.array([_shares(own[case], people[case]) for case in cases]).T
    among = np.array([experts[case] for case in cases])
    return Relative(
        model=name,
        cases=len(cases),
        precision=float(precision.mean()),
        recall=float(recall.mean()),
        rpad=_ratio(precision, among),
        rrad=_ratio(recall, among),
    )


def _ratio(shares: Array, among: Array) -> Value:
    n = len(shares)
    if among.mean() <= 0:
        return Value(estimate=None, n=n, why="the experts share no line with one another")
    estimate = float(shares.mean() / among.mean())
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log((shares.sum() - shares) / (among.sum() - among))
    spread = jackknifed(np.where(np.isfinite(logs), logs, np.nan))
    if spread is None:
        return Value(estimate=estimate, n=n, why="too few cases share a line for an error")
    ends = (estimate * math.exp(-NORMAL * spread), estimate * math.exp(NORMAL * spread))
    return Value(estimate=estimate, n=n, se=estimate * spread, ci=ends, method="ratio of means, jackknife over cases")
