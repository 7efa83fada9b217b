"""What a reading scores, and what readers and groups score, each with its n, its missing, its failed and its bounds.

Ungraded lines make a measure provisional: it then has no estimate, only the bounds between all of them worst and all
exact. Failures are counted both ways: left out, and as wrong (score 0). Skipped, not reached and withdrawn readings
are missing and in neither. Gap is coverage minus hit: lost (covered, not hit) minus rescued (hit, not covered).
Confidences are per cent; ``log_time_final`` is the natural logarithm of the seconds from the list's lock to the last
answer's.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from scoring.bootstrap import Bootstrap, crossed, crossed_and_alone
from scoring.cells import Array, CellMeans, Means, Places, Whole, cell_means, means_of, places_of
from scoring.grades import DEFAULT, SCALES, Scale, list_grade, rank
from scoring.reading import FAILED, Reading

if TYPE_CHECKING:
    import pandas as pd

ACCURACY = ("coverage5", "coverage", "top1", "top3", "top5", "reciprocal_rank", "open", "selection")
DERIVED = ("selection_corrected", "open_gap", "selection_gap", "lost", "rescued", "open_lost", "open_rescued")
BRIER = ("brier_first", "brier_open", "brier_selection")
CONFIDENCE = ("confidence_first", "confidence_open", "confidence_selection")
LOG_TIME = "log_time_final"
NO_FAILURE = (*BRIER, *CONFIDENCE, LOG_TIME)
"""What a failed reading cannot have got wrong: it is left out of these always."""
MEASURES = (*ACCURACY, *DERIVED, *BRIER, *CONFIDENCE, LOG_TIME)
GRADED = (*ACCURACY, *DERIVED)
AS_GIVEN = (*CONFIDENCE, LOG_TIME)
SIDES = ("low", "high")
WAITING = "lines that matter wait for a grade, so only bounds are known"


@dataclass(frozen=True)
class Measure:
    """A measure of a reader (or of a whole group, ``reader`` None).

    ``estimate`` is None while provisional or without any reading; ``low`` and ``high`` bound it. ``n`` cells (reader
    and case) are behind it, ``missing`` and ``failed`` are left out. ``as_wrong`` has failures as 0, over
    ``n_as_wrong`` cells.
    """

    group: str
    reader: str | None
    measure: str
    estimate: float | None
    low: float | None
    high: float | None
    n: int
    missing: int
    failed: int
    as_wrong: float | None
    as_wrong_low: float | None
    as_wrong_high: float | None
    n_as_wrong: int

    @property
    def provisional(self) -> bool:
        """Whether ungraded lines can still change the estimate."""
        return self.low != self.high


def frame(readings: Iterable[Reading], cap: int | None = 5, scale: Scale = SCALES[DEFAULT]) -> pd.DataFrame:
    """One row per reading: reader, group, case, run, state, options, ungraded, and ``<measure>_low``,
    ``<measure>_high``.

    Both are NaN where the reading has no such answer; they are equal unless a line that matters is ungraded.
    """
    import pandas as pd

    rows = list(readings)
    kinds: dict[_Kind | None, int] = {}
    which = [kinds.setdefault(_kind(reading, cap), len(kinds)) for reading in rows]
    of_kinds = np.array([_row(kind, scale) for kind in kinds]).reshape(len(kinds), 2 * len(GRADED))[which]
    given = np.array([_as_given(reading) for reading in rows], dtype=float).reshape(len(rows), len(AS_GIVEN))
    found = {f"{name}_{side}": of_kinds[:, 2 * n + k] for n, name in enumerate(GRADED) for k, side in enumerate(SIDES)}
    for n, (name, right_of) in enumerate(zip(BRIER, ("top1", "open", "selection"), strict=True)):
        losses = [(given[:, n] / 100 - found[f"{right_of}_{side}"]) ** 2 for side in SIDES]
        found |= {f"{name}_low": np.minimum(*losses), f"{name}_high": np.maximum(*losses)}
    found |= {f"{name}_{side}": given[:, n] for n, name in enumerate(AS_GIVEN) for side in SIDES}
    words = {name: [getattr(one, name) for one in rows] for name in ("reader", "group", "case", "run", "state")}
    # Plain objects are looked up in a fraction of the time that Arrow's strings take.
    columns: dict[str, Any] = {name: pd.Series(values, dtype=object) for name, values in words.items()}
    columns |= {"options": np.array([one.n_options for one in rows], dtype=float)}
    columns |= {"ungraded": np.array([_waiting(one, cap) for one in rows], dtype=int)}
    return pd.DataFrame(columns | found)


def summary(
    readings: pd.DataFrame, *, by_reader: bool = False, measures: Sequence[str] = MEASURES
) -> tuple[Measure, ...]:
    """The measures that any reading of :func:`frame` has, by group or by reader; runs are averaged per case first."""
    asked = [name for name in measures if readings[f"{name}_low"].notna().any()]
    keys = ["group", "reader"] if by_reader else ["group"]
    places = places_of(readings, keys)
    measured = {name: _measured(readings, places, name) for name in asked}
    return tuple(
        _measure(key, name, place, measured[name], places) for place, key in enumerate(places.keys) for name in asked
    )


def bootstrapped(
    readings: pd.DataFrame, measures: Sequence[str] = MEASURES, draws: int = 10_000, seed: int = 0, threads: int = 1
) -> tuple[tuple[str, ...], Bootstrap]:
    """The measures that every reader has and that are not provisional, on one set of weights, and their names in
    order.
    """
    names, scores, readers = _complete(readings, measures)
    return names, crossed(scores, [group for group, _ in readers], draws, seed, threads)


def bootstrapped_with_readers(
    readings: pd.DataFrame, draws: int = 10_000, seed: int = 0
) -> tuple[tuple[str, ...], Bootstrap, Bootstrap]:
    """As :func:`bootstrapped`, and beside the groups each reader alone, named ``group/reader``."""
    names, scores, readers = _complete(readings, MEASURES)
    groups = [group for group, _ in readers]
    return names, *crossed_and_alone(scores, groups, ["/".join(key) for key in readers], draws, seed)


def _complete(readings: pd.DataFrame, measures: Sequence[str]) -> tuple[tuple[str, ...], Array, list[tuple[str, str]]]:
    """Which measures can be drawn together, their scores (measures, readers, cases), each reader's group and name."""
    completed = readings[readings["state"] == "completed"]
    places = places_of(completed, ["group", "reader"])
    grids: dict[str, Array] = {}
    for name in measures:
        low, high = (completed[f"{name}_{side}"].to_numpy() for side in SIDES)
        cells = cell_means(places, low, ~np.isnan(low))
        if len(cells.of) and np.array_equal(cells.mean, cell_means(places, high, ~np.isnan(low)).mean, equal_nan=True):
            grid = np.full((len(places.keys), len(places.cases)), np.nan)
            grid[places.key[cells.of], places.case[cells.of]] = cells.mean
            grids[name] = grid
    have = {name: np.any(~np.isnan(grid), axis=1) for name, grid in grids.items()}
    readers = max(have.values(), key=np.count_nonzero, default=None)
    if readers is None:
        raise ValueError("no measure is final: grade the open lines first")
    kept = [grid for name, grid in grids.items() if (have[name] == readers).all()]
    names = tuple(name for name in grids if (have[name] == readers).all())
    scores = np.stack(kept)[:, readers]
    scores = scores[:, :, ~np.isnan(scores).all(axis=(0, 1))]
    keys = [(str(key[0]), str(key[1])) for key, has in zip(places.keys, readers, strict=True) if has]
    return names, np.ascontiguousarray(scores), keys


