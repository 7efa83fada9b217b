"""Accuracy over cases, and its difference between two ways in which the same cases were read.

A case's score is the mean over its samples, so samples of one case are never taken for cases: intervals are clustered
by case. Paired differences are over the cases that were read both ways.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from scoring.estimates import TooLittleData

Scores = Mapping[str, Sequence[float]]
WILSON = "Wilson, one answer a case"
CLUSTERED = "t on case means (clustered by case)"
MCNEMAR = "exact McNemar test; interval of Bonett and Price (2012)"
PAIRED = "sign-flip test over cases; percentile interval of the paired bootstrap over cases"
_NORMAL = float(stats.norm.ppf(0.975))


@dataclass(frozen=True)
class Accuracy:
    """The mean of the scores of ``n`` cases, from ``answers`` in all; ``ci`` (95 %) is None where there is none."""

    estimate: float
    ci: tuple[float, float] | None
    n: int
    answers: int
    method: str


@dataclass(frozen=True)
class Difference:
    """First minus second over the ``n`` cases read both ways; ``ci`` (95 %) and ``p`` (two-sided) None where they do
    not exist."""

    estimate: float
    ci: tuple[float, float] | None
    p: float | None
    n: int
    method: str


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share; raises ``TooLittleData`` where nothing was counted."""
    if n < 1:
        raise TooLittleData("a share of nothing has no interval")
    found = stats.binomtest(hits, n).proportion_ci(0.95, method="wilson")
    return float(found.low), float(found.high)


def accuracy(scores: Scores) -> Accuracy:
    """The accuracy of the cases that have answers; raises ``TooLittleData`` where none has."""
    kept = {case: own for case, own in scores.items() if len(own)}
    if not kept:
        raise TooLittleData("no case has an answer, so there is no rate")
    means = np.array([np.mean(own) for own in kept.values()])
    n, answers = len(means), sum(map(len, kept.values()))
    estimate = float(means.mean())
    if answers == n and set(means) <= {0.0, 1.0}:
        return Accuracy(estimate, wilson(int(means.sum()), n), n, answers, WILSON)
    if n < 2 or not means.std() > 0:
        return Accuracy(estimate, None, n, answers, CLUSTERED)
    half = float(stats.t.ppf(0.975, n - 1)) * float(means.std(ddof=1)) / math.sqrt(n)
    return Accuracy(estimate, (max(estimate - half, 0.0), min(estimate + half, 1.0)), n, answers, CLUSTERED)


def difference(first: Scores, second: Scores, draws: int = 10_000, seed: int = 0) -> Difference:
    """How much better the first is, case by case; raises ``TooLittleData`` where no case has both."""
    cases = [case for case in first if len(first[case]) and len(second.get(case, ()))]
    if not cases:
        raise TooLittleData("no case has an answer both ways, so there is no difference")
    pairs = np.array([[np.mean(first[case]), np.mean(second[case])] for case in cases])
    apart = pairs[:, 0] - pairs[:, 1]
    if all(len(first[case]) == len(second[case]) == 1 for case in cases) and np.isin(pairs, (0.0, 1.0)).all():
        return _binary(int((apart > 0).sum()), int((apart < 0).sum()), len(cases))
    estimate, rng = float(apart.mean()), np.random.default_rng(seed)
    if not apart.any():
        return Difference(0.0, None, 1.0, len(cases), PAIRED)
    p = _sign_flip(apart, draws, rng)
    return Difference(estimate, _bootstrapped(apart, draws, rng), p, len(cases), PAIRED)


def holm(ps: Sequence[float]) -> list[float]:
    """Holm's adjusted p-values, in the order given."""
    order = np.argsort(ps)
    raised = np.maximum.accumulate([min(1.0, (len(ps) - place) * ps[i]) for place, i in enumerate(order)])
    found = np.empty(len(ps))
    found[order] = raised
    return [float(p) for p in found]


def _binary(gained: int, lost: int, n: int) -> Difference:
    """McNemar's exact test, and an interval that does not vanish where no case changed."""
    p = float(stats.binomtest(gained, gained + lost).pvalue) if gained + lost else 1.0
    up, down = (gained + 1) / (n + 2), (lost + 1) / (n + 2)
    half = _NORMAL * math.sqrt((up + down - (up - down) ** 2) / (n + 2))
    ends = (max(up - down - half, -1.0), min(up - down + half, 1.0))
    return Difference((gained - lost) / n, ends, p, n, MCNEMAR)


def _bootstrapped(
    apart: np.ndarray[tuple[int], np.dtype[np.float64]], draws: int, rng: np.random.Generator
) -> tuple[float, float] | None:
    values, counts = np.unique(apart, return_counts=True)
    if len(values) < 2:
        return None
    means = rng.multinomial(len(apart), counts / len(apart), size=draws) @ values / len(apart)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def _sign_flip(apart: np.ndarray[tuple[int], np.dtype[np.float64]], draws: int, rng: np.random.Generator) -> float:
    """How often as large a mean arises where each case's difference has either sign by chance; all signs where few."""
    moved = apart[apart != 0]
    at_least = abs(moved.sum()) - 1e-9
    if len(moved) <= 12:
        signs = 1 - 2 * ((np.arange(2 ** len(moved))[:, None] >> np.arange(len(moved))) & 1)
        return float((np.abs(signs @ moved) >= at_least).mean())
    values, counts = np.unique(np.abs(moved), return_counts=True)
    sums = (2 * rng.binomial(counts, 0.5, size=(draws, len(counts))) - counts) @ values
    return float((1 + (np.abs(sums) >= at_least).sum()) / (draws + 1))
