"""The crossed bootstrap: readers within each group and cases are drawn anew together (Owen 2007; Owen & Eckles 2012).

Each draw gives readers and cases multinomial weights; all outcomes and groups share one set. Conservative where reader
by case noise dominates, liberal with few readers: a sensitivity analysis, and the interval for joint or non-linear
outcomes. Joint tests are in :mod:`scoring.joint`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from scoring.estimates import TooLittleData
from scoring.weights import Fill, filler, stream

Array = npt.NDArray[np.float64]
Statistic = Callable[[Array, Array], Array]
_CHUNK = 100
"""Draws per block: small enough that a block of 1,000 cases stays in the processor's second cache."""


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
        series = self._series(group, minus, outcome)
        # The same numbers; to look for draws that are not there takes longer than the quantiles.
        low, high = (np.nanquantile if np.isnan(series).any() else np.quantile)(series, tails)
        return float(low), float(high)

    def _series(self, group: str, minus: str | None, outcome: int) -> Array:
        series = self.draws[outcome, self.groups.index(group)]
        other = 0.0 if minus is None else self.draws[outcome, self.groups.index(minus)]
        return np.asarray(series - other)


@dataclass(frozen=True)
class _Panel:
    """Who is drawn: the readers of each group, and how many cases; the key of each one's weights."""

    members: tuple[npt.NDArray[np.intp], ...]
    cases: int
    seed: int
    fill: Fill

    def weights(self, start: int, stop: int) -> Iterator[tuple[slice, Array, list[Array]]]:
        """Block by block which draws, and the weights of the cases (draws, cases) and of the readers of each group
        (draws, readers); the next block overwrites them.
        """
        buffers = [np.empty((_CHUNK, n)) for n in (self.cases, *map(len, self.members))]
        keys = [stream(self.seed, number) for number in range(len(buffers))]
        for first in range(start, stop, _CHUNK):
            block = slice(first, min(first + _CHUNK, stop))
            drawn = [buffer[: block.stop - first] for buffer in buffers]
            for key, own in zip(keys, drawn, strict=True):
                self.fill(key, first, own)
            yield block, drawn[0], drawn[1:]


def crossed(
    scores: npt.ArrayLike, group: Sequence[str], draws: int = 10_000, seed: int = 0, threads: int = 1
) -> Bootstrap:
    """Draw readers and cases: scores (readers, cases) or (outcomes, readers, cases), NaN for missing; a group per
    reader.

    The result depends on ``seed`` and ``draws`` alone: each draw's weights come from a counter, whoever computes it.
    """
    return _drawn(scores, group, draws, seed, threads, False)[0]


def crossed_and_alone(
    scores: npt.ArrayLike, group: Sequence[str], names: Sequence[str], draws: int = 10_000, seed: int = 0
) -> tuple[Bootstrap, Bootstrap]:
    """As :func:`crossed`, and beside it each reader alone, as a group by its name: cases are drawn by the same
    weights, and the product of weights and scores is made once for both.
    """
    groups, alone = _drawn(scores, group, draws, seed, 1, True)
    x = np.asarray(scores, dtype=float)
    estimates = np.nanmean(x[None] if x.ndim == 2 else x, axis=2)
    return groups, Bootstrap(tuple(names), estimates, alone, int(np.isnan(alone).any(axis=(0, 1)).sum()))


