"""Normal tympanic membranes through an otoendoscope."""

from __future__ import annotations

import numpy as np

from study.demo.drawing import cells
from study.demo.drawing import fields as f
from study.demo.drawing.canvas import Canvas

SIDE = 800


def eardrum(side: str, seed: int) -> Canvas:
    """Grey translucent drum with handle of the malleus and cone of light; front to the right in the right ear."""
    x0, y0 = f.grid(SIDE, SIDE)
    if side == "left":
        x0 = -x0
    x, y = f.wobble(x0, y0, seed, 0.012, 120)
    slide = cells.glass(SIDE, SIDE, (206, 140, 112), seed, 7)
    slide *= (1.12 - 0.42 * np.hypot(x, y))[..., None]
    slide += (6 * f.clouds(SIDE, SIDE, seed + 2, 24) + 2 * f.noise(SIDE, SIDE, seed + 3, 2))[..., None]
    cells.tint(slide, 0.55 * f.ellipse(x, y, (0, 0.03), (0.70, 0.76), 8, 0.16), (190, 112, 92))
    cells.tint(slide, f.ellipse(x, y, (0, 0.02), (0.635, 0.69), 8, 0.02), (226, 206, 186))
    drum = f.ellipse(x, y, (0, 0.02), (0.61, 0.665), 8, 0.03)
    cells.tint(slide, drum, (186, 180, 170))
    shade = 10 * f.clouds(SIDE, SIDE, seed + 5, 130) - 46 * (np.hypot(x, y) - 0.35)
    slide += (drum * shade)[..., None]
    cells.tint(slide, 0.34 * drum * f.ellipse(x, y, (-0.22, 0.22), (0.26, 0.24), 0, 0.2), (214, 190, 160))
    cells.tint(slide, 0.30 * drum * f.ellipse(x, y, (-0.30, -0.22), (0.05, 0.20), -22, 0.06), (226, 212, 190))
    cells.tint(slide, 0.5 * f.ellipse(x, y, (0.07, -0.56), (0.20, 0.11), 8, 0.06), (206, 158, 138))
    handle = f.polygon(SIDE, SIDE, _turned([(0.11, -0.50), (0.165, -0.48), (0.02, 0.07), (-0.04, 0.05)], side), 5)
    cells.tint(slide, 0.92 * handle, (236, 222, 196))
    knob = f.ellipse(x, y, (0.15, -0.49), (0.05, 0.042), 0, 0.03)
    cells.tint(slide, knob, (244, 232, 208))
    cells.tint(slide, f.ellipse(x, y, (-0.01, 0.07), (0.05, 0.045), 0, 0.04), (232, 216, 190))
    cone = f.polygon(SIDE, SIDE, _turned([(0.015, 0.10), (0.35, 0.40), (0.20, 0.54)], side), 8)
    cells.tint(slide, 0.8 * cone, (252, 250, 244))
    _vessels(slide, side, seed)
    slide += (2.5 * f.noise(SIDE, SIDE, seed + 8, 0.9))[..., None]
    slide *= f.ellipse(*f.grid(SIDE, SIDE), (0, 0), (0.97, 0.97), 0, 0.02)[..., None]
    return Canvas.of(f.enlarge(cells.photograph(slide)))


def _turned(points: list[tuple[float, float]], side: str) -> list[tuple[float, float]]:
    return [(-px if side == "left" else px, py) for px, py in points]


def _vessels(slide: cells.Stain, side: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    main = [(0.07, -0.56), (0.05, -0.34), (0.0, -0.12), (-0.035, 0.03)]
    cells.tint(slide, 0.4 * f.stroke(SIDE, SIDE, f.smooth_path(_turned(main, side)), 0.010, 1.5), (176, 92, 80))
    for angle in np.linspace(0.2, 6.1, 22):
        reach = 0.64 + 0.02 * rng.random()
        start = (reach * np.cos(angle), reach * 1.08 * np.sin(angle))
        bend = angle + 0.12 * rng.standard_normal()
        end = (0.86 * np.cos(bend), 0.9 * np.sin(bend))
        middle = ((start[0] + end[0]) / 2 + 0.03 * rng.standard_normal(), (start[1] + end[1]) / 2)
        path = f.smooth_path(_turned([start, middle, end], side))
        cells.tint(slide, 0.25 * f.stroke(SIDE, SIDE, path, 0.008, 1.5), (150, 62, 54))
