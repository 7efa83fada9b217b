"""How long all findings of a large study take, and how often subgroups are told apart that are the same."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from benchmarks.database import Row
from study.findings import findings_of
from study.findings._material import Matrix
from study.findings.subgroups import interaction
from tests.findings_rows import grades_of, rows_of

Array = npt.NDArray[np.float64]
RUNS = 5000
SECONDS = 5.0
BAND = 0.01


@dataclass(frozen=True)
class Levels:
    """A panel whose cases lie in ``levels``, alike in size or each a fifth smaller than the one before (two cases at
    least); ``spread`` is how many times as large the variance of the last level is, ``holes`` the share missing.
    """

    readers: int
    models: int
    cases: int
    levels: int
    sizes: Literal["equal", "unequal"] = "equal"
    spread: float = 1.0
    holes: float = 0.0

    @property
    def of_cases(self) -> npt.NDArray[np.intp]:
        """The level of each case."""
        if self.sizes == "equal":
            return np.arange(self.cases) % self.levels
        shares = 0.8 ** np.arange(self.levels) if self.levels > 2 else np.array([0.8, 0.2])
        counts = np.maximum(2, np.floor(shares / shares.sum() * self.cases)).astype(int)
        while counts.sum() > self.cases:
            counts[counts.argmax()] -= 1
        counts[0] += self.cases - counts.sum()
        return np.repeat(np.arange(self.levels), counts)

    @property
    def title(self) -> str:
        more = f", variances to {self.spread:g} times" if self.spread != 1 else ""
        more += f", {self.holes:.0%} holes" if self.holes else ""
        panel = f"{self.readers} readers, {self.models} models, {self.cases} cases"
        return f"{self.levels} {self.sizes} levels, {panel}{more}"


PANELS = ((10, 3, 100), (20, 5, 300))
HELD = (
    *(Levels(*panel, levels, sizes) for panel in PANELS for levels in (2, 5, 17) for sizes in ("equal", "unequal")),
    Levels(10, 3, 100, 5, holes=0.2),
    Levels(20, 5, 300, 5, "unequal", spread=9),
)
SHOWN = (Levels(10, 3, 100, 17, "unequal", spread=2), Levels(10, 3, 100, 17, "unequal", spread=9))
"""One variance for all levels where there are several: what that costs."""


def rows(*, quick: bool = False) -> list[Row]:
    """All findings of 30 readers, 20 models and 500 cases; the interaction test without any interaction."""
    runs = 20 if quick else RUNS
    designs = [(design, True) for design in HELD] + [(design, False) for design in SHOWN]
    return [
        _all(20 if quick else 500),
        *(_rejected(design, runs, 100 + seed, held) for seed, (design, held) in enumerate(designs)),
    ]


def _all(cases: int) -> Row:
    told, grades = rows_of(30, 20, cases), grades_of(cases)
    began = time.process_time()
    findings_of(told, grades, {})
    taken = time.process_time() - began
    what = f"all findings of 30 readers, 20 models x {cases} cases"
    return Row(what, f"{taken:.1f} s of processor time", f"under {SECONDS:.0f} s", taken < SECONDS)


def _rejected(design: Levels, runs: int, seed: int, held: bool) -> Row:
    """Readers differ in every level by .1, as subgroups that are the same in the mean may."""
    draws = np.random.default_rng(seed)
    p = [_p(draws, design) for _ in range(runs)]
    tested = [one for one in p if one is not None]
    share = sum(one < 0.05 for one in tested) / max(len(tested), 1)
    what = f"interaction of {design.title}; none there"
    bar = f".05 +- {BAND}" if held else "none set"
    return Row(what, f"rejected in {share:.3f} of {len(tested):,}", bar, not held or abs(share - 0.05) <= BAND)


def _p(draws: np.random.Generator, design: Levels) -> float | None:
    level, last = design.of_cases, max(design.levels - 1, 1)
    sd = np.sqrt(1 + (design.spread - 1) * level / last)
    case = draws.normal(0, 0.3, design.cases) * sd
    human = case + draws.normal(0, 0.1, (design.readers, 1)) + draws.normal(0, 0.4, (design.readers, design.cases)) * sd
    human = human + draws.normal(0, 0.1, (design.readers, design.levels))[:, level]
    human = np.where(draws.random(human.shape) < design.holes, np.nan, human)
    model = 0.8 * case + draws.normal(0, 0.1, (design.models, 1))
    model = model + draws.normal(0, 0.4, (design.models, design.cases)) * sd
    pairs = {str(n): (_matrix(human, level == n), _matrix(model, level == n)) for n in range(design.levels)}
    return interaction(pairs).p


def _matrix(scores: Array, kept: npt.NDArray[np.bool_]) -> Matrix:
    readers, cases = (tuple(map(str, range(size))) for size in scores.shape)
    return Matrix(readers, cases, np.where(kept, scores, np.nan))
