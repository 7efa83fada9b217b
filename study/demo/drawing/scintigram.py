"""Planar scintigraphy: counts drawn from an activity map, Poisson noise, the blur of a collimator."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from study.demo.drawing.canvas import Canvas
from study.demo.drawing.fields import Field, blur, clouds, ellipse, grid

SIDE = 256


def sestamibi(path: Path, minutes: int, thyroid: float, focus: float, seed: int) -> None:
    """Neck and chest from the front; ``thyroid`` and ``focus`` are activities relative to the early thyroid (1)."""
    x, y = grid(SIDE, SIDE)
    body = ellipse(x, y, (0, 0.62), (0.86, 0.75), edge=0.2) + ellipse(x, y, (0, -0.5), (0.30, 0.6), edge=0.15)
    field: Field = 0.10 * np.clip(body, 0, 1) * (1 + 0.15 * clouds(SIDE, SIDE, seed, 40))
    gland = 0.8 if minutes < 60 else 0.55
    for side in (-1, 1):
        field = field + gland * 0.75 * ellipse(x, y, (side * 0.26, -0.80), (0.06, 0.09), side * 15, edge=0.1)
        field = field + gland * ellipse(x, y, (side * 0.17, -0.62), (0.065, 0.05), side * -20, edge=0.08)
        lobe = ellipse(x, y, (side * 0.10, -0.24), (0.052, 0.135), side * 10, edge=0.09)
        field = field + thyroid * 0.72 * lobe
    field = field + thyroid * 0.5 * ellipse(x, y, (0, -0.15), (0.08, 0.035), edge=0.06)
    field = field + focus * ellipse(x, y, (-0.105, -0.10), (0.040, 0.052), 8, edge=0.05)
    heart = ellipse(x, y, (0.26, 0.72), (0.30, 0.22), 35, edge=0.12) - 0.75 * ellipse(
        x, y, (0.27, 0.74), (0.16, 0.10), 35, edge=0.1
    )
    field = field + 1.0 * np.clip(heart, 0, 1) + 0.5 * ellipse(x, y, (-0.55, 1.05), (0.5, 0.22), edge=0.2)
    field = blur(np.asarray(field, dtype=np.float32), 2.2)
    counts = np.random.default_rng(seed).poisson(np.clip(field, 0, None) * 46).astype(np.float32)
    shown = blur(counts, 0.8)
    large = np.asarray(Image.fromarray(shown).resize((1600, 1600), Image.Resampling.BICUBIC))
    page = Canvas.of((255 * (1 - np.clip(large / 46, 0, 1) ** 0.85)).astype(np.uint8))
    page.text((40, 40), f"Tc-99m sestamibi, anterior, {minutes} min", 44)
    page.text((40, 800), "R", 44, anchor="lm")
    page.text((1560, 800), "L", 44, anchor="rm")
    page.save(path)
