"""The furrows of a brain's convexity, in any section: lines that run inwards from an ellipse, alike on both sides."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from study.demo.drawing.canvas import Point

Path = list[Point]


def furrows(centre: Point, radii: Point, degrees: Sequence[float], depth: float, seed: int) -> list[Path]:
    """Paths from the rim at ``degrees`` from the top, mirrored with small differences; every third one branches.

    ``depth`` is the mean depth as a share of the radii.
    """
    found: list[Path] = []
    rng = np.random.default_rng(seed)
    for k, angle in enumerate(degrees):
        swing, deep = rng.uniform(-9, 9), depth * rng.uniform(0.7, 1.35)
        for side in (-1, 1):
            turned = np.radians(angle + rng.uniform(-2, 2))
            bend = np.radians(swing + rng.uniform(-2, 2))
            steps = np.linspace(-0.02, deep * rng.uniform(0.9, 1.1), 6)
            path = [_place(centre, radii, side, turned + bend * (s / depth) ** 2, 1 - s) for s in steps]
            found.append(path)
            if k % 3 == 1:
                twig = [
                    _place(centre, radii, side, turned + bend * 0.3 - t, 1 - 0.55 * deep - 1.2 * t) for t in (0, 0.05)
                ]
                found.append(twig)
    return found


def _place(centre: Point, radii: Point, side: int, angle: float, share: float) -> Point:
    x, y = radii[0] * share * np.sin(angle), -radii[1] * share * np.cos(angle)
    return float(side * (centre[0] + x)), float(centre[1] + y)
