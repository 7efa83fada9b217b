"""How long lists are, and what is left of coverage and gap once a model's list is cut to the humans' length."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from statistics import mean, median
from typing import Literal

import numpy as np

from scoring.reading import FAILED, Reading
from study.findings._material import Material, difference, matrices, panel_mean, states
from study.findings._result import GROUPS, Finding, Group, Result, Value, left_out
from study.results import Row, counted

To = Literal["as written", "median of humans", "median of humans in the case", "one line"]


class Length(Result):
    """Lines that were written and lines that count (within the cap) of one group, or one reader of it."""

    group: Group
    reader: str | None
    n: int
    written: float
    counted: float
    median: float
    counts: dict[int, int]


class Cut(Result):
    """Humans minus models (these models, fixed) of one measure, with models' lists cut ``to`` a length."""

    measure: str
    to: To
    human: Value
    model: Value
    difference: Value


class Lists(Finding):
    """Lengths by group and reader, and the sensitivity of the differences to them."""

    lengths: tuple[Length, ...] = ()
    cuts: tuple[Cut, ...] = ()


METHOD = (
    "Lines of the last list; a line that names alternatives counts as several, lines past the cap are kept and not "
    "scored. A cut leaves a model the first lines of its list, as many as humans' median (rounded), of all cases or of "
    "the case; humans keep theirs. The last cut leaves the first line to both."
)
MEASURES = ("coverage", "open_gap", "selection_gap")


def find(material: Material) -> Lists:
    """Lengths of completed readings; a reading without a list, or not completed, is left out and counted."""
    pairs = [
        (row, reading)
        for row, reading in zip(material.rows, material.readings, strict=True)
        if reading.state == "completed" and reading.lines is not None
    ]
    lengths = [one for group in GROUPS for one in _lengths(material, pairs, group)]
    return Lists(
        method=METHOD,
        n=len(pairs),
        counted="last lists of completed readings",
        left_out=left_out(
            *(("readings", n, state.replace("_", " ")) for state, n in states(material.readings).items())
        ),
        why="" if pairs else "no completed reading has a list",
        lengths=tuple(lengths),
        cuts=tuple(_cuts(material)) if {reading.group for _, reading in pairs} == set(GROUPS) else (),
    )


def _lengths(material: Material, pairs: list[tuple[Row, Reading]], group: Group) -> Iterator[Length]:
    own: dict[str, list[tuple[int, int]]] = {}
    for row, reading in pairs:
        if reading.group == group:
            own.setdefault(reading.reader, []).append((_written(row), _length(reading, material.cap)))
    parts: list[tuple[str | None, list[tuple[int, int]]]] = [(None, [one for told in own.values() for one in told])]
    for reader, kept in [*parts, *sorted(own.items())] if own else []:
        numbers = [c for _, c in kept]
        yield Length(
            group=group,
            reader=reader,
            n=len(kept),
            written=mean(w for w, _ in kept),
            counted=mean(numbers),
            median=median(numbers),
            counts=dict(sorted(Counter(numbers).items())),
        )


def _written(row: Row) -> int:
    lines = counted(row).get("ddx", {"answer": {}})["answer"].get("lines") or ()
    return sum(bool(str(line).strip()) for line in lines)


def _length(reading: Reading, cap: int) -> int:
    return min(len(reading.lines or ()), cap)


def _cuts(material: Material) -> Iterator[Cut]:
    people = [reading for reading in material.readings if reading.group == "human" and reading.lines is not None]
    whole = round(median(_length(reading, material.cap) for reading in people))
    by_case: dict[str, list[int]] = {}
    for reading in people:
        by_case.setdefault(reading.case, []).append(_length(reading, material.cap))
    here = {case: round(median(own)) for case, own in by_case.items()}
    caps: dict[To, Callable[[Reading], int]] = {
        "as written": lambda reading: material.cap,
        "median of humans": lambda reading: whole if reading.group == "model" else material.cap,
        "median of humans in the case": lambda reading: (
            here.get(reading.case, whole) if reading.group == "model" else material.cap
        ),
        "one line": lambda reading: 1,
    }
    for to, cap in caps.items():
        yield from _cut(material, to, cap)


def _cut(material: Material, to: To, cap: Callable[[Reading], int]) -> Iterator[Cut]:
    """Coverage with these caps, and the gaps between it and the final diagnoses, which stay as they are."""
    answered = {reading.reader for reading in material.readings if reading.lines is not None}
    nothing = (np.nan, np.nan)
    bounds = [
        _coverage(material, reading, cap(reading)) if reading.reader in answered else nothing
        for reading in material.readings
    ]
    low, high = (np.array([pair[side] for pair in bounds], dtype=float) for side in (0, 1))
    coverage = np.where(low == high, low, np.nan)
    for measure in MEASURES:
        score, waiting = coverage, ~np.isnan(low) & (low != high)
        if measure != "coverage":
            final = material.scored[measure.removesuffix("_gap") + "_low"].to_numpy(float)
            top = material.scored[measure.removesuffix("_gap") + "_high"].to_numpy(float)
            waiting |= ~np.isnan(coverage) & ~np.isnan(final) & (final != top)
            failed = material.scored["state"].isin(FAILED).to_numpy()
            final = np.where(failed & ~np.isnan(coverage), 0.0, np.where(final == top, final, np.nan))
            score = coverage - final
        pair = matrices(material.scored, score, material.cases)
        waits = {group: int((waiting & (material.scored["group"] == group).to_numpy()).sum()) for group in GROUPS}
        if pair["human"].n and pair["model"].n:
            yield Cut(
                measure=measure,
                to=to,
                human=_settled(waits["human"]) or panel_mean(pair["human"]),
                model=_settled(waits["model"]) or panel_mean(pair["model"]),
                difference=_settled(sum(waits.values())) or difference(pair["human"], pair["model"]),
            )


def _settled(waits: int) -> Value | None:
    """What is told instead of a figure while readings wait: those that are settled are mostly hits."""
    return Value(estimate=None, n=0, why=f"{waits} readings wait for a grade that matters") if waits else None


def _coverage(material: Material, reading: Reading, cap: int) -> tuple[float, float]:
    """Coverage within the first lines, as bounds."""
    if reading.state in FAILED and material.plan.failures == "wrong":
        return 0.0, 0.0
    if reading.state != "completed" or reading.lines is None:
        return np.nan, np.nan
    threshold = material.scale.correct_from
    possible = 0.0
    for _, grade in reading.lines[:cap]:
        if grade is None:
            possible = 1.0
        elif grade >= threshold:
            return 1.0, 1.0
    return 0.0, possible
