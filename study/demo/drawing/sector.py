"""Ultrasound pictures: what reflects, seen through a sector with speckle that widens with depth."""

from __future__ import annotations

import numpy as np

from study.demo.drawing.canvas import WHITE, Canvas
from study.demo.drawing.fields import Field, blur, enlarge, noise, window

HEIGHT, WIDTH = 720, 900


def sector(reflect: Field, seed: int, half_angle: float = 42, apex: float = -0.97, reach: float = 1.9) -> Canvas:
    """A sector of ``reach`` below (0, apex), in coordinates of ``fields.grid`` of the echo picture, twice enlarged.

    ``reflect`` holds reflectivity, 0 (fluid) to 1 (pericardium), of shape (HEIGHT, WIDTH).
    """
    aspect = WIDTH / HEIGHT
    y, x = np.meshgrid(np.linspace(-1, 1, HEIGHT), np.linspace(-aspect, aspect, WIDTH), indexing="ij")
    depth, angle = np.hypot(x, y - apex), np.degrees(np.arctan2(x, y - apex))
    real, imaginary = (noise(1000, 520, seed + i, (2.6, 1.6)) for i in (0, 1))
    polar = np.sqrt(real**2 + imaginary**2) / 1.25
    rows = np.clip(depth / reach * 999, 0, 999).astype(int)
    columns = np.clip((angle / half_angle + 1) / 2 * 519, 0, 519).astype(int)
    grain = blur(polar[rows, columns].astype(np.float32), 0.7)
    beam = blur(reflect, (1.0, 2.2))
    echo = beam * (0.3 + 0.7 * grain) + 0.015 * grain
    inside = (depth < reach) & (depth > 0.06) & (np.abs(angle) < half_angle)
    # Log compression, as scanners show it.
    shown = np.log1p(18 * np.clip(echo, 0, None)) / np.log(19) * inside
    return Canvas.of(enlarge(window(shown.astype(np.float32), 0.05, 1.05)))


def depth_marks(page: Canvas, depth_cm: int, apex: float = -0.97, reach: float = 1.9) -> None:
    """Draw centimetre marks at the right margin."""
    for cm in range(depth_cm + 1):
        y = (apex + reach * cm / depth_cm + 1) / 2 * page.height
        page.line([(page.width - 60, y), (page.width - (84 if cm % 5 == 0 else 72), y)], WHITE, 3)
        if cm % 5 == 0:
            page.text((page.width - 92, y), f"{cm}", 26, WHITE, "rm")
