"""Typeset reports: a laboratory panel or any other table, with reference ranges and flags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from study.demo.drawing.canvas import BLUE, GREY, INK, RED, RULE, WHITE, Canvas, Colour

ROW = 46
HEAD: Colour = (228, 233, 241)


@dataclass(frozen=True)
class Section:
    """A heading and its rows; a row has a cell a column, the last one a flag or empty."""

    heading: str
    rows: Sequence[Sequence[str]]


def panel(
    title: str,
    subtitle: str,
    sections: Sequence[Section],
    columns: Sequence[str] = ("Test", "Result", "Unit", "Reference range", "Flag"),
    widths: Sequence[float] = (0.36, 0.15, 0.16, 0.23, 0.1),
    notes: Sequence[str] = (),
    width: int = 1600,
    room: int = 0,
) -> Canvas:
    """A report page: a row a test, flags in colour; ``widths`` are shares of the page, ``room`` pixels stay free."""
    lines = sum(len(section.rows) + 1.25 for section in sections)
    height = int(230 + lines * ROW + 40 * len(notes) + 90 + room)
    page = Canvas(width, height, WHITE)
    page.bold((60, 46), title, 40)
    page.text((60, 104), subtitle, 26, GREY)
    edges = [60 + (width - 120) * sum(widths[:i]) for i in range(len(widths))]
    page.box((50, 152), (width - 50, 200), fill=HEAD)
    for edge, name in zip(edges, columns, strict=True):
        page.bold((edge, 176), name, 25, anchor="lm")
    y = 206.0
    for section in sections:
        y = _section(page, section, edges, y)
    for note in notes:
        page.text((60, y + 22), note, 24, GREY)
        y += 40
    return page


def _section(page: Canvas, section: Section, edges: Sequence[float], y: float) -> float:
    page.bold((60, y + ROW * 0.72), section.heading, 26, BLUE, "lm")
    y += ROW * 1.25
    for row in section.rows:
        colour = flag_colour(row[-1])
        for i, (edge, cell) in enumerate(zip(edges, row, strict=True)):
            write = page.bold if colour != INK and i in (1, len(row) - 1) else page.text
            write((edge, y + ROW / 2), cell, 27, colour if i in (1, len(row) - 1) else INK, "lm")
        page.line([(60, y + ROW), (page.width - 60, y + ROW)], RULE, 1)
        y += ROW
    return y


def flag_colour(flag: str) -> Colour:
    """Red for high and positive, blue for low, ink for none."""
    if flag.upper().startswith("L"):
        return BLUE
    return RED if flag.strip() else INK
