"""High-resolution CT of temporal bones: axial at two levels, and the plane of the superior semicircular canal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from study.demo.drawing import fields as f
from study.demo.drawing.canvas import WHITE, Canvas, Point

SIDE = 800
AIR, FLUID, BRAIN, BONE, CAPSULE, OSSICLE = -950.0, 25.0, 38.0, 1250.0, 2150.0, 1750.0


PETROUS: tuple[Point, ...] = (
    (-0.86, -0.34),
    (-0.45, -0.40),
    (-0.10, -0.47),
    (0.30, -0.56),
    (0.72, -0.66),
    (0.92, -0.58),
    (0.80, -0.34),
    (0.46, 0.02),
    (0.20, 0.38),
    (-0.02, 0.66),
    (-0.34, 0.88),
    (-0.66, 0.80),
    (-0.86, 0.46),
)


def _shape(points: Sequence[Point], soft: float = 3) -> f.Field:
    return f.polygon(SIDE, SIDE, f.smooth_path(points, closed=True), soft)


def _base(x: f.Field, y: f.Field, seed: int) -> f.Field:
    """Petrous and mastoid bone between two fossae, with air cells behind and outside. Right ear, seen from below."""
    field = np.full((SIDE, SIDE), BRAIN, dtype=np.float32)
    bone = _shape(PETROUS)
    texture = BONE + 170 * f.clouds(SIDE, SIDE, seed, 13)
    field = f.layer(field, bone, texture)
    skin = f.step(x + 0.88 + 0.04 * np.sin(3 * y), 0.02)
    field = f.layer(field, skin, 20.0)
    field = f.layer(field, f.step(x + 0.97 + 0.03 * np.cos(2 * y), 0.02), AIR)
    walls = np.abs(f.clouds(SIDE, SIDE, seed + 2, 24))
    cells = np.asarray(np.clip((walls - 0.19) / 0.14, 0, 1), dtype=np.float32)
    region = _shape([(-0.80, 0.20), (-0.50, 0.12), (-0.24, 0.24), (-0.12, 0.50), (-0.36, 0.76), (-0.66, 0.72)], 16)
    field = f.layer(field, cells * region, AIR)
    front = _shape([(-0.30, -0.40), (0.02, -0.42), (0.10, -0.34), (-0.2, -0.30)], 10)
    return f.layer(field, cells * front * 0.9, AIR)


def _labyrinth(field: f.Field, x: f.Field, y: f.Field) -> f.Field:
    """Otic capsule with cochlea, vestibule, and the internal auditory canal."""
    field = f.layer(field, f.ellipse(x, y, (0.23, -0.05), (0.28, 0.34), -28, 0.04), CAPSULE)
    canal = _shape([(0.36, -0.10), (0.60, -0.20), (0.80, -0.24), (0.80, -0.06), (0.60, -0.02), (0.36, 0.0)])
    field = f.layer(field, canal, FLUID)
    for centre, radius in (((0.19, -0.24), 0.105), ((0.145, -0.205), 0.05)):
        ring = np.abs(np.hypot(x - centre[0], y - centre[1]) - radius) - 0.026
        field = f.layer(field, f.step(ring.astype(np.float32), 0.02), FLUID)
    return f.layer(field, f.ellipse(x, y, (0.235, 0.065), (0.062, 0.10), -24, 0.015), FLUID)


def oval_window(side: str, focus_mm: float, seed: int) -> Canvas:
    """Axial section through the oval window; a focus of low density before it, ``focus_mm`` across (60 mm field)."""
    x, y = f.wobble(*f.grid(SIDE, SIDE), seed, 0.005, 70)
    field = _labyrinth(_base(x, y, seed), x, y)
    field = f.layer(field, _shape([(-0.90, -0.10), (-0.50, -0.12), (-0.24, -0.08), (-0.24, 0.13), (-0.9, 0.16)]), AIR)
    cavity = [(-0.24, -0.22), (-0.02, -0.34), (0.05, -0.20), (0.115, 0.02), (0.13, 0.12), (0.05, 0.24), (-0.16, 0.22)]
    field = f.layer(field, _shape(cavity), AIR)
    field = f.layer(field, f.stroke(SIDE, SIDE, [(-0.25, -0.20), (-0.20, 0.18)], 0.012, 1.5), 60.0)
    field = f.layer(field, f.stroke(SIDE, SIDE, [(-0.14, -0.10), (-0.12, 0.0)], 0.035, 2), OSSICLE)
    field = f.layer(field, f.stroke(SIDE, SIDE, [(-0.09, 0.02), (-0.03, 0.065)], 0.035, 2), OSSICLE)
    for foot in (0.02, 0.105):
        field = f.layer(field, f.stroke(SIDE, SIDE, [(-0.03, 0.065), (0.14, foot + 0.008)], 0.010, 1.5), 1150.0)
    plate = f.stroke(SIDE, SIDE, [(0.150, 0.005), (0.180, 0.115)], 0.028, 2)
    field = f.layer(field, plate, 1500.0)
    size = focus_mm / 30 / 2
    spot = f.ellipse(x, y, (0.145, -0.052), (size * 1.2, size), -50, 0.03)
    field = f.layer(field, 0.9 * spot, 720.0)
    return _finish(field, side, f"Axial  {side}  oval window", seed)


def epitympanum(side: str, seed: int) -> Canvas:
    """Axial section through the attic: head of the malleus and body of the incus, lateral semicircular canal."""
    x, y = f.wobble(*f.grid(SIDE, SIDE), seed, 0.005, 70)
    field = _base(x, y, seed)
    field = f.layer(field, f.ellipse(x, y, (0.25, 0.0), (0.29, 0.34), -28, 0.04), CAPSULE)
    canal = _shape([(0.40, -0.16), (0.62, -0.26), (0.80, -0.30), (0.78, -0.14), (0.60, -0.09), (0.40, -0.06)])
    field = f.layer(field, canal, FLUID)
    ring = np.abs(np.hypot((x - 0.17) * 1.05, (y - 0.14)) - 0.125) - 0.022
    field = f.layer(field, f.step(ring.astype(np.float32), 0.018), FLUID)
    field = f.layer(field, f.ellipse(x, y, (0.27, 0.04), (0.055, 0.085), -24, 0.015), FLUID)
    field = f.layer(field, f.ellipse(x, y, (0.21, -0.22), (0.07, 0.03), 20, 0.015), FLUID)
    attic = [(-0.30, -0.22), (-0.14, -0.33), (0.0, -0.26), (0.01, -0.06), (-0.06, 0.10), (-0.16, 0.32), (-0.30, 0.34)]
    field = f.layer(field, _shape([*attic, (-0.30, 0.1)]), AIR)
    field = f.layer(field, f.ellipse(x, y, (-0.135, -0.145), (0.060, 0.058), 0, 0.015), OSSICLE)
    cone = _shape([(-0.195, -0.070), (-0.085, -0.075), (-0.105, 0.03), (-0.155, 0.15), (-0.185, 0.05)], 2)
    field = f.layer(field, cone, OSSICLE)
    field = f.layer(field, f.stroke(SIDE, SIDE, [(-0.19, -0.084), (-0.08, -0.086)], 0.008, 1), 500.0)
    return _finish(field, side, f"Axial  {side}  attic", seed)


def superior_canal(side: str, seed: int) -> Canvas:
    """Plane of the superior semicircular canal: the whole ring, bone between it and the temporal lobe above."""
    x, y = f.wobble(*f.grid(SIDE, SIDE), seed, 0.005, 70)
    field = np.full((SIDE, SIDE), BRAIN, dtype=np.float32)
    roof = (y + 0.30 - 0.07 * np.exp(-((x / 0.28) ** 2)) * -1 + 0.05 * np.sin(4 * x)).astype(np.float32)
    bone = f.step(-roof, 0.012)
    field = f.layer(field, bone, BONE + 170 * f.clouds(SIDE, SIDE, seed, 13))
    walls = np.abs(f.clouds(SIDE, SIDE, seed + 2, 24))
    low = f.step(0.5 - y, 0.2) * f.step(np.abs(x) - 0.9, 0.1) * np.clip((walls - 0.19) / 0.14, 0, 1)
    field = f.layer(field, low, AIR)
    field = f.layer(field, f.ellipse(x, y, (0, 0.0), (0.33, 0.33), 0, 0.04) * bone, CAPSULE)
    ring = np.abs(np.hypot(x, y) - 0.23) - 0.03
    field = f.layer(field, f.step(ring.astype(np.float32), 0.018), FLUID)
    field = f.layer(field, f.ellipse(x, y, (-0.02, 0.28), (0.12, 0.08), 0, 0.02), FLUID)
    return _finish(field, "", f"Oblique (Poeschl)  {side}", seed)


def _finish(field: f.Field, side: str, name: str, seed: int) -> Canvas:
    if side == "left":
        field = field[:, ::-1]
    shown = f.ct_grain(f.blur(field, 1.2), seed + 9, 85)
    page = Canvas.of(f.enlarge(f.hounsfield(shown, 700, 4000)))
    page.text((30, 28), name, 34, WHITE)
    page.text((30, 74), "0.4 mm   W 4000  L 700", 28, WHITE)
    page.scale_bar((60, 1530), 1600 / 60 * 10, "10 mm")
    return page
