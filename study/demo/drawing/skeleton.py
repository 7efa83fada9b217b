"""Bone-avid scintigraphy in which the heart takes up more than bone: planar views and a tomographic slice."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from study.demo.drawing import fields as f
from study.demo.drawing.canvas import INK, Canvas

HEIGHT, WIDTH = 900, 420
Point = tuple[float, float]
Path = list[Point]


def _bones() -> Iterator[tuple[Path, float, float]]:
    """Bones of half a body as path, width and uptake; y runs from head (-1) to feet (1)."""
    yield [(0.0, -0.70), (0.0, -0.20)], 0.034, 0.42
    yield [(0.02, -0.205), (0.10, -0.19), (0.13, -0.14), (0.09, -0.09)], 0.034, 0.36
    yield [(0.03, -0.66), (0.10, -0.675), (0.19, -0.665)], 0.014, 0.34
    yield [(0.19, -0.655), (0.225, -0.48), (0.235, -0.36)], 0.020, 0.24
    yield [(0.235, -0.36), (0.27, -0.20), (0.285, -0.11)], 0.016, 0.20
    yield [(0.10, -0.06), (0.115, 0.14), (0.10, 0.36)], 0.026, 0.26
    yield [(0.10, 0.40), (0.098, 0.60), (0.095, 0.78)], 0.020, 0.22
    yield [(0.095, 0.82), (0.115, 0.86)], 0.022, 0.2
    for i in range(8):
        top = -0.63 + 0.043 * i
        reach = 0.10 + 0.045 * np.sin(np.pi * (i + 1.5) / 9)
        yield [(0.02, top), (reach, top + 0.012), (reach * 1.02, top + 0.05), (0.045, top + 0.075)], 0.008, 0.26


def _counts(posterior: bool) -> f.Field:
    """Expected counts a pixel; the patient's left is on the right of the anterior view."""
    x, y = f.grid(HEIGHT, WIDTH)
    soft = np.zeros((HEIGHT, WIDTH), dtype=np.float32)
    body: list[tuple[Point, Point]] = [
        ((0, -0.84), (0.075, 0.10)),
        ((0, -0.45), (0.19, 0.27)),
        ((0, -0.15), (0.175, 0.17)),
    ]
    body += [((s * 0.10, 0.17), (0.075, 0.32)) for s in (-1, 1)] + [((s * 0.095, 0.62), (0.05, 0.28)) for s in (-1, 1)]
    body += [((s * 0.235, -0.40), (0.05, 0.32)) for s in (-1, 1)]
    for centre, radii in body:
        soft = np.maximum(soft, f.ellipse(x, y, centre, radii, 0, 0.03))
    field = soft * 0.15
    for path, pen, uptake in _bones():
        for side in (-1, 1):
            mirrored = [(side * px, py) for px, py in path]
            field = np.maximum(field, 0.6 * uptake * f.stroke(HEIGHT, WIDTH, f.smooth_path(mirrored), pen, 3))
    skull = f.ellipse(x, y, (0, -0.85), (0.066, 0.085), 0, 0.02) - f.ellipse(x, y, (0, -0.85), (0.052, 0.07), 0, 0.02)
    field = field + 0.12 * skull
    side = -1 if posterior else 1
    heart = f.ellipse(x, y, (side * 0.065, -0.46), (0.095, 0.068), side * 32, 0.03)
    cavity = f.ellipse(x, y, (side * 0.075, -0.455), (0.05, 0.028), side * 32, 0.03)
    field = field + (heart - 0.45 * cavity) * (0.62 if posterior else 1.0)
    field = field + 0.7 * f.ellipse(x, y, (0, -0.10), (0.042, 0.035), 0, 0.02) * (0.6 if posterior else 1.0)
    for kidney in (-1, 1):
        shape = f.ellipse(x, y, (kidney * 0.075, -0.30), (0.03, 0.055), kidney * 12, 0.02)
        field = field + shape * (0.34 if posterior else 0.10)
    return f.blur(field, 3.2)


def planar() -> Canvas:
    """Anterior and posterior whole-body views three hours after injection, dark where counts are high."""
    page = Canvas(1760, 1960, smooth=1)
    for i, name in enumerate(("ANTERIOR", "POSTERIOR")):
        counts = np.random.default_rng(71 + i).poisson(_counts(bool(i)) * 70 + 0.3).astype(np.float32)
        shown = 255 - f.window(f.blur(counts, 0.9), 0, 46)
        page.picture(f.enlarge(shown), (30 + i * 860, 100))
        page.text((450 + i * 860, 60), name, 34, INK, "mm")
        page.text((60 + i * 860, 130), "L" if i else "R", 36)
        page.text((810 + i * 860, 130), "R" if i else "L", 36)
    page.text((40, 1920), "99mTc-DPD  700 MBq  3 h  whole body", 30, INK, "lm")
    page.text((1720, 1870), "Heart to contralateral lung 2.3 (1 h)", 30, INK, "rm")
    return page


def slice_through_heart() -> Canvas:
    """Transaxial tomographic slice: uptake in the wall of both ventricles, none in the blood pool."""
    x0, y0 = f.grid(640, 800)
    x, y = f.wobble(x0, y0, 15, 0.012, 70)
    trunk = f.ellipse(x0, y0, (0, 0.05), (1.02, 0.76), 0, 0.05)
    lungs = np.maximum(
        f.ellipse(x0, y0, (-0.50, 0.02), (0.36, 0.48), 0, 0.06), f.ellipse(x0, y0, (0.58, 0.08), (0.30, 0.44), 0, 0.06)
    )
    field = 0.16 * trunk - 0.09 * lungs
    wall = f.ellipse(x, y, (0.25, -0.08), (0.40, 0.29), 38, 0.05)
    pool = f.ellipse(x, y, (0.19, -0.12), (0.30, 0.14), 38, 0.06)
    field = field + 0.95 * np.clip(wall - pool, 0, 1)
    right = f.ellipse(x, y, (-0.02, -0.24), (0.34, 0.18), 30, 0.04) - f.ellipse(
        x, y, (-0.01, -0.22), (0.29, 0.13), 30, 0.04
    )
    field = field + 0.38 * np.clip(right - wall, 0, 1)
    for spot, size, uptake in (((0, 0.54), 0.11, 0.3), ((0.02, -0.66), 0.05, 0.2), ((-0.7, 0.34), 0.05, 0.14)):
        field = field + uptake * f.ellipse(x, y, spot, (size, size * 0.8), 0, 0.06)
    counts = np.random.default_rng(19).poisson(np.clip(f.blur(field, 9), 0, None) * 190).astype(np.float32)
    heat = np.clip(f.blur(counts, 5) / 165, 0, 1)
    hot = np.stack([np.clip(3 * heat - shift, 0, 1) for shift in (0, 1, 2)], axis=-1)
    page = Canvas.of(f.enlarge((hot * 255).astype(np.uint8)))
    page.text((30, 28), "SPECT  transaxial  3 h", 34, (255, 255, 255))
    page.text((30, 640), "R", 34, (255, 255, 255))
    page.text((1560, 640), "L", 34, (255, 255, 255), "ra")
    return page
