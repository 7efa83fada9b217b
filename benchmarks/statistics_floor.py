"""The crossed bootstrap beside its arithmetic floor: products of as many weights and scores, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from benchmarks.database import Row
from scoring.bootstrap import crossed

READERS, CASES, DRAWS = 20, 1000, 10_000


def rows(draws: int = DRAWS) -> list[Row]:
    """One outcome, two groups of ten readers, no cell missing; the better of three runs each, one thread."""
    scores = np.random.default_rng(1).random((READERS, CASES))
    group = ["human"] * (READERS // 2) + ["model"] * (READERS // 2)
    taken = _best(lambda: crossed(scores, group, draws=draws, seed=1))
    floor = _floor(scores, draws)
    drawn = _best(lambda: np.random.default_rng(4).integers(0, CASES, size=(draws, CASES), dtype=np.uint16))
    told = (
        f"{taken:.2f} s; one product of as many weights: {floor:.2f} s; ratio {taken / floor:.2f}"
        f" (numpy's random numbers alone, not counted into weights: {drawn:.2f} s)"
    )
    what = f"crossed bootstrap, {READERS} readers x {CASES:,} cases x {draws:,} draws"
    return [Row(what, told, "within 3 times the floor", taken <= 3 * floor)]


def _floor(scores: np.ndarray[tuple[int, int], np.dtype[np.float64]], draws: int) -> float:
    """The product of (draws x cases) weights by (cases x readers) scores, and the readers' weights laid over it."""
    cases = np.random.default_rng(2).random((draws, CASES))
    readers = np.random.default_rng(3).random((draws, READERS))
    return _best(lambda: ((cases @ scores.T) * readers).sum(axis=1))


def _best(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(3):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return min(taken)
