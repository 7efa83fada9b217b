"""Axes on a canvas: ticks, grid and curves in the units of the measurement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

from study.demo.drawing.canvas import BLUE, INK, RULE, Canvas, Colour, Point


@dataclass(frozen=True)
class Axes:
    """A plot area between two corners; ``doubling`` spaces x by octaves, as in an audiogram. y may run downwards."""

    canvas: Canvas
    corner: Point
    opposite: Point
    x: tuple[float, float]
    y: tuple[float, float]
    doubling: bool = False

    def place(self, x: float, y: float) -> Point:
        """Where the value (x, y) lies on the page."""
        low, high, value = (log2(v) if self.doubling else v for v in (self.x[0], self.x[1], x))
        across = (value - low) / (high - low)
        up = (y - self.y[0]) / (self.y[1] - self.y[0])
        (left, top), (right, bottom) = self.corner, self.opposite
        return left + across * (right - left), bottom - up * (bottom - top)

    def frame(self, title: str, x_label: str, y_label: str, size: float = 26) -> None:
        """Draw the border, the title above and the names of both axes."""
        (left, top), (right, bottom) = self.corner, self.opposite
        self.canvas.box(self.corner, self.opposite, edge=INK)
        self.canvas.bold(((left + right) / 2, top - size), title, size * 1.15, anchor="ms")
        self.canvas.text(((left + right) / 2, bottom + 2.9 * size), x_label, size, anchor="ms")
        self.canvas.upright((left - 3.4 * size, (top + bottom) / 2), y_label, size)

    def x_ticks(self, values: Sequence[float], labels: Sequence[str] | None = None, size: float = 24) -> None:
        """Draw grid lines at values of x with labels beneath."""
        for i, value in enumerate(values):
            foot, head = self.place(value, self.y[0]), self.place(value, self.y[1])
            self.canvas.line([foot, head], RULE, 1.5)
            text = labels[i] if labels else f"{value:g}"
            self.canvas.text((foot[0], max(self.corner[1], self.opposite[1]) + size * 1.3), text, size, anchor="ms")

    def y_ticks(self, values: Sequence[float], labels: Sequence[str] | None = None, size: float = 24) -> None:
        """Draw grid lines at values of y with labels at the left."""
        for i, value in enumerate(values):
            left, right = self.place(self.x[0], value), self.place(self.x[1], value)
            self.canvas.line([left, right], RULE, 1.5)
            self.canvas.text((left[0] - 12, left[1]), labels[i] if labels else f"{value:g}", size, anchor="rm")

    def curve(self, points: Sequence[Point], colour: Colour = BLUE, width: float = 3, dashed: bool = False) -> None:
        """Draw a line through values, whole or dashed (every other piece between two points left out)."""
        places = [self.place(x, y) for x, y in points]
        if not dashed:
            self.canvas.line(places, colour, width)
            return
        for i in range(0, len(places) - 1, 2):
            self.canvas.line(places[i : i + 2], colour, width)

    def band(self, low: float, high: float, colour: Colour) -> None:
        """Shade the values of y between ``low`` and ``high``."""
        (left, lower), (right, upper) = self.place(self.x[0], low), self.place(self.x[1], high)
        self.canvas.box((left, min(lower, upper)), (right, max(lower, upper)), fill=colour)
