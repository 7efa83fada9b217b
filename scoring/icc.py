"""The six intraclass correlations of Shrout & Fleiss 1979 (Psychol Bull 86:420), with their intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from scoring.estimates import TooLittleData

FORMS = ("icc1", "icc2", "icc3", "icc1k", "icc2k", "icc3k")


@dataclass(frozen=True)
class Icc:
    """One form: 1 each unit has raters of its own, 2 raters at random, 3 these raters; ``k``: of the raters' mean."""

    form: str
    value: float
    ci: tuple[float, float]
    units: int
    raters: int


def icc(ratings: npt.ArrayLike) -> tuple[Icc, ...]:
    """All six from ratings (units, raters); units that a rating is missing of are left out.

    Raises :class:`TooLittleData` for fewer than two complete units or two raters, or ratings that do not vary.
    """
    x = np.asarray(ratings, dtype=float)
    x = x[~np.isnan(x).any(axis=1)]
    n, k = x.shape
    if n < 2 or k < 2:
        raise TooLittleData(f"an ICC needs two units that all of two raters rated; {n} units have all {k} raters")
    rows, columns, grand = x.mean(axis=1), x.mean(axis=0), x.mean()
    between = k * float(((rows - grand) ** 2).sum()) / (n - 1)
    raters = n * float(((columns - grand) ** 2).sum()) / (k - 1)
    within = float(((x - rows[:, None]) ** 2).sum()) / (n * (k - 1))
    error = float(((x - rows[:, None] - columns + grand) ** 2).sum()) / ((n - 1) * (k - 1))
    if min(between, within, error) <= 1e-12:
        raise TooLittleData("the ratings do not vary between units, or raters never differ, so no ICC can be told")
    found = {
        "icc1": _oneway(between, within, n, k),
        "icc2": _random(between, raters, error, n, k),
        "icc3": _fixed(between, error, n, k),
    }
    single = tuple(Icc(form, *own, n, k) for form, own in found.items())
    return (*single, *(Icc(f"{one.form}k", *_of_mean(one, k), n, k) for one in single))


Found = tuple[float, tuple[float, float]]


def _oneway(between: float, within: float, n: int, k: int) -> Found:
    low, high = _bounds(between / within, n - 1, n * (k - 1))
    return (between - within) / (between + (k - 1) * within), ((low - 1) / (low + k - 1), (high - 1) / (high + k - 1))


def _fixed(between: float, error: float, n: int, k: int) -> Found:
    low, high = _bounds(between / error, n - 1, (n - 1) * (k - 1))
    return (between - error) / (between + (k - 1) * error), ((low - 1) / (low + k - 1), (high - 1) / (high + k - 1))


def _random(between: float, raters: float, error: float, n: int, k: int) -> Found:
    """Two-way random; degrees of freedom of the interval by Satterthwaite, as in the paper's appendix."""
    value = (between - error) / (between + (k - 1) * error + k * (raters - error) / n)
    f = raters / error
    spread = n * (1 + (k - 1) * value) - k * value
    df = (k - 1) * (n - 1) * (k * value * f + spread) ** 2 / ((n - 1) * (k * value * f) ** 2 + spread**2)
    upper, lower = float(stats.f.ppf(0.975, n - 1, df)), float(stats.f.ppf(0.975, df, n - 1))
    rest = k * raters + (k * n - k - n) * error
    low = n * (between - upper * error) / (upper * rest + n * between)
    return value, (low, n * (lower * between - error) / (rest + n * lower * between))


def _bounds(f: float, df1: float, df2: float) -> tuple[float, float]:
    return f / float(stats.f.ppf(0.975, df1, df2)), f * float(stats.f.ppf(0.975, df2, df1))


def _of_mean(one: Icc, k: int) -> Found:
    """By Spearman and Brown, of the value and of the ends of its interval."""
    value, low, high = (k * r / (1 + (k - 1) * r) for r in (one.value, *one.ci))
    return value, (low, high)
