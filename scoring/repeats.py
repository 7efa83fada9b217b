"""How far one grader agrees with itself: what of the spread of grades lies between lines, and what within them.

A line that is graded several times differs from itself by the grader alone. One-way analysis of variance, lines random;
grades are counted in levels, so that a gap in a scale's numbers counts as one step.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Repeats:
    """The components of variance in squared levels, over ``lines`` that were graded twice at least.

    ``within`` is the grader's own (its ``se`` leaves out one line at a time), ``between`` the lines', never below 0;
    ``share`` is within / (within + between). ``changed`` is the share of the lines whose grade was not always the
    same, ``crossed`` that of those on both sides of the threshold. None where too little was graded.
    """

    lines: int
    gradings: int
    within: float | None
    se: float | None
    between: float | None
    share: float | None
    changed: float | None
    crossed: float | None


def repeats(gradings: Sequence[Sequence[int]], levels: Sequence[int], correct_from: int) -> Repeats:
    """The components for the grades of each line; lines graded once tell nothing and are left out.

    Raises ValueError for a grade that is not among the levels.
    """
    places = {level: place for place, level in enumerate(sorted(levels))}
    kept = [line for line in gradings if len(line) > 1]
    if any(grade not in places for line in kept for grade in line):
        raise ValueError(f"a grade is not one of {sorted(levels)}")
    total = sum(map(len, kept))
    if not kept:
        return Repeats(0, 0, None, None, None, None, None, None)
    lines = [np.array([places[grade] for grade in line], float) for line in kept]
    squares = np.array([float(((line - line.mean()) ** 2).sum()) for line in lines])
    sizes = np.array([len(line) for line in lines], float)
    within = float(squares.sum() / (sizes - 1).sum())
    between = _between(np.array([line.mean() for line in lines]), sizes, within)
    spread = None if between is None or within + between == 0 else within / (within + between)
    changed = sum(len(set(line)) > 1 for line in kept) / len(kept)
    crossed = sum(len({grade >= correct_from for grade in line}) > 1 for line in kept) / len(kept)
    return Repeats(len(kept), total, within, _se(squares, sizes), between, spread, changed, crossed)


def _between(means: np.ndarray, sizes: np.ndarray, within: float) -> float | None:
    """The component of the lines; None with a single line."""
    if len(means) < 2:
        return None
    total = float(sizes.sum())
    square = float((sizes * (means - float((sizes * means).sum()) / total) ** 2).sum()) / (len(means) - 1)
    typical = (total - float((sizes**2).sum()) / total) / (len(means) - 1)
    return max((square - within) / typical, 0.0)


def _se(squares: np.ndarray, sizes: np.ndarray) -> float | None:
    lines = len(squares)
    if lines < 2:
        return None
    without = (squares.sum() - squares) / ((sizes - 1).sum() - (sizes - 1))
    return math.sqrt((lines - 1) / lines * float(((without - without.mean()) ** 2).sum()))
