"""Sections stained with haematoxylin and eosin: fibrous tissue, epithelium, marrow between trabeculae."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from study.demo.drawing.canvas import Canvas, Colour
from study.demo.drawing.cells import Stain, body, photograph, scatter, stamp, tint
from study.demo.drawing.fields import Field, clouds, noise, step

WIDE, HIGH = 1600, 1200
EOSIN: Colour = (226, 150, 176)
DEEP_EOSIN: Colour = (204, 108, 148)
PALE: Colour = (246, 226, 234)
BLUE: Colour = (84, 52, 128)


def crowd(apart: float, seed: int) -> list[tuple[float, float]]:
    """Places all over the field, about ``apart`` pixels: a shaken honeycomb, quick for thousands."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0 : HIGH : apart * 0.87, 0 : WIDE + apart : apart]
    x = x + (np.arange(len(x)) % 2)[:, None] * apart / 2
    places = np.stack([x, y], axis=-1).reshape(-1, 2) + rng.uniform(-0.38, 0.38, (x.size, 2)) * apart
    inside = (places >= 0).all(axis=1) & (places[:, 0] < WIDE) & (places[:, 1] < HIGH)
    return [(float(a), float(b)) for a, b in places[inside]]


def _nucleus(seed: int, long: float, thin: float) -> Field:
    """A stretched nucleus, ``long`` and ``thin`` half axes in pixels."""
    stretch = float(np.sqrt(long / thin))
    return body(int(2.6 * long) + 8, float(np.sqrt(long * thin)), seed, 0.06, stretch, 2.5)


def _nuclei(
    slide: Stain, places: list[tuple[float, float]], seed: int, long: float, thin: float, dark: float = 0.85
) -> None:
    masks = [_nucleus(seed + k, long * (0.85 + 0.04 * (k % 8)), thin * (0.9 + 0.03 * (k % 6))) for k in range(24)]
    for i, at in enumerate(places):
        mask = masks[i % 24]
        if i % 2:
            mask = mask[:, ::-1]
        stamp(slide, mask * dark, BLUE, at)


def _fibres(slide: Stain, mask: Field, seed: int, size: float, flow: float) -> None:
    """Wavy bundles of collagen, ``size`` pixels thick, in the mask."""
    y, x = np.mgrid[:HIGH, :WIDE].astype(np.float32)
    bend = flow * clouds(HIGH, WIDE, seed, 300) + flow / 4 * clouds(HIGH, WIDE, seed + 1, 90)
    phase = (y + bend + 0.12 * x) / size
    bundle = 0.5 + 0.5 * np.sin(phase + 0.8 * clouds(HIGH, WIDE, seed + 2, 60))
    fine = 0.5 + 0.5 * np.sin(phase * 3.7 + 1.4 * clouds(HIGH, WIDE, seed + 3, 40))
    tint(slide, mask * (0.25 + 0.5 * bundle + 0.2 * fine).astype(np.float32), DEEP_EOSIN)
    gap = np.clip(0.16 - bundle, 0, 1) * 5
    tint(slide, mask * np.clip(gap, 0, 0.75).astype(np.float32), PALE)


def _blank(colour: Colour) -> Stain:
    return np.zeros((HIGH, WIDE, 3), dtype=np.float32) + np.array(colour, dtype=np.float32)


def airway_biopsy(folder: Path) -> None:
    """Draw the fibrous wall at low and at high power."""
    low = _blank((247, 243, 246))
    y, x = np.mgrid[:HIGH, :WIDE].astype(np.float32)
    top = 190 + 26 * clouds(HIGH, WIDE, 3, 260) + 18 * np.sin(x / 190)
    tissue = step(top - y, 4)
    tint(low, tissue, EOSIN)
    _fibres(low, step(top + 85 - y, 30), 5, 9, 70)
    layer = tissue * step(y - top - 62 - 8 * clouds(HIGH, WIDE, 6, 80), 6)
    tint(low, layer * 0.75, (196, 124, 172))
    line = top[0]
    cells = [(px, py) for px, py in crowd(13, 7) if 4 < py - line[min(int(px), WIDE - 1)] < 60]
    _nuclei(low, cells, 8, 5.2, 4.0)
    rng = np.random.default_rng(9)
    spindle = [(px, py) for px, py in crowd(34, 10) if py > line[min(int(px), WIDE - 1)] + 80]
    _nuclei(low, spindle, 30, 9, 2.2, 0.7)
    for centre in ((320, 420), (1180, 380), (760, 520)):
        _nuclei(low, [(float(a), float(b)) for a, b in rng.normal(centre, (60, 26), (70, 2))], 60, 3.8, 3.6)
    for at in ((1330, 760), (1400, 790), (1290, 820)):
        _gland(low, at, 44, rng)
    _vessels(low, ((420, 700), (900, 420), (250, 980)), 26, rng)
    _save(low, 1, folder / "biopsy-1.jpg", 80, "200 um")
    _high(folder / "biopsy-2.jpg")


def _high(path: Path) -> None:
    slide = _blank(EOSIN)
    _fibres(slide, np.ones((HIGH, WIDE), dtype=np.float32), 25, 34, 200)
    rng = np.random.default_rng(26)
    _nuclei(slide, [(float(a), float(b)) for a, b in scatter(WIDE, HIGH, 120, 27)], 90, 34, 7.5, 0.8)
    _nuclei(slide, [(float(a), float(b)) for a, b in rng.normal((1050, 520), (150, 80), (26, 2))], 130, 13, 12.5)
    for at in ((460, 560), (1330, 900)):
        _vessels(slide, (at,), 66, rng)
    for at in rng.normal((620, 820), (140, 60), (6, 2)):
        stamp(slide, body(80, 27, int(at[0]), 0.06, 1.15, 8) * 0.8, (196, 138, 192), (at[0], at[1]))
        stamp(slide, _nucleus(int(at[1]), 13, 12) * 0.9, BLUE, (at[0] + 9, at[1] - 4))
    _save(slide, 2, path, 200, "100 um")


