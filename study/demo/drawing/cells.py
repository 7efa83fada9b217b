"""Microscopy: fields of cells scattered without overlap, blended in the colours of a stain."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from study.demo.drawing.canvas import Colour
from study.demo.drawing.fields import Field, clouds

Stain = NDArray[np.float32]


def scatter(width: float, height: float, apart: float, seed: int, tries: int = 12) -> NDArray[np.float64]:
    """Places (n, 2) as (x, y) at least ``apart`` from each other (Poisson disc by throwing darts at a grid of bins)."""
    rng = np.random.default_rng(seed)
    bin_size = apart / np.sqrt(2)
    columns, rows = int(width / bin_size) + 1, int(height / bin_size) + 1
    taken: dict[tuple[int, int], tuple[float, float]] = {}
    for x, y in rng.random((tries * columns * rows // 2, 2)) * (width, height):
        i, j = int(x / bin_size), int(y / bin_size)
        near = (taken.get((a, b)) for a in range(i - 2, i + 3) for b in range(j - 2, j + 3))
        if all(other is None or (other[0] - x) ** 2 + (other[1] - y) ** 2 >= apart**2 for other in near):
            taken[i, j] = (float(x), float(y))
    return np.array(list(taken.values())).reshape(-1, 2)


def glass(height: int, width: int, colour: Colour, seed: int, unevenness: float = 4) -> Stain:
    """An empty slide of a colour, unevenly lit: float32 (height, width, 3), values 0 to 255."""
    light = unevenness * clouds(height, width, seed, width / 6)
    return (np.array(colour, dtype=np.float32) + light[..., None]).astype(np.float32)


def tint(slide: Stain, mask: Field, colour: Colour) -> None:
    """Lay a colour over the slide where the mask (0 to 1) is, in place."""
    rows, columns = _reach(mask.any(axis=1)), _reach(mask.any(axis=0))
    part, near = slide[rows, columns], mask[rows, columns]
    for band in range(3):
        change = np.float32(colour[band]) - part[..., band]
        change *= near
        part[..., band] += change


def _reach(used: ArrayLike) -> slice:
    """From the first to the last place in use."""
    places = np.flatnonzero(used)
    return slice(int(places[0]), int(places[-1]) + 1) if len(places) else slice(0, 0)


def stamp(slide: Stain, mask: Field, colour: Colour, centre: tuple[float, float]) -> None:
    """Lay a small mask centred at (x, y) pixels over the slide, in place, cut at the edges."""
    height, width = mask.shape
    left, top = round(centre[0] - width / 2), round(centre[1] - height / 2)
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + width, slide.shape[1]), min(top + height, slide.shape[0])
    if x0 < x1 and y0 < y1:
        part = mask[y0 - top : y1 - top, x0 - left : x1 - left]
        tint(slide[y0:y1, x0:x1], part, colour)


def body(size: int, radius: float, seed: int, rough: float = 0.06, stretch: float = 1, edge: float = 3) -> Field:
    """A soft cell body (size, size): the radius in pixels varies by ``rough``; ``stretch`` makes it oval."""
    rng = np.random.default_rng(seed)
    turn, phases = rng.random() * np.pi, rng.random(4) * 2 * np.pi
    y, x = np.mgrid[:size, :size].astype(np.float32) - (size - 1) / 2
    along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    around = np.linspace(-np.pi, np.pi, 1024)
    waves = np.sum([np.cos((k + 2) * around + phase) / (k + 1) for k, phase in enumerate(phases)], axis=0)
    place = ((np.arctan2(across, along) + np.pi) * (1023 / (2 * np.pi))).astype(np.intp)
    reach = np.hypot(along / stretch, across * stretch) - (radius * (1 + rough * waves)).astype(np.float32)[place]
    return np.asarray(np.clip(0.5 - reach / edge, 0, 1), dtype=np.float32)


def photograph(slide: Stain) -> NDArray[np.uint8]:
    """The slide as a picture (height, width, 3)."""
    return np.clip(slide, 0, 255).round().astype(np.uint8)
