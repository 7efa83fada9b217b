"""Readers by cases with missing cells: U-statistic moments of Gallas et al. 2007 (JOSA A 24:B70), 2009 (JOSA A
26:1086).

What is estimated is a sum of weighted means, each over the cells of one group in one task, form or subset of cases
(:class:`Term`): one mean, a difference, a difference of differences. With D the weights of a term's cells (0 and 1 for
cell means) and S = D x, the moments of two cells (same reader or not, same case or not) give every covariance without
bias, whatever cells are missing by design or at random. As variance components, Var = reader parts + case part; the sum
may be negative in a small panel, and then each component below zero is set to zero and ``method`` says "truncated".
Degrees of freedom follow Satterthwaite with the reader parts as the estimated mean squares, Var^2 / sum(part^2 /
(readers - 1)): in a complete design exactly the rule of :mod:`scoring.mrmc`.

With missing cells these moments depend on where the scores' zero lies. For shares it is where Gallas has it; for scores
without a zero of their own (log time, confidence) ask for ``centred``, which takes each mean off first: otherwise the
variance is noisy and often negative.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.estimates import Estimate, TooLittleData, referred_to_t, satterthwaite

Array = npt.NDArray[np.float64]
CELLS_MISSING = (
    "no two readers share a case, or no reader has two: the variances of reader and case cannot be told apart"
)


@dataclass(frozen=True)
class Term:
    """``weight`` times the mean of a group's scores (readers, cases), NaN for missing; ``cells`` weights the cells.

    Terms of one ``group`` have the same readers in the same rows, and all terms the same cases in the same columns.
    """

    weight: float
    group: str
    scores: npt.ArrayLike
    cells: npt.ArrayLike | None = None


@dataclass(frozen=True)
class Moments:
    """A group's weighted mean and its variance in two parts: ``reader`` (with the residual) and ``case``."""

    mean: float
    reader: float
    reader_truncated: float
    case: float
    readers: int


def combined(terms: Sequence[Term], method: str = "U-statistics", *, centred: bool = False) -> Estimate:
    """The sum of the weighted means of the terms, readers and cases random.

    Raises :class:`TooLittleData` where a group has fewer than two readers with answers, or where the design does not
    tell readers from cases.
    """
    groups: dict[str, list[Weighted]] = {}
    estimate = 0.0
    for term in terms:
        x, d = _cells(term)
        mean = float((d * x).sum() / d.sum())
        estimate += term.weight * mean
        groups.setdefault(term.group, []).append((term.weight, x - mean if centred else x, d))
    if all(float(np.ptp(x[d > 0])) <= 1e-12 for own in groups.values() for _, x, d in own):
        raise TooLittleData(f"{method}: the scores do not vary, so no standard error can be estimated")
    found = [_moments(_read(own)) for own in groups.values()]
    case = sum(group.case for group in found) + 2 * _between(list(groups.values()))
    return _estimate(estimate, found, case, method)


def panel(scores: npt.ArrayLike, weights: npt.ArrayLike | None = None, *, centred: bool = False) -> Estimate:
    """The mean over the cells present of scores (readers, cases), NaN for missing; optional weights of the cells."""
    return combined([Term(1.0, "panel", scores, weights)], centred=centred)


def contrast(humans: npt.ArrayLike, models: npt.ArrayLike, *, centred: bool = False) -> Estimate:
    """Mean over human cells minus mean over model cells, (readers, cases) each, NaN for missing, both groups random."""
    terms = [Term(1.0, "human", humans), Term(-1.0, "model", models)]
    return combined(terms, "models random, separate variances, U-statistics", centred=centred)


def within_case(humans: npt.ArrayLike, models: npt.ArrayLike, *, centred: bool = False) -> Estimate:
    """Mean over the cases that both groups read of human case mean minus model case mean; both groups random.

    Equal groups stay equal when readers stop before hard cases, which cell means do not.
    """
    shared = shared_cases(humans, models)
    h, m = (np.asarray(group, dtype=float)[:, shared] for group in (humans, models))
    terms = [Term(1.0, "human", h, per_case(h)), Term(-1.0, "model", m, per_case(m))]
    return combined(terms, "within case, models random, U-statistics", centred=centred)


def within_case_fixed(humans: npt.ArrayLike, models: npt.ArrayLike, *, centred: bool = False) -> Estimate:
    """As :func:`within_case`, for these models: their mean per case is taken from each human reading of the case."""
    shared = shared_cases(humans, models)
    h = np.asarray(humans, dtype=float)[:, shared]
    m = np.nanmean(np.asarray(models, dtype=float)[:, shared], axis=0)
    return combined(
        [Term(1.0, "human", h - m, per_case(h))], "within case, these models fixed, U-statistics", centred=centred
    )


def moments(x: Array, d: Array) -> Moments:
    """Mean and variance parts of one group from scores and weights (readers, cases); weight 0 marks a missing cell."""
    return _moments([(1.0, x, d)])


