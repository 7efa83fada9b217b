"""What an analysis returns: an estimate with its standard error, degrees of freedom, interval and p; or a refusal."""

from __future__ import annotations

import math
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


def referred_to_t(estimate: float, variance: float, df: float, method: str) -> Estimate:
    """The estimate referred to Student's t; raises :class:`TooLittleData` where its variance is not positive."""
    if not variance > 0:
        raise TooLittleData(f"{method}: the scores do not vary, so no standard error can be estimated")
    se = math.sqrt(variance)
    half = float(stats.t.ppf(0.975, df)) * se
    p = 2 * float(stats.t.sf(abs(estimate) / se, df))
    return Estimate(estimate, se, float(df), (estimate - half, estimate + half), p, method)


def satterthwaite(total: float, *parts: tuple[float, int]) -> float:
    """Degrees of freedom total^2 / sum(part^2 / df of the part); infinite where no part has any variance."""
    spread = sum(part**2 / df for part, df in parts if df > 0)
    return total**2 / spread if spread > 0 else math.inf
