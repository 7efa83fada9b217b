"""Times of clinicians: visible and active minutes by stage, and by the place in the order and the session."""

from __future__ import annotations

from collections.abc import Sequence

from study.findings.times import StageTime, Times
from study.reporting import drawing
from study.reporting.facts import Facts
from study.reporting.found import n_of, plain_of, said
from study.reporting.parts import Block, Figure, Section, Table, between, count, number, percent

STAGES = ("step", "time", "geometric mean, minutes", "median", "quartiles", "missing", "n")
STEPS = {
    "reading": "whole reading",
    "show": "evidence",
    "ddx": "differential",
    "open": "open FDx",
    "closing": "closing questions",
    "advice": "the model's answer",
    "assisted-ddx": "differential, assisted",
    "assisted-open": "open FDx, assisted",
    "assisted-selection": "selection, assisted",
}
PLACES = ("within", "place", "visible minutes", "over the reader's own mean", "right", "n")
LEFT, RIGHT, ROW, WIDTH = 160, 640, 36, 820


def times(facts: Facts) -> Section:
    """Minutes by stage with intervals, and whether they change as readers go on."""
    found = facts.findings.times
    blocks: list[Block] = list(said("times", found))
    if found is not None and found.stages:
        shown = _shown(found)
        if shown:
            blocks.insert(0, _figure(facts, shown))
        rows = tuple(
            (
                (STEPS.get(one.kind, one.kind),),
                (one.measure,),
                plain_of(f"times.{one.kind}.{one.measure}", one.mean, 2),
                number(f"times.{one.kind}.{one.measure}.median", one.median, 2),
                between(f"times.{one.kind}.{one.measure}.quartiles", one.quartiles, 1, 2),
                count(f"times.{one.kind}.{one.measure}.missing", one.missing),
                n_of(f"times.{one.kind}.{one.measure}", one.mean),
            )
            for one in found.stages
        )
        blocks.append(Table("Minutes by step [95 % interval]", STAGES, rows))
        places = tuple(
            (
                (one.within,),
                (str(one.position),),
                plain_of(f"times.{one.within}.{one.position}.visible", one.visible, 2),
                number(f"times.{one.within}.{one.position}.ratio", one.ratio, 2),
                percent(f"times.{one.within}.{one.position}.right", one.right),
                count(f"times.{one.within}.{one.position}.readings", one.n),
            )
            for one in found.positions
        )
        if places:
            blocks.append(Table("By place in the order and in the session", PLACES, places))
    return Section("times", "Times of clinicians", tuple(blocks))


def _shown(found: Times) -> list[StageTime]:
    """The stages by the first of visible, active and elapsed time that is known of any."""
    for measure in ("visible", "active", "elapsed"):
        known = [one for one in found.stages if one.measure == measure and one.mean.estimate is not None]
        if known:
            return known
    return []


def _figure(facts: Facts, shown: Sequence[StageTime]) -> Figure:
    most = max((one.mean.ci or (0, one.mean.estimate or 0))[1] for one in shown) or 1.0
    height = drawing.TOP + len(shown) * ROW + 20
    marks = [drawing.text(16, 44, f"{shown[0].measure.capitalize()} minutes, geometric mean. Bars: 95 % intervals.")]
    marks.append(drawing.line(LEFT, drawing.TOP, LEFT, height - 16, drawing.FAINT))
    for place, one in enumerate(shown):
        y, mean = drawing.TOP + place * ROW + 12, one.mean.estimate or 0.0
        marks.append(drawing.text(LEFT - 12, y + 4, STEPS.get(one.kind, one.kind), "end"))
        if one.mean.ci is not None:
            marks.append(drawing.line(_x(one.mean.ci[0], most), y, _x(one.mean.ci[1], most), y, drawing.HUMAN, 1.5))
        marks.append(drawing.dot(_x(mean, most), y, drawing.HUMAN, f"{one.kind}: {mean:.2f} minutes"))
        marks.append(drawing.text(RIGHT + 16, y + 4, f"{mean:.2f} min, n = {one.mean.n}"))
    words = "; ".join(f"{one.kind}: {one.mean.estimate or 0.0:.2f} minutes, n = {one.mean.n}" for one in shown) + "."
    title = f"Time by step in {facts.source.slug}"
    return Figure("times", f"{title}, clinicians.", words, drawing.drawing(title, words, WIDTH, height, marks))


def _x(value: float, most: float) -> float:
    return LEFT + value / most * (RIGHT - LEFT)
