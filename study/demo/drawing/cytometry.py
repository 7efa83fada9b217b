"""Flow cytometry dot plots and a sequencing report, drawn from stated populations and reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from study.demo.drawing.canvas import BLUE, GREY, INK, RED, RULE, Canvas, Colour
from study.demo.drawing.plots import Axes

BASES: dict[str, Colour] = {"A": (40, 140, 60), "C": (40, 70, 190), "G": (190, 130, 30), "T": (200, 40, 40)}


@dataclass(frozen=True)
class Population:
    """Cells with mean log10 fluorescence (x, y), spread (x, y), count and colour."""

    x: float
    y: float
    spread: tuple[float, float]
    count: int
    colour: Colour


@dataclass(frozen=True)
class DotPlot:
    """Two markers and the populations seen with them."""

    x: str
    y: str
    populations: Sequence[Population]


def dot_plots(path: Path, title: str, note: str, plots: Sequence[DotPlot], seed: int) -> None:
    """Draw six plots, decades 0 to 5, with quadrant lines at 10^2 and the share of events in each quadrant."""
    page = Canvas(1900, 1420, smooth=1)
    page.bold((60, 36), title, 40)
    page.text((60, 92), note, 26, GREY)
    rng = np.random.default_rng(seed)
    for k, plot in enumerate(plots):
        left, top = 150 + 600 * (k % 3), 190 + 610 * (k // 3)
        axes = Axes(page, (left, top), (left + 420, top + 420), (0, 5), (0, 5))
        axes.x_ticks(range(6), [f"10^{v}" for v in range(6)], 18)
        axes.y_ticks(range(6), [f"10^{v}" for v in range(6)], 18)
        axes.frame("", plot.x, plot.y, 25)
        clouds = [_cells(page, axes, p, rng) for p in plot.populations]
        axes.curve([(2, 0), (2, 5)], INK, 2)
        axes.curve([(0, 2), (5, 2)], INK, 2)
        _quadrants(axes, np.concatenate(clouds))
    page.save(path)


def _cells(
    page: Canvas, axes: Axes, p: Population, rng: np.random.Generator
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    cells = rng.normal((p.x, p.y), p.spread, (p.count, 2))
    cells = np.clip(cells, 0.05, 4.95)
    for x, y in cells:
        u, v = axes.place(float(x), float(y))
        page.box((u, v), (u + 1, v + 1), fill=p.colour)
    return cells


def _quadrants(axes: Axes, cells: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> None:
    right, up = cells[:, 0] > 2, cells[:, 1] > 2
    for at, share, anchor in (
        ((0.1, 4.7), ~right & up, "lm"),
        ((4.9, 4.7), right & up, "rm"),
        ((0.1, 0.25), ~right & ~up, "lm"),
        ((4.9, 0.25), right & ~up, "rm"),
    ):
        axes.canvas.text(axes.place(*at), f"{100 * share.mean():.1f} %", 20, INK, anchor)


@dataclass(frozen=True)
class Pileup:
    """Reads over a reference: ``variant`` is (index, base) and ``share`` the part of reads that carry it."""

    reference: str
    first: int
    variant: tuple[int, str]
    share: float
    reads: int


def sequencing(path: Path, title: str, pileup: Pileup, rows: Sequence[Sequence[str]], notes: Sequence[str]) -> None:
    """Draw aligned reads with the variant column and a table of genes beneath."""
    page = Canvas(1900, 1700)
    page.bold((60, 36), title, 40)
    page.text((60, 92), "MYD88, chromosome 3 (GRCh38), forward strand; 26 of the reads drawn", 26, GREY)
    cell = 1740 / len(pileup.reference)
    index, base = pileup.variant
    for i, letter in enumerate(pileup.reference):
        page.bold((80 + (i + 0.5) * cell, 168), letter, 28, BASES[letter], "mm")
    page.text((80 + (index + 0.5) * cell, 138), f"{pileup.first + index:,}", 22, GREY, "mm")
    rng = np.random.default_rng(9)
    carriers = set(rng.permutation(26)[: round(26 * pileup.share)].tolist())
    for r in range(26):
        _read(page, pileup, r, r in carriers, cell, rng)
    x = 80 + index * cell
    page.box((x, 148), (x + cell, 200 + 26 * 22), edge=INK)
    count = round(pileup.reads * pileup.share)
    at, other = f"{pileup.first + index:,}", pileup.reads - count
    shares = f"{pileup.reference[index]} {other}, {base} {count} ({100 * count / pileup.reads:.0f} %)"
    line = f"Position {at}: {pileup.reads} reads, {shares}"
    page.bold((80, 810), line, 28)
    _genes(page, rows, notes)
    page.save(path)


def _read(page: Canvas, pileup: Pileup, row: int, carrier: bool, cell: float, rng: np.random.Generator) -> None:
    count = len(pileup.reference)
    start, end = int(rng.integers(0, 9)), count - int(rng.integers(0, 9))
    y = 200 + 22 * row
    forward = bool(rng.integers(0, 2))
    fill: Colour = (222, 214, 220) if forward else (210, 216, 228)
    page.box((80 + start * cell, y), (80 + end * cell, y + 17), fill=fill)
    if carrier:
        x = 80 + pileup.variant[0] * cell
        page.box((x, y), (x + cell, y + 17), fill=BASES[pileup.variant[1]])
        page.bold((x + cell / 2, y + 9), pileup.variant[1], 17, (255, 255, 255), "mm")


def _genes(page: Canvas, rows: Sequence[Sequence[str]], notes: Sequence[str]) -> None:
    edges = (80, 330, 1010, 1420)
    page.box((60, 870), (1840, 920), fill=(228, 233, 241))
    for i, row in enumerate(rows):
        y = 895 + 52 * i
        for edge, text in zip(edges, row, strict=True):
            write = page.bold if i == 0 else page.text
            write((edge, y), text, 27, RED if row[3] == "pathogenic" else INK, "lm")
        page.line([(60, y + 26), (1840, y + 26)], RULE, 1)
    for k, note in enumerate(notes):
        page.text((80, 930 + 52 * len(rows) + 42 * k), note, 26, BLUE if k == 0 else INK)
