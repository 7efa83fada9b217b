"""Cross-sections: soft shapes laid down in millimetres, with the grain and the windows of CT and MRI."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from study.demo.drawing.canvas import Canvas
from study.demo.drawing.fields import Field, clouds, ct_grain, ellipse, hounsfield, layer, magnitude_grain, window
from study.demo.drawing.paint import areas

MATRIX = 640
SHOWN = 1600


@dataclass
class Section:
    """A square section of ``span`` mm: Hounsfield units, or MRI signal from 0 to 1. x right, y down, centre 0."""

    span: float
    values: Field
    x: Field
    y: Field
    bent: float = 0.0

    @classmethod
    def empty(cls, span: float, value: float, seed: int = 0, bend: float = 0.0) -> Section:
        """A section of ``value``; shapes laid on it are bent by about ``bend`` mm, so that they look grown."""
        axis = np.linspace(-span / 2, span / 2, MATRIX, dtype=np.float32)
        x, y = np.meshgrid(axis, axis)
        straight = x, y
        if bend:
            scale = MATRIX / 12
            x = x + bend * clouds(MATRIX, MATRIX, seed, scale)
            y = y + bend * clouds(MATRIX, MATRIX, seed + 1, scale)
        bent = max(float(np.abs(x - straight[0]).max()), float(np.abs(y - straight[1]).max()))
        return cls(span, np.full((MATRIX, MATRIX), value, dtype=np.float32), x, y, bent)

    def oval(self, at: tuple[float, float], radii: tuple[float, float], turn: float = 0, edge: float = 0.8) -> Field:
        """The mask of an ellipse, all in mm, turned clockwise by degrees."""
        return ellipse(self.x, self.y, at, radii, turn, edge)

    def put(
        self,
        value: float | Field,
        at: tuple[float, float],
        radii: tuple[float, float],
        turn: float = 0,
        edge: float = 0.8,
    ) -> None:
        """Lay an ellipse of ``value`` over the section."""
        near = self._near(at, max(radii) * (1 + edge / min(radii)) + self.bent)
        mask = ellipse(self.x[near], self.y[near], at, radii, turn, edge)
        self.values[near] = layer(self.values[near], mask, value if isinstance(value, float | int) else value[near])

    def _near(self, at: tuple[float, float], reach: float) -> tuple[slice, slice]:
        """The rows and columns that lie within ``reach`` mm of a place."""
        scale, half = MATRIX / self.span, self.span / 2
        (x0, x1), (y0, y1) = (((c - reach + half) * scale, (c + reach + half) * scale + 2) for c in at)
        return slice(max(int(y0), 0), max(int(y1), 0)), slice(max(int(x0), 0), max(int(x1), 0))

    def pair(
        self, value: float, at: tuple[float, float], radii: tuple[float, float], turn: float = 0, edge: float = 0.8
    ) -> None:
        """Lay an ellipse and its mirror image."""
        self.put(value, at, radii, turn, edge)
        self.put(value, (-at[0], at[1]), radii, -turn, edge)

    def outline(self, points: Sequence[tuple[float, float]], soft: float = 0.5, smooth: bool = True) -> Field:
        """The mask of a closed outline in mm (not bent), with an edge ``soft`` mm wide."""
        half = self.span / 2
        return areas(
            (MATRIX, MATRIX), [[(px / half, py / half) for px, py in points]], soft * MATRIX / self.span, smooth
        )

    def lay(self, mask: Field, value: float | Field) -> None:
        """Lay ``value`` over the section where the mask is 1."""
        self.values = layer(self.values, mask, value)

    def texture(self, mask: Field, amount: float, size: float, seed: int) -> None:
        """Add smooth unevenness of deviation ``amount`` with details of ``size`` mm inside the mask."""
        self.values = self.values + mask * amount * clouds(MATRIX, MATRIX, seed, size * MATRIX / self.span)

    def ct(
        self, path: Path, level: float, width: float, grain: float, seed: int, sides: tuple[str, str] = ("R", "L")
    ) -> None:
        """Write the section as CT in a window, labelled."""
        _save(hounsfield(_larger(ct_grain(self.values, seed, grain)), level, width), path, self.span, sides)

    def mri(self, path: Path, grain: float, seed: int, sides: tuple[str, str] = ("R", "L"), top: float = 1.0) -> None:
        """Write the section as MRI, signal 0 to ``top``, labelled."""
        _save(window(_larger(magnitude_grain(self.values, seed, grain)), 0, top), path, self.span, sides)


def _larger(values: Field) -> Field:
    size = (SHOWN, SHOWN)
    return np.asarray(Image.fromarray(values).resize(size, Image.Resampling.BICUBIC), dtype=np.float32)


def _save(
    grey: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], path: Path, span: float, sides: tuple[str, str]
) -> None:
    page = Canvas.of(grey)
    page.text((24, SHOWN / 2), sides[0], 40, (230, 230, 230), "lm")
    page.text((SHOWN - 24, SHOWN / 2), sides[1], 40, (230, 230, 230), "rm")
    length = 50 if span > 150 else 20
    page.scale_bar((40, SHOWN - 50), length * SHOWN / span, f"{length} mm", (230, 230, 230))
    page.save(path)
