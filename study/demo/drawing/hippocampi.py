"""Magnetic resonance of a normal brain: coronal through the hippocampi, axial through the basal ganglia."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from study.demo.drawing import fields as f
from study.demo.drawing import paint, sulci
from study.demo.drawing.canvas import WHITE, Canvas, Point

SIDE = 800


FISSURE: tuple[tuple[Point, ...], ...] = (
    ((0.64, 0.10), (0.48, 0.10), (0.37, 0.02)),
    ((0.37, 0.02), (0.35, -0.06)),
    ((0.37, 0.02), (0.36, 0.12)),
)
CORONAL = [
    *sulci.furrows((0, -0.19), (0.665, 0.60), (13, 29, 45, 61, 78, 95), 0.22, 71),
    *sulci.furrows((0.43, 0.30), (0.245, 0.25), (75, 115, 155), 0.36, 72),
]
AXIAL = sulci.furrows((0, 0), (0.635, 0.815), (11, 24, 37, 50, 63, 112, 124, 136, 148, 160, 171), 0.17, 73)


@dataclass(frozen=True)
class Weighting:
    """Signal of each tissue, 0 to 1."""

    name: str
    fluid: float
    grey: float
    white: float
    fat: float
    muscle: float


FLAIR = Weighting("FLAIR", 0.05, 0.56, 0.43, 0.66, 0.24)
T2 = Weighting("T2", 0.95, 0.52, 0.34, 0.62, 0.16)


def _cortex(field: f.Field, brain: f.Field, tissue: Weighting, paths: list[sulci.Path]) -> f.Field:
    """Folded cortex: fluid in the sulci, a ribbon of grey along them and the rim, white matter within."""
    depth = f.blur(brain, 36)
    field = f.layer(field, brain, tissue.white)
    rim = np.clip((0.70 - depth) / 0.10, 0, 1)
    ribbon = paint.lines((SIDE, SIDE), [(path, 0.085) for path in paths], 6)
    field = f.layer(field, brain * np.maximum(ribbon, rim), tissue.grey)
    return f.layer(field, brain * paint.lines((SIDE, SIDE), [(path, 0.014) for path in paths], 1.4), tissue.fluid)


def _pair(x: f.Field, y: f.Field, centre: Point, radii: Point, turn: float = 0, edge: float = 0.015) -> f.Field:
    return np.maximum(
        f.ellipse(x, y, centre, radii, turn, edge), f.ellipse(x, y, (-centre[0], centre[1]), radii, -turn, edge)
    )


def _head(x: f.Field, y: f.Field, radii: Point, tissue: Weighting) -> f.Field:
    field = np.zeros((SIDE, SIDE), dtype=np.float32)
    field = f.layer(field, f.ellipse(x, y, (0, 0), radii, 0, 0.012), tissue.fat)
    field = f.layer(field, f.ellipse(x, y, (0, 0), (radii[0] - 0.045, radii[1] - 0.04), 0, 0.01), 0.04)
    return f.layer(field, f.ellipse(x, y, (0, 0), (radii[0] - 0.095, radii[1] - 0.09), 0, 0.012), tissue.fluid)


def coronal(tissue: Weighting, seed: int) -> Canvas:
    """Oblique coronal section at the level of the hippocampal bodies."""
    x0, y0 = f.grid(SIDE, SIDE)
    x, y = f.wobble(x0, y0, seed, 0.006, 60)
    field = _head(x0, y0, (0.80, 0.93), tissue)
    field = f.layer(field, _pair(x0, y0, (0.50, 0.70), (0.13, 0.22), 30, 0.02), tissue.muscle)
    base = f.step(0.46 + 0.10 * np.abs(x0) - y0, 0.03) * f.ellipse(x0, y0, (0, 0), (0.70, 0.83), 0, 0.02)
    field = f.layer(field, base, 0.5 * tissue.muscle)
    upper = f.ellipse(x, y, (0, -0.19), (0.665, 0.60), 0, 0.012)
    temporal = _pair(x, y, (0.43, 0.30), (0.245, 0.25), -18, 0.012)
    field = _cortex(field, np.maximum(upper * f.step(y - 0.26, 0.02), temporal), tissue, CORONAL)
    for path in (
        ((0.64, 0.10), (0.48, 0.10), (0.37, 0.02)),
        ((0.37, 0.02), (0.35, -0.06)),
        ((0.37, 0.02), (0.36, 0.12)),
    ):
        both = [path, tuple((-px, py) for px, py in path)]
        for side in both:
            field = f.layer(field, f.stroke(SIDE, SIDE, side, 0.05, 4), tissue.grey)
            field = f.layer(field, f.stroke(SIDE, SIDE, side, 0.018, 1.5), tissue.fluid)
    field = f.layer(field, f.stroke(SIDE, SIDE, [(0, -0.80), (0, -0.30)], 0.05, 4), tissue.grey)
    field = f.layer(field, f.stroke(SIDE, SIDE, [(0, -0.82), (0, -0.30)], 0.016, 1.5), tissue.fluid)
    field = f.layer(field, f.ellipse(x, y, (0, -0.25), (0.26, 0.05), 0, 0.02), tissue.white)
    field = f.layer(field, _pair(x, y, (0.125, -0.165), (0.115, 0.042), 22), tissue.fluid)
    field = f.layer(field, _pair(x, y, (0.115, -0.01), (0.105, 0.10), 0, 0.03), tissue.grey - 0.02)
    field = f.layer(field, _pair(x, y, (0.265, -0.03), (0.055, 0.12), 14, 0.03), tissue.grey)
    field = f.layer(field, f.ellipse(x, y, (0, 0.0), (0.018, 0.085)), tissue.fluid)
    stem = np.maximum(f.ellipse(x, y, (0, 0.42), (0.17, 0.26), 0, 0.015), _pair(x, y, (0.10, 0.20), (0.10, 0.10), 30))
    field = f.layer(field, f.ellipse(x, y, (0, 0.36), (0.24, 0.34), 0, 0.02) * (1 - temporal), tissue.fluid)
    field = f.layer(field, stem, 0.5 * (tissue.white + tissue.grey))
    field = _hippocampi(field, x, y, tissue)
    return _finish(field, f"Coronal {tissue.name}", seed)


def _hippocampi(field: f.Field, x: f.Field, y: f.Field, tissue: Weighting) -> f.Field:
    field = f.layer(field, _pair(x, y, (0.30, 0.215), (0.112, 0.066), 8), tissue.white)
    field = f.layer(field, _pair(x, y, (0.345, 0.175), (0.055, 0.018), 25), tissue.fluid)
    field = f.layer(field, _pair(x, y, (0.295, 0.22), (0.085, 0.048), 8), tissue.grey - 0.03)
    field = f.layer(field, _pair(x, y, (0.300, 0.222), (0.048, 0.016), 10), tissue.white + 0.03)
    field = f.layer(field, _pair(x, y, (0.292, 0.232), (0.030, 0.010), 10), tissue.grey)
    field = f.layer(field, _pair(x, y, (0.205, 0.185), (0.03, 0.014), -30), tissue.fluid)
    return f.layer(field, _pair(x, y, (0.255, 0.285), (0.075, 0.028), 25), tissue.grey)


def axial(tissue: Weighting, seed: int) -> Canvas:
    """Axial section through the basal ganglia and the frontal horns."""
    x0, y0 = f.grid(SIDE, SIDE)
    x, y = f.wobble(x0, y0, seed, 0.006, 60)
    field = _head(x0, y0, (0.76, 0.94), tissue)
    field = _cortex(field, f.ellipse(x, y, (0, 0), (0.635, 0.815), 0, 0.012), tissue, AXIAL)
    for top, bottom in ((-0.82, -0.36), (0.40, 0.82)):
        field = f.layer(field, f.stroke(SIDE, SIDE, [(0, top), (0, bottom)], 0.055, 4), tissue.grey)
        field = f.layer(field, f.stroke(SIDE, SIDE, [(0, top), (0, bottom)], 0.016, 1.5), tissue.fluid)
    for side in (-1, 1):
        insula = [(side * 0.62, -0.14), (side * 0.46, -0.08), (side * 0.42, 0.04), (side * 0.47, 0.16)]
        field = f.layer(field, f.stroke(SIDE, SIDE, f.smooth_path(insula), 0.06, 4), tissue.grey)
        field = f.layer(field, f.stroke(SIDE, SIDE, f.smooth_path(insula), 0.02, 1.5), tissue.fluid)
    field = f.layer(field, f.ellipse(x, y, (0, -0.02), (0.34, 0.36), 0, 0.05), tissue.white)
    field = f.layer(field, _pair(x, y, (0.145, -0.235), (0.05, 0.10), 18, 0.02), tissue.grey)
    field = f.layer(field, _pair(x, y, (0.285, -0.03), (0.058, 0.165), -16, 0.03), tissue.grey - 0.02)
    field = f.layer(field, _pair(x, y, (0.115, 0.13), (0.095, 0.145), -24, 0.03), tissue.grey - 0.02)
    field = f.layer(field, _pair(x, y, (0.085, -0.25), (0.034, 0.115), -22), tissue.fluid)
    field = f.layer(field, _pair(x, y, (0.20, 0.40), (0.03, 0.12), -18), tissue.fluid)
    field = f.layer(field, f.ellipse(x, y, (0, 0.10), (0.013, 0.12)), tissue.fluid)
    field = f.layer(field, f.ellipse(x, y, (0, -0.345), (0.13, 0.035), 0, 0.02), tissue.white)
    field = f.layer(field, f.ellipse(x, y, (0, 0.315), (0.14, 0.04), 0, 0.02), tissue.white)
    return _finish(field, f"Axial {tissue.name}", seed)


def _finish(field: f.Field, name: str, seed: int) -> Canvas:
    shown = f.magnitude_grain(f.blur(field, 1.0), seed + 9, 0.016, 0.9)
    page = Canvas.of(f.enlarge(f.window(shown, 0, 1)))
    page.text((30, 28), f"{name}   3 T   3 mm", 34, WHITE)
    page.text((30, 800), "R", 36, WHITE, "lm")
    page.text((1570, 800), "L", 36, WHITE, "rm")
    return page
