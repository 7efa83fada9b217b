"""How often a planned family of three outcomes rejects any where none differs: by max-T, by Holm, uncorrected.

Coverage, selection and gap of the panels of :mod:`benchmarks.error_rates`; these models are fixed, and the truth of
each outcome is taken off its scores. Both corrections are the product's own, run by run, seeded.
"""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
from scipy import special

from benchmarks.database import Row
from benchmarks.error_rates import CASE, CASE_TASK, READER, SHIFT, SIZES, UNEQUAL, Array, Design, hits
from scoring import mrmc
from study.findings.multiplicity import by_max_t, family

RUNS = 4000
DRAWS = 500
NAMES = ("coverage", "selection", "gap")


def rows(runs: int = RUNS) -> list[Row]:
    """A row a design: any rejection in the family at .05."""
    return [_row(design, runs, seed) for seed, design in enumerate((*SIZES, UNEQUAL[1]))]


def _row(design: Design, runs: int, seed: int) -> Row:
    rng = np.random.default_rng(7000 + seed)
    rejected: Counter[str] = Counter()
    for run in range(runs):
        x = family_scores(design, rng)
        p = {name: mrmc.one_group(own).p for name, own in zip(NAMES, x, strict=True)}
        holm = family("planned", "confirmatory", p)
        assert holm is not None
        rejected["max-T"] += any(test.corrected < 0.05 for test in by_max_t(NAMES, x, DRAWS, run).tests)
        rejected["Holm"] += any(test.corrected < 0.05 for test in holm.tests)
        rejected["uncorrected"] += any(one < 0.05 for one in p.values())
    told = ", ".join(f"{name} {rejected[name] / runs:.3f}" for name in ("max-T", "Holm", "uncorrected"))
    what = f"any of three planned outcomes rejected, none there; {design.title}; {runs:,} runs, {DRAWS} draws"
    return Row(what, told, "none set", True)


def family_scores(design: Design, rng: np.random.Generator) -> Array:
    """Humans minus these models (outcomes, readers, cases), with the true difference taken off."""
    common = CASE * rng.normal(size=design.cases) + CASE_TASK * rng.normal(size=(2, 1, design.cases))
    h, _ = hits(design.humans, design.spread_h, common, rng)
    m, own = hits(design.models, design.spread_m, common, rng)
    of_cases = 1 + CASE**2 + CASE_TASK**2
    humans = special.ndtr(SHIFT / math.sqrt(of_cases + READER**2 + design.spread_h**2))
    truth = humans - special.ndtr(own / math.sqrt(of_cases)).mean(axis=1)[:, :, None]
    x = h - m.mean(axis=1, keepdims=True) - truth
    return np.concatenate([x, x[:1] - x[1:]])