def analysis_table(
    readings: pd.DataFrame,
    fdx: Literal["selection", "open"] = "selection",
    failures: Literal["wrong", "left_out"] = "wrong",
) -> pd.DataFrame:
    """The long table of :func:`scoring.analysis.analyse`: coverage and the chosen final diagnosis of each reading.

    Provisional scores are missing in it, like readings that are not completed; failures are 0 or missing as asked, and
    missing of who never answered.
    """
    table = readings[["reader", "group", "case", "run", "options"]].copy()
    failed = readings["state"].isin(FAILED)
    for name, measure in (("ddx", "coverage"), ("fdx", fdx)):
        low, high = readings[f"{measure}_low"], readings[f"{measure}_high"]
        table[name] = low.where(low == high)
        if failures == "wrong":
            table.loc[failed & _answers(readings, measure), name] = 0.0
    return table[readings["state"].eq("completed") | failed]


Bounds = tuple[float, float]
_Grades = tuple[int | None, ...]
_Kind = tuple[_Grades | None, _Grades | None, bool | None, int | None]
"""All that a completed reading's grades hang on: its list's, its open diagnosis', selection, and number of options."""


def _kind(reading: Reading, cap: int | None) -> _Kind | None:
    if reading.state != "completed":
        return None
    grades = None if reading.lines is None else tuple([grade for _, grade in reading.lines[:cap]])
    own = None if reading.open_line is None else (reading.open_line[1],)
    return grades, own, reading.selection_right, reading.n_options


