"""Blood and marrow under oil immersion, Romanowsky stain, 16 pixels a micrometre: cells, platelets, parasites."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from study.demo.drawing.canvas import Canvas, Colour
from study.demo.drawing.cells import Stain, body, glass, photograph, scatter, stamp
from study.demo.drawing.fields import Field, blur, clouds, noise

WIDE, HIGH = 1600, 1200
UM = 16.0
RED: Colour = (222, 164, 156)
RIM: Colour = (204, 138, 134)
PLASMA: Colour = (240, 234, 230)
CHROMATIN: Colour = (96, 30, 110)
BLUE: Colour = (92, 98, 178)
NUCLEUS: Colour = (92, 52, 132)


@dataclass(frozen=True)
class Leucocyte:
    """A nucleated cell: diameters in micrometres, nucleus off centre by a share of the free room, cytoplasm colour."""

    cell: float
    nucleus: float
    eccentric: float
    cytoplasm: Colour
    coarse: float = 1.0
    granules: Colour | None = None


LYMPHOCYTE = Leucocyte(9.0, 7.8, 0.6, (186, 196, 228))
PLASMACYTOID = Leucocyte(11.5, 7.6, 0.85, (140, 150, 210), 1.3)
PLASMA_CELL = Leucocyte(15.0, 7.8, 0.95, (98, 112, 188), 1.8)
MAST_CELL = Leucocyte(14.5, 6.5, 0.2, (120, 70, 150), 0.8, (58, 22, 92))
MYELOCYTE = Leucocyte(15.0, 10.0, 0.7, (206, 188, 216), 0.9, (170, 120, 170))
ERYTHROBLAST = Leucocyte(9.5, 6.2, 0.2, (178, 168, 190), 2.2)


@cache
def red_cell(seed: int, pallor: float = 0.55, across: float = 7.4) -> tuple[Field, Field]:
    """Masks of a red cell's body and of its pale centre."""
    size = int(9.5 * UM)
    radius = across * UM / 2 * (1 + 0.04 * np.random.default_rng(seed).standard_normal())
    whole = body(size, radius, seed, 0.018, 1.03, 3)
    centre = body(size, radius * 0.50, seed + 1, 0.05, 1.05, radius * 0.55) * pallor
    return whole, centre


