"""Pure-tone audiograms, tympanograms and stapedius reflexes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from study.demo.drawing.canvas import BLUE, GREY, INK, RED, RULE, WHITE, Canvas, Colour
from study.demo.drawing.plots import Axes

TONES = (125, 250, 500, 1000, 2000, 4000, 8000)
NORMAL: Colour = (236, 244, 236)


@dataclass(frozen=True)
class Ear:
    """One ear: thresholds in dB HL by Hz for air and masked bone conduction, speech (dB, per cent)."""

    side: str
    air: Mapping[int, float]
    bone: Mapping[int, float]
    speech: tuple[int, int]

    @property
    def mean(self) -> float:
        """Mean of air conduction at 0.5, 1, 2 and 4 kHz, in dB HL."""
        return sum(self.air[tone] for tone in (500, 1000, 2000, 4000)) / 4


def audiogram(ear: Ear) -> Canvas:
    """The usual chart: circles (right) or crosses (left) for air, masked bone as brackets, loudness downwards."""
    page = Canvas(1600, 1500)
    colour = RED if ear.side == "Right" else BLUE
    axes = Axes(page, (190, 150), (1500, 1250), (100, 10000), (120, -10), doubling=True)
    axes.band(-10, 20, NORMAL)
    axes.x_ticks(TONES, [f"{tone:,}" for tone in TONES])
    axes.y_ticks(range(-10, 121, 10))
    axes.frame(f"{ear.side} ear", "Frequency (Hz)", "Hearing level (dB)")
    axes.curve([(tone, level) for tone, level in ear.air.items()], colour, 4)
    dots = [(tone, level) for tone, level in ear.bone.items()]
    fine = [(2**a, b) for a, b in _between(dots)]
    axes.curve(fine, colour, 3, dashed=True)
    for tone, level in ear.air.items():
        _air(page, axes.place(tone, level), ear.side, colour)
    for tone, level in ear.bone.items():
        _bone(page, axes.place(tone, level), ear.side, colour)
    level, share = ear.speech
    page.text((190, 1400), f"Mean air 0.5-4 kHz: {ear.mean:.0f} dB    Speech: {share} % at {level} dB", 30)
    page.text((190, 1450), "O / X air    [ ] bone, masked", 26, GREY)
    return page


def _between(dots: list[tuple[int, float]]) -> list[tuple[float, float]]:
    octaves = np.log2([tone for tone, _ in dots])
    places = np.linspace(octaves[0], octaves[-1], 61)
    levels = np.interp(places, octaves, [level for _, level in dots])
    return list(zip(places.tolist(), levels.tolist(), strict=True))


def _air(page: Canvas, at: tuple[float, float], side: str, colour: Colour) -> None:
    x, y = at
    if side == "Right":
        page.disc(at, 19, fill=WHITE, edge=colour)
        return
    page.line([(x - 17, y - 17), (x + 17, y + 17)], colour, 5)
    page.line([(x - 17, y + 17), (x + 17, y - 17)], colour, 5)


def _bone(page: Canvas, at: tuple[float, float], side: str, colour: Colour) -> None:
    x, y = at
    out = -1 if side == "Right" else 1
    x += out * 10
    page.line([(x, y - 22), (x + out * 14, y - 22), (x + out * 14, y + 22), (x, y + 22)], colour, 5)


def tympanometry(compliance: Mapping[str, float]) -> Canvas:
    """Tympanograms of both ears (peak in mL at about 0 daPa), reflex recordings beneath: flat at every level."""
    page = Canvas(1800, 1560)
    for i, (side, peak) in enumerate(compliance.items()):
        colour = RED if side == "Right" else BLUE
        left = 160.0 + i * 880
        axes = Axes(page, (left, 110), (left + 660, 640), (-400, 200), (0, 2))
        axes.band(0.3, 1.6, NORMAL)
        axes.x_ticks(range(-400, 201, 100))
        axes.y_ticks((0, 0.5, 1, 1.5, 2))
        axes.frame(f"{side} ear, 226 Hz", "Pressure (daPa)", "Compliance (mL)", 24)
        pressure = np.linspace(-400, 200, 200)
        curve = peak / (1 + (np.abs(pressure + 5) / 62) ** 1.7)
        axes.curve(list(zip(pressure.tolist(), curve.tolist(), strict=True)), colour, 4)
        page.text((left + 20, 130), f"peak {peak:.2f} mL at -5 daPa   ear canal 1.1 mL", 24, INK)
        _reflexes(page, side, left - 90, 790, colour, i)
    return page


def _reflexes(page: Canvas, side: str, left: float, top: float, colour: Colour, seed: int) -> None:
    page.bold((left, top), f"Stapedius reflex, probe {side.lower()}", 28)
    rng = np.random.default_rng(seed)
    tones = (500, 1000, 2000, 4000)
    for row, way in enumerate(("ipsilateral, 100 dB", "contralateral, 110 dB")):
        y = top + 60 + row * 320
        page.text((left, y), way, 26, GREY)
        for column, tone in enumerate(tones):
            x = left + column * 195
            page.box((x, y + 44), (x + 180, y + 234), edge=RULE)
            page.box((x + 45, y + 214), (x + 110, y + 222), fill=GREY)
            wave = 2.0 * rng.standard_normal(80)
            page.line([(x + 6 + k * 2.1, y + 134 + float(v)) for k, v in enumerate(wave)], colour, 2.5)
            page.text((x + 90, y + 242), f"{tone:,} Hz: NR", 22, INK, "ma")