def _waiting(reading: Reading, cap: int | None) -> int:
    """How many lines that count have no grade yet."""
    lines = (reading.lines or ())[:cap] + (() if reading.open_line is None else (reading.open_line,))
    return sum(grade is None for _, grade in lines)


def _row(kind: _Kind | None, scale: Scale) -> list[float]:
    """The bounds of each of ``GRADED``, low and high by turns, NaN where there is no such answer."""
    found = {} if kind is None else _bounds(*kind, scale)
    return [side for name in GRADED for side in found.get(name, (np.nan, np.nan))]


def _bounds(
    grades: _Grades | None, own: _Grades | None, selected: bool | None, options: int | None, scale: Scale
) -> dict[str, Bounds]:
    """Each measure that a grade or the selection decides, as bounds."""
    found: dict[str, Bounds] = {}
    if grades is not None:
        found |= _list_measures(grades, scale)
    if own is not None:
        found["open"] = _hit(own, scale.correct_from, scale)
    if selected is not None:
        right = float(selected)
        found["selection"] = (right, right)
        if options is not None and options > 1:
            corrected = (right - 1 / options) / (1 - 1 / options)
            found["selection_corrected"] = (corrected, corrected)
    _add_gap(found, "selection", "selection_gap", "lost", "rescued")
    _add_gap(found, "open", "open_gap", "open_lost", "open_rescued")
    return found


def _as_given(reading: Reading) -> tuple[float | None, ...]:
    """Confidences and log time, which no grade can change; None where there is none."""
    if reading.state != "completed":
        return (None,) * len(AS_GIVEN)
    seconds = reading.seconds_final
    log = math.log(seconds) if seconds is not None and seconds > 0 else None
    return reading.confidence_first, reading.confidence_open, reading.confidence_selection, log


@lru_cache(maxsize=20_000)
def _list_measures(grades: tuple[int | None, ...], scale: Scale) -> Mapping[str, Bounds]:
    correct = scale.correct_from
    found = {"coverage5": _hit(grades, scale.exact, scale), "coverage": _hit(grades, correct, scale)}
    found |= {f"top{k}": _hit(grades[:k], correct, scale) for k in (1, 3, 5)}
    places = (rank(_filled(grades, fill), correct) for fill in (scale.nothing, scale.exact))
    low, high = (0.0 if place is None else 1 / place for place in places)
    return MappingProxyType(found | {"reciprocal_rank": (low, high)})


def _hit(grades: Sequence[int | None], at_least: int, scale: Scale) -> Bounds:
    best = list_grade(grades, None, scale)
    return float(best.low >= at_least), float(best.high >= at_least)


def _filled(grades: Sequence[int | None], fill: int) -> list[int]:
    return [fill if grade is None else grade for grade in grades]


def _add_gap(found: dict[str, Bounds], hit: str, gap: str, lost: str, rescued: str) -> None:
    """Coverage minus a hit, and its two parts, each between its smallest and largest possible value."""
    if "coverage" not in found or hit not in found:
        return
    (cover_low, cover_high), (hit_low, hit_high) = found["coverage"], found[hit]
    found[gap] = (cover_low - hit_high, cover_high - hit_low)
    found[lost] = (cover_low * (1 - hit_high), cover_high * (1 - hit_low))
    found[rescued] = ((1 - cover_high) * hit_low, (1 - cover_low) * hit_high)


_Measured = tuple[Means, Means, Whole]


def _measured(readings: pd.DataFrame, places: Places, name: str) -> _Measured:
    """By key: means and counts of the cells, the same with failures as wrong, and how many readings have it."""
    low, high = (readings[f"{name}_{side}"].to_numpy() for side in SIDES)
    present, failed = ~np.isnan(low), places.failed
    as_wrong = np.zeros(len(low), dtype=bool)
    if name not in NO_FAILURE:
        as_wrong = present | failed
        worst = _worst(readings, name)
        wrong = means_of(places, np.where(failed, worst, low), np.where(failed, worst, high), as_wrong)
    else:
        wrong = means_of(places, low, high, as_wrong)
    having = np.bincount(places.of_reading[present], minlength=len(places.keys))
    return means_of(places, low, high, present), wrong, having


