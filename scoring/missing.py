"""Readers by cases with missing cells: U-statistic moments of Gallas et al. 2007 (JOSA A 24:B70), 2009 (JOSA A
26:1086).

With D the weights of the design (0 and 1 for cell means) and S = D x, the four moments of two cells (same reader or
not, same case or not) give the variance of sum S / sum D without bias, whatever cells are missing by design or at
random. As variance components, Var = reader part + case part; that sum may be negative in a small panel, and then each
component below zero is set to zero and ``method`` says "truncated". Degrees of freedom follow Satterthwaite with the
reader parts as the estimated mean squares, Var^2 / sum(part^2 / (readers - 1)): in a complete design exactly the rule
of :mod:`scoring.mrmc`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.estimates import Estimate, TooLittleData, referred_to_t, satterthwaite

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Moments:
    """A group's weighted mean and its variance in two parts: ``reader`` (with the residual) and ``case``."""

    mean: float
    reader: float
    reader_truncated: float
    case: float
    readers: int


def panel(scores: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> Estimate:
    """The mean over the cells present of scores (readers, cases), NaN for missing; optional weights of the cells."""
    x, d = _design(scores, weights)
    own = moments(x, d)
    return _estimate(own.mean, [own], own.case, "U-statistics")


def contrast(humans: npt.ArrayLike, models: npt.ArrayLike) -> Estimate:
    """Mean over human cells minus mean over model cells, (readers, cases) each, NaN for missing, both groups random."""
    return _contrast(_design(humans), _design(models), "models random, separate variances, U-statistics")


def within_case(humans: npt.ArrayLike, models: npt.ArrayLike) -> Estimate:
    """Mean over the cases that both groups read of human case mean minus model case mean; both groups random.

    Equal groups stay equal when readers stop before hard cases, which cell means do not.
    """
    shared = _shared_cases(humans, models)
    h, m = (np.asarray(group, dtype=float)[:, shared] for group in (humans, models))
    return _contrast(_design(h, _per_case(h)), _design(m, _per_case(m)), "within case, models random, U-statistics")


def within_case_fixed(humans: npt.ArrayLike, models: npt.ArrayLike) -> Estimate:
    """As :func:`within_case`, for these models: their mean per case is taken from each human reading of the case."""
    shared = _shared_cases(humans, models)
    h = np.asarray(humans, dtype=float)[:, shared]
    m = np.nanmean(np.asarray(models, dtype=float)[:, shared], axis=0)
    own = moments(*_design(h - m, _per_case(h)))
    return _estimate(own.mean, [own], own.case, "within case, these models fixed, U-statistics")


def moments(x: Array, d: Array) -> Moments:
    """Mean and variance parts of one group from scores and weights (readers, cases); weight 0 marks a missing cell."""
    m11, m10, m01, m00 = _means(_pairs(d * x), _pairs(d))
    a11, a10, a01, _ = (q / d.sum() ** 2 for q in _pairs(d))
    reader, case, residual = m01 - m00, m10 - m00, m11 - m10 - m01 + m00
    return Moments(
        mean=float((d * x).sum() / d.sum()),
        reader=(a11 + a01) * reader + a11 * residual,
        reader_truncated=(a11 + a01) * max(reader, 0.0) + a11 * max(residual, 0.0),
        case=(a11 + a10) * case,
        readers=len(x),
    )


def _contrast(human: tuple[Array, Array], model: tuple[Array, Array], method: str) -> Estimate:
    h, m = moments(*human), moments(*model)
    case = h.case + m.case - 2 * _shared(human, model)
    return _estimate(h.mean - m.mean, [h, m], case, method)


def _estimate(estimate: float, groups: list[Moments], case: float, method: str) -> Estimate:
    parts = [max(group.reader, 0.0) for group in groups]
    variance = sum(group.reader for group in groups) + case
    if variance <= 0:
        parts = [group.reader_truncated for group in groups]
        variance, method = sum(parts) + max(case, 0.0), f"{method}, truncated"
    df = satterthwaite(variance, *((part, group.readers - 1) for part, group in zip(parts, groups, strict=True)))
    return referred_to_t(estimate, variance, df, method)


def _shared(human: tuple[Array, Array], model: tuple[Array, Array]) -> float:
    """The covariance of the two groups' means, which comes from the cases that both read."""
    (x, d), (y, e) = human, model
    same_s, same_d = float(((d * x).sum(0) * (e * y).sum(0)).sum()), float((d.sum(0) * e.sum(0)).sum())
    all_s, all_d = float((d * x).sum() * (e * y).sum()), float(d.sum() * e.sum())
    if same_d == 0 or all_d == same_d:
        return 0.0
    return same_d / all_d * (same_s / same_d - (all_s - same_s) / (all_d - same_d))


def _pairs(s: Array) -> tuple[float, float, float, float]:
    """Sums over pairs of cells: the same cell, same case only, same reader only, neither."""
    q11, q10 = float((s**2).sum()), float((s.sum(axis=0) ** 2).sum())
    q01, q00 = float((s.sum(axis=1) ** 2).sum()), float(s.sum() ** 2)
    return q11, q10 - q11, q01 - q11, q00 - q10 - q01 + q11


def _means(u: tuple[float, ...], q: tuple[float, ...]) -> list[float]:
    if any(pairs <= 1e-12 * q[0] for pairs in q[1:]):
        raise TooLittleData(
            "no two readers share a case, or no reader has two: the variances of reader and case cannot be told apart"
        )
    return [total / pairs for total, pairs in zip(u, q, strict=True)]


def _design(scores: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> tuple[Array, Array]:
    x = np.asarray(scores, dtype=float)
    present = ~np.isnan(x)
    d = present * (1.0 if weights is None else np.asarray(weights, dtype=float))
    read = d.sum(axis=1) > 0
    if read.sum() < 2:
        raise TooLittleData(f"a panel needs two readers with answers at least; found {int(read.sum())}")
    return np.where(present, x, 0.0)[read], d[read]


def _per_case(x: Array) -> Array:
    count = (~np.isnan(x)).sum(axis=0)
    return np.asarray(1.0 / np.maximum(count, 1) * np.ones_like(x))


def _shared_cases(humans: npt.ArrayLike, models: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    shared = [(~np.isnan(np.asarray(group, dtype=float))).any(axis=0) for group in (humans, models)]
    both: npt.NDArray[np.bool_] = shared[0] & shared[1]
    if both.sum() < 2:
        raise TooLittleData(f"humans and models share {int(both.sum())} cases; two at least are needed")
    return both
