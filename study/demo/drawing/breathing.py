"""Spirometry: flow-volume loops as airway mechanics shape them, and the figures read off the drawn loop itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from study.demo.drawing.canvas import BLUE, GREY, INK, RULE, Canvas, Colour
from study.demo.drawing.plots import Axes

Curve = NDArray[np.float64]
EFFORTS: tuple[Colour, ...] = ((28, 74, 170), (58, 128, 200), (20, 110, 110))


@dataclass(frozen=True)
class Predicted:
    """What a healthy person of this size would blow: volumes in L, flows in L/s."""

    fvc: float
    fev1: float
    peak: float
    inspiratory: float


def expiration(volume: Curve, fvc: float, peak: float) -> Curve:
    """Flow (L/s) at each exhaled volume (L): a steep rise to the peak, then the straight, effort-independent fall."""
    rise = np.clip(volume / 0.35, 0, 1) ** 0.6
    fall = np.clip((fvc - volume) / (fvc - 0.35), 0, 1) ** 1.08
    return np.asarray(peak * np.minimum(rise, 1) * np.minimum(fall, 1))


def inspiration(volume: Curve, fvc: float, peak: float) -> Curve:
    """Inspiratory flow (L/s, negative), a half moon over the vital capacity."""
    return -peak * np.sin(np.pi * np.clip(volume / fvc, 0, 1)) ** 0.6


def forced_volume(volume: Curve, flow: Curve, seconds: float = 1) -> float:
    """Volume (L) exhaled in the first ``seconds``: the time to each volume is the integral of dV / flow."""
    middle = np.maximum((flow[1:] + flow[:-1]) / 2, 1e-3)
    time = np.concatenate([[0.0], np.cumsum(np.diff(volume) / middle)])
    return float(np.interp(seconds, time, volume))


def plateau(flow: Curve, limit: float, seed: int) -> Curve:
    """``flow`` rounded off at ``limit`` (L/s), with the small oscillation that a narrowed airway gives it."""
    rng = np.random.default_rng(seed)
    waves = np.linspace(0, 1, len(flow))[:, None] * (60, 95, 140) + rng.random(3) * 6
    ripple = 1 + 0.012 * np.sin(waves).sum(axis=1)
    free, top = np.maximum(np.abs(flow), 1e-6), limit * ripple
    return np.asarray(np.sign(flow) * (free**-9 + top**-9) ** (-1 / 9))


def report(
    path: Path, person: str, normal: Predicted, fvc: float, limits: tuple[float, float], after: Sequence[str]
) -> None:
    """Draw loops of a person whose expiratory and inspiratory flows cannot exceed ``limits`` (L/s), and a table."""
    page = Canvas(1800, 1240)
    page.bold((70, 40), "Spirometry and flow-volume loop", 42)
    page.text((70, 98), person, 27, GREY)
    axes = Axes(page, (170, 210), (1010, 1110), (-0.3, 4), (-6, 8))
    axes.x_ticks([0, 1, 2, 3, 4])
    axes.y_ticks(range(-6, 9, 2))
    axes.frame("Flow-volume loop (best three efforts)", "Volume exhaled (L)", "Flow (L/s)")
    axes.curve([(-0.3, 0), (4, 0)], INK, 2)
    span = np.linspace(0, normal.fvc, 160)
    for reference in (expiration(span, normal.fvc, normal.peak), inspiration(span, normal.fvc, normal.inspiratory)):
        axes.curve(list(zip(span.tolist(), reference.tolist(), strict=True)), GREY, 3, dashed=True)
    best = _efforts(axes, normal, fvc, limits)
    page.text((880, 250), "- - -  predicted", 25, GREY, "mm")
    page.text((880, 290), "effort 1, 2, 3", 25, BLUE, "mm")
    _table(page, best, normal, after)
    page.save(path)


def _efforts(axes: Axes, normal: Predicted, fvc: float, limits: tuple[float, float]) -> dict[str, float]:
    best: dict[str, float] = {}
    for i, (share, colour) in enumerate(zip((1.0, 0.985, 0.97), EFFORTS, strict=True)):
        volume = np.linspace(0, fvc * share, 700)
        out = plateau(expiration(volume, fvc * share, normal.peak), limits[0] * share, 10 + i)
        back = plateau(inspiration(volume, fvc * share, normal.inspiratory), limits[1] * share, 20 + i)
        for flow in (out, back):
            axes.curve(list(zip(volume.tolist(), flow.tolist(), strict=True)), colour, 4 if i == 0 else 2.5)
        if i == 0:
            half = len(volume) // 2
            best = {"FVC": fvc, "FEV1": forced_volume(volume, out), "PEF": float(out.max())}
            best |= {"FEF50": float(out[half]), "FIF50": float(-back[half])}
    return best


def _table(page: Canvas, best: dict[str, float], normal: Predicted, after: Sequence[str]) -> None:
    rows = [("", "Measured", "Predicted", "%")]
    for name, unit, value in (("FVC", "L", normal.fvc), ("FEV1", "L", normal.fev1), ("PEF", "L/s", normal.peak)):
        rows.append((f"{name} ({unit})", f"{best[name]:.2f}", f"{value:.2f}", f"{100 * best[name] / value:.0f}"))
    rows.append(("FEV1/FVC", f"{best['FEV1'] / best['FVC']:.2f}", f"{normal.fev1 / normal.fvc:.2f}", ""))
    rows.append(("FEF50 (L/s)", f"{best['FEF50']:.2f}", "", ""))
    rows.append(("FIF50 (L/s)", f"{best['FIF50']:.2f}", "", ""))
    rows.append(("FEF50/FIF50", f"{best['FEF50'] / best['FIF50']:.2f}", "", ""))
    rows.append(("FEV1/PEF (mL per L/min)", f"{1000 * best['FEV1'] / (60 * best['PEF']):.1f}", "< 8", ""))
    for i, row in enumerate(rows):
        y = 260 + 62 * i
        if i == 0:
            page.box((1060, y - 30), (1750, y + 30), fill=(228, 233, 241))
        for x, cell, anchor in zip((1070, 1480, 1640, 1745), row, ("lm", "rm", "rm", "rm"), strict=True):
            page.text((x, y), cell, 27, INK, anchor)
        page.line([(1060, y + 31), (1750, y + 31)], RULE, 1.5)
    for i, line in enumerate(after):
        page.text((1070, 880 + 44 * i), line, 26, INK)
