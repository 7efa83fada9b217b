"""Serum proteins on agarose: stained strip, densitometry and immunofixation, all from one list of fractions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from study.demo.drawing.canvas import GREY, INK, Canvas, Pixels
from study.demo.drawing.cells import photograph
from study.demo.drawing.fields import Field, clouds, noise
from study.demo.drawing.plots import Axes


@dataclass(frozen=True)
class Fraction:
    """A peak on the strip: place (0 anode to 1 cathode), width (standard deviation) and amount in g/L."""

    name: str
    place: float
    width: float
    grams: float


def profile(fractions: Sequence[Fraction], length: int) -> Field:
    """Staining density along the strip; each peak's area is its amount."""
    at = np.linspace(0, 1, length)
    total = sum(f.grams / f.width * np.exp(-(((at - f.place) / f.width) ** 2) / 2) for f in fractions)
    return np.asarray(total, dtype=np.float32)


def lane(density: Field, width: int, seed: int, full: float, ink: tuple[int, int, int] = (38, 30, 96)) -> Pixels:
    """A stained lane (length, width, 3) running downwards; ``full`` is the density at which the stain is 0.9 black."""
    length = len(density)
    across = np.exp(-((np.linspace(-1, 1, width) / 0.80) ** 8)).astype(np.float32)
    shape: Field = (density[:, None] * across[None, :]).astype(np.float32)
    bow = (6 * np.linspace(-1, 1, width) ** 2).astype(int)
    for column, shift in enumerate(bow):
        shape[:, column] = np.roll(shape[:, column], -int(shift))
    dark = 0.92 * (1 - np.exp(-2.5 * shape / full)) + 0.012 * noise(length, width, seed, 1)
    dark = dark + 0.02 * clouds(length, width, seed + 1, 50)
    paper = np.array((240, 240, 246), dtype=np.float32)
    return photograph(paper + np.clip(dark, 0, 1)[..., None] * (np.array(ink, dtype=np.float32) - paper))


def electrophoresis(path: Path, patient: Sequence[Fraction], control: Sequence[Fraction], facts: Sequence[str]) -> None:
    """Draw a control strip, the patient's strip and the patient's densitometry with the fractions' amounts."""
    page = Canvas(1800, 1200)
    page.bold((60, 40), "Serum protein electrophoresis", 42)
    page.text((60, 98), "Agarose gel, acid violet. Left control serum, right patient", 26, GREY)
    for k, (name, fractions) in enumerate((("control", control), ("patient", patient))):
        page.picture(lane(profile(fractions, 860), 150, 3 + k, 330), (110 + 210 * k, 210))
        page.text((185 + 210 * k, 196), name, 26, INK, "ms")
    page.text((300, 1110), "anode (+) at the top", 24, GREY, "ms")
    density = profile(patient, 700)
    axes = Axes(page, (640, 210), (1740, 800), (0, 1), (0, float(density.max()) * 1.08))
    axes.frame("Densitometry, patient", "", "absorbance", 25)
    at = np.linspace(0, 1, 700)
    axes.curve([(float(a), float(d)) for a, d in zip(at, density, strict=True)], (120, 20, 90), 4)
    total = sum(f.grams for f in patient)
    for f in patient:
        x, _ = axes.place(f.place, 0)
        page.text((x, 836), f.name, 22, INK, "ms")
        page.text((x, 872), f"{f.grams:.1f}", 22, INK, "ms")
        page.text((x, 908), f"{100 * f.grams / total:.0f} %", 22, GREY, "ms")
    page.text((626, 872), "g/L", 22, GREY, "rs")
    for k, line in enumerate(facts):
        page.text((640, 970 + 42 * k), line, 27, INK)
    page.save(path)


def immunofixation(path: Path, lanes: Sequence[tuple[str, Sequence[Fraction]]], full: float = 120) -> None:
    """Draw one lane a reagent: the protein lane and what each antiserum fixed."""
    page = Canvas(1700, 1220)
    page.bold((60, 40), "Serum immunofixation", 42)
    page.text((60, 98), "SP: protein fixative; then antisera to gamma, alpha, mu, kappa, lambda chains", 26, GREY)
    wide = 1500 // len(lanes)
    page.box((90, 180), (1610, 1130), fill=(240, 240, 246))
    for k, (name, fractions) in enumerate(lanes):
        strip = lane(profile(fractions, 820), wide - 60, 20 + k, 330 if k == 0 else full)
        page.picture(strip, (130 + k * wide, 270))
        page.bold((130 + k * wide + (wide - 60) / 2, 238), name, 38, INK, "ms")
    page.box((90, 180), (1610, 1130), edge=GREY)
    page.text((850, 1180), "anode (+) at the top", 24, GREY, "ms")
    page.save(path)
