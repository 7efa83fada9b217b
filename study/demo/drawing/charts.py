"""A boy's growth chart and automated perimetry, drawn from the measurements that they show."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from study.demo.drawing.canvas import GREY, INK, RED, Canvas, Colour
from study.demo.drawing.plots import Axes

AGES = (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
HEIGHT = (87.0, 95.5, 102.5, 109.2, 115.6, 121.9, 128.0, 133.7, 138.8, 143.5, 149.2)
HEIGHT_SD = (3.4, 3.9, 4.3, 4.7, 5.1, 5.4, 5.8, 6.1, 6.4, 6.9, 7.4)
WEIGHT = (12.7, 14.4, 16.3, 18.5, 20.8, 23.1, 25.6, 28.6, 32.1, 36.1, 40.7)
WEIGHT_SPREAD = (0.11, 0.115, 0.12, 0.13, 0.14, 0.155, 0.17, 0.185, 0.20, 0.205, 0.21)
CENTILES = ((2, -2.054), (9, -1.341), (25, -0.674), (50, 0.0), (75, 0.674), (91, 1.341), (98, 2.054))
Points = Sequence[tuple[float, float]]


def growth(path: Path, height: Points, weight: Points, target: tuple[float, float]) -> None:
    """Draw height (cm) and weight (kg) by age over centile lines; ``target`` is the parents' range at 12 (cm)."""
    page = Canvas(1700, 2100)
    page.bold((80, 40), "Growth chart, boys 2 to 12 years", 42)
    page.text((80, 98), "Centile lines 2, 9, 25, 50, 75, 91, 98 (approximation for this synthetic case)", 26, GREY)
    upper = Axes(page, (170, 190), (1560, 1220), (2, 12), (75, 165))
    lower = Axes(page, (170, 1340), (1560, 1960), (2, 12), (8, 62))
    upper.y_ticks(range(75, 166, 10))
    lower.y_ticks(range(10, 61, 10))
    for axes, label in ((upper, "Height (cm)"), (lower, "Weight (kg)")):
        axes.x_ticks(range(2, 13))
        axes.frame("", "Age (years)", label)
    ages = np.linspace(2, 12, 81)
    for centile, z in CENTILES:
        tall = np.interp(ages, AGES, np.array(HEIGHT) + z * np.array(HEIGHT_SD))
        heavy = np.interp(ages, AGES, np.array(WEIGHT) * np.exp(z * np.array(WEIGHT_SPREAD)))
        for axes, line in ((upper, tall), (lower, heavy)):
            colour: Colour = (70, 110, 170) if centile == 50 else (140, 165, 205)
            axes.curve(list(zip(ages.tolist(), line.tolist(), strict=True)), colour, 4 if centile == 50 else 2)
            x, y = axes.place(12, float(line[-1]))
            page.text((x + 10, y), str(centile), 22, colour, "lm")
    for axes, points in ((upper, height), (lower, weight)):
        axes.curve(points, INK, 3)
        for at in points:
            page.disc(axes.place(*at), 9, fill=RED)
    (x, top), (_, bottom) = upper.place(11.85, target[1]), upper.place(11.85, target[0])
    page.line([(x, top), (x, bottom)], (30, 130, 60), 8)
    page.text((x - 14, (top + bottom) / 2), "parents", 22, (30, 130, 60), "rm")
    page.save(path)


def sensitivity(x: float, y: float, right: bool, rng: np.random.Generator) -> float:
    """Threshold (dB) at (x, y) degrees: normal falls 0.22 dB a degree; the temporal half is lost, most below."""
    temporal = x > 0 if right else x < 0
    normal = 32.0 - 0.22 * float(np.hypot(x, y)) + float(rng.normal(0, 0.9))
    if not temporal:
        return normal
    return max(0.0, normal - (31 if y < 0 else 23) + float(rng.normal(0, 2.0)))


def perimetry(path: Path, right: bool, seed: int, facts: Sequence[str]) -> None:
    """Draw a 24-2 field as greyscale and decibels; y upwards, degrees from fixation."""
    page = Canvas(1900, 1160)
    page.bold((70, 40), f"Automated perimetry, 24-2, {'right' if right else 'left'} eye", 42)
    page.text((70, 98), "Greyscale (left) and threshold in dB (right)", 26, GREY)
    rng = np.random.default_rng(seed)
    rows = {21: 4, 15: 6, 9: 8, 3: 9, -3: 9, -9: 8, -15: 6, -21: 4}
    blind = (15.0, -3.0) if right else (-15.0, -3.0)
    centres = ((500, 570), (1390, 570))
    for centre in centres:
        page.line([(centre[0] - 400, centre[1]), (centre[0] + 400, centre[1])], GREY, 2)
        page.line([(centre[0], centre[1] - 400), (centre[0], centre[1] + 400)], GREY, 2)
    for y, count in rows.items():
        half = 3 * (count if count != 9 else 8)
        places = list(range(-half + 3, half, 6)) + ([-27 if right else 27] if count == 9 else [])
        for x in places:
            value = 0.0 if (x, y) == blind else sensitivity(x, y, right, rng)
            _patch(page, centres[0], x, y, value)
            page.text(
                (centres[1][0] + 14 * x, centres[1][1] - 15.5 * y),
                f"{value:.0f}" if value >= 1 else "<0",
                30,
                INK,
                "mm",
            )
    for k, fact in enumerate(facts):
        page.text((70, 1010 + 40 * k), fact, 27)
    page.save(path)


def _patch(page: Canvas, centre: tuple[int, int], x: float, y: float, value: float) -> None:
    """A tile of dots, the denser the lower the threshold."""
    rng = np.random.default_rng(int(1000 * value) + 7)
    left, top = centre[0] + 14 * (x - 3), centre[1] - 15.5 * (y + 3)
    share = float(np.clip(1 - value / 34, 0.02, 1)) ** 0.9
    if value < 1:
        page.box((left, top), (left + 84, top + 93), fill=INK)
        return
    for i in range(14):
        for j in range(15):
            if rng.random() < share:
                page.box((left + 6 * i, top + 6.2 * j), (left + 6 * i + 4, top + 6.2 * j + 4), fill=INK)
