"""The crossed bootstrap: readers within each group and cases are drawn anew together (Owen 2007; Owen & Eckles 2012).

Each draw gives readers and cases multinomial weights; all outcomes and groups share one set. Conservative where reader
by case noise dominates, liberal with few readers: a sensitivity analysis, and the interval for joint or non-linear
outcomes.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.estimates import TooLittleData

Array = npt.NDArray[np.float64]
_CHUNK = 50
"""Draws per block: small enough that a block of 1,000 cases stays in the processor's cache."""


@dataclass(frozen=True)
class Bootstrap:
    """``estimates`` (outcomes, groups) of the data and ``draws`` (outcomes, groups, draws) of the weights' means.

    A draw in which every cell of a group has weight zero is NaN; ``empty`` counts them, and no statistic uses them.
    """

    groups: tuple[str, ...]
    estimates: Array
    draws: Array
    empty: int

    def se(self, group: str, minus: str | None = None, outcome: int = 0) -> float:
        """Standard error of a group's mean, or of its difference from another group."""
        return float(np.nanstd(self._series(group, minus, outcome), ddof=1))

    def interval(
        self, group: str, minus: str | None = None, outcome: int = 0, level: float = 0.95
    ) -> tuple[float, float]:
        """The percentile interval of a group's mean, or of its difference from another group."""
        tails = [(1 - level) / 2, (1 + level) / 2]
        low, high = np.nanquantile(self._series(group, minus, outcome), tails)
        return float(low), float(high)

    def _series(self, group: str, minus: str | None, outcome: int) -> Array:
        series = self.draws[outcome, self.groups.index(group)]
        other = 0.0 if minus is None else self.draws[outcome, self.groups.index(minus)]
        return np.asarray(series - other)


def crossed(
    scores: npt.ArrayLike, group: Sequence[str], draws: int = 10_000, seed: int = 0, threads: int = 1
) -> Bootstrap:
    """Draw readers and cases: scores (readers, cases) or (outcomes, readers, cases), NaN for missing; a group per
    reader.

    The result depends on ``seed`` and ``draws`` alone: each block of draws has a generator of its own, whoever
    computes it.
    """
    x = np.asarray(scores, dtype=float)
    x = x[None] if x.ndim == 2 else x
    names = tuple(dict.fromkeys(group))
    members = [np.flatnonzero(np.asarray(group) == name) for name in names]
    _check(x, group, draws)
    blocks = [min(_CHUNK, draws - start) for start in range(0, draws, _CHUNK)]
    seeds = np.random.SeedSequence(seed).spawn(len(blocks))
    present = ~np.isnan(x)
    filled = [np.where(present, x, 0.0)] if present.all() else [np.where(present, x, 0.0), present.astype(float)]
    cells = np.concatenate(filled).reshape(-1, x.shape[2])

    def block(size: int, own: np.random.SeedSequence) -> Array:
        return _block(cells, len(filled), x.shape[0], members, size, np.random.default_rng(own))

    with ThreadPoolExecutor(max_workers=threads) as pool:
        drawn = np.concatenate(list(pool.map(block, blocks, seeds)), axis=2)
    estimates = np.stack([np.nanmean(x[:, rows].reshape(len(x), -1), axis=1) for rows in members], axis=1)
    return Bootstrap(names, estimates, drawn, int(np.isnan(drawn).any(axis=(0, 1)).sum()))


def _block(
    cells: Array,
    halves: int,
    outcomes: int,
    members: Sequence[npt.NDArray[np.intp]],
    size: int,
    rng: np.random.Generator,
) -> Array:
    """Weighted means (outcomes, groups, size): one matrix product gives every reader's weighted sum and count.

    Without missing cells the counts are left out: the weights of a draw then add up to readers times cases.
    """
    by_reader = (_weights(rng, cells.shape[1], size) @ cells.T).reshape(size, halves, outcomes, -1)
    means = np.empty((outcomes, len(members), size))
    for place, rows in enumerate(members):
        weights = _weights(rng, len(rows), size)
        total, *counts = (np.einsum("bor,br->ob", by_reader[:, half][:, :, rows], weights) for half in range(halves))
        count = counts[0] if counts else np.full_like(total, len(rows) * cells.shape[1])
        means[:, place] = np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)
    return means


def _weights(rng: np.random.Generator, n: int, size: int) -> Array:
    """Multinomial(n, 1/n) weights (size, n), by counting n draws with replacement."""
    narrow = np.uint16 if n <= np.iinfo(np.uint16).max else np.uint32
    drawn = rng.integers(0, n, size=(size, n), dtype=narrow).astype(np.intp)
    drawn += np.arange(size)[:, None] * n
    return np.bincount(drawn.ravel(), minlength=size * n).reshape(size, n).astype(float)


def _check(x: Array, group: Sequence[str], draws: int) -> None:
    if len(group) != x.shape[1]:
        raise ValueError(f"{x.shape[1]} readers have scores and {len(group)} a group")
    if draws < 2:
        raise ValueError(f"a bootstrap needs two draws at least; {draws} asked for")
    if np.isnan(x).all(axis=2).any():
        raise TooLittleData("a reader has no score at all for an outcome: leave the reader out and say so")