def smear(
    seed: int, apart: float = 7.1, pallor: float = 0.55
) -> tuple[Stain, np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    """A monolayer of red cells, and where they lie (n, 2) in pixels; they may touch."""
    slide = glass(HIGH, WIDE, PLASMA, seed, 3)
    places = scatter(WIDE + 120, HIGH + 120, apart * UM, seed) - 60
    rng = np.random.default_rng(seed + 1)
    for i, (x, y) in enumerate(places):
        whole, centre = red_cell(seed * 1000 + i % 24, pallor)
        shade = rng.normal(0, 4)
        stamp(slide, whole * 0.95, tuple(int(c + shade) for c in RIM), (x, y))  # type: ignore[arg-type]
        stamp(slide, blur(whole, 5) * whole * 0.7, RED, (x, y))
        stamp(slide, centre, (240, 214, 208), (x, y))
    return slide, places


def nucleated(slide: Stain, kind: Leucocyte, at: tuple[float, float], seed: int) -> None:
    """Lay a leucocyte over the slide at (x, y)."""
    rng = np.random.default_rng(seed)
    size = int((kind.cell + 3) * UM)
    whole = body(size, kind.cell * UM / 2, seed, 0.05, 1.06, 5)
    stamp(slide, whole, kind.cytoplasm, at)
    grain = np.clip(clouds(size, size, seed + 2, 8) * 0.25, 0, 1)
    stamp(slide, whole * grain, tuple(int(c * 0.86) for c in kind.cytoplasm), at)  # type: ignore[arg-type]
    off, angle = kind.eccentric * (kind.cell - kind.nucleus) * UM / 2, rng.random() * 2 * np.pi
    heart = (at[0] + off * np.cos(angle), at[1] + off * np.sin(angle))
    if kind.eccentric > 0.9:
        hof = (at[0] - off * 0.15 * np.cos(angle), at[1] - off * 0.15 * np.sin(angle))
        stamp(slide, body(size, 2.4 * UM, seed + 6, 0.1, 1, 16) * 0.65, (196, 196, 226), hof)
    if kind.granules:
        granule = body(11, 3.4, 3) * np.float32(0.75)
        for dx, dy in rng.normal(0, kind.cell * UM / 5.2, (110, 2)):
            stamp(slide, granule, kind.granules, (at[0] + dx, at[1] + dy))
    core = body(size, kind.nucleus * UM / 2, seed + 3, 0.05, 1.05, 4)
    stamp(slide, core, NUCLEUS, heart)
    clump = np.clip(clouds(size, size, seed + 4, 14) * kind.coarse, -1, 1)
    stamp(slide, core * np.clip(clump, 0, 1) * 0.6, (58, 24, 92), heart)
    stamp(slide, core * np.clip(-clump, 0, 1) * 0.4, (150, 112, 178), heart)


def platelet(slide: Stain, at: tuple[float, float], seed: int) -> None:
    """Lay a platelet over the slide."""
    stamp(slide, body(60, 17, seed, 0.15, 1.1, 6) * 0.75, (182, 152, 190), at)
    stamp(slide, body(60, 8, seed + 1, 0.3, 1, 6) * 0.6, (130, 74, 150), at)


def ring_form(slide: Stain, at: tuple[float, float], seed: int, dots: int = 1, radius: float = 1.15) -> None:
    """Lay a delicate ring with one or two chromatin dots, ``radius`` in micrometres."""
    rng = np.random.default_rng(seed)
    size = 72
    outer = body(size, radius * UM, seed, 0.05, 1.08, 2.2)
    inner = body(size, radius * UM - 3.4, seed, 0.05, 1.08, 2.6)
    stamp(slide, np.clip(outer - inner * 0.95, 0, 1), BLUE, at)
    angle = rng.random() * 2 * np.pi
    for k in range(dots):
        turn = angle + k * rng.uniform(0.9, 2.6)
        spot = (at[0] + (radius * UM - 1) * np.cos(turn), at[1] + (radius * UM - 1) * np.sin(turn))
        stamp(slide, body(24, 5.2, seed + 9, 0.1, 1.1, 2.5), CHROMATIN, spot)


def on_the_edge(slide: Stain, cell: tuple[float, float], angle: float) -> None:
    """Lay a thin parasite flat along a red cell's outline at ``angle`` (radians), its dot in the middle."""
    for turn in np.linspace(-0.42, 0.42, 19):
        reach = 3.62 * UM
        spot = (cell[0] + reach * np.cos(angle + turn), cell[1] + reach * np.sin(angle + turn))
        stamp(slide, body(16, 3.0, 3, 0, 1, 2) * 0.8, BLUE, spot)
    spot = (cell[0] + 3.7 * UM * np.cos(angle), cell[1] + 3.7 * UM * np.sin(angle))
    stamp(slide, body(24, 5.4, 4, 0.1, 1.2, 2.5), CHROMATIN, spot)


def crescent(slide: Stain, at: tuple[float, float], turn: float) -> None:
    """Lay a crescent 11 micrometres long: chromatin and pigment in the middle, red cell in the hollow."""
    size = 260
    y, x = np.mgrid[:size, :size].astype(np.float32) - size / 2
    x, y = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    bend = y + 0.0042 * x**2
    thick = 24 * np.sqrt(np.clip(1 - (x / 90) ** 2, 0, 1))
    sausage = np.clip((thick - np.abs(bend - 12)) / 3, 0, 1) * (np.abs(x) < 92)
    hollow = np.clip((56 - np.hypot(x / 1.0, y - 10)) / 4, 0, 1) * (bend > 12)
    stamp(slide, (hollow * 0.8).astype(np.float32), (224, 176, 168), at)
    stamp(slide, sausage.astype(np.float32), (146, 138, 192), at)
    middle = np.exp(-((x / 30) ** 2) - (((bend - 12) / 13) ** 2)) * sausage
    stamp(slide, (middle * 0.8).astype(np.float32), (150, 62, 130), at)
    pigment = np.clip(noise(size, size, 5, 2.2) - 0.6, 0, 1) * (np.abs(x) < 38) * sausage
    stamp(slide, np.clip(pigment * 1.3, 0, 1).astype(np.float32), (52, 36, 34), at)


def save(slide: Stain, seed: int, path: Path) -> None:
    """Write the field as a microscope's camera gives it, with a scale bar."""
    shaded = slide + (1.2 * noise(HIGH, WIDE, seed, 0.8))[..., None]
    page = Canvas.of(photograph(shaded))
    page.scale_bar((40, HIGH - 50), 10 * UM, "10 um", (40, 40, 60))
    page.save(path)
