"""Power and width of the interval before a study is run, from variance components that a pilot or its authors give.

A score of reader r on case c is a mean and three random parts: reader, case, and the rest (reader by case with the
answer's own chance). The variance of a panel's mean over R readers, K cases and N = R K share cells is
reader/R + rest/N + case/K: crossed where every reader reads every case (share 1), split where each reads the same share
of the cases and each case is read equally often, whichever readers read it (the moments of Gallas 2009, J Opt Soc Am A
26:1086, in a balanced design; split plots: Obuchowski, Gallas & Hillis 2012, Acad Radiol 19:1508). Degrees of freedom
are the analysis' own, Var^2 / sum(part^2/(readers - 1)) over the reader parts. Two tests in one panel: Hillis,
Obuchowski & Berbaum 2011 (Acad Radiol 18:129), equal to one panel's per-case differences.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import stats

from scoring.estimates import TooLittleData, satterthwaite
from scoring.mrmc import Components as Covariances

Array = npt.NDArray[np.float64]
Comparison = Literal["panel", "models_fixed", "models_random"]
COMPARISONS: tuple[Comparison, ...] = ("panel", "models_fixed", "models_random")


@dataclass(frozen=True)
class Spread:
    """Variances of one group's scores: between readers, between cases, and of the rest of a single answer."""

    reader: float
    case: float
    rest: float


@dataclass(frozen=True)
class Basis:
    """What a plan rests on: both groups' variances, and the covariance of a case's human and model part."""

    human: Spread
    model: Spread | None = None
    shared: float = 0.0


@dataclass(frozen=True)
class Design:
    """Human readers, models, cases in all, and the share of the cases that each human reads; models read all."""

    readers: int
    cases: int
    models: int = 0
    share: float = 1.0


@dataclass(frozen=True)
class Planned:
    """What a design gives: ``width`` of the 95 % interval (score units) and two-sided ``power`` at .05."""

    design: Design
    effect: float
    se: float
    df: float
    width: float
    power: float


def plan(basis: Basis, design: Design, effect: float, comparison: Comparison) -> Planned:
    """Power to find ``effect``: the panel's mean against zero, or humans minus models, fixed or random.

    Raises :class:`TooLittleData` for a design that the analysis refuses (one reader; fewer than three random models) or
    that has no variance, ``ValueError`` for numbers that are no design.
    """
    _check(basis, design, comparison)
    panel = _reader_part(basis.human, design.readers, design.cases * design.share)
    parts, case = [(panel, design.readers - 1)], basis.human.case / design.cases
    if comparison != "panel" and basis.model is not None:
        model = basis.model
        own = model.case if comparison == "models_random" else model.case + model.rest / design.models
        case = max(basis.human.case + own - 2 * basis.shared, 0.0) / design.cases
    if comparison == "models_random" and basis.model is not None:
        parts.append((_reader_part(basis.model, design.models, design.cases), design.models - 1))
    variance = sum(part for part, _ in parts) + case
    return _planned(design, effect, variance, satterthwaite(variance, *parts))


def two_tests(
    found: Covariances, readers: int, pilot_cases: int, design: Design, effect: float, var_tr: float | None = None
) -> Planned:
    """Two tests in a crossed panel, from the covariances of a pilot of ``readers`` and ``pilot_cases``.

    The variance of reader by test is estimated from the pilot unless it is given. Source: Hillis, Obuchowski & Berbaum
    2011; ``se`` is that of the difference, sqrt(2 den/J).
    """
    shared = max(found.cov2 - found.cov3, 0.0)
    estimated = found.ms_tr - found.var + found.cov1 + shared
    var_tr = max(estimated, 0.0) if var_tr is None else var_tr
    ratio, j = pilot_cases / design.cases, design.readers
    den = var_tr + ratio * (found.var - found.cov1 + (j - 1) * shared)
    within = var_tr + ratio * (found.var - found.cov1 - shared)
    return _planned(design, effect, 2 * den / j, satterthwaite(den, (within, j - 1)))


def smallest(
    basis: Basis,
    readers: Sequence[int],
    effect: float,
    comparison: Comparison,
    *,
    models: int = 0,
    share: float = 1.0,
    power: float | None = None,
    width: float | None = None,
    most: int = 5000,
) -> list[Planned | None]:
    """For each number of readers the fewest cases that reach the power, or an interval no wider than ``width``.

    None where ``most`` cases do not reach it, which more cases alone may never do: then more readers are needed.
    """
    if (power is None) == (width is None):
        raise ValueError("ask for a power or for a width, one of them")

    def reached(found: Planned) -> bool:
        return found.power >= power if power is not None else found.width <= (width or 0.0)

    found: list[Planned | None] = []
    for number in readers:
        low, high = max(math.ceil(1 / share - 1e-9) - 1, 1), most
        at = replace(Design(number, most, models, share))
        if not reached(plan(basis, at, effect, comparison)):
            found.append(None)
            continue
        while high - low > 1:
            middle = (low + high) // 2
            if reached(plan(basis, replace(at, cases=middle), effect, comparison)):
                high = middle
            else:
                low = middle
        found.append(plan(basis, replace(at, cases=high), effect, comparison))
    return found


