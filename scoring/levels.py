"""Whether a difference is the same at three or more levels of the cases: a quasi-F over readers and cases.

Each level's mean of humans minus models varies by its cases, by what its readers do there beyond what they do
elsewhere, and by single cells. A Wald statistic with the whole covariance of the levels asks more of a panel than it
has: with 17 levels and 10 readers it rejected in .22 to .31 where nothing was different. Here the readers' part is one
variance for all levels, and

- where every level has ``OWN_FROM`` cases, each level's cases have a variance of their own (Welch 1951, Biometrika
  38:330, with the readers' part added to it): it held with a variance nine times as large in one level as in another;
- with fewer cases one variance holds for the cases of all levels, and the mean squares' degrees of freedom combine by
  Satterthwaite (1946). The method says so, as variances that differ make it reject too often: with 17 levels, of which
  the smallest have two cases and twice the variance of the largest, in .14.

Without a difference both rejected in .047 to .059 of 5,000 (5 and 17 levels, alike and unlike in size, 10 readers x 3
models x 100 cases and 20 x 5 x 300, a fifth of the cells missing): ``python -m benchmarks --only findings``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from scoring.estimates import TooLittleData, satterthwaite
from scoring.missing import pairs, per_case

Array = npt.NDArray[np.float64]
OWN_FROM = 10
OWN = "Welch's F with the readers' variance added"
POOLED = "quasi-F, one variance for the cases of all levels"


@dataclass(frozen=True)
class Equality:
    """``F`` on ``df1`` and ``df2`` degrees of freedom, that all levels are the same."""

    F: float
    df1: int
    df2: float
    p: float
    method: str


@dataclass(frozen=True)
class _Level:
    """One level: its mean, cases, variance components, what each counts for in its mean, and the readers' sums."""

    mean: float
    cases: int
    case: float
    cell: float
    reader: float
    counts: tuple[float, float, float]
    reader_pairs: float
    sums: Array
    weights: Array

    def variance(self, case: float, cell: float) -> float:
        """Of the mean, from its cases and cells."""
        return self.counts[0] * case + self.counts[1] * cell


def equality(levels: Sequence[Array]) -> Equality:
    """Of differences (readers, cases) at each level, NaN for missing, by the same readers; no case is in two levels.

    Every case of a level counts alike. Raises :class:`TooLittleData` for fewer than three levels or two readers, or
    where nothing varies.
    """
    if len(levels) < 3 or len(levels[0]) < 2:
        raise TooLittleData(f"three levels and two readers are needed; found {len(levels)} and {len(levels[0])}")
    told = [_level(np.asarray(x, dtype=float)) for x in levels]
    readers = int((np.sum([one.weights for one in told], axis=0) > 0).sum())
    between = max(_between(told), 0.0)
    if min(one.cases for one in told) >= OWN_FROM:
        own = np.array([one.variance(one.case, one.cell) for one in told])
        if own.min() > 1e-12:
            return _own(told, own, between, readers)
    return _pooled(told, between, readers)


def _level(x: Array) -> _Level:
    x = x[:, ~np.isnan(x).all(axis=0)]
    if x.shape[1] < 2:
        raise TooLittleData(f"a level needs two cases that both read; found {x.shape[1]}")
    d = np.where(np.isnan(x), 0.0, per_case(x))
    mean = float((d * np.nan_to_num(x)).sum() / d.sum())
    s = d * np.nan_to_num(x - mean)
    found = np.array(pairs(d, d))
    q11, q10, q01, q00 = np.where(found > 1e-12 * d.sum() ** 2, found, 0.0)
    m11, m10, m01, m00 = (m / q if q else 0.0 for m, q in zip(pairs(s, s), (q11, q10, q01, q00), strict=True))
    m10, m01 = m10 if q10 else m00, m01 if q01 else m00
    return _Level(
        mean=mean,
        cases=x.shape[1],
        case=m10 - m00,
        cell=m11 - m10 - m01 + m00,
        reader=m01 - m00,
        counts=((q11 + q10) / d.sum() ** 2, q11 / d.sum() ** 2, (q11 + q01) / d.sum() ** 2),
        reader_pairs=q01,
        sums=s.sum(axis=1),
        weights=d.sum(axis=1),
    )


def _between(levels: Sequence[_Level]) -> float:
    """The variance of what a reader does at one level beyond all: same level minus different levels, over cases."""
    sums, weights = (np.stack([getattr(one, name) for one in levels]) for name in ("sums", "weights"))
    same, shared = (_across(sums @ sums.T), _across(weights @ weights.T))
    every, counted = (_across(np.outer(x.sum(axis=1), x.sum(axis=1))) for x in (sums, weights))
    pairs_within = sum(one.reader_pairs for one in levels)
    if shared <= 1e-12 * counted or not pairs_within:
        raise TooLittleData("no reader has cases in two levels, so readers and levels cannot be told apart")
    within = sum(one.reader_pairs * one.reader for one in levels) / pairs_within
    other = (every - same) / (counted - shared) if counted - shared > 1e-12 * counted else 0.0
    return float(within - (same / shared - other))


def _across(products: Array) -> float:
    """The sum over different levels."""
    return float(products.sum() - np.trace(products))


def _own(levels: Sequence[_Level], own: Array, between: float, readers: int) -> Equality:
    g = len(levels)
    of_readers = np.array([one.counts[2] for one in levels]) * between
    total = own + of_readers
    share = 1 / total / (1 / total).sum()
    free = np.array([one.cases - 1 for one in levels])
    cases = 3 / (g**2 - 1) * float(((1 - share) ** 2 * (own / total) ** 2 / free).sum())
    of_all = float(of_readers.mean() / total.mean()) ** 2 / ((readers - 1) * (g - 1))
    return _tested(levels, total, 1 / (cases + of_all), 1 + 2 * (g - 2) * cases / 3, OWN)


def _pooled(levels: Sequence[_Level], between: float, readers: int) -> Equality:
    g, free = len(levels), sum(one.cases - 1 for one in levels)
    case, cell = (sum((one.cases - 1) * getattr(one, name) for one in levels) / free for name in ("case", "cell"))
    own = np.array([one.variance(case, cell) for one in levels])
    of_readers = np.array([one.counts[2] for one in levels]) * between
    if not own.min() > 1e-12:
        raise TooLittleData("the levels' differences vary too little to be told apart in so few readers and cases")
    noise = max(float(np.mean([one.counts[1] for one in levels])) * cell, 0.0)
    parts = [(float(own.mean()), free)]
    if between > 0:
        parts += [(float(of_readers.mean()) + noise, (readers - 1) * (g - 1)), (noise, (readers - 1) * free)]
    df2 = satterthwaite(float((own + of_readers).mean()), *parts)
    return _tested(levels, own + of_readers, df2, 1.0, POOLED)


def _tested(levels: Sequence[_Level], variances: Array, df2: float, scale: float, method: str) -> Equality:
    means = np.array([one.mean for one in levels])
    middle = float((means / variances).sum() / (1 / variances).sum())
    df1 = len(levels) - 1
    f = float(((means - middle) ** 2 / variances).sum()) / df1 / scale
    return Equality(f, df1, df2, float(stats.f.sf(f, df1, df2)), method)