def per_case(x: Array) -> Array:
    """Weights that give every case of (readers, cases) with an answer the same total."""
    count = (~np.isnan(x)).sum(axis=0)
    return np.asarray(1.0 / np.maximum(count, 1) * np.ones_like(x))


def shared_cases(humans: npt.ArrayLike, models: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Which cases both groups answered; raises :class:`TooLittleData` for fewer than two."""
    shared = [(~np.isnan(np.asarray(group, dtype=float))).any(axis=0) for group in (humans, models)]
    both: npt.NDArray[np.bool_] = shared[0] & shared[1]
    if both.sum() < 2:
        raise TooLittleData(f"humans and models share {int(both.sum())} cases; two at least are needed")
    return both


Weighted = tuple[float, Array, Array]


def _cells(term: Term) -> tuple[Array, Array]:
    """Scores, 0 where missing, and the weights of the cells."""
    x = np.asarray(term.scores, dtype=float)
    present = ~np.isnan(x)
    d = present * (1.0 if term.cells is None else np.asarray(term.cells, dtype=float))
    if not d.any():
        raise TooLittleData("a part of the comparison has no answer at all")
    return np.where(present, x, 0.0), d


def _read(terms: list[Weighted]) -> list[Weighted]:
    """The terms of one group without the readers who answered in none of them."""
    read = np.sum([d.sum(axis=1) for _, _, d in terms], axis=0) > 0
    if read.sum() < 2:
        raise TooLittleData(f"a panel needs two readers with answers at least; found {int(read.sum())}")
    return [(weight, x[read], d[read]) for weight, x, d in terms]


def _moments(terms: Sequence[Weighted]) -> Moments:
    readers = residuals = case = 0.0
    for weight, x, d in terms:
        for other, y, e in terms:
            reader, own_case, residual = _covariance(d * x, d, e * y, e)
            readers += weight * other * reader
            residuals += weight * other * residual
            case += weight * other * own_case
    return Moments(
        mean=sum(weight * float((d * x).sum() / d.sum()) for weight, x, d in terms),
        reader=readers + residuals,
        reader_truncated=max(readers, 0.0) + max(residuals, 0.0),
        case=case,
        readers=len(terms[0][1]),
    )


def _covariance(s: Array, d: Array, z: Array, e: Array) -> tuple[float, float, float]:
    """Covariance of two means of one group: the parts that come from its readers, from the cases, from single cells."""
    cells = float(d.sum() * e.sum())
    q11, q10, q01, q00 = (count if count > 1e-12 * cells else 0.0 for count in pairs(d, e))
    if not q00 or (q11 and not (q10 and q01)):
        raise TooLittleData(CELLS_MISSING)
    counted = (q11, q10, q01, q00)
    m11, m10, m01, m00 = (total / count if count else 0.0 for total, count in zip(pairs(s, z), counted, strict=True))
    reader = (q11 + q01) / cells * (m01 - m00) if q01 else 0.0
    case = (q11 + q10) / cells * (m10 - m00) if q10 else 0.0
    return reader, case, q11 / cells * (m11 - m10 - m01 + m00) if q11 else 0.0


def _between(groups: list[list[Weighted]]) -> float:
    """The covariance of the groups' means, summed over pairs of groups: it comes from the cases that both read."""
    return sum(
        weight * other * _shared(x, d, y, e)
        for place, first in enumerate(groups)
        for second in groups[place + 1 :]
        for weight, x, d in first
        for other, y, e in second
    )


def _shared(x: Array, d: Array, y: Array, e: Array) -> float:
    same_s, same_d = float(((d * x).sum(0) * (e * y).sum(0)).sum()), float((d.sum(0) * e.sum(0)).sum())
    all_s, all_d = float((d * x).sum() * (e * y).sum()), float(d.sum() * e.sum())
    if same_d == 0:
        return 0.0
    if all_d - same_d <= 1e-12 * all_d:
        raise TooLittleData("the groups share one case only; two at least are needed")
    return same_d / all_d * (same_s / same_d - (all_s - same_s) / (all_d - same_d))


def _estimate(estimate: float, groups: list[Moments], case: float, method: str) -> Estimate:
    parts = [max(group.reader, 0.0) for group in groups]
    variance = sum(group.reader for group in groups) + case
    if variance <= 0:
        parts = [group.reader_truncated for group in groups]
        variance, method = sum(parts) + max(case, 0.0), f"{method}, truncated"
    df = satterthwaite(variance, *((part, group.readers - 1) for part, group in zip(parts, groups, strict=True)))
    return referred_to_t(estimate, variance, df, method)


def pairs(s: Array, z: Array) -> tuple[float, float, float, float]:
    """Sums of products over pairs of cells: the same cell, same case only, same reader only, neither."""
    q11 = float((s * z).sum())
    q10 = float((s.sum(axis=0) * z.sum(axis=0)).sum())
    q01 = float((s.sum(axis=1) * z.sum(axis=1)).sum())
    return q11, q10 - q11, q01 - q11, float(s.sum() * z.sum()) - q10 - q01 + q11
