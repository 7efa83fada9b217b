"""What an analysis returns: an estimate with its standard error, degrees of freedom, interval and p; or a refusal."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import stats


class TooLittleData(ValueError):
    """The data cannot carry the analysis asked for; the message says what was found and what is needed."""


@dataclass(frozen=True)
class Estimate:
    """An estimate in score units; ``ci`` is 95 %, ``p`` two-sided against zero, an infinite ``df`` means normal."""

    estimate: float
    se: float
    df: float
    ci: tuple[float, float]
    p: float
    method: str


LEAST_DF = 1.0


def without_interval(found: Estimate) -> str:
    """Why the estimate has no use for an interval: less than one degree of freedom, and t is millions wide; else ""."""
    if found.df >= LEAST_DF:
        return ""
    return f"{found.method}: {found.df:.2g} degrees of freedom are left, and an interval needs one at least"


def referred_to_t(estimate: float, variance: float, df: float, method: str) -> Estimate:
    """The estimate referred to Student's t; raises :class:`TooLittleData` where its variance is not positive.

    A standard error of 1e-12 is what rounding leaves of scores that are all the same.
    """
    if not variance > 1e-24 * max(1.0, estimate**2):
        raise TooLittleData(f"{method}: the scores do not vary, so no standard error can be estimated")
    se = math.sqrt(variance)
    half = float(stats.t.ppf(0.975, df)) * se
    p = 2 * float(stats.t.sf(abs(estimate) / se, df))
    return Estimate(estimate, se, float(df), (estimate - half, estimate + half), p, method)


def satterthwaite(total: float, *parts: tuple[float, int]) -> float:
    """Degrees of freedom total^2 / sum(part^2 / df of the part); infinite where no part has any variance."""
    spread = sum(part**2 / df for part, df in parts if df > 0)
    return total**2 / spread if spread > 0 else math.inf


def welch(first: Sequence[float], second: Sequence[float]) -> Estimate:
    """First mean minus second by Welch's t; raises :class:`TooLittleData` for fewer than two values on a side, or where
    neither varies.
    """
    if min(len(first), len(second)) < 2:
        raise TooLittleData(f"Welch's t needs two cases on each side; there are {len(first)} and {len(second)}")
    one, other = (statistics.variance(side) / len(side) for side in (first, second))
    df = satterthwaite(one + other, (one, len(first) - 1), (other, len(second) - 1))
    return referred_to_t(statistics.fmean(first) - statistics.fmean(second), one + other, df, "Welch's t over cases")
