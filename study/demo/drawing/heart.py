"""A thick-walled heart, or a normal one, seen by echocardiography; a plot of its strain."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from study.demo.drawing import fields as f
from study.demo.drawing.canvas import INK, WHITE, Canvas, Colour, Point
from study.demo.drawing.sector import HEIGHT, WIDTH, depth_marks, sector

# Peak systolic longitudinal strain in per cent, anticlockwise from anterior: basal, middle and apical segments, apex.
STRAIN = ((-5, -4, -6, -5, -7, -6), (-9, -8, -10, -9, -11, -10), (-18, -17, -19, -18), (-20,))
WALLS = ("Anterior", "Anteroseptal", "Inferoseptal", "Inferior", "Inferolateral", "Anterolateral")


def four_chambers(chambers: Sequence[Sequence[Point]] = (), fluid: float = 0.035, notes: str = "") -> Canvas:
    """Apical four-chamber view: the given cavities (thick walls by default) and a rim of fluid."""
    x, y = f.wobble(*f.grid(HEIGHT, WIDTH), 41, 0.012, 90)
    field = np.full((HEIGHT, WIDTH), 0.10, dtype=np.float32) + 0.03 * f.clouds(HEIGHT, WIDTH, 5, 120)
    outer = np.maximum(f.ellipse(x, y, (0.06, -0.10), (0.60, 0.66)), f.ellipse(x, y, (0.0, 0.40), (0.66, 0.48)))
    pericardium = np.maximum(
        f.ellipse(x, y, (0.06, -0.10), (0.66 + fluid, 0.72)), f.ellipse(x, y, (0.0, 0.40), (0.70, 0.52))
    )
    field = f.layer(field, pericardium, 0.75)
    field = f.layer(field, f.ellipse(x, y, (0.06, -0.10), (0.61 + fluid, 0.67 + fluid / 2)), 0.01)
    muscle = 0.34 + 0.10 * f.noise(HEIGHT, WIDTH, 8, 1.6)
    field = f.layer(field, outer, muscle)
    for chamber in chambers or THICK:
        cavity = f.polygon(HEIGHT, WIDTH, f.smooth_path(chamber, closed=True), 5)
        field = f.layer(field, cavity, 0.008)
    for leaflet in _LEAFLETS:
        field = np.maximum(field, 0.55 * f.stroke(HEIGHT, WIDTH, f.smooth_path(leaflet), 0.03))
    page = sector(field, 21)
    depth_marks(page, 17)
    page.text((40, 34), "A4C   2D   1.7/3.4 MHz", 30, WHITE)
    page.text((40, 78), notes, 30, WHITE)
    return page


THICK: tuple[tuple[Point, ...], ...] = (
    ((0.10, 0.28), (0.10, 0.0), (0.14, -0.30), (0.24, -0.50), (0.36, -0.34), (0.44, -0.05), (0.47, 0.28), (0.28, 0.31)),
    ((-0.09, 0.30), (-0.10, 0.05), (-0.12, -0.25), (-0.17, -0.38), (-0.28, -0.20), (-0.38, 0.06), (-0.43, 0.30)),
    ((0.03, 0.42), (0.10, 0.34), (0.28, 0.33), (0.48, 0.34), (0.60, 0.52), (0.54, 0.76), (0.30, 0.86), (0.08, 0.76)),
    ((-0.03, 0.42), (-0.12, 0.36), (-0.42, 0.37), (-0.58, 0.54), (-0.50, 0.78), (-0.26, 0.84), (-0.06, 0.74)),
)
NORMAL: tuple[tuple[Point, ...], ...] = (
    ((0.05, 0.28), (0.03, 0.0), (0.02, -0.36), (0.14, -0.66), (0.38, -0.52), (0.54, -0.15), (0.55, 0.28), (0.28, 0.31)),
    ((-0.06, 0.30), (-0.06, 0.05), (-0.07, -0.34), (-0.15, -0.54), (-0.34, -0.36), (-0.47, 0.0), (-0.50, 0.30)),
    ((0.05, 0.42), (0.12, 0.35), (0.28, 0.34), (0.44, 0.35), (0.50, 0.50), (0.44, 0.68), (0.28, 0.75), (0.10, 0.66)),
    ((-0.06, 0.42), (-0.14, 0.36), (-0.38, 0.37), (-0.48, 0.52), (-0.40, 0.70), (-0.26, 0.75), (-0.10, 0.66)),
)
_LEAFLETS = (
    ((0.09, 0.30), (0.18, 0.22), (0.25, 0.16)),
    ((0.46, 0.30), (0.38, 0.23), (0.33, 0.17)),
    ((-0.10, 0.33), (-0.18, 0.27), (-0.23, 0.21)),
    ((-0.44, 0.33), (-0.37, 0.27), (-0.31, 0.21)),
)


def short_axis_echo(wall: float = 0.26, fluid: float = 0.04, notes: str = "") -> Canvas:
    """Parasternal short axis at the papillary muscles: a ring ``wall`` thick in a rim of fluid."""
    x, y = f.wobble(*f.grid(HEIGHT, WIDTH), 61, 0.010, 80)
    field = np.full((HEIGHT, WIDTH), 0.12, dtype=np.float32) + 0.03 * f.clouds(HEIGHT, WIDTH, 9, 90)
    field = f.layer(field, f.ellipse(x, y, (0.05, 0.09), (0.62 + fluid, 0.56 + fluid)), 0.7)
    field = f.layer(field, f.ellipse(x, y, (0.05, 0.09), (0.58 + fluid, 0.52 + fluid)), 0.01)
    muscle = 0.36 + 0.11 * f.noise(HEIGHT, WIDTH, 12, 1.6)
    field = f.layer(field, f.ellipse(x, y, (-0.12, -0.03), (0.50, 0.41), -20), muscle)
    field = f.layer(field, f.ellipse(x, y, (-0.20, -0.11), (0.42 - wall / 8, 0.30 - wall / 8), -24), 0.01)
    field = f.layer(field, f.ellipse(x, y, (0.12, 0.14), (0.49, 0.47)), muscle)
    field = f.layer(field, f.ellipse(x, y, (0.13, 0.15), (0.49 - wall, 0.47 - wall), 0, 0.03), 0.008)
    reach = (0.49 - wall) * 0.72
    for spot in ((0.13 - reach, 0.15 + reach * 0.7), (0.13 + reach, 0.15 + reach * 0.6)):
        field = f.layer(field, f.ellipse(x, y, spot, (0.07, 0.06), 30, 0.03), muscle)
    page = sector(field, 33)
    depth_marks(page, 16)
    page.text((40, 34), "PSAX papillary level   2D   1.7/3.4 MHz", 30, WHITE)
    page.text((40, 78), notes, 30, WHITE)
    return page


def shade(strain: float) -> Colour:
    """Colour of a strain value: deep red at -20 %, paling to blue at 0."""
    stops = (
        (-22, (150, 8, 20)),
        (-15, (222, 52, 48)),
        (-10, (244, 150, 140)),
        (-6, (250, 214, 208)),
        (0, (150, 180, 236)),
    )
    values = [float(np.interp(strain, [s for s, _ in stops], [c[i] for _, c in stops])) for i in range(3)]
    return round(values[0]), round(values[1]), round(values[2])


def strain_plot(rings: Sequence[Sequence[float]] = STRAIN) -> Canvas:
    """Bull's-eye of 17 segments with the value of each, base outside and apex in the middle."""
    page = Canvas(1600, 1600, (16, 18, 24))
    centre, radii = (800.0, 830.0), (600.0, 430.0, 270.0, 115.0)
    for ring, (values, radius) in enumerate(zip(rings, radii, strict=True)):
        inner = radii[ring + 1] if ring < 3 else 0.0
        _ring(page, centre, radius, inner, values)
    for i, wall in enumerate(WALLS):
        angle = np.radians(-90 - 60 * i)
        page.text((800 + 690 * np.cos(angle), 830 + 650 * np.sin(angle)), wall, 30, WHITE, "mm")
    mean = np.mean([value for values in rings for value in values])
    page.text((40, 40), "Peak systolic longitudinal strain", 38, WHITE)
    page.text((40, 92), f"GLS (mean of 17 segments) {mean:.1f} %   frame rate 62/s", 30, WHITE)
    for i in range(100):
        page.box((1500, 1240 - 8 * i), (1540, 1248 - 8 * i), fill=shade(-22 * i / 100))
    page.text((1520, 1262), "0 %", 26, WHITE, "ma")
    page.text((1520, 430), "-22 %", 26, WHITE, "ms")
    return page


def _ring(page: Canvas, centre: tuple[float, float], outer: float, inner: float, values: Sequence[float]) -> None:
    width = 360 / len(values)
    for i, value in enumerate(values):
        middle = -90 - width * i
        arc = np.radians(np.linspace(middle - width / 2, middle + width / 2, 40))
        if len(values) == 1:
            arc = np.radians(np.linspace(0, 360, 80))
        rim = [(centre[0] + outer * np.cos(a), centre[1] + outer * np.sin(a)) for a in arc]
        back = [(centre[0] + inner * np.cos(a), centre[1] + inner * np.sin(a)) for a in arc[::-1]]
        page.shape(rim + back, fill=shade(value), edge=None if len(values) == 1 else INK)
        reach = (outer + inner) / 2 if len(values) > 1 else 0
        spot = (centre[0] + reach * np.cos(np.radians(middle)), centre[1] + reach * np.sin(np.radians(middle)))
        page.bold(spot, f"{value:g}", 44, INK, "mm")
