"""Ultrasound: tissue in millimetres seen by a linear or a curved probe, with speckle, shadow and enhancement."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from study.demo.drawing.canvas import Canvas, Colour, Pixels
from study.demo.drawing.fields import Field, blur, clouds, ellipse, layer, noise, speckle, step, window

Place = tuple[float, float]


def plane(height: int, width: int, mm: float) -> tuple[Field, Field]:
    """Coordinates in mm of a view ``mm`` to the pixel: x from the middle, y the depth."""
    y, x = np.mgrid[:height, :width].astype(np.float32) * np.float32(mm)
    return x - np.float32(width * mm / 2), y


def oval(x: Field, y: Field, at: Place, radii: Place, turn: float = 0, edge: float = 0.6) -> Field:
    """The mask of an ellipse in mm, turned clockwise by degrees."""
    return ellipse(x, y, at, radii, turn, edge)


def fibres(shape: tuple[int, int], seed: int) -> Field:
    """Streaks along the view, as of muscle and fascia."""
    return noise(*shape, seed, (1.5, 30))


def echo(field: Field, seed: int, down: float, across: float) -> Pixels:
    """Grey levels of reflectivities (0 to 1): speckled and compressed as a scanner does."""
    seen = speckle(np.clip(field, 0.004, 2).astype(np.float32), seed, down, across)
    return window(np.log10(np.clip(seen, 0.003, 2)).astype(np.float32), -1.9, 0.25)


def neck_tissue(x: Field, y: Field, seed: int) -> Field:
    """Skin, subcutaneous fat and strap muscles, down to about 10 mm."""
    shape = (x.shape[0], x.shape[1])
    field = np.full(shape, 0.16, dtype=np.float32) + 0.03 * clouds(*shape, seed, 60)
    field = layer(field, step(y - 1.6, 0.3), 0.5)
    field = layer(field, step(np.abs(y - 3.2) - 1.4, 0.4), 0.10)
    muscle = step(np.abs(y - 7.0 - 0.01 * x) - 2.3, 0.4)
    field = layer(field, muscle, 0.075 + 0.025 * fibres(shape, seed + 1))
    for depth in (4.6, 9.4):
        field = layer(field, step(np.abs(y - depth - 0.01 * x) - 0.16, 0.3), 0.7)
    return field


def _linear(path: Path, field: Field, seed: int, mm: float, colour: Field | None = None) -> None:
    """Write a linear probe's view; ``colour`` is a Doppler mask."""
    grey = echo(field, seed, 1.6, 3.2)
    picture = np.repeat(grey[..., None], 3, axis=2).astype(np.float32)
    if colour is not None:
        flow = np.array((214, 60, 24), dtype=np.float32)
        picture += colour[..., None] * (flow - picture)
    factor = 2
    small = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))
    large = np.asarray(small.resize((small.width * factor, small.height * factor), Image.Resampling.BICUBIC))
    _frame(large, path, factor / mm)


