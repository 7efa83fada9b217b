"""How often each method rejects where nothing is different, at the sizes and the unequal variances of real panels.

Binary DDx and FDx hits of humans and models come from a probit model with effects of reader, case, reader by task, case
by task; the analysed outcome is the gap. For these models (fixed) the truth is their own expected gap, computed; for
models like these it is zero. All figures are the product's own functions, run by run, seeded.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
from scipy import special

from benchmarks.database import Row
from scoring import missing, mrmc
from scoring.estimates import Estimate, TooLittleData
from tests.test_scoring_bootstrap import ideal_covariance, ideal_variance

Array = npt.NDArray[np.float64]
RUNS = 6000
BAND = 0.01
SHIFT, READER, CASE, CASE_TASK = 0.2, 0.25, 0.6, 0.3
COLUMNS = (
    "these models",
    "separate",
    "pooled",
    "U-statistics",
    "25 % holes",
    "these models within case, 25 % holes",
    "bootstrap",
    "cases only",
)
_NORMAL = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class Design:
    """A panel: how many of each, and the standard deviation of reader by task in each group."""

    humans: int
    models: int
    cases: int
    spread_h: float
    spread_m: float

    @property
    def title(self) -> str:
        return f"{self.humans}, {self.models}, {self.cases}; {self.spread_h:.2f} / {self.spread_m:.2f}"


SIZES = tuple(Design(*size, 0.25, 0.25) for size in ((5, 5, 50), (10, 3, 100), (12, 5, 120), (20, 5, 300)))
UNEQUAL = (
    Design(10, 3, 100, 0.15, 0.45),
    Design(10, 3, 100, 0.15, 0.60),
    Design(20, 3, 300, 0.15, 0.45),
    Design(12, 5, 120, 0.15, 0.45),
    Design(10, 3, 100, 0.45, 0.10),
)


def rows(runs: int = RUNS) -> list[Row]:
    """A row a design; the primary test (these models) is held to .05 +- .01, the others are shown."""
    return [_row(design, runs, seed) for seed, design in enumerate((*SIZES, *UNEQUAL))]


def _row(design: Design, runs: int, seed: int) -> Row:
    rejected, counted = rates(design, runs, seed)
    told = ", ".join(f"{name} {rejected[name] / counted[name]:.3f}" for name in COLUMNS)
    primary = rejected[COLUMNS[0]] / counted[COLUMNS[0]]
    what = f"null rejection, gap; humans, models, cases; reader x task SD {design.title}; {runs:,} runs"
    return Row(what, told, f"these models .05 +- {BAND}", abs(primary - 0.05) <= BAND)


def rates(design: Design, runs: int, seed: int) -> tuple[Counter[str], Counter[str]]:
    """How often each column rejected, and of how many runs; a refusal (no variance) is in neither."""
    rng = np.random.default_rng(seed)
    rejected: Counter[str] = Counter()
    counted: Counter[str] = Counter()
    for _ in range(runs):
        h, m, truth = gaps(design, rng)
        holes = np.where(rng.random(h.shape) < 0.25, np.nan, h)
        for name, rejects in zip(COLUMNS, _tests(h, m, holes, truth), strict=True):
            try:
                rejected[name] += rejects()
                counted[name] += 1
            except TooLittleData:
                continue
    return rejected, counted


def gaps(design: Design, rng: np.random.Generator) -> tuple[Array, Array, float]:
    """DDx minus FDx hits of humans and of models (readers, cases), and the true difference from these models."""
    k = design.cases
    common = CASE * rng.normal(size=k) + CASE_TASK * rng.normal(size=(2, 1, k))
    h, _ = hits(design.humans, design.spread_h, common, rng)
    m, own = hits(design.models, design.spread_m, common, rng)
    expected = special.ndtr(own / math.sqrt(1 + CASE**2 + CASE_TASK**2))
    return h[0] - h[1], m[0] - m[1], -float((expected[0] - expected[1]).mean())


def hits(readers: int, spread: float, common: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Hits (tasks, readers, cases), and what each reader brings to each task."""
    own = SHIFT + READER * rng.normal(size=(readers, 1)) + spread * rng.normal(size=(2, readers, 1))
    latent = own + common + rng.normal(size=(2, readers, common.shape[-1]))
    return (latent > 0).astype(float), own


def _tests(h: Array, m: Array, holes: Array, truth: float) -> tuple[Callable[[], bool], ...]:
    """Whether each column rejects, in order."""
    return (
        lambda: _beyond(mrmc.model_against_panel(h, m.mean(axis=0)), truth),
        lambda: _beyond(mrmc.group_contrast(h, m)),
        lambda: _beyond(mrmc.group_contrast(h, m, pooled=True)),
        lambda: _beyond(missing.contrast(h, m)),
        lambda: _beyond(missing.contrast(holes, m)),
        lambda: _beyond(missing.within_case_fixed(holes, m), truth),
        lambda: bool(abs(h.mean() - m.mean()) > _NORMAL * math.sqrt(_bootstrap_variance(h, m))),
        lambda: _beyond(mrmc.group_contrast(h, m, random="cases")),
    )


def _beyond(found: Estimate, truth: float = 0.0) -> bool:
    return not found.ci[0] <= truth <= found.ci[1]


def _bootstrap_variance(h: Array, m: Array) -> float:
    """Of the crossed bootstrap with infinitely many draws (Owen & Eckles 2012), in closed form."""
    return ideal_variance(h) + ideal_variance(m) - 2 * ideal_covariance(h, m)
