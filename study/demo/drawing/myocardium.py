"""A biopsy of heart muscle whose cells are parted by a deposit: haematoxylin and eosin, Congo red, polarised light."""

from __future__ import annotations

from functools import cache

import numpy as np

from study.demo.drawing import cells
from study.demo.drawing import fields as f
from study.demo.drawing.canvas import INK, WHITE, Canvas

HEIGHT, WIDTH = 700, 900


@cache
def _tissue() -> tuple[f.Field, f.Field]:
    """How deep inside a muscle cell each pixel lies (pixels, negative outside), and the smooth amount of deposit."""
    sites = cells.scatter(WIDTH + 160, HEIGHT + 160, 62, 11).astype(np.float32) - 80
    x, y = np.meshgrid(np.arange(WIDTH, dtype=np.float32), np.arange(HEIGHT, dtype=np.float32))
    x, y = x + 9 * f.clouds(HEIGHT, WIDTH, 1, 50), y + 9 * f.clouds(HEIGHT, WIDTH, 2, 50)
    first = np.full((HEIGHT, WIDTH), 1e9, dtype=np.float32)
    second = first.copy()
    for px, py in sites:
        near = (
            slice(max(int(py) - 170, 0), max(int(py) + 170, 0)),
            slice(max(int(px) - 170, 0), max(int(px) + 170, 0)),
        )
        distance = np.hypot(x[near] - px, y[near] - py)
        second[near] = np.minimum(second[near], np.maximum(first[near], distance))
        first[near] = np.minimum(first[near], distance)
    deposit = np.clip(0.5 + 0.55 * f.clouds(HEIGHT, WIDTH, 6, 170), 0, 1)
    inside = (second - first) / 2 - (4 + 13 * deposit)
    return inside.astype(np.float32), deposit.astype(np.float32)


def _masks() -> tuple[f.Field, f.Field]:
    inside, deposit = _tissue()
    muscle = f.step(-inside, 3)
    return muscle, (1 - muscle) * np.clip(0.35 + deposit, 0, 1)


def _nuclei(slide: cells.Stain, colour: tuple[int, int, int]) -> None:
    inside, _ = _tissue()
    for i, (x, y) in enumerate(cells.scatter(WIDTH, HEIGHT, 46, 23)):
        depth = inside[int(y), int(x)]
        if depth > 8 or (depth < -6 and i % 3 == 0):
            mask = cells.body(30, 6.5 if depth > 8 else 4, i, 0.1, 1.15 if depth > 8 else 1.6, 2)
            cells.stamp(slide, mask, colour, (x, y))


def _page(slide: cells.Stain, label: str, dark: bool) -> Canvas:
    page = Canvas.of(f.enlarge(cells.photograph(slide)))
    colour = WHITE if dark else INK
    page.box((0, 0), (30 + 19 * len(label), 84), fill=(10, 10, 12) if dark else (255, 255, 255))
    page.text((30, 24), label, 34, colour)
    page.scale_bar((60, 1340), 200, "50 um", colour)
    return page


def haematoxylin_eosin() -> Canvas:
    """Pink muscle cells, pale pink structureless material between them."""
    muscle, deposit = _masks()
    slide = cells.glass(HEIGHT, WIDTH, (246, 238, 242), 3)
    cells.tint(slide, deposit, (232, 206, 222))
    cells.tint(slide, muscle, (206, 106, 142))
    slide += (5 * f.noise(HEIGHT, WIDTH, 4, 1.3) + 7 * muscle * f.clouds(HEIGHT, WIDTH, 8, 30))[..., None]
    _nuclei(slide, (84, 58, 126))
    return _page(slide, "H&E  x200", dark=False)


def congo_red() -> Canvas:
    """The same field in Congo red: the deposit salmon, muscle pale."""
    muscle, deposit = _masks()
    slide = cells.glass(HEIGHT, WIDTH, (246, 240, 240), 3)
    cells.tint(slide, muscle, (234, 200, 204))
    cells.tint(slide, deposit, (222, 96, 78))
    slide += (5 * f.noise(HEIGHT, WIDTH, 5, 1.3))[..., None]
    _nuclei(slide, (96, 104, 160))
    return _page(slide, "Congo red  x200  bright field", dark=False)


def polarised() -> Canvas:
    """The same field between crossed polarisers: the deposit shines green and yellow by its fibres' direction."""
    muscle, deposit = _masks()
    slide = cells.glass(HEIGHT, WIDTH, (14, 14, 16), 3, 1)
    cells.tint(slide, muscle * 0.8, (30, 22, 26))
    turned = f.clouds(HEIGHT, WIDTH, 9, 26) + 0.5 * f.noise(HEIGHT, WIDTH, 10, 2)
    shine = deposit * np.clip(0.62 + 0.3 * turned, 0.08, 1)
    cells.tint(slide, shine, (124, 222, 84))
    cells.tint(slide, deposit * np.clip(turned - 1.2, 0, 0.7), (226, 206, 92))
    slide += (3 * f.noise(HEIGHT, WIDTH, 5, 1.2))[..., None]
    return _page(slide, "Congo red  x200  crossed polarisers", dark=True)