def _frame(
    picture: Pixels, path: Path, per_mm: float, step_mm: int = 10, measured: tuple[Place, Place, str] | None = None
) -> None:
    page = Canvas(picture.shape[1], picture.shape[0] + 120, (0, 0, 0), 1)
    page.picture(picture, (0, 60))
    pale: Colour = (200, 200, 200)
    for k in range(int(picture.shape[0] / per_mm) // step_mm + 1):
        y = 60 + k * step_mm * per_mm
        page.line([(page.width - 26, y), (page.width - 8, y)], pale, 3)
        page.text((page.width - 34, y), f"{k * step_mm // 10}", 24, pale, "rm")
    page.text((24, 14), "depth in cm", 24, pale)
    if measured:
        for x, y in measured[:2]:
            page.line([(x - 14, y), (x + 14, y)], (255, 220, 90), 3)
            page.line([(x, y - 14), (x, y + 14)], (255, 220, 90), 3)
        page.text((24, page.height - 44), f"+ {measured[2]}", 28, (255, 220, 90))
    page.save(path)


def neck_longitudinal(path: Path) -> None:
    """The right thyroid lobe lengthwise (head at the left) with an 18 x 8 mm oval nodule behind its lower pole."""
    mm = 0.06
    x, y = plane(560, 800, mm)
    x, y = x + 0.25 * clouds(560, 800, 3, 90), y + 0.2 * clouds(560, 800, 4, 90)
    field = neck_tissue(x, y, 5)
    lobe = oval(x, y, (-3.5, 15.2), (19, 6.0), 2)
    field = layer(field, oval(x, y, (-3.5, 15.2), (19.4, 6.4), 2), 0.6)
    field = layer(field, lobe, 0.30 + 0.03 * clouds(560, 800, 7, 24))
    field = layer(field, step(np.abs(y - 29 - 0.5 * np.sin(x / 6)) - 3.6, 0.6), 0.07 + 0.03 * fibres((560, 800), 9))
    field = layer(field, step(np.abs(y - 25 - 0.02 * x) - 0.16, 0.3), 0.55)
    field = layer(field, oval(x, y, (9.5, 22.4), (9.4, 4.4), -5), 0.75)
    nodule = oval(x, y, (9.5, 22.5), (9.0, 4.0), -5, 0.4)
    field = layer(field, nodule, 0.060 + 0.006 * clouds(560, 800, 11, 20))
    field = field * (1 + 0.5 * step(np.abs(x - 9.5) - 7, 3) * step(26.5 - y, 0.5))
    _linear(path, field * np.exp(-y / 60), 13, mm)


def neck_transverse(path: Path) -> None:
    """The right lobe across: carotid outside, trachea inside, the nodule behind, its feeding vessel in colour."""
    mm = 0.06
    x, y = plane(560, 800, mm)
    x, y = x + 0.25 * clouds(560, 800, 23, 90), y + 0.2 * clouds(560, 800, 24, 90)
    field = neck_tissue(x, y, 25)
    field = layer(field, oval(x, y, (15.5, 17.5), (8.6, 8.0)), 0.75)
    field = layer(field, oval(x, y, (15.5, 17.5), (8.0, 7.4)), 0.09)
    air = step(np.abs(x - 16.5) - 7, 2) * step(13 - y, 0.6)
    field = layer(field, air, 0.10 + 0.25 * np.exp(-(((y % 4.0) - 2) ** 2) / 0.3))
    field = layer(field, oval(x, y, (0.5, 15.4), (9.2, 6.4), 8), 0.6)
    field = layer(field, oval(x, y, (0.5, 15.4), (8.8, 6.0), 8), 0.30 + 0.03 * clouds(560, 800, 27, 24))
    field = layer(field, oval(x, y, (-14.5, 18), (3.9, 3.9)), 0.6)
    field = layer(field, oval(x, y, (-14.5, 18), (3.4, 3.4)), 0.012)
    field = layer(field, oval(x, y, (-19.5, 14.5), (4.5, 2.4), -20), 0.015)
    field = layer(field, step(np.abs(y - 30) - 3.0, 0.6), 0.07 + 0.03 * fibres((560, 800), 29))
    field = layer(field, oval(x, y, (1.5, 24.0), (4.9, 4.4)), 0.75)
    field = layer(field, oval(x, y, (1.5, 24.1), (4.5, 4.0), 0, 0.4), 0.06 + 0.006 * clouds(560, 800, 31, 20))
    field = field * (1 + 0.5 * step(np.abs(x - 1.5) - 3.5, 2) * step(28.2 - y, 0.5))
    vessel = step(np.abs(y - 22.2 - 0.9 * np.sin((x + 8) / 2.4)) - 0.55, 0.4) * step(np.abs(x + 6.7) - 4.4, 0.5)
    arc = (
        step(np.abs(np.hypot((x - 1.5) / 4.5, (y - 24.1) / 4.0) - 1) - 0.09, 0.06)
        * step(x + 0.2, 0.5)
        * step(y - 26, 1)
    )
    carotid = oval(x, y, (-14.5, 18), (3.2, 3.2))
    speck = np.clip(0.75 + 0.2 * noise(560, 800, 33, 3), 0, 1)
    _linear(path, field * np.exp(-y / 60), 35, mm, np.clip(vessel + arc + carotid, 0, 1) * speck)


def spleen(path: Path) -> None:
    """A curved probe's view of a spleen 14 cm long, head at the left, and the left kidney."""
    height, width, mm = 600, 800, 0.24
    x, y = plane(height, width, mm)
    bent = (x + 1.2 * clouds(height, width, 41, 120), y + 1.0 * clouds(height, width, 42, 120))
    field = np.full((height, width), 0.075, dtype=np.float32) + 0.02 * clouds(height, width, 43, 60)
    field = layer(field, step(y - 14 - 0.0012 * x**2, 1.5), 0.22 + 0.06 * fibres((height, width), 44))
    organ = _crescent(bent[0], bent[1])
    field = layer(field, blur(organ, 4), 0.55)
    field = layer(field, organ, 0.26 + 0.015 * clouds(height, width, 45, 40))
    kidney = oval(*bent, (46, 96), (30, 16), 28, 1.5)
    field = layer(field, oval(*bent, (46, 96), (31.5, 17.5), 28, 1.5), 0.6)
    field = layer(field, kidney, 0.15)
    field = layer(field, oval(*bent, (46, 96), (18, 6), 28, 5), 0.6)
    for at in ((-14.0, 70.0), (-2.0, 73.0)):
        field = layer(field, oval(*bent, at, (5, 1.8), 25, 0.8), 0.015)
    lung = step(x + 66 + 0.35 * (y - 40), 3)
    field = layer(field, lung, (0.1 + 0.1 * np.exp(-(((y % 17) - 8) ** 2) / 6)).astype(np.float32))
    field = field * np.exp(-y / 190)
    grey = echo(field.astype(np.float32), 47, 1.4, 2.6)
    apex = 52.0
    reach, angle = np.hypot(x, y + apex), np.arctan2(x, y + apex)
    grey = (grey * step(np.abs(angle) - 0.86, 0.01) * step(apex + 6 - reach, 1) * step(reach - apex - 128, 1)).astype(
        np.uint8
    )
    large = np.asarray(Image.fromarray(grey).resize((width * 2, height * 2), Image.Resampling.BICUBIC))
    _frame(large, path, 2 / mm, measured=((246, 320), (1380, 640), "D1 142 mm"))


def _crescent(x: Field, y: Field) -> Field:
    outer = oval(x, y, (-4, 48), (71, 35), 8, 1.5)
    hollow = oval(x, y, (6, 92), (50, 30), 14, 1.5)
    return np.asarray(np.clip(outer - hollow, 0, 1), dtype=np.float32)