def _measure(key: tuple[str, ...], name: str, place: int, found: _Measured, places: Places) -> Measure:
    cells, wrong, present = found
    readings = int(np.count_nonzero(places.of_reading == place))
    failed = int(np.count_nonzero(places.of_reading[places.failed] == place))
    (low, high, n), (wrong_low, wrong_high, n_wrong) = cells.at(place), wrong.at(place)
    return Measure(
        key[0],
        key[1] if len(key) > 1 else None,
        name,
        estimate=low if low == high else None,
        low=low,
        high=high,
        n=n,
        missing=readings - int(present[place]) - failed,
        failed=failed,
        as_wrong=wrong_low if wrong_low == wrong_high else None,
        as_wrong_low=wrong_low,
        as_wrong_high=wrong_high,
        n_as_wrong=n_wrong,
    )


def _worst(readings: pd.DataFrame, name: str) -> Array:
    """The score of a wrong answer in each reading."""
    options = readings["options"].to_numpy()
    if name != "selection_corrected":
        return np.zeros(len(options))
    with np.errstate(divide="ignore"):
        return np.asarray(-1 / (options - 1), dtype=float)


def _as_wrong(failed: pd.DataFrame, name: str) -> pd.DataFrame:
    """Failed readings with the score of a wrong answer."""
    worst = _worst(failed, name)
    return failed.assign(**{f"{name}_low": worst, f"{name}_high": worst})


@dataclass(frozen=True)
class Grid:
    """A group's readers that have the measure, and their values (readers, cases), NaN for missing."""

    readers: list[str]
    values: Array


def grids(
    readings: pd.DataFrame, names: Iterable[str], failures: Literal["wrong", "left_out"] = "wrong"
) -> Iterator[tuple[str, dict[str, Grid] | None]]:
    """What :func:`scores` tells of each measure, as matrices by group over the cases that it has; None while
    provisional.
    """
    places = places_of(readings, ["group", "reader"])
    asked = places.failed if failures == "wrong" else np.zeros(len(readings), dtype=bool)
    whose = places.key[places.cell]
    for name in names:
        low, high = (readings[f"{name}_{side}"].to_numpy() for side in SIDES)
        held = ~np.isnan(low)
        failed = asked & np.isin(whose, whose[held])
        if name not in NO_FAILURE and failed.any():
            worst = _worst(readings, name)
            low, high, held = np.where(failed, worst, low), np.where(failed, worst, high), held | failed
        lows, highs = (cell_means(places, side, held) for side in (low, high))
        final = bool((lows.mean == highs.mean).all())
        yield name, _by_group(places, lows) if final else None


def _by_group(places: Places, cells: CellMeans) -> dict[str, Grid]:
    key, case = places.key[cells.of], places.case[cells.of]
    cases, column = np.unique(case, return_inverse=True)
    found = {}
    for group in ("human", "model"):
        own = [place for place, (its, _) in enumerate(places.keys) if its == group]
        rows = [place for place in own if (key == place).any()]
        values = np.full((len(places.keys), len(cases)), np.nan)
        values[key, column] = cells.mean
        found[group] = Grid([places.keys[place][1] for place in rows], values[rows])
    return found


def scores(readings: pd.DataFrame, name: str, failures: Literal["wrong", "left_out"] = "wrong") -> pd.DataFrame:
    """A measure that is not provisional, one row per reader and case with its ``value``; runs are averaged per case.

    Failed readings are wrong answers or left out, as asked; of who never answered they are left out, for no rate is
    told of whom nothing is known. Raises :class:`ValueError` while provisional.
    """
    present = readings[readings[f"{name}_low"].notna()]
    failed = readings[readings["state"].isin(FAILED) & _answers(readings, name)]
    if failures == "wrong" and name not in NO_FAILURE and len(failed):
        zero = _as_wrong(failed, name)
        present = zero if present.empty else _stacked(present, zero)
    found = _cells(present, name)
    if not (found["low"] == found["high"]).all():
        raise ValueError(f"{name}: {WAITING}")
    return found.rename(columns={"low": "value"})[["group", "reader", "case", "value"]]


def _answers(readings: pd.DataFrame, name: str) -> pd.Series[bool]:
    """Of each reading whether its reader has any answer that this measure scores."""
    return readings["reader"].isin(readings.loc[readings[f"{name}_low"].notna(), "reader"])


def _stacked(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    return pd.concat([first, second]) if len(second) else first


def _cells(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """One row per reader and case, averaged over runs."""
    sides = rows.rename(columns={f"{name}_low": "low", f"{name}_high": "high"})
    return sides.groupby(["group", "reader", "case"], as_index=False)[["low", "high"]].mean()
