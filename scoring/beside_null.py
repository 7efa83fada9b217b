"""A figure of sensitivity with its interval, and beside it the same figure with no effect at all."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.sensitivity import Array


@dataclass(frozen=True)
class Figure:
    """``estimate`` over ``n`` cases, its 95 % interval, and beside it the same figure with no effect at all.

    ``null`` is the mean over the random parts of the full-evidence samples, ``null_range`` their middle 95 %, and
    ``at_null_size`` the figure from as few samples as each part has: this is what to hold against the null.
    """

    estimate: float | None
    corrected: float | None
    ci: tuple[float, float] | None
    null: float | None
    null_range: tuple[float, float] | None
    at_null_size: float | None
    n: int


def bounds(name: str, base: float) -> tuple[float, float]:
    """Between what the figure lies: a sensitivity is at most the logarithm of 2."""
    most = math.log(2) / math.log(base)
    known = {"s_image": (0.0, most), "s_text": (0.0, most), "difference": (-most, most), "nmse": (0.0, math.inf)}
    return known.get(name, (0.0, 1.0))


def figure(
    estimate: npt.ArrayLike, drawn: Array | None, under: Array, small: Array, n: int, within: tuple[float, float]
) -> Figure:
    """The figure with the reverse percentile interval of its draws, ``within`` what it can be, and its null."""
    value = plain(estimate)
    ends = corrected = None
    if value is not None and drawn is not None and np.isfinite(drawn).any():
        kept = drawn[np.isfinite(drawn)]
        low, high = np.quantile(kept, [0.025, 0.975])
        ends = (float(np.clip(2 * value - high, *within)), float(np.clip(2 * value - low, *within)))
        corrected = float(np.clip(2 * value - kept.mean(), *within))
    kept = under[np.isfinite(under)]
    spread = (float(np.quantile(kept, 0.025)), float(np.quantile(kept, 0.975))) if len(kept) else None
    return Figure(value, corrected, ends, _mean_of(under), spread, _mean_of(small), n)


def _mean_of(values: Array) -> float | None:
    kept = values[np.isfinite(values)]
    return float(kept.mean()) if len(kept) else None


def plain(value: npt.ArrayLike) -> float | None:
    """A plain number; None for what is none."""
    number = float(np.asarray(value))
    return number if np.isfinite(number) else None
