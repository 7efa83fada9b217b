"""The crossed bootstrap beside its arithmetic floor: products of as many weights and scores, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from benchmarks.database import Row
from scoring import weights
from scoring.bootstrap import crossed

READERS, CASES, DRAWS = 20, 1000, 10_000
Array = npt.NDArray[np.float64]


def rows(draws: int = DRAWS) -> list[Row]:
    """One outcome, two groups of ten readers, no cell missing; processor seconds, the best of nine runs each."""
    scores = np.random.default_rng(1).random((READERS, CASES))
    group = ["human"] * (READERS // 2) + ["model"] * (READERS // 2)
    with threadpool_limits(1, user_api="blas"):
        first = _taken(lambda: crossed(scores, group, draws, 1))
        taken = _best(lambda: crossed(scores, group, draws, 1))
        floor = _floor(scores, draws)
        numpy_weights = _best(lambda: _by_numpy(draws), 2)
        naive = _taken(lambda: _naive(scores, draws // 10)) * 10
    told = (
        f"{taken:.3f} s (the first call in a process, with loading: {first:.2f} s); products of as many weights:"
        f" {floor:.3f} s; ratio {taken / floor:.2f}; the same weights by numpy alone: {numpy_weights:.2f} s;"
        f" readers and cases picked draw by draw: {naive:.1f} s"
    )
    what = f"crossed bootstrap, {READERS} readers x {CASES:,} cases x {draws:,} draws"
    return [Row(what, told, "within 3 times the floor", taken <= 3 * floor)]


def _floor(scores: Array, draws: int, size: int = 50) -> float:
    """The product of (draws x cases) weights by (cases x readers) scores, and the readers' weights laid over it: all at
    once, or block by block with one block of weights that stays in the processor's cache, whichever is faster.
    """
    cases = np.random.default_rng(2).random((draws, CASES))
    readers = np.random.default_rng(3).random((draws, READERS))
    cells = np.ascontiguousarray(scores.T)

    def in_cache() -> None:
        for _ in range(0, draws, size):
            ((cases[:size] @ cells) * readers[:size]).sum(axis=1)

    return min(_best(lambda: ((cases @ cells) * readers).sum(axis=1)), _best(in_cache))


def _by_numpy(draws: int, size: int = 50) -> None:
    out = np.empty((size, CASES))
    for start in range(0, draws, size):
        weights.plain(1, start, out)


def _naive(scores: Array, draws: int) -> None:
    rng = np.random.default_rng(4)
    half = READERS // 2
    for _ in range(draws):
        picked = rng.integers(0, CASES, CASES)
        for group in (scores[:half], scores[half:]):
            group[rng.integers(0, half, half)][:, picked].mean()


def _best(work: Callable[[], object], times: int = 9) -> float:
    return min(_taken(work) for _ in range(times))


def _taken(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
