"""A blood film with normal red cells."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from study.demo.drawing import cells
from study.demo.drawing import fields as f
from study.demo.drawing.canvas import INK, Canvas

HEIGHT, WIDTH = 1200, 1600


def film(seed: int = 8) -> Canvas:
    """Oil immersion: discs with a pale centre, two neutrophils, a lymphocyte, scattered platelets."""
    slide = cells.glass(HEIGHT, WIDTH, (240, 233, 228), seed)
    rng = np.random.default_rng(seed)
    whites = ((470.0, 420.0), (1180.0, 780.0), (880.0, 180.0))
    for i, (x, y) in enumerate(cells.scatter(WIDTH, HEIGHT, 78, seed)):
        if min(np.hypot(x - a, y - b) for a, b in whites) < 130:
            continue
        r = 38 + 1.6 * rng.standard_normal()
        tone = (214, 142, 138)
        cells.stamp(slide, 0.88 * cells.body(110, r, i, 0.015, 1.02, 3), tone, (x, y))
        pale = f.blur(cells.body(110, r * 0.36, i + 9000, 0.05, 1, 10), 6)
        cells.stamp(slide, 0.75 * pale, (238, 206, 200), (x, y))
    for i in range(26):
        spot = (float(rng.random() * WIDTH), float(rng.random() * HEIGHT))
        cells.stamp(slide, 0.8 * cells.body(30, 8, i, 0.15, 1.1, 3), (150, 96, 150), spot)
    for i, place in enumerate(whites):
        _white_cell(slide, place, i)
    slide += (2.5 * f.noise(HEIGHT, WIDTH, 4, 0.9))[..., None]
    page = Canvas.of(cells.photograph(slide))
    page.scale_bar((60, 1130), 104, "10 um", INK)
    return page


def _white_cell(slide: cells.Stain, place: tuple[float, float], number: int) -> None:
    x, y = place
    lymphocyte = number == 2
    radius = 52 if lymphocyte else 66
    tone = (172, 186, 222) if lymphocyte else (226, 200, 208)
    cells.stamp(slide, cells.body(180, radius, 400 + number, 0.03, 1, 4), tone, place)
    if lymphocyte:
        cells.stamp(slide, cells.body(150, 43, 41, 0.04, 1, 4), (92, 58, 128), (x - 4, y + 2))
        return
    lobes = ((-26, -18), (0, -30), (24, -6), (8, 22))
    for i, (dx, dy) in enumerate(lobes):
        cells.stamp(slide, cells.body(70, 19, 500 + i + number, 0.08, 1.08, 4), (98, 62, 134), (x + dx, y + dy))
    for (ax, ay), (bx, by) in pairwise(lobes):
        cells.stamp(slide, cells.body(40, 8, 3, 0.05, 1.2, 3), (98, 62, 134), (x + (ax + bx) / 2, y + (ay + by) / 2))
    grains = np.random.default_rng(number).normal(0, 26, (60, 2))
    for dx, dy in grains[np.hypot(grains[:, 0], grains[:, 1]) < 54]:
        cells.stamp(slide, 0.5 * cells.body(9, 2.2, 1, 0, 1, 2), (190, 130, 160), (x + dx, y + dy))