def spread_of(scores: npt.ArrayLike) -> Spread:
    """A pilot's variances from scores (readers, cases), NaN for missing: unbiased moments, those below zero set to 0.

    Raises :class:`TooLittleData` where readers and cases cannot be told apart.
    """
    x, d = _filled(scores)
    both, same_case, same_reader, neither = _pair_means(x, d)
    reader, case = same_reader - neither, same_case - neither
    rest = both - same_case - same_reader + neither
    return Spread(*(max(part, 0.0) for part in (reader, case, rest)))


def basis_of(humans: npt.ArrayLike, models: npt.ArrayLike | None = None) -> Basis:
    """Both groups' variances in a pilot, (readers, cases) each, and what they share by case; one model has no spread
    between models, and is taken with none.
    """
    human = spread_of(humans)
    if models is None:
        return Basis(human)
    m = np.asarray(models, dtype=float)
    model = spread_of(m) if len(m) > 1 else Spread(0.0, float(np.nanvar(m[0], ddof=1)), 0.0)
    means = [np.nanmean(group, axis=0) for group in _both(humans, m)]
    return Basis(human, model, float(np.cov(*means)[0, 1]))


def _reader_part(spread: Spread, readers: int, cases: float) -> float:
    return (spread.reader + spread.rest / cases) / readers


def _planned(design: Design, effect: float, variance: float, df: float) -> Planned:
    if variance <= 0:
        raise TooLittleData("the plan has no variance at all, so nothing can be said of its power")
    se, reference = math.sqrt(variance), 1e9 if math.isinf(df) else df
    critical = float(stats.t.ppf(0.975, reference))
    power = float(stats.ncf.sf(critical**2, 1, reference, effect**2 / variance)) if effect else 0.05
    return Planned(design, effect, se, df, 2 * critical * se, power)


def _check(basis: Basis, design: Design, comparison: Comparison) -> None:
    if design.readers < 2:
        raise TooLittleData(f"one reader has no variance between readers: {design.readers} asked for, two are needed")
    if not 0 < design.share <= 1 or design.cases < 1:
        raise ValueError(f"each reader reads a share of the cases between 0 and 1, and there is a case: found {design}")
    if design.readers * design.share < 1 - 1e-9:
        raise TooLittleData(
            f"{design.readers} readers who read {100 * design.share:g} % of the cases each leave cases unread: "
            f"{math.ceil(1 / design.share - 1e-9)} readers are needed for that share"
        )
    if design.cases * design.share < 1 - 1e-9:
        raise TooLittleData(f"{100 * design.share:g} % of {design.cases} cases is less than one case for each reader")
    if comparison != "panel" and (basis.model is None or design.models < 1):
        raise TooLittleData("a comparison with models needs models, and their variances")
    if comparison == "models_random" and design.models < 3:
        raise TooLittleData(f"models as a random factor need three at least; {design.models} asked for")


def _filled(scores: npt.ArrayLike) -> tuple[Array, Array]:
    x = np.asarray(scores, dtype=float)
    d = (~np.isnan(x)).astype(float)
    return np.where(d > 0, x - np.nanmean(x), 0.0), d


def _pair_means(x: Array, d: Array) -> tuple[float, float, float, float]:
    """Mean products of two cells: the same, same case, same reader, neither; the mean was taken off before."""
    (both, case, reader, every), (one, by_case, by_reader, pairs) = _sums(x), _sums(d)
    counts = (one, by_case - one, by_reader - one, pairs - by_reader - by_case + one)
    if min(counts) <= 0:
        raise TooLittleData("a pilot needs two readers who share cases, and two cases each, to tell them apart")
    totals = (both, case - both, reader - both, every - reader - case + both)
    first, second, third, fourth = (total / count for total, count in zip(totals, counts, strict=True))
    return first, second, third, fourth


def _sums(s: Array) -> tuple[float, float, float, float]:
    """Sums over the pairs of the same cell, of the same case, of the same reader, and over all pairs."""
    return float((s**2).sum()), float((s.sum(0) ** 2).sum()), float((s.sum(1) ** 2).sum()), float(s.sum() ** 2)


def _both(humans: npt.ArrayLike, models: Array) -> tuple[Array, Array]:
    """Both groups on the cases that somebody in each read."""
    h = np.asarray(humans, dtype=float)
    shared = (~np.isnan(h)).any(axis=0) & (~np.isnan(models)).any(axis=0)
    if shared.sum() < 2:
        raise TooLittleData(f"humans and models share {int(shared.sum())} cases in the pilot; two at least are needed")
    return h[:, shared], models[:, shared]
