"""Means over cells of reader and case: a reader's runs of a case first, then the cells of a reader or of a group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from scoring.reading import FAILED

if TYPE_CHECKING:
    import pandas as pd

Array = npt.NDArray[np.float64]
Whole = npt.NDArray[np.intp]
Marks = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Places:
    """Where readings stand: the cell (reader and case) of each reading; key, case and first reading of each cell."""

    keys: tuple[tuple[str, ...], ...]
    cases: tuple[str, ...]
    cell: Whole
    key: Whole
    case: Whole
    of_reading: Whole
    failed: Marks


def places_of(readings: pd.DataFrame, by: Sequence[str]) -> Places:
    """Cells in order of group, reader and case; keys in order of what is asked for, groups or readers."""
    import pandas as pd

    (group, groups), (reader, readers), (case, cases) = (
        pd.factorize(readings[name].to_numpy(dtype=object), sort=True) for name in ("group", "reader", "case")
    )
    pairs, pair = np.unique(group * max(len(readers), 1) + reader, return_inverse=True)
    cells, cell = np.unique(pair * max(len(cases), 1) + case, return_inverse=True)
    named = [(str(groups[one // len(readers)]), str(readers[one % len(readers)])) for one in pairs]
    of_pair = np.arange(len(pairs)) if len(by) > 1 else pairs // max(len(readers), 1)
    keys = named if len(by) > 1 else [(str(one),) for one in groups]
    key, of_case = of_pair[cells // max(len(cases), 1)], cells % max(len(cases), 1)
    failed = readings["state"].isin(FAILED).to_numpy()
    return Places(tuple(keys), tuple(map(str, cases)), cell, key, of_case, key[cell], failed)


@dataclass(frozen=True)
class CellMeans:
    """The cells that have a reading of the measure, and their means over runs."""

    of: Whole
    mean: Array


def cell_means(places: Places, values: Array, held: Marks) -> CellMeans:
    """Means of the readings that ``held`` marks; a value that is not a number counts in none."""
    size = len(places.key)
    of = np.flatnonzero(np.bincount(places.cell[held], minlength=size))
    return CellMeans(of, _mean(places.cell[held], values[held], size)[of])


def _mean(place: Whole, values: Array, size: int) -> Array:
    """The mean of the values at each place, NaN without any."""
    known = ~np.isnan(values)
    total = np.bincount(place[known], weights=values[known], minlength=size)
    count = np.bincount(place[known], minlength=size)
    found: Array = np.divide(total, count, out=np.full(size, np.nan), where=count > 0)
    return found


@dataclass(frozen=True)
class Means:
    """By key: the mean over cells of both bounds, and how many cells there are."""

    low: Array
    high: Array
    n: Whole

    def at(self, place: int) -> tuple[float | None, float | None, int]:
        """Those of one key."""
        if not self.n[place]:
            return None, None, 0
        return float(self.low[place]), float(self.high[place]), int(self.n[place])


def means_of(places: Places, low: Array, high: Array, held: Marks) -> Means:
    cells = [cell_means(places, side, held) for side in (low, high)]
    own = places.key[cells[0].of]
    lows, highs = (_mean(own, one.mean, len(places.keys)) for one in cells)
    return Means(lows, highs, np.bincount(own, minlength=len(places.keys)))
