"""Soft masks drawn quickly: many shapes in one pass, blurred together; coordinates as in ``fields.grid``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from PIL import Image, ImageDraw

from study.demo.drawing.canvas import Pixels
from study.demo.drawing.cells import Stain, photograph
from study.demo.drawing.fields import Field, noise, smooth_path, soften

Places = Sequence[tuple[float, float]]


def _pixels(places: Places, height: int, width: int) -> list[tuple[float, float]]:
    return [((x * height + width) / 2, (y + 1) * height / 2) for x, y in places]


def lines(
    shape: tuple[int, int], paths: Iterable[tuple[Places, float]], soft: float = 1.5, smooth: bool = True
) -> Field:
    """A mask (0 to 1) of all (path, pen) lines; ``pen`` in coordinates, paths rounded unless ``smooth`` is off."""
    mask = Image.new("L", (shape[1], shape[0]), 0)
    draw = ImageDraw.Draw(mask)
    for path, pen in paths:
        places = smooth_path(path, fine=8) if smooth and len(path) > 2 else path
        draw.line(_pixels(places, *shape), fill=255, width=max(1, round(pen * shape[0] / 2)), joint="curve")
    return soften(mask, soft)


def areas(shape: tuple[int, int], outlines: Iterable[Places], soft: float = 2, smooth: bool = True) -> Field:
    """A mask (0 to 1) of all closed outlines, rounded unless ``smooth`` is off."""
    mask = Image.new("L", (shape[1], shape[0]), 0)
    draw = ImageDraw.Draw(mask)
    for outline in outlines:
        draw.polygon(_pixels(smooth_path(outline, True, 8) if smooth else outline, *shape), fill=255)
    return soften(mask, soft)


def spots(shape: tuple[int, int], discs: Iterable[tuple[float, float, float, float]], soft: float = 1.5) -> Field:
    """A mask (0 to 1) of all upright ellipses (x, y, half width, half height)."""
    mask = Image.new("L", (shape[1], shape[0]), 0)
    draw = ImageDraw.Draw(mask)
    for x, y, across, down in discs:
        draw.ellipse(_pixels([(x - across, y - down), (x + across, y + down)], *shape), fill=255)
    return soften(mask, soft)


def enlarge(slide: Stain, times: int, seed: int, grain: float) -> Pixels:
    """The picture ``times`` larger: smooth, with fine grain of deviation ``grain``."""
    small = Image.fromarray(photograph(slide))
    large = small.resize((small.width * times, small.height * times), Image.Resampling.BICUBIC)
    speck = grain * noise(large.height, large.width, seed)
    pixels = np.asarray(large, dtype=np.float32)
    return photograph(pixels + (speck if pixels.ndim == 2 else speck[..., None]))
