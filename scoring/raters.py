"""Agreement of several raters over the same units: Fleiss' kappa, Gwet's AC1, Krippendorff's alpha.

Fleiss 1971 (Psychol Bull 76:378); Gwet 2008 (Br J Math Stat Psychol 61:29) and Gwet 2014, Handbook of inter-rater
reliability, with standard errors that take the units as drawn from many; Krippendorff 2011, Computing Krippendorff's
alpha-reliability. Units need not have all raters: a rating that is missing is NaN.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from scoring.estimates import TooLittleData

Array = npt.NDArray[np.float64]
Metric = Literal["nominal", "ordinal", "interval", "ratio"]


@dataclass(frozen=True)
class Coefficient:
    """A coefficient of agreement; ``se`` takes units as drawn from many, and is None for fewer than two units."""

    value: float
    se: float | None
    units: int
    raters: int


def counts_of(ratings: npt.ArrayLike, categories: Sequence[float] | None = None) -> Array:
    """How many raters put each unit into each category, (units, categories), from ratings (units, raters).

    Raises ValueError for a rating that is none of the categories.
    """
    x = np.asarray(ratings, dtype=float)
    known = np.unique(x[~np.isnan(x)])
    kinds = known if categories is None else np.array(sorted(categories), dtype=float)
    if not np.isin(known, kinds).all():
        raise ValueError(f"a rating is none of {', '.join(f'{kind:g}' for kind in kinds)}")
    return np.asarray((x[:, :, None] == kinds).sum(axis=1), dtype=float)


def fleiss(counts: npt.ArrayLike) -> Coefficient:
    """Fleiss' kappa from counts (units, categories); raters may differ in number from unit to unit.

    Raises :class:`TooLittleData` where no unit has two ratings, or where chance alone would agree always.
    """
    x = np.asarray(counts, dtype=float)
    paired, agreeing, shares = _parts(x)
    base = shares.mean(axis=0)
    return _corrected(paired, agreeing, float((base**2).sum()), shares @ base, x)


def gwet_ac1(counts: npt.ArrayLike) -> Coefficient:
    """Gwet's AC1, with chance agreement sum p (1 - p) / (q - 1); q counts the categories that were offered.

    Raises :class:`TooLittleData` where no unit has two ratings, or there is one category alone.
    """
    x = np.asarray(counts, dtype=float)
    if x.shape[1] < 2:
        raise TooLittleData("agreement beyond chance needs two categories at least")
    paired, agreeing, shares = _parts(x)
    base = shares.mean(axis=0)
    by_chance = float((base * (1 - base)).sum() / (x.shape[1] - 1))
    return _corrected(paired, agreeing, by_chance, shares @ (1 - base) / (x.shape[1] - 1), x)


def krippendorff(ratings: npt.ArrayLike, metric: Metric = "nominal") -> Coefficient:
    """Krippendorff's alpha from ratings (units, raters), NaN for missing; its error by leaving out a unit at a time.

    Raises :class:`TooLittleData` where no unit has two ratings, or where all ratings are the same.
    """
    x = np.asarray(ratings, dtype=float)
    values = np.unique(x[~np.isnan(x)])
    counts = counts_of(x, values.tolist())
    counts = counts[counts.sum(axis=1) >= 2]
    if not len(counts):
        raise TooLittleData("no unit has two ratings")
    per_unit = _coincidences(counts)
    total = per_unit.sum(axis=0)
    found = float(_alpha(total, values, metric))
    if np.isnan(found):
        raise TooLittleData("all ratings are the same, so agreement beyond chance cannot be told")
    return Coefficient(found, jackknifed(_alpha(total - per_unit, values, metric)), len(counts), x.shape[1])


def jackknifed(without: Array) -> float | None:
    """The standard error from estimates that leave out a unit each; None for one unit, or where one is not defined."""
    if len(without) < 2 or np.isnan(without).any():
        return None
    return math.sqrt((len(without) - 1) / len(without) * float(((without - without.mean()) ** 2).sum()))


def _parts(counts: Array) -> tuple[npt.NDArray[np.bool_], Array, Array]:
    """Which units have two ratings, the share of agreeing pairs of each (0 without a pair), shares of categories."""
    n = counts.sum(axis=1)
    rated, paired = n > 0, n >= 2
    if not paired.any():
        raise TooLittleData("no unit has two ratings")
    counts, n, paired = counts[rated], n[rated], paired[rated]
    agreeing = np.where(paired, (counts * (counts - 1)).sum(axis=1) / np.maximum(n * (n - 1), 1), 0.0)
    return paired, agreeing, counts / n[:, None]


def _corrected(
    paired: npt.NDArray[np.bool_], agreeing: Array, by_chance: float, chance_of: Array, counts: Array
) -> Coefficient:
    """(Pa - Pe) / (1 - Pe) with Gwet's standard error; ``chance_of`` is each unit's share in Pe."""
    if math.isclose(by_chance, 1.0):
        raise TooLittleData("all ratings are the same, so agreement beyond chance cannot be told")
    n, both = len(paired), int(paired.sum())
    observed = float(agreeing.sum() / both)
    found = (observed - by_chance) / (1 - by_chance)
    own = np.where(paired, n / both * (agreeing - by_chance) / (1 - by_chance), 0.0)
    own = own - 2 * (1 - found) * (chance_of - by_chance) / (1 - by_chance)
    se = math.sqrt(float(((own - found) ** 2).sum()) / (n * (n - 1))) if n > 1 else None
    return Coefficient(found, se, both, int(counts.sum(axis=1).max()))


def _coincidences(counts: Array) -> Array:
    """Each unit's coincidences of two values, (units, values, values)."""
    pairs = counts[:, :, None] * counts[:, None, :] - np.eye(counts.shape[1]) * counts[:, :, None]
    return np.asarray(pairs / (counts.sum(axis=1) - 1)[:, None, None])


def _alpha(coincidences: Array, values: Array, metric: Metric) -> Array:
    """Alpha of each table of coincidences (..., values, values); NaN where nothing was expected to differ."""
    margins = coincidences.sum(axis=-2)
    n = margins.sum(axis=-1)
    apart = _distances(values, margins, metric)
    expected = (margins[..., :, None] * margins[..., None, :] * apart).sum(axis=(-2, -1))
    observed = (coincidences * apart).sum(axis=(-2, -1))
    defined = (expected > 1e-12) & (n > 1)
    return np.asarray(np.where(defined, 1 - (n - 1) * observed / np.where(defined, expected, 1.0), np.nan))


def _distances(values: Array, margins: Array, metric: Metric) -> Array:
    """Squared differences of values as this metric has them; the ordinal ones depend on the margins."""
    if metric == "nominal":
        return 1.0 - np.eye(len(values))
    if metric == "interval":
        return np.asarray(np.subtract.outer(values, values) ** 2)
    if metric == "ratio":
        sums = np.add.outer(values, values)
        return np.asarray((np.subtract.outer(values, values) / np.where(sums == 0, 1.0, sums)) ** 2)
    reach = np.cumsum(margins, axis=-1) - margins / 2
    return np.asarray((reach[..., :, None] - reach[..., None, :]) ** 2)
