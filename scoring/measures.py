"""What a reading scores, and what readers and groups score, each with its n, its missing, its failed and its bounds.

Ungraded lines make a measure provisional: it then has no estimate, only the bounds between all of them worst and all
exact. Failures are counted both ways: left out, and as wrong (score 0). Skipped, not reached and withdrawn readings
are missing and in neither. Gap is coverage minus hit: lost (covered, not hit) minus rescued (hit, not covered).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from scoring.bootstrap import Bootstrap, crossed
from scoring.grades import DEFAULT, SCALES, Scale, list_grade, rank
from scoring.reading import FAILED, Reading

if TYPE_CHECKING:
    import pandas as pd

ACCURACY = ("coverage5", "coverage", "top1", "top3", "top5", "reciprocal_rank", "open", "selection")
DERIVED = ("selection_corrected", "open_gap", "selection_gap", "lost", "rescued", "open_lost", "open_rescued")
BRIER = ("brier_first", "brier_open", "brier_selection")
MEASURES = (*ACCURACY, *DERIVED, *BRIER)


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

    rows = [_row(reading, cap, scale) for reading in readings]
    bounds = [f"{name}_{side}" for name in MEASURES for side in ("low", "high")]
    columns = ["reader", "group", "case", "run", "state", "options", "ungraded", *bounds]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys([*bounds, "options"], float))


def summary(readings: pd.DataFrame, *, by_reader: bool = False) -> tuple[Measure, ...]:
    """Every measure that any reading of :func:`frame` has, by group or by reader; runs are averaged per case first."""
    asked = [name for name in MEASURES if readings[f"{name}_low"].notna().any()]
    keys = ["group", "reader"] if by_reader else ["group"]
    measured: list[Measure] = []
    for names, own in readings.groupby(keys, sort=True):
        measured += [_measure(str(names[0]), str(names[1]) if by_reader else None, name, own) for name in asked]
    return tuple(measured)


def bootstrapped(
    readings: pd.DataFrame, measures: Sequence[str] = MEASURES, draws: int = 10_000, seed: int = 0, threads: int = 1
) -> tuple[tuple[str, ...], Bootstrap]:
    """The measures that every reader has and that are not provisional, on one set of weights, and their names in
    order.
    """
    completed = readings[readings["state"] == "completed"]
    wides = {}
    for name in measures:
        cells = _cells(completed.dropna(subset=[f"{name}_low"]), name)
        if len(cells) and (cells["low"] == cells["high"]).all():
            wides[name] = cells.pivot(index=["group", "reader"], columns="case", values="low")
    readers = max((wide.index for wide in wides.values()), key=len, default=None)
    if readers is None:
        raise ValueError("no measure is final: grade the open lines first")
    kept = {name: wide for name, wide in wides.items() if wide.index.equals(readers)}
    cases = sorted(set().union(*(wide.columns for wide in kept.values())))
    scores = np.stack([wide.reindex(columns=cases).to_numpy(float) for wide in kept.values()])
    return tuple(kept), crossed(scores, [group for group, _ in readers], draws, seed, threads)


def analysis_table(
    readings: pd.DataFrame,
    fdx: Literal["selection", "open"] = "selection",
    failures: Literal["wrong", "left_out"] = "wrong",
) -> pd.DataFrame:
    """The long table of :func:`scoring.analysis.analyse`: coverage and the chosen final diagnosis of each reading.

    Provisional scores are missing in it, like readings that are not completed; failures are 0 or missing as asked.
    """
    table = readings[["reader", "group", "case", "run", "options"]].copy()
    failed = readings["state"].isin(FAILED)
    for name, measure in (("ddx", "coverage"), ("fdx", fdx)):
        low, high = readings[f"{measure}_low"], readings[f"{measure}_high"]
        table[name] = low.where(low == high)
        if failures == "wrong":
            table.loc[failed, name] = 0.0
    return table[readings["state"].eq("completed") | failed]


def _row(reading: Reading, cap: int | None, scale: Scale) -> dict[str, object]:
    grades = None if reading.lines is None else tuple(grade for _, grade in reading.lines)[:cap]
    open_grade = None if reading.open_line is None else (reading.open_line[1],)
    row: dict[str, object] = {
        "reader": reading.reader,
        "group": reading.group,
        "case": reading.case,
        "run": reading.run,
        "state": reading.state,
        "options": reading.n_options,
        "ungraded": sum(grade is None for grade in (*(grades or ()), *(open_grade or ()))),
    }
    if reading.state == "completed":
        found = _bounds(reading, grades, open_grade, scale)
        row |= {
            f"{name}_{side}": value[place]
            for name, value in found.items()
            for place, side in enumerate(("low", "high"))
        }
    return row


Bounds = tuple[float, float]


def _bounds(
    reading: Reading, grades: Sequence[int | None] | None, open_grade: Sequence[int | None] | None, scale: Scale
) -> dict[str, Bounds]:
    """Each measure of a completed reading, as bounds."""
    found: dict[str, Bounds] = {}
    if grades is not None:
        found |= _list_measures(grades, scale)
    if open_grade is not None:
        found["open"] = _hit(open_grade, scale.correct_from, scale)
    if reading.selection_right is not None:
        right = float(reading.selection_right)
        found["selection"] = (right, right)
        if reading.n_options is not None and reading.n_options > 1:
            corrected = (right - 1 / reading.n_options) / (1 - 1 / reading.n_options)
            found["selection_corrected"] = (corrected, corrected)
    _add_gap(found, "selection", "selection_gap", "lost", "rescued")
    _add_gap(found, "open", "open_gap", "open_lost", "open_rescued")
    for confidence, right_of, name in (
        (reading.confidence_first, "top1", "brier_first"),
        (reading.confidence_open, "open", "brier_open"),
        (reading.confidence_selection, "selection", "brier_selection"),
    ):
        if confidence is not None and right_of in found:
            losses = sorted((confidence / 100 - right) ** 2 for right in found[right_of])
            found[name] = (losses[0], losses[1])
    return found


def _list_measures(grades: Sequence[int | None], scale: Scale) -> dict[str, Bounds]:
    correct = scale.correct_from
    found = {"coverage5": _hit(grades, scale.exact, scale), "coverage": _hit(grades, correct, scale)}
    found |= {f"top{k}": _hit(grades[:k], correct, scale) for k in (1, 3, 5)}
    places = (rank(_filled(grades, fill), correct) for fill in (scale.nothing, scale.exact))
    low, high = (0.0 if place is None else 1 / place for place in places)
    return found | {"reciprocal_rank": (low, high)}


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


def _measure(group: str, reader: str | None, name: str, own: pd.DataFrame) -> Measure:
    present = own[own[f"{name}_low"].notna()]
    failed = own[own["state"].isin(FAILED)]
    cells = _cells(present, name)
    worst = -1 / (failed["options"] - 1) if name == "selection_corrected" else 0.0
    zero = failed.assign(**{f"{name}_low": worst, f"{name}_high": worst})
    wrong = _cells(zero if present.empty else _stacked(present, zero), name) if name not in BRIER else cells.iloc[:0]
    low, high = _mean(cells, "low"), _mean(cells, "high")
    wrong_low, wrong_high = _mean(wrong, "low"), _mean(wrong, "high")
    return Measure(
        group,
        reader,
        name,
        estimate=low if low == high else None,
        low=low,
        high=high,
        n=len(cells),
        missing=len(own) - len(present) - len(failed),
        failed=len(failed),
        as_wrong=wrong_low if wrong_low == wrong_high else None,
        as_wrong_low=wrong_low,
        as_wrong_high=wrong_high,
        n_as_wrong=len(wrong),
    )


def _stacked(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    return pd.concat([first, second]) if len(second) else first


def _cells(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """One row per reader and case, averaged over runs."""
    sides = rows.rename(columns={f"{name}_low": "low", f"{name}_high": "high"})
    return sides.groupby(["group", "reader", "case"], as_index=False)[["low", "high"]].mean()


def _mean(cells: pd.DataFrame, side: str) -> float | None:
    return float(cells[side].mean()) if len(cells) else None