def _gland(slide: Stain, at: tuple[float, float], radius: float, rng: np.random.Generator) -> None:
    stamp(slide, body(int(3 * radius), radius, int(at[0]), 0.08, 1.1, 5), (228, 208, 228), at)
    stamp(slide, body(int(3 * radius), radius * 0.4, int(at[1]), 0.1, 1.1, 8), (250, 244, 248), at)
    for turn in np.arange(0, 2 * np.pi, 0.36):
        reach = radius * 0.84 * (1 + rng.normal(0, 0.04))
        stamp(slide, _nucleus(int(turn * 50), 5, 4), BLUE, (at[0] + reach * np.cos(turn), at[1] + reach * np.sin(turn)))


def _vessels(slide: Stain, places: tuple[tuple[float, float], ...], radius: float, rng: np.random.Generator) -> None:
    for at in places:
        stamp(slide, body(int(3.4 * radius), radius, int(at[0]), 0.1, 1.2, 4), (236, 176, 190), at)
        stamp(slide, body(int(3.4 * radius), radius * 0.78, int(at[0]), 0.1, 1.2, 4), (250, 242, 246), at)
        for dx, dy in rng.normal(0, radius * 0.25, (6, 2)):
            stamp(
                slide,
                body(int(radius), radius * 0.22, int(abs(dx * 9)), 0.05, 1.1, 3),
                (214, 96, 92),
                (at[0] + dx, at[1] + dy),
            )
        for turn in np.arange(0.2, 6.2, 0.9):
            spot = (at[0] + radius * 0.92 * np.cos(turn), at[1] + radius * 0.92 * np.sin(turn))
            stamp(slide, _nucleus(int(turn * 70), radius * 0.17, radius * 0.09), BLUE, spot)


def marrow_trephine(path: Path) -> None:
    """Draw marrow filled with small dark cells, denser along the bone; some fat left."""
    slide = _blank((238, 206, 220))
    y, x = np.mgrid[:HIGH, :WIDE].astype(np.float32)
    wave = 40 * clouds(HIGH, WIDE, 43, 200)
    beams = (np.abs(y - 260 - 0.22 * x - wave) - 70, np.abs(x - 1330 + 0.35 * (y - 900) + wave) - 62)
    reach = np.minimum(*beams)
    reach = np.where((beams[1] < beams[0]) & (y < 520), beams[0], reach).astype(np.float32)
    bone = step(reach, 6)
    rng = np.random.default_rng(44)
    fat = [(a, b) for a, b in scatter(WIDE, HIGH, 118, 45) if reach[int(b), int(a)] > 105 and rng.random() < 0.55]
    free = np.ones((HIGH, WIDE), dtype=np.float32)
    for i, at in enumerate(fat):
        radius = 34 + 14 * rng.random()
        mask = body(130, radius, i, 0.05, 1.08, 4)
        stamp(slide, mask, (250, 247, 249), at)
        x0, y0 = int(at[0]) - 65, int(at[1]) - 65
        view = free[max(y0, 0) : y0 + 130, max(x0, 0) : x0 + 130]
        view *= 1 - mask[max(-y0, 0) : max(-y0, 0) + view.shape[0], max(-x0, 0) : max(-x0, 0) + view.shape[1]]
    tint(slide, bone, (226, 132, 162))
    lamella = (0.5 + 0.5 * np.sin(reach / 6)).astype(np.float32)
    tint(slide, bone * lamella * 0.25, (198, 98, 136))
    near = step(reach - 95 - 25 * clouds(HIGH, WIDE, 47, 120), 30)
    small = [(a, b) for a, b in crowd(11.5, 46) if _kept(reach, free, near, a, b, rng)]
    _nuclei(slide, small, 150, 4.6, 4.3, 0.9)
    osteocytes = [(a, b) for a, b in crowd(60, 48) if reach[int(b), int(a)] < -8]
    _nuclei(slide, osteocytes, 180, 6, 3)
    for at in ((640, 760), (1040, 980), (520, 1060)):
        stamp(slide, body(60, 20, int(at[0]), 0.15, 1.1, 6), (224, 164, 196), at)
        stamp(slide, body(60, 12, int(at[1]), 0.3, 1.1, 3), BLUE, at)
    _save(slide, 3, path, 100, "100 um")


def _kept(reach: Field, free: Field, near: Field, a: float, b: float, rng: np.random.Generator) -> bool:
    row, column = int(b), int(a)
    if reach[row, column] < 5 or free[row, column] < 0.6:
        return False
    return bool(rng.random() < 0.45 + 0.5 * near[row, column])


def _save(slide: Stain, seed: int, path: Path, bar: float, label: str) -> None:
    mottled = slide + (3 * clouds(HIGH, WIDE, seed, 24) + 2 * noise(HIGH, WIDE, seed + 1, 1.0))[..., None]
    pixels = photograph(mottled)
    page = Canvas.of(np.asarray(Image.fromarray(pixels)))
    page.scale_bar((40, HIGH - 50), bar, label, (30, 20, 50))
    page.save(path)
