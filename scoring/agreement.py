"""How far two graders of the same lines agree: shares, and Cohen's kappa, plain and weighted, with standard errors.

Weights count the levels between two grades, not their numbers: on a scale without a level 1, 2 and 0 are neighbours.
Formulas: Cohen 1968; standard error for a kappa that is not zero: Fleiss, Cohen and Everitt 1969.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Weights = Literal["none", "linear", "quadratic"]
NORMAL = 1.959963984540054


@dataclass(frozen=True)
class Kappa:
    """Cohen's kappa; None, with the reason, where chance alone would agree as often. ``se`` takes lines as independent.

    ``se_cases`` leaves out one case at a time, as lines of one case are alike; None with fewer than two cases.
    """

    weights: Weights
    kappa: float | None
    se: float | None
    ci: tuple[float, float] | None
    se_cases: float | None = None
    why: str = ""


@dataclass(frozen=True)
class Agreement:
    """Two graders over the ``n`` lines that both graded, from ``cases`` cases; shares of equal and of near grades."""

    n: int
    cases: int
    equal: float | None
    within_one: float | None
    linear: Kappa
    quadratic: Kappa


def agreement(
    pairs: Sequence[tuple[int, int]], levels: Sequence[int], cases: Sequence[Hashable] | None = None
) -> Agreement:
    """The agreement of two graders: a pair of grades a line, on a scale with these levels, each line of a case.

    Raises ValueError for a grade that is not among the levels.
    """
    table, n = table_of(pairs, levels), len(pairs)
    owners = list(cases) if cases is not None else list(range(n))
    tables = [table_of([p for p, owner in zip(pairs, owners, strict=True) if owner == c], levels) for c in set(owners)]
    apart = _distances(len(levels))
    return Agreement(
        n=n,
        cases=len(tables),
        equal=float(table[apart == 0].sum() / n) if n else None,
        within_one=float(table[apart <= 1].sum() / n) if n else None,
        linear=kappa(table, "linear", tables),
        quadratic=kappa(table, "quadratic", tables),
    )


def table_of(pairs: Sequence[tuple[int, int]], levels: Sequence[int]) -> Array:
    """How often each pair of grades was given, (levels, levels), levels in rising order; the first grader in rows."""
    places = {level: place for place, level in enumerate(sorted(levels))}
    table = np.zeros((len(places), len(places)))
    for first, second in pairs:
        if first not in places or second not in places:
            raise ValueError(f"the pair ({first}, {second}) has a grade that is not one of {sorted(levels)}")
        table[places[first], places[second]] += 1
    return table


def kappa(table: Array, weights: Weights = "none", parts: Sequence[Array] = ()) -> Kappa:
    """Kappa of a square table of counts; ``parts`` are the tables of the cases that it is the sum of."""
    n, agree = float(table.sum()), _agreeing(len(table), weights)
    found = _kappa(table, agree)
    if found is None:
        why = "no line was graded by both" if not n else "both gave one grade throughout, so that chance agrees as well"
        return Kappa(weights, None, None, None, why=why)
    se = _se(table, agree, found)
    return Kappa(weights, found, se, (found - NORMAL * se, found + NORMAL * se), _jackknife(table, agree, parts))


def kappas(tables: Array, weights: Weights = "none") -> Array:
    """Cohen's kappa of each of many tables, (tables, levels, levels); NaN where it cannot be told."""
    agree, n = _agreeing(tables.shape[-1], weights), tables.sum(axis=(-2, -1), keepdims=True)
    shares = tables / np.where(n > 0, n, 1.0)
    rows, columns = shares.sum(axis=-1), shares.sum(axis=-2)
    by_chance = (agree * rows[:, :, None] * columns[:, None, :]).sum(axis=(-2, -1))
    observed, defined = (agree * shares).sum(axis=(-2, -1)), (n[:, 0, 0] > 0) & (by_chance < 1 - 1e-9)
    return np.asarray(np.where(defined, (observed - by_chance) / np.where(defined, 1 - by_chance, 1.0), np.nan))


def _distances(levels: int) -> npt.NDArray[np.int_]:
    return np.abs(np.subtract.outer(np.arange(levels), np.arange(levels)))


def _agreeing(levels: int, weights: Weights) -> Array:
    """The credit of each pair of levels: 1 on the diagonal, 0 where they are farthest apart."""
    if weights == "none":
        return np.eye(levels)
    power = 1 if weights == "linear" else 2
    return np.asarray(1.0 - (_distances(levels) / max(levels - 1, 1)) ** power)


def _kappa(table: Array, agree: Array) -> float | None:
    n = table.sum()
    if not n:
        return None
    shares = table / n
    by_chance = float((agree * np.outer(shares.sum(1), shares.sum(0))).sum())
    if math.isclose(by_chance, 1.0):
        return None
    return (float((agree * shares).sum()) - by_chance) / (1.0 - by_chance)


def _se(table: Array, agree: Array, found: float) -> float:
    shares = table / table.sum()
    rows, columns = shares.sum(1), shares.sum(0)
    by_chance = float((agree * np.outer(rows, columns)).sum())
    means = np.add.outer(agree @ columns, rows @ agree)
    spread = float((shares * (agree - means * (1 - found)) ** 2).sum()) - (found - by_chance * (1 - found)) ** 2
    return math.sqrt(max(spread, 0.0) / float(table.sum())) / (1 - by_chance)


def _jackknife(table: Array, agree: Array, parts: Sequence[Array]) -> float | None:
    without = [_kappa(table - part, agree) for part in parts]
    found = np.array([one for one in without if one is not None])
    if len(found) < 2 or len(found) < len(parts):
        return None
    return math.sqrt((len(found) - 1) / len(found) * float(((found - found.mean()) ** 2).sum()))
