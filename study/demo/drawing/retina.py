"""Fundus photographs: disc, macula, arteries and veins that branch, haemorrhages and cotton-wool spots."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from study.demo.drawing.canvas import Canvas, Colour
from study.demo.drawing.cells import Stain, tint
from study.demo.drawing.fields import clouds, ellipse, grid, smooth_path, step
from study.demo.drawing.paint import enlarge, lines, spots

SIDE = 800
SHAPE = (SIDE, SIDE)
ARTERY: Colour = (196, 62, 34)
VEIN: Colour = (112, 16, 18)
BLOOD: Colour = (104, 10, 12)
DISC = (0.36, 0.02)
Path2 = list[tuple[float, float]]


ARCADES = (
    ((0.36, 0.02), (0.27, -0.30), (0.02, -0.50), (-0.36, -0.50), (-0.78, -0.34)),
    ((0.36, 0.02), (0.27, 0.34), (0.0, 0.54), (-0.36, 0.54), (-0.80, 0.40)),
    ((0.36, 0.02), (0.50, -0.26), (0.66, -0.52), (0.72, -0.76)),
    ((0.36, 0.02), (0.50, 0.30), (0.66, 0.52), (0.74, 0.74)),
)


def _waved(knots: Path2, amount: float, phase: float) -> Path2:
    """The smooth path through the knots, swinging to both sides by ``amount``."""
    path = np.array(smooth_path(knots, fine=9))
    along = np.gradient(path, axis=0)
    along /= np.hypot(along[:, :1], along[:, 1:]) + 1e-9
    swing = amount * np.sin(phase + 0.75 * np.arange(len(path))) * np.minimum(1, np.arange(len(path)) / 6)
    return [(float(u), float(v)) for u, v in path + swing[:, None] * np.stack([-along[:, 1], along[:, 0]], axis=1)]


def _tree(seed: int, vein: bool) -> list[tuple[Path2, float]]:
    """Paths with widths: four arcades from the disc with branches away from the macula; veins wide and tortuous."""
    rng = np.random.default_rng(seed)
    swing, width, aside = (0.017, 0.026, 0.035) if vein else (0.004, 0.014, -0.02)
    paths: list[tuple[Path2, float]] = []
    for arcade in ARCADES:
        knots = [(u, v + aside * np.sign(v) * min(1, 4 * k)) for k, (u, v) in enumerate(arcade)]
        knots = [
            (u + rng.normal(0, 0.015) * (k > 0), v + rng.normal(0, 0.015) * (k > 0)) for k, (u, v) in enumerate(knots)
        ]
        main = _waved(knots, swing, rng.random() * 6)
        paths.append((main, width))
        for k in range(10, len(main) - 4, 6):
            u, v = main[k]
            away = np.arctan2(v, u + 0.1) + rng.normal(0.35 if (k // 6) % 2 else -0.35, 0.15)
            ends = [(u + far * np.cos(away + far), v + far * np.sin(away + far)) for far in (0, 0.14, 0.28, 0.42)]
            paths.append((_waved(ends, swing * 0.7, rng.random() * 6), width * rng.uniform(0.4, 0.6)))
    for v in (-0.12, 0.14):
        paths.append((_waved([(0.3, v * 0.8), (0.12, v * 1.3), (-0.06, v * 1.1)], swing * 0.4, 1.0), width * 0.35))
    return paths


def _beaded(tree: list[tuple[Path2, float]], seed: int) -> list[tuple[float, float, float, float]]:
    """Swellings along the wide veins, a row of sausages with narrow necks between."""
    rng = np.random.default_rng(seed)
    beads = []
    for path, width in tree:
        for k in range(2, len(path) - 1):
            swell = 0.5 + 0.2 * np.sin(k * 0.9 + 0.4 * rng.random())
            (x, y), (u, v) = path[k], path[k + 1]
            for share in (0.0, 0.33, 0.66):
                beads.append((x + share * (u - x), y + share * (v - y), width * swell, width * swell))
    return beads


def _haemorrhages(slide: Stain, seed: int) -> None:
    rng = np.random.default_rng(seed)
    blots, flames = [], []
    for _ in range(58):
        angle, far = rng.random() * 2 * np.pi, rng.uniform(0.42, 0.93)
        x, y, r = far * np.cos(angle), far * np.sin(angle), rng.uniform(0.008, 0.032)
        blots.append((x, y, r, r * rng.uniform(0.7, 1.2)))
    for _ in range(26):
        angle, far = rng.random() * 2 * np.pi, rng.uniform(0.16, 0.55)
        x, y = DISC[0] + far * np.cos(angle), DISC[1] + far * np.sin(angle)
        if np.hypot(x + 0.2, y) < 0.16:
            continue
        for _ in range(6):
            lean, long = angle + rng.normal(0, 0.14), rng.uniform(0.04, 0.10)
            u, v = x + rng.normal(0, 0.008), y + rng.normal(0, 0.008)
            flames.append(([(u, v), (u + long * np.cos(lean), v + long * np.sin(lean))], rng.uniform(0.006, 0.014)))
    tint(slide, spots(SHAPE, blots, 2.2) * 0.85, BLOOD)
    tint(slide, lines(SHAPE, flames, 1.6) * 0.85, (128, 16, 16))


def fundus(path: Path, seed: int, right: bool) -> None:
    """Draw a fundus with dilated, beaded veins; the disc lies on the nasal side (right of a right eye's picture)."""
    x, y = grid(SIDE, SIDE)
    slide = np.zeros((SIDE, SIDE, 3), dtype=np.float32) + np.array((204, 96, 46), dtype=np.float32)
    slide += (7 * clouds(SIDE, SIDE, seed, 130) + 3 * clouds(SIDE, SIDE, seed + 1, 26))[..., None]
    tint(slide, ellipse(x, y, (-0.20, 0.03), (0.26, 0.24), edge=0.3) * 0.55, (140, 48, 24))
    tint(slide, ellipse(x, y, (-0.20, 0.03), (0.05, 0.05), edge=0.07) * 0.4, (104, 30, 18))
    tint(slide, ellipse(x, y, DISC, (0.16, 0.18), edge=0.12) * 0.55, (232, 150, 84))
    tint(slide, ellipse(x, y, DISC, (0.115, 0.13), edge=0.07), (244, 190, 122))
    tint(slide, ellipse(x, y, DISC, (0.05, 0.055), edge=0.05) * 0.8, (254, 226, 176))
    arteries, veins = _tree(seed + 2, False), _tree(seed + 3, True)
    thin = [(p, w * 0.55) for p, w in veins]
    tint(slide, lines(SHAPE, thin, 1.0) * 0.9, VEIN)
    wide = spots(SHAPE, _beaded(veins, seed + 4), 1.2)
    tint(slide, wide * 0.92, VEIN)
    tint(slide, lines(SHAPE, [(p, w * 0.14) for p, w in veins], 1.2) * wide * 0.35, (190, 70, 60))
    tint(slide, lines(SHAPE, [(p, w * 1.9) for p, w in arteries], 2.0) * 0.25, (216, 120, 66))
    tint(slide, lines(SHAPE, arteries, 0.9) * 0.9, ARTERY)
    tint(slide, lines(SHAPE, [(p, w * 0.25) for p, w in arteries], 0.8) * 0.6, (240, 150, 96))
    _haemorrhages(slide, seed + 5)
    wool = [(0.14, -0.34, 0.034, 0.022), (0.06, 0.42, 0.03, 0.02), (0.55, 0.36, 0.026, 0.02), (0.6, -0.3, 0.022, 0.016)]
    tint(slide, spots(SHAPE, wool, 7) * 0.85, (250, 226, 180))
    far = np.hypot(x, y)
    slide *= (1.08 - 0.5 * far**2.4)[..., None]
    slide *= step(far - 0.955, 0.012)[..., None]
    if not right:
        slide = slide[:, ::-1]
    Canvas.of(enlarge(np.ascontiguousarray(slide), 2, seed, 2)).save(path)
