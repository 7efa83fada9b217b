"""Scalp electroencephalograms in a longitudinal bipolar montage, from potentials given electrode by electrode."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from study.demo.drawing.canvas import BLUE, GREY, INK, RULE, Canvas
from study.demo.drawing.fields import noise

Wave = NDArray[np.float64]
RATE = 256
CHAINS = (
    ("Fp2", "F8", "T4", "T6", "O2"),
    ("Fp1", "F7", "T3", "T5", "O1"),
    ("Fp2", "F4", "C4", "P4", "O2"),
    ("Fp1", "F3", "C3", "P3", "O1"),
    ("Fz", "Cz", "Pz"),
)
# Share of the discharge, and of the posterior rhythm, that each row of electrodes sees.
DISCHARGE = {"Fp": 0.62, "Fz": 1.0, "F3": 1.0, "F4": 0.97, "F7": 0.55, "F8": 0.53, "Cz": 0.78, "C3": 0.66, "C4": 0.64}
DISCHARGE |= {"T3": 0.34, "T4": 0.33, "T5": 0.26, "T6": 0.25, "Pz": 0.45, "P3": 0.38, "P4": 0.37, "O": 0.16}
POSTERIOR = {"O": 1.0, "P": 0.55, "T5": 0.5, "T6": 0.5, "C": 0.15}


@dataclass(frozen=True)
class Burst:
    """A run of polyspike-and-wave: from when to when (s), complexes a second, height (microvolts), spikes in each."""

    start: float
    end: float
    rate: float
    height: float
    spikes: int


@dataclass(frozen=True)
class Page:
    """Ten seconds: discharges, flashes (start, end, a second), blinks, jerks of the arms (s)."""

    title: str
    bursts: tuple[Burst, ...]
    seed: int
    flashes: tuple[float, float, float] | None = None
    blinks: tuple[float, ...] = ()
    jerks: tuple[float, ...] = ()


def _share(table: dict[str, float], electrode: str) -> float:
    return table.get(electrode, table.get(electrode.rstrip("0123456789z"), 0.0))


def discharge(t: Wave, burst: Burst, seed: int) -> Wave:
    """Polyspike-and-wave in microvolts, negative below zero, its complexes a little uneven."""
    rng = np.random.default_rng(seed)
    total, at = np.zeros_like(t), burst.start
    while at < burst.end:
        height = burst.height * (0.8 + 0.35 * rng.random())
        for k in range(burst.spikes):
            total -= height * (0.75 + 0.25 * rng.random()) * np.exp(-(((t - at - 0.026 * k) / 0.0075) ** 2))
            total += 0.35 * height * np.exp(-(((t - at - 0.026 * k - 0.013) / 0.007) ** 2))
        middle = at + 0.026 * burst.spikes + 0.066
        total -= 1.15 * height * np.exp(-(((t - middle) / 0.046) ** 2))
        at += (1 + 0.08 * rng.standard_normal()) / burst.rate
    return total


def _electrode(name: str, t: Wave, page: Page, source: Wave, number: int) -> Wave:
    """Potential of one electrode in microvolts."""
    grain = noise(1, len(t), page.seed * 100 + number, (0, 2.5))[0] * 3.2
    slow = noise(1, len(t), page.seed * 100 + 50 + number, (0, 16))[0] * 6
    swell = 0.75 + 0.45 * noise(1, len(t), page.seed * 7 + 1, (0, 150))[0].clip(-1.4, 1.6)
    drift = noise(1, len(t), page.seed * 7 + 2, (0, 200))[0] * 0.25
    side = 0.1 if name.endswith(("1", "3", "5", "7")) else -0.1
    alpha = 34 * swell * np.sin(2 * np.pi * 10 * t + drift + side)
    wave: Wave = grain + slow + _share(POSTERIOR, name) * alpha + _share(DISCHARGE, name) * source
    if name.startswith(("Fp", "F")):
        share = 1.0 if name.startswith("Fp") else 0.28
        wave = wave + share * sum((95 * np.exp(-(((t - b) / 0.085) ** 2)) for b in page.blinks), np.zeros_like(t))
    if page.flashes and name in ("O1", "O2", "P3", "P4", "T5", "T6"):
        start, end, rate = page.flashes
        on = (t > start + 0.15) & (t < end)
        wave = wave + on * 20 * np.sin(2 * np.pi * rate * t) * _share(POSTERIOR, name)
    return wave


def draw_page(page: Page) -> Canvas:
    """Ten seconds at 30 mm/s and 10 microvolts/mm with the ECG, the deltoid muscle and the flashes beneath."""
    sheet = Canvas(2300, 1660)
    left, width, top = 190.0, 2050.0, 110.0
    t = np.arange(0, 10, 1 / RATE)
    source = sum((discharge(t, b, page.seed + i) for i, b in enumerate(page.bursts)), np.zeros_like(t))
    names = sorted({name for chain in CHAINS for name in chain})
    volts = {name: _electrode(name, t, page, source, i) for i, name in enumerate(names)}
    sheet.bold((40, 24), page.title, 32)
    sheet.text((2240, 30), "10 uV/mm   30 mm/s   0.5-70 Hz   negative up", 26, GREY, "ra")
    for second in range(11):
        x = left + second * width / 10
        sheet.line([(x, top - 20), (x, 1590)], RULE, 1.5)
        sheet.text((x, 1598), f"{second} s", 22, GREY, "ma")
    y = top + 26
    for chain in CHAINS:
        for first, second_name in pairwise(chain):
            _row(sheet, f"{first}-{second_name}", volts[first] - volts[second_name], left, width, y)
            y += 66
        y += 16
    _row(sheet, "EMG deltoid", _muscle(t, page), left, width, y)
    _row(sheet, "ECG", _heart(t), left, width, y + 68)
    if page.flashes:
        _flashes(sheet, page.flashes, left, width, y + 118)
    _scale(sheet)
    return sheet


def _row(sheet: Canvas, name: str, volts: Wave, left: float, width: float, y: float) -> None:
    sheet.text((left - 14, y), name, 24, INK, "rm")
    x = left + np.arange(len(volts)) / len(volts) * width
    # 10 microvolts are 1 mm; 205 pixels are 30 mm. Negative is up, the amplifier clips at 300 microvolts.
    height = y + np.clip(volts, -300, 300) / 10 * (205 / 30)
    sheet.line(list(zip(x.tolist(), height.tolist(), strict=True)), INK, 1.5)


def _muscle(t: Wave, page: Page) -> Wave:
    grain = np.random.default_rng(page.seed).standard_normal(len(t))
    active = sum((np.exp(-(((t - jerk) / 0.05) ** 2)) for jerk in page.jerks), np.zeros_like(t))
    return np.asarray(grain * (3 + 90 * active))


def _heart(t: Wave) -> Wave:
    beats: Sequence[float] = np.arange(0.4, 10, 0.83).tolist()
    shape = [np.exp(-(((t - b) / 0.012) ** 2)) * -40 - 8 * np.exp(-(((t - b - 0.26) / 0.05) ** 2)) for b in beats]
    return np.asarray(np.sum(shape, axis=0))


def _flashes(sheet: Canvas, flashes: tuple[float, float, float], left: float, width: float, y: float) -> None:
    start, end, rate = flashes
    sheet.text((left - 14, y), f"Flash {rate:g}/s", 24, BLUE, "rm")
    for flash in np.arange(start, end, 1 / rate):
        x = left + float(flash) * width / 10
        sheet.line([(x, y - 14), (x, y + 14)], BLUE, 2)


def _scale(sheet: Canvas) -> None:
    x, y, long = 2262.0, 1500.0, 100 / 10 * 205 / 30
    sheet.line([(x, y), (x, y - long)], INK, 3)
    sheet.text((x + 14, y + 8), "100 uV", 22, INK, "ra")
