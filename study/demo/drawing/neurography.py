"""Motor nerve conduction traces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from study.demo.drawing.canvas import BLUE, GREY, INK, RULE, Canvas


@dataclass(frozen=True)
class Stimulus:
    """One recording: where stimulated, onset latency (ms), amplitude from baseline (mV), duration (ms)."""

    site: str
    latency: float
    amplitude: float
    duration: float = 6.2


@dataclass(frozen=True)
class Nerve:
    """One motor nerve, its muscle and the lower limit of normal of its amplitude (mV)."""

    name: str
    muscle: str
    limit: float
    stimuli: tuple[Stimulus, ...]


def potential(t: np.ndarray[tuple[int], np.dtype[np.float64]], stimulus: Stimulus) -> list[float]:
    """Compound muscle action potential in mV at times ``t`` in ms, negative upwards."""
    phase = (t - stimulus.latency) / stimulus.duration
    first = np.where((phase > 0) & (phase < 1), np.sin(np.pi * np.clip(phase, 0, 1)) ** 1.3, 0)
    second = np.where((phase > 1) & (phase < 2.2), -0.45 * np.sin(np.pi * np.clip((phase - 1) / 1.2, 0, 1)), 0)
    wave: list[float] = (stimulus.amplitude * (first + second)).tolist()
    return wave


def motor_traces(nerves: Sequence[Nerve]) -> Canvas:
    """All traces, a panel a nerve, 5 ms and 1 mV a division."""
    page = Canvas(1800, 1320)
    page.bold((50, 40), "Motor nerve conduction", 40)
    page.text((50, 96), "5 ms/div   1 mV/div   filter 20 Hz - 10 kHz   skin 33.0 °C", 26, GREY)
    for i, nerve in enumerate(nerves):
        _panel(page, nerve, 50 + (i % 2) * 875, 160 + (i // 2) * 560, 100 + i)
    return page


def _panel(page: Canvas, nerve: Nerve, left: float, top: float, seed: int) -> None:
    width, height, per_ms, per_mv = 825.0, 430.0, 825 / 30, 430 / 10
    page.bold((left, top), f"{nerve.name}, {nerve.muscle}   (amplitude > {nerve.limit:g} mV)", 27)
    box = top + 46
    for division in range(7):
        page.line([(left + division * width / 6, box), (left + division * width / 6, box + height)], RULE, 1)
    for division in range(11):
        page.line([(left, box + division * per_mv), (left + width, box + division * per_mv)], RULE, 1)
    t = np.linspace(0, 30, 900)
    for i, stimulus in enumerate(nerve.stimuli):
        base = box + height * (i + 0.62) / len(nerve.stimuli)
        grain = 0.02 * np.random.default_rng(seed * 10 + i).standard_normal(900)
        artefact = 1.1 * np.exp(-(((t - 0.35) / 0.12) ** 2))
        wave = np.array(potential(t, stimulus)) + grain + artefact
        points = [(left + a * per_ms, base - b * per_mv) for a, b in zip(t.tolist(), wave.tolist(), strict=True)]
        page.line(points, BLUE, 2.5)
        x = left + stimulus.latency * per_ms
        page.line([(x, base + 14), (x, base + 40)], INK, 2)
        label = f"{stimulus.site}   {stimulus.latency:.1f} ms   {stimulus.amplitude:.1f} mV"
        page.text((left + width - 10, base - 16), label, 25, INK, "rs")
