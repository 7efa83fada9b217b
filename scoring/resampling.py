"""Samples of distributions over options, drawn anew: with replacement for intervals, in random parts for the null."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Samples = Array | None
"""The samples (n, options) of one case in one arm; None where the case was not read there."""


class Arm:
    """What one arm holds of each case, as one block: cases with fewer samples or options are filled with zeros."""

    def __init__(self, cases: Sequence[Samples], options: int) -> None:
        """Equal samples of a case stand once, with how often they came: choices are drawn as one multinomial."""
        distinct = [_distinct(samples) for samples in cases]
        width = max((len(rows) for rows, _ in distinct), default=1) or 1
        self.rows = np.zeros((len(cases), width, options))
        self.counts = np.zeros((len(cases), width))
        for place, (rows, counts) in enumerate(distinct):
            self.rows[place, : len(rows), : rows.shape[1]] = rows
            self.counts[place, : len(rows)] = counts
        self.n = self.counts.sum(axis=1).astype(np.int64)

    def p(self) -> Array:
        """The distribution of each case (cases, options); NaN without samples."""
        return self._mean(self.counts)

    def drawn(self, rng: np.random.Generator, size: int) -> Array:
        """The distributions (size, cases, options) of as many samples of each case, drawn with replacement."""
        shares = np.full_like(self.counts, 1 / self.counts.shape[1])
        present = self.n > 0
        shares[present] = self.counts[present] / self.n[present, None]
        drawn = rng.multinomial(self.n, shares, size=(size, len(self.n)))
        return self._mean(drawn.astype(float))

    def _mean(self, counts: Array) -> Array:
        total = np.where(self.n > 0, self.n, np.nan)
        mean: Array = np.einsum("...cu,cuk->...ck", counts, self.rows) / total[:, None]
        return mean


def parts(samples: Samples, size: int, draws: int, rng: np.random.Generator, pieces: int) -> list[Array]:
    """``pieces`` random parts without a sample in common, of ``size`` samples each: their means (draws, options)."""
    assert samples is not None
    assert pieces * size <= len(samples)
    order = rng.permuted(np.tile(np.arange(len(samples)), (draws, 1)), axis=1)
    cut = (order[:, piece * size : (piece + 1) * size] for piece in range(pieces))
    return [samples[places].mean(axis=1) for places in cut]


def _distinct(samples: Samples) -> tuple[Array, Array]:
    if samples is None or not len(samples):
        return np.zeros((0, 0)), np.zeros(0)
    rows, counts = np.unique(samples, axis=0, return_counts=True)
    return rows, counts.astype(float)
