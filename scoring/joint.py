"""Several comparisons at once on one set of bootstrap weights: the largest studentised deviation (max-T)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scoring.bootstrap import Array, Bootstrap
from scoring.estimates import TooLittleData


@dataclass(frozen=True)
class Comparison:
    """A group's mean of an outcome, or its difference from another group (``minus``)."""

    outcome: int
    group: str
    minus: str | None = None


@dataclass(frozen=True)
class Joint:
    """Each comparison with its simultaneous 95 % interval and its adjusted p: all hold together at that level.

    ``critical`` is the 95 % quantile of the largest |T| over the comparisons; intervals are estimate +- critical x se.
    """

    estimates: tuple[float, ...]
    se: tuple[float, ...]
    p: tuple[float, ...]
    intervals: tuple[tuple[float, float], ...]
    critical: float
    draws: int


def max_t(bootstrap: Bootstrap, comparisons: Sequence[Comparison], level: float = 0.95) -> Joint:
    """Test all comparisons against zero together; raises :class:`TooLittleData` where one does not vary."""
    if not comparisons:
        raise ValueError("a joint test needs one comparison at least; none was given")
    drawn = np.stack([_difference(bootstrap.draws, bootstrap, one) for one in comparisons])
    drawn = drawn[:, ~np.isnan(drawn).any(axis=0)]
    estimates = np.array([float(_difference(bootstrap.estimates, bootstrap, one)) for one in comparisons])
    if drawn.shape[1] < 2:
        raise TooLittleData("hardly any draw has cells of every group and outcome, so nothing can be tested together")
    se = drawn.std(axis=1, ddof=1)
    if not (se > 1e-12).all():
        raise TooLittleData("one of the comparisons does not vary over the draws, so they cannot be tested together")
    largest = np.abs((drawn - estimates[:, None]) / se[:, None]).max(axis=0)
    critical = float(np.quantile(largest, level))
    p = [(1 + int((largest >= abs(t) - 1e-12).sum())) / (len(largest) + 1) for t in estimates / se]
    ends = [(float(d - critical * e), float(d + critical * e)) for d, e in zip(estimates, se, strict=True)]
    return Joint(tuple(map(float, estimates)), tuple(map(float, se)), tuple(p), tuple(ends), critical, len(largest))


def _difference(values: Array, bootstrap: Bootstrap, one: Comparison) -> Array:
    own: Array = values[one.outcome, bootstrap.groups.index(one.group)]
    return own if one.minus is None else own - values[one.outcome, bootstrap.groups.index(one.minus)]
