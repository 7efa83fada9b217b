"""Sanger chromatograms."""

from __future__ import annotations

import numpy as np

from study.demo.drawing.canvas import Canvas, Colour

BASES: dict[str, Colour] = {"A": (20, 150, 60), "C": (30, 70, 200), "G": (30, 30, 30), "T": (210, 40, 40)}


def chromatogram(page: Canvas, sequence: str, at: tuple[float, float], width: float, height: float, seed: int) -> None:
    """Draw the four traces of a sequence without mixed peaks, with the base letters above."""
    rng = np.random.default_rng(seed)
    t = np.linspace(0, len(sequence), 1500)
    heights = 0.75 + 0.25 * rng.random(len(sequence))
    for base, colour in BASES.items():
        signal = 0.02 * rng.random(len(t))
        for i, letter in enumerate(sequence):
            if letter == base:
                signal += heights[i] * np.exp(-(((t - i - 0.5) / 0.27) ** 2))
        x = at[0] + t / len(sequence) * width
        y = at[1] + height - signal * (height - 60)
        page.line(list(zip(x.tolist(), y.tolist(), strict=True)), colour, 2.5)
    for i, letter in enumerate(sequence):
        page.bold((at[0] + (i + 0.5) / len(sequence) * width, at[1]), letter, 30, BASES[letter], "mt")