def _drawn(
    scores: npt.ArrayLike, group: Sequence[str], draws: int, seed: int, threads: int, each: bool
) -> tuple[Bootstrap, Array]:
    """The groups' bootstrap, and the draws of each reader alone where asked (outcomes, readers, draws)."""
    x = np.asarray(scores, dtype=float)
    x = x[None] if x.ndim == 2 else x
    _check(x, group, draws)
    panel = _panel(x.shape[2], group, draws, seed)
    present = ~np.isnan(x)
    filled = [np.where(present, x, 0.0)] if present.all() else [np.where(present, x, 0.0), present.astype(float)]
    cells = np.ascontiguousarray(np.concatenate(filled).reshape(-1, x.shape[2]).T)
    drawn = np.empty((len(x), len(panel.members), draws))
    alone = np.empty((len(x), len(group), draws if each else 0))

    def span(start: int, stop: int) -> None:
        for block, of_cases, of_readers in panel.weights(start, stop):
            sums = (of_cases @ cells).reshape(len(of_cases), len(filled), len(x), -1)
            drawn[:, :, block] = _means(sums, panel, of_readers)
            if each:
                alone[:, :, block] = _each(sums, panel.cases)

    ends = [_CHUNK * (-(-draws // _CHUNK) * part // threads) for part in range(threads)]
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(max_workers=threads) as pool:
        list(pool.map(span, ends, [*ends[1:], draws]))
    estimates = np.stack([np.nanmean(x[:, rows].reshape(len(x), -1), axis=1) for rows in panel.members], axis=1)
    return Bootstrap(_names(group), estimates, drawn, int(np.isnan(drawn).any(axis=(0, 1)).sum())), alone


def resampled(
    values: npt.ArrayLike, group: Sequence[str], statistic: Statistic, draws: int = 2_000, seed: int = 0
) -> Bootstrap:
    """As :func:`crossed` for any statistic of the cells, by the same weights: a median, a calibration error.

    ``statistic(values, weights)`` takes the cells present of a group (cells,) and weights (draws, cells), and returns
    (draws,), NaN where all weights are 0. Values may have further axes after (readers, cases), which it gets as they
    are.
    """
    x = np.asarray(values, dtype=float)
    present = ~np.isnan(x).any(axis=tuple(range(2, x.ndim)))
    _check(np.where(present, 0.0, np.nan)[None], group, draws)
    panel = _panel(x.shape[1], group, draws, seed)
    drawn = np.empty((1, len(panel.members), draws))
    estimates = np.empty((1, len(panel.members)))
    for place, rows in enumerate(panel.members):
        kept = present[rows]
        own = x[rows][kept]
        estimates[0, place] = statistic(own, np.ones((1, len(own))))[0]
        for block, weights in _cell_weights(panel, place, kept, draws):
            drawn[0, place, block] = statistic(own, weights)
    return Bootstrap(_names(group), estimates, drawn, int(np.isnan(drawn).any(axis=(0, 1)).sum()))


def within_cases(scores: npt.ArrayLike, draws: int = 10_000, seed: int = 0) -> Bootstrap:
    """As :func:`crossed` for one ``panel`` (outcomes, readers, cases) with every case alike: its readers' mean, then
    the mean over the cases that were read. Without missing cells it is the same mean, by the same weights.
    """
    x = np.asarray(scores, dtype=float)
    x = x[:, ~np.isnan(x).all(axis=(0, 2))]
    if x.shape[1] < 2 or np.isnan(x).all(axis=(1, 2)).any():
        raise TooLittleData(f"a panel needs two readers and a score of each outcome; {x.shape[1]} readers have any")
    present = (~np.isnan(x)).astype(float)
    filled = np.nan_to_num(x)
    panel = _panel(x.shape[2], ["panel"] * x.shape[1], draws, seed)
    drawn = np.empty((len(x), 1, draws))
    for block, of_cases, (of_readers,) in panel.weights(0, draws):
        for place in range(len(x)):
            drawn[place, 0, block] = _mean_of_cases(of_readers @ filled[place], of_readers @ present[place], of_cases)
    once = np.ones((1, x.shape[2]))
    estimates = [
        _mean_of_cases(own.sum(0)[None], count.sum(0)[None], once) for own, count in zip(filled, present, strict=True)
    ]
    return Bootstrap(("panel",), np.array(estimates), drawn, int(np.isnan(drawn).any(axis=(0, 1)).sum()))


def _mean_of_cases(total: Array, count: Array, weights: Array) -> Array:
    """The weighted mean (draws,) of the cases' total / count (draws, cases); cases that nobody read are left out."""
    means = np.divide(total, count, out=np.zeros_like(total), where=count > 0)
    below = np.einsum("dc,dc->d", weights, (count > 0).astype(float))
    whole = np.einsum("dc,dc->d", weights, means)
    return np.asarray(np.divide(whole, below, out=np.full(len(below), np.nan), where=below > 0))


def weighted_median(values: Array, weights: Array) -> Array:
    """The lower median of values (cells,) under each row of weights (draws, cells); NaN where all are 0."""
    order = np.argsort(values)
    reached = np.cumsum(weights[:, order], axis=1)
    total = reached[:, -1:]
    found = values[order][(reached >= total / 2).argmax(axis=1)]
    return np.where(total[:, 0] > 0, found, np.nan)


def _panel(cases: int, group: Sequence[str], draws: int, seed: int) -> _Panel:
    members = tuple(np.flatnonzero(np.asarray(group) == name) for name in _names(group))
    return _Panel(members, cases, seed, filler(draws * (cases + len(group))))


def _names(group: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(group))


def _means(sums: Array, panel: _Panel, of_readers: Sequence[Array]) -> Array:
    """Weighted means (outcomes, groups, draws) from every reader's weighted sum, and count where cells are missing:
    ``sums`` (draws, 1 or 2, outcomes, readers).

    Without missing cells the counts are left out: the weights of a draw then add up to readers times cases.
    """
    size, halves, outcomes, _ = sums.shape
    means = np.empty((outcomes, len(panel.members), size))
    for place, (rows, weights) in enumerate(zip(panel.members, of_readers, strict=True)):
        total, *counts = (np.einsum("bor,br->ob", sums[:, half][:, :, rows], weights) for half in range(halves))
        if counts:
            means[:, place] = np.divide(total, counts[0], out=np.full_like(total, np.nan), where=counts[0] > 0)
        else:
            means[:, place] = total / (len(rows) * panel.cases)
    return means


def _each(sums: Array, cases: int) -> Array:
    """Each reader's own means (outcomes, readers, draws)."""
    if sums.shape[1] == 1:
        return np.asarray((sums[:, 0] / cases).transpose(1, 2, 0))
    total, count = sums[:, 0], sums[:, 1]
    means = np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)
    return np.asarray(means.transpose(1, 2, 0))


def _cell_weights(panel: _Panel, place: int, kept: npt.NDArray[np.bool_], draws: int) -> Iterator[tuple[slice, Array]]:
    """The weights (draws, cells) of a group's cells, block by block: the reader's times the case's."""
    for block, of_cases, of_readers in panel.weights(0, draws):
        yield block, (of_readers[place][:, :, None] * of_cases[:, None, :])[:, kept]


def _check(x: Array, group: Sequence[str], draws: int) -> None:
    if len(group) != x.shape[1]:
        raise ValueError(f"{x.shape[1]} readers have scores and {len(group)} a group")
    if draws < 2:
        raise ValueError(f"a bootstrap needs two draws at least; {draws} asked for")
    if np.isnan(x).all(axis=2).any():
        raise TooLittleData("a reader has no score at all for an outcome: leave the reader out and say so")
