"""Twelve-lead electrocardiograms on paper, 25 mm/s and 10 mm/mV, from the amplitudes of each wave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from study.demo.drawing.canvas import INK, Canvas, Colour
from study.demo.drawing.fields import Field, noise

MM = 8
PAPER: Colour = (255, 250, 248)
FINE: Colour = (250, 222, 218)
COARSE: Colour = (238, 172, 166)
ROWS = (("I", "aVR", "V1", "V4"), ("II", "aVL", "V2", "V5"), ("III", "aVF", "V3", "V6"))

Wave = NDArray[np.float64]


@dataclass(frozen=True)
class Rhythm:
    """Intervals in seconds: between beats (mean and spread), PR, QT."""

    beat: float
    spread: float
    pr: float
    qt: float
    seed: int


def limb_leads(one: Sequence[float], two: Sequence[float]) -> dict[str, Wave]:
    """All six limb leads from I and II (Einthoven, Goldberger)."""
    i, ii = np.array(one), np.array(two)
    return {"I": i, "II": ii, "III": ii - i, "aVR": -(i + ii) / 2, "aVL": i - ii / 2, "aVF": ii - i / 2}


def _bump(t: Wave, centre: float, spread: float) -> Wave:
    return np.asarray(np.exp(-(((t - centre) / spread) ** 2) / 2))


def _shelf(t: Wave, start: float, end: float, soft: float = 0.012) -> Wave:
    return np.asarray((np.tanh((t - start) / soft / 2) + 1) * (1 - np.tanh((t - end) / soft / 2)) / 4)


def trace(parts: Wave, rhythm: Rhythm, t: Wave, seed: int) -> Wave:
    """Millivolts at times ``t``; ``parts`` are the amplitudes of P, PR segment, Q, R, S, ST segment, T in mV."""
    rng = np.random.default_rng(rhythm.seed)
    beats = 0.35 + np.cumsum(rhythm.beat + rhythm.spread * rng.standard_normal(40)) - rhythm.beat
    wander: Field = noise(1, len(t), seed, (0, 180))[0]
    grain: Field = noise(1, len(t), seed + 1, (0, 2))[0]
    total: Wave = 0.015 * wander + 0.006 * grain.astype(np.float64)
    p, pr, q, r, s, st, peak = parts
    for beat in beats:
        d = t - beat
        total = total + p * _bump(d, -rhythm.pr + 0.05, 0.024) + pr * _shelf(d, -rhythm.pr + 0.09, -0.035)
        total = total + q * _bump(d, -0.026, 0.009) + r * _bump(d, 0, 0.0115) + s * _bump(d, 0.028, 0.012)
        end = rhythm.qt - 0.04
        total = total + st * _shelf(d, 0.045, end - 0.14, 0.03)
        total = total + peak * (0.6 * _bump(d, end - 0.1, 0.05) + 0.5 * _bump(d, end - 0.065, 0.034))
    return total


def paper(width_mm: int, height_mm: int, header: int = 15) -> Canvas:
    """Blank graph paper with lines every 1 and 5 mm and a white margin of ``header`` mm above."""
    page = Canvas(width_mm * MM, (height_mm + header) * MM, PAPER)
    bottom = page.height
    for mm in range(0, width_mm + 1):
        page.line([(mm * MM, header * MM), (mm * MM, bottom)], COARSE if mm % 5 == 0 else FINE, 1 + (mm % 5 == 0))
    for mm in range(0, height_mm + 1):
        y = (header + mm) * MM
        page.line([(0, y), (page.width, y)], COARSE if mm % 5 == 0 else FINE, 1 + (mm % 5 == 0))
    return page


def _run(page: Canvas, millivolts: Wave, left_mm: float, base_mm: float) -> None:
    x = left_mm * MM + np.arange(len(millivolts)) * 25 * MM / 500
    y = base_mm * MM - millivolts * 10 * MM
    page.line(list(zip(x.tolist(), y.tolist(), strict=True)), INK, 2.2)


def twelve_leads(leads: Mapping[str, Wave], rhythm: Rhythm, title: str) -> Canvas:
    """The usual sheet: four columns of 2.5 s with three leads each, lead II beneath for the whole 10 s."""
    page = paper(265, 150)
    page.text((24, 26), title, 30)
    page.text((24, 72), "25 mm/s   10 mm/mV   0.05-150 Hz   50 Hz filter", 24)
    t = np.arange(0, 10, 1 / 500)
    for row, names in enumerate(ROWS):
        base = 15 + 22 + row * 37
        _calibrate(page, base)
        for column, name in enumerate(names):
            part = t[column * 1250 : column * 1250 + 1225]
            _run(page, trace(leads[name], rhythm, part, 10 * row + column), 10 + column * 62.5, base)
            page.bold(((11.5 + column * 62.5) * MM, (base - 16) * MM), name, 30)
    base = 15 + 22 + 3 * 36
    _calibrate(page, base)
    _run(page, trace(leads["II"], rhythm, t, 99), 10, base)
    page.bold((11.5 * MM, (base - 12) * MM), "II", 30)
    return page


def _calibrate(page: Canvas, base: float) -> None:
    steps = [(2, 0), (3.5, 0), (3.5, 10), (7, 10), (7, 0), (8.5, 0)]
    page.line([(x * MM, (base - y) * MM) for x, y in steps], INK, 2.2)
