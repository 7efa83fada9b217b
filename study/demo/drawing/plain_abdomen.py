"""Plain radiographs of an abdomen with a gas-filled, undilated colon and no obstruction."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from study.demo.drawing import fields as f
from study.demo.drawing.canvas import WHITE, Canvas, Point

HEIGHT, WIDTH = 1000, 800
COLON: tuple[tuple[Point, ...], ...] = (
    ((-0.52, 0.42), (-0.55, 0.12), (-0.52, -0.20), (-0.50, -0.38)),
    ((-0.44, -0.42), (-0.22, -0.27), (0.05, -0.22), (0.28, -0.32), (0.45, -0.50)),
    ((0.50, -0.44), (0.53, -0.18), (0.52, 0.10), (0.47, 0.34)),
)
PELVIS: tuple[Point, ...] = (
    (0.12, 0.62),
    (0.22, 0.46),
    (0.44, 0.38),
    (0.62, 0.44),
    (0.64, 0.58),
    (0.50, 0.74),
    (0.34, 0.92),
    (0.20, 0.84),
)
SACRUM: tuple[Point, ...] = ((-0.17, 0.56), (0.17, 0.56), (0.10, 0.80), (0.04, 0.98), (-0.04, 0.98), (-0.10, 0.80))


def _shape(points: Sequence[Point], soft: float = 4) -> f.Field:
    return f.polygon(HEIGHT, WIDTH, points, soft)


def _stroke(points: Sequence[Point], pen: float, soft: float = 3) -> f.Field:
    return f.stroke(HEIGHT, WIDTH, f.smooth_path(points), pen, soft)


def _bones(field: f.Field) -> f.Field:
    for i in range(8):
        top = -0.90 + 0.185 * i
        wide = 0.105 + 0.006 * i
        field = field + 0.16 * _shape([(-wide, top), (wide, top), (wide, top + 0.15), (-wide, top + 0.15)], 5)
        field = field + 0.08 * _stroke([(0, top + 0.06), (0, top + 0.14)], 0.03)
        field = field + 0.06 * _stroke([(-0.22, top + 0.03), (0, top + 0.07), (0.22, top + 0.03)], 0.03, 4)
    for side in (-1, 1):
        for i in range(3):
            rib = [(side * 0.13, -0.92 + 0.16 * i), (side * 0.42, -0.86 + 0.2 * i), (side * 0.66, -0.66 + 0.2 * i)]
            field = field + 0.075 * _stroke(rib, 0.045)
        wing = [(side * px, py) for px, py in PELVIS]
        field = field + 0.13 * _shape(f.smooth_path(wing, closed=True)) + 0.08 * _stroke(wing[1:6], 0.03)
        hip = [(side * (0.47 + 0.1 * np.cos(a)), 0.97 + 0.1 * np.sin(a)) for a in np.linspace(0, 6.2, 30)]
        field = field + 0.18 * _shape(hip)
    return field + 0.14 * _shape(SACRUM, 5)


def _gas(field: f.Field, x: f.Field, y: f.Field, path: Sequence[Point], seed: int, stool: float) -> f.Field:
    """Gas of one piece of colon, in rounded haustra, mottled by stool."""
    rng = np.random.default_rng(seed)
    gas = np.zeros_like(field)
    for px, py in f.smooth_path(path, fine=5)[::2]:
        reach = np.hypot(x - np.float32(px + 0.01 * rng.standard_normal()), y - np.float32(py))
        gas = np.maximum(gas, f.step(reach - np.float32(0.072 + 0.016 * rng.random()), 0.02))
    mottle = 1 - stool * np.clip(0.55 + 0.6 * f.clouds(HEIGHT, WIDTH, seed, 13), 0, 1)
    return np.asarray(field - 0.17 * gas * mottle, dtype=np.float32)


def radiograph(erect: bool) -> Canvas:
    """Anteroposterior film, supine or erect; bright where rays are stopped."""
    x, y = f.wobble(*f.grid(HEIGHT, WIDTH), 3 + erect, 0.006, 110)
    field = 0.50 * f.ellipse(x, y, (0, 0.05), (0.78, 1.45), 0, 0.10) + 0.03 * f.clouds(HEIGHT, WIDTH, 7, 160)
    field = field + 0.05 * f.ellipse(x, y, (-0.38, -0.60), (0.40, 0.36), 16, 0.05)
    for side in (-1, 1):
        psoas = ((0.10, -0.55), (0.16, -0.45), (0.33, 0.35), (0.24, 0.5), (0.10, 0.1))
        field = field + 0.035 * _shape([(side * px, py) for px, py in psoas], 5)
        field = field + 0.025 * f.ellipse(x, y, (side * 0.32, -0.32), (0.10, 0.19), -side * 14, 0.03)
    field = _bones(field)
    for i, path in enumerate(COLON):
        field = _gas(
            field, x, y, [(px, py + 0.05 * erect) for px, py in path], 31 + i + 10 * erect, 0.95 - 0.6 * (i > 0)
        )
    for spot, radii in (((0.02, 0.74), (0.09, 0.08)), ((0.12, 0.14), (0.056, 0.04)), ((-0.2, 0.22), (0.05, 0.035))):
        field = field - 0.08 * f.ellipse(x, y, spot, radii, 30, 0.03)
    if erect:
        field = _chest_base(field, x, y)
    shown = f.blur(np.clip(field, 0, None), 1.0) + 0.010 * f.noise(HEIGHT, WIDTH, 61 + erect, 0.7)
    page = Canvas.of(f.enlarge(f.window(shown, 0.02, 0.86)))
    page.bold((60, 60), "R", 64, WHITE)
    page.text((1540, 60), "AP ERECT" if erect else "AP SUPINE", 40, WHITE, "ra")
    return page


def _chest_base(field: f.Field, x: f.Field, y: f.Field) -> f.Field:
    """Lung above both domes of the diaphragm, the stomach's bubble with its level; no gas beneath the right dome."""
    for side, top in ((-1, -0.78), (1, -0.72)):
        dome = f.ellipse(x, y, (side * 0.38, top + 0.55), (0.38, 0.55), 0, 0.02)
        field = field - 0.27 * f.ellipse(x, y, (side * 0.40, -1.0), (0.34, 0.42), 0, 0.04) * (1 - dome)
    return field - 0.2 * f.ellipse(x, y, (0.36, -0.50), (0.15, 0.13), 0, 0.02) * f.step(y + 0.46, 0.01)
