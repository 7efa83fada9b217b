"""Endoscopy of larynx and upper trachea: mucosa, vessels and depth in the round field of a flexible scope."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from study.demo.drawing.canvas import Canvas, Colour
from study.demo.drawing.cells import Stain, tint
from study.demo.drawing.fields import Field, clouds, ellipse, grid, smooth_path, step, wobble
from study.demo.drawing.paint import Places, areas, enlarge, lines, spots

SIDE = 800
SHAPE = (SIDE, SIDE)
MUCOSA: Colour = (206, 118, 104)
PALE: Colour = (232, 188, 172)
CORD: Colour = (240, 226, 212)
DEEP: Colour = (40, 12, 10)
BLOOD: Colour = (158, 44, 42)


def draw(folder: Path) -> None:
    """Draw inspiration, phonation and the view below the vocal cords."""
    _save(larynx(opening=0.30), 3, folder / "endoscopy-1.jpg")
    _save(larynx(opening=0.012), 5, folder / "endoscopy-2.jpg")
    _save(ring(), 7, folder / "endoscopy-3.jpg")


def vessels(slide: Stain, mask: Field, seed: int, count: int, reach: tuple[float, float], high: float = 0) -> None:
    """Lay fine red vessels over the masked mucosa, running round (0, ``high``) at distances in ``reach``."""
    rng = np.random.default_rng(seed)
    paths = []
    for _ in range(count):
        angle, far = rng.random() * 2 * np.pi, rng.uniform(*reach)
        x, y = far * np.cos(angle), high + far * np.sin(angle)
        heading = angle + np.pi / 2 + rng.normal(0, 0.7)
        path = [(x, y)]
        for _ in range(7):
            heading += rng.normal(0, 0.4)
            x, y = x + 0.03 * np.cos(heading), y + 0.03 * np.sin(heading)
            path.append((x, y))
        paths.append((path, rng.uniform(0.002, 0.006)))
    tint(slide, lines(SHAPE, paths, 0.9) * mask * 0.5, BLOOD)


def wet(slide: Stain, seed: int, places: Places) -> None:
    """Put the glints of a wet surface near the places, each a few specks."""
    rng = np.random.default_rng(seed)
    specks = []
    for px, py in places:
        for _ in range(4):
            x, y = px + rng.normal(0, 0.04), py + rng.normal(0, 0.03)
            specks.append((x, y, rng.uniform(0.004, 0.018), rng.uniform(0.003, 0.008)))
    tint(slide, spots(SHAPE, specks, 1.5) * 0.9, (255, 250, 246))


def mucosa(seed: int) -> Stain:
    """A field of uneven pink mucosa."""
    slide = np.zeros((SIDE, SIDE, 3), dtype=np.float32) + np.array(MUCOSA, dtype=np.float32)
    slide += (10 * clouds(SIDE, SIDE, seed, 110) + 5 * clouds(SIDE, SIDE, seed + 1, 30))[..., None]
    slide[..., 1:] += (6 * clouds(SIDE, SIDE, seed + 2, 60))[..., None]
    return slide


def larynx(opening: float) -> Stain:
    """The larynx from above, front at the top; ``opening`` is half the gap between the vocal processes."""
    slide = mucosa(11)
    x, y = wobble(*grid(SIDE, SIDE), 13, 0.008, 90)
    tint(slide, ellipse(x, y, (0, 0.08), (0.66, 0.72), edge=0.25) * 0.35, (150, 66, 60))
    for side in (-1, 1):
        tint(slide, ellipse(x, y, (side * 0.70, 0.50), (0.16, 0.30), side * 20, edge=0.25) * 0.8, (66, 20, 18))
        fold = [(side * 0.52, -0.62), (side * 0.50, -0.15), (side * (0.34 + opening * 0.5), 0.34)]
        tint(slide, lines(SHAPE, [(fold, 0.16)], 16) * 0.75, (224, 138, 124))
        fold = [(side * 0.10, -0.42), (side * (0.20 + opening * 0.3), -0.05), (side * (0.20 + opening * 0.75), 0.36)]
        tint(slide, lines(SHAPE, [(fold, 0.13)], 9) * 0.6, (216, 124, 112))
    tint(slide, areas(SHAPE, [[(-0.2, 0.42), (0.2, 0.42), (0.24, 0.72), (-0.24, 0.72)]], 18) * 0.7, (206, 112, 102))
    _glottis(slide, opening)
    tint(slide, lines(SHAPE, [([(-opening - 0.1, 0.47), (0, 0.53), (opening + 0.1, 0.47)], 0.1)], 7), (204, 112, 100))
    _arytenoids(slide, x, y, opening)
    rim = ellipse(x, y, (0, -1.05), (0.70, 0.44), edge=0.10)
    tint(slide, ellipse(x, y, (0, -1.01), (0.74, 0.45), edge=0.1) * 0.8, (130, 60, 54))
    tint(slide, rim, (228, 164, 146))
    vessels(slide, rim, 17, 34, (0.05, 0.42), -1.0)
    vessels(slide, 1 - rim, 18, 40, (0.5, 0.9))
    wet(slide, 19, [(-0.14 - opening * 0.75, 0.46), (0.12 + opening * 0.75, 0.45), (0.2, -0.72), (-0.25, -0.74)])
    return slide


def _arytenoids(slide: Stain, x: Field, y: Field, opening: float) -> None:
    for side in (-1, 1):
        at = (side * (0.13 + opening * 0.75), 0.50)
        for grow, colour, weight in (
            (1.12, (128, 54, 50), 0.6),
            (0.92, (218, 130, 118), 1.0),
            (0.5, (236, 164, 150), 0.7),
        ):
            tint(slide, ellipse(x, y, at, (0.14 * grow, 0.16 * grow), side * 12, edge=0.10) * weight, colour)


def _glottis(slide: Stain, opening: float) -> None:
    front, back = (0.0, -0.40), 0.38
    half = [front, (opening * 0.62, 0.02), (opening, back), (opening * 0.9, 0.52)]
    outline = half + [(-px, py) for px, py in reversed(half)]
    depth = areas(SHAPE, [outline], 2.5, smooth=False)
    tint(slide, depth, (84, 30, 26))
    if opening > 0.1:
        x, y = wobble(*grid(SIDE, SIDE), 23, 0.006, 45)
        shelf = (((0.215, 0.25), 0.08, (190, 128, 114)), ((0.15, 0.17), 0.06, PALE), ((0.075, 0.08), 0.03, DEEP))
        for radii, edge, colour in shelf:
            tint(slide, depth * ellipse(x, y, (0, 0.17), radii, edge=edge), colour)
    for side in (-1, 1):
        inner = [front, (side * opening * 0.62, 0.02), (side * opening, back)]
        outer = [(side * (opening + 0.095), back), (side * (opening * 0.62 + 0.115), 0.02), (side * 0.05, -0.41)]
        band = areas(SHAPE, [smooth_path(inner, fine=8) + smooth_path(outer, fine=8)], 2, smooth=False)
        tint(slide, lines(SHAPE, [(outer, 0.04)], 5) * 0.8, (120, 56, 50))
        tint(slide, band, CORD)
        tint(slide, band * lines(SHAPE, [(outer, 0.05)], 6) * 0.5, (200, 150, 136))
        tint(slide, band * lines(SHAPE, [(inner, 0.03)], 4) * 0.5, (206, 168, 156))


def ring() -> Stain:
    """Down the airway from between the cords: a smooth pale ring round a small opening, with normal rings beyond."""
    slide = mucosa(31)
    x, y = wobble(*grid(SIDE, SIDE), 33, 0.012, 130)
    reach = np.hypot(x / 1.02, y)
    tint(slide, step(reach - 0.80, 0.4) * 0.35, (176, 84, 76))
    scar = step(reach - 0.66, 0.2)
    tint(slide, scar, (214, 160, 144))
    tint(slide, step(np.abs(reach - 0.68) - 0.02, 0.16) * 0.6, (140, 64, 58))
    tint(slide, np.exp(-(((reach - 0.44) / 0.13) ** 2)).astype(np.float32) * 0.85, PALE)
    folds = np.sin(np.arctan2(y, x) * 9 + 3 * clouds(SIDE, SIDE, 36, 100)).astype(np.float32)
    tint(slide, np.clip(folds, 0, 1) * step(np.abs(reach - 0.45) - 0.14, 0.15) * 0.25, (250, 226, 214))
    vessels(slide, step(np.abs(reach - 0.46) - 0.18, 0.1), 37, 60, (0.30, 0.62))
    vessels(slide, step(0.66 - reach, 0.1), 38, 60, (0.7, 1.1))
    tint(slide, step(reach - 0.32, 0.13) * 0.75, (150, 76, 66))
    _beyond(slide, x, y, step(reach - 0.265, 0.045))
    for side in (-1, 1):
        edge = [(side * 0.90, -1.0), (side * 0.83, -0.3), (side * 0.86, 0.5), (side * 1.0, 0.9)]
        tint(slide, areas(SHAPE, [[*edge, (side * 1.4, 0.9), (side * 1.4, -1.0)]], 5, smooth=False), CORD)
        tint(slide, lines(SHAPE, [(edge, 0.04)], 7) * 0.7, (150, 80, 70))
    wet(slide, 39, [(-0.3, -0.35), (0.36, 0.3), (0.05, 0.47), (-0.45, 0.12), (0.3, -0.4)])
    return slide


def _beyond(slide: Stain, x: Field, y: Field, lumen: Field) -> None:
    tint(slide, lumen, (70, 26, 22))
    for i, (size, drop) in enumerate(((0.215, 0.012), (0.150, 0.022), (0.105, 0.03))):
        band = np.hypot(x, y - drop)
        front = np.clip(1.15 - (y + size) / size * 0.6, 0.2, 1)
        tint(slide, lumen * step(np.abs(band - size) - 0.006, 0.045) * front * (0.7 - 0.15 * i), (170, 104, 92))
    tint(slide, lumen * step(np.hypot(x, y - 0.04) - 0.06, 0.08), (16, 4, 4))


def _save(slide: Stain, seed: int, path: Path) -> None:
    x, y = grid(SIDE, SIDE)
    far = np.hypot(x, y)
    slide *= (1.10 - 0.55 * far**2)[..., None]
    slide *= step(far - 0.965, 0.015)[..., None]
    Canvas.of(enlarge(slide, 2, seed, 2)).save(path)
