"""Calibration: whether stated confidence is the share that is right, with the reliability curve."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from study.findings.calibration import Calibrated
from study.reporting import drawing
from study.reporting.facts import GROUPS, Facts
from study.reporting.found import plain_of, said, share_of
from study.reporting.parts import Block, Figure, Section, Table, Text, count, number, percent

STAGES = {"first": "first line of the list", "open": "open FDx", "selection": "selection"}
HEAD = ("readers", "stage", "confidence", "right", "confidence minus right", "Brier", "ECE", "MCE", "n")
PARTS = ("readers", "stage", "reliability", "resolution", "uncertainty", "within bins")
SIDE, LEFT, APART, WIDTH = 230, 60, 60, 900


def calibration(facts: Facts) -> Section:
    """Brier score and its parts, calibration error, over- and underconfidence by stage; the curve of each group."""
    found = facts.findings.calibration
    blocks: list[Block] = list(said("calibration", found))
    if found is not None and found.calibrated:
        groups = [one for one in found.calibrated if one.reader is None]
        blocks.insert(0, _figure(facts, groups))
        blocks.append(Table("Confidence held against answers that were right", HEAD, tuple(map(_row, groups))))
        blocks.append(Table("What the Brier score is made of", PARTS, tuple(map(_parts, groups))))
        readers = [one for one in found.calibrated if one.reader is not None]
        blocks.append(Table("By reader", ("reader", *HEAD[1:]), tuple(map(_row, readers))))
    return Section("calibration", "Calibration of confidence", tuple(blocks))


def _name(one: Calibrated) -> str:
    return ".".join(("calibration", one.group, *([one.reader] if one.reader else []), one.stage))


def _row(one: Calibrated) -> tuple[Text, ...]:
    name = _name(one)
    return (
        (one.reader or GROUPS[one.group],),
        (STAGES[one.stage],),
        percent(f"{name}.confidence", one.confidence),
        percent(f"{name}.right", one.right),
        share_of(f"{name}.over", one.over),
        plain_of(f"{name}.brier", one.brier),
        number(f"{name}.ece", one.ece),
        number(f"{name}.mce", one.mce),
        count(f"{name}.n", one.n),
    )


def _parts(one: Calibrated) -> tuple[Text, ...]:
    parts = ("reliability", "resolution", "uncertainty", "within")
    cells = [number(f"{_name(one)}.{part}", getattr(one, part), 4) for part in parts]
    return ((GROUPS[one.group],), (STAGES[one.stage],), *cells)


def _figure(facts: Facts, groups: Sequence[Calibrated]) -> Figure:
    stages = [stage for stage in STAGES if any(one.stage == stage for one in groups)]
    marks: list[str] = [drawing.text(16, 44, "Filled: human panel. Hollow: models. Bars: 95 % (Wilson).")]
    for place, stage in enumerate(stages):
        x = LEFT + place * (SIDE + APART)
        marks += _axes(x, STAGES[stage])
        for one in groups:
            if one.stage == stage:
                marks += _curve(x, one)
    words = "; ".join(_told(one) for one in groups) + "."
    title = f"Reliability of confidence in {facts.source.slug}"
    height = drawing.TOP + 24 + SIDE + drawing.BOTTOM
    svg = drawing.drawing(title, words, WIDTH, height, marks)
    return Figure("calibration", f"{title}: on the line confidence is the share right.", words, svg)


def _told(one: Calibrated) -> str:
    bins = ", ".join(f"{100 * b.confidence:.0f} % said, {100 * (b.right.estimate or 0):.0f} % right" for b in one.bins)
    return f"{GROUPS[one.group]}, {STAGES[one.stage]}, n = {one.n}: {bins}"


def _axes(x: float, title: str) -> Iterator[str]:
    top, bottom = drawing.TOP + 24, drawing.TOP + 24 + SIDE
    yield drawing.text(x, top - 8, title, weight=600)
    yield f'<rect x="{x}" y="{top}" width="{SIDE}" height="{SIDE}" fill="none" stroke="{drawing.LINE}"/>'
    yield drawing.line(x, bottom, x + SIDE, top, drawing.FAINT, dash="5 4")
    for share in (0, 50, 100):
        yield drawing.text(x + share / 100 * SIDE, bottom + 16, f"{share} %", "middle")
        yield drawing.text(x - 6, bottom - share / 100 * SIDE + 4, str(share), "end")
    yield drawing.text(x + SIDE / 2, bottom + 34, "confidence", "middle")


def _curve(x: float, one: Calibrated) -> Iterator[str]:
    bottom, colour = drawing.TOP + 24 + SIDE, drawing.HUMAN if one.group == "human" else drawing.MODEL
    for b in one.bins:
        if b.n and b.right.estimate is not None:
            across, up = x + b.confidence * SIDE, bottom - b.right.estimate * SIDE
            if b.right.ci is not None:
                yield drawing.line(across, bottom - b.right.ci[0] * SIDE, across, bottom - b.right.ci[1] * SIDE, colour)
            words = (
                f"{GROUPS[one.group]}: {100 * b.confidence:.0f} % said, {100 * b.right.estimate:.0f} % right, n = {b.n}"
            )
            yield drawing.dot(across, up, colour, words, one.group == "model")
