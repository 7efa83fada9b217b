"""How often the intervals of Evidence Sensitivity hold the truth, in made-up models whose truth is known.

Four options, 40 cases. A case's distribution without the evidence is drawn anew for each; the evidence moves it towards
one option by a share, as image and as finding. The answers are then drawn, and analysed as a study's are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.database import Row
from scoring.sensitivity import Array, figures, jensen_shannon
from scoring.utilisation import Contrast, Read, utilisation

OPTIONS, CASES, DRAWS = 4, 40, 300
CT = {"ct": Contrast(("main", "without"), ("finding", "without"))}
ARMS = ("main", "finding", "without")


@dataclass(frozen=True)
class Effect:
    """How far the evidence moves the answers as image and as finding, from 0 to 1."""

    words: str
    image: float
    text: float


EFFECTS = (Effect("no effect", 0.0, 0.0), Effect("image and finding alike", 0.7, 0.7), Effect("image less", 0.3, 0.8))


def rows(repeats: int = 100) -> list[Row]:
    """A row for each effect and number of samples; S is held to 90 of 100 with 50 samples, which one should have."""
    return [_row(effect, samples, repeats) for samples in (50, 10) for effect in EFFECTS]


def _row(effect: Effect, samples: int, repeats: int) -> Row:
    rng = np.random.default_rng(samples)
    names = tuple(map(str, range(CASES)))
    true = {name: float(value) for name, value in figures(*_sensitivities(_moved(effect, 100_000, rng))).items()}
    counted = ["s_image", "s_text"] + (["nmse"] if effect.text else [])
    held = dict.fromkeys(counted, 0)
    for seed in range(repeats):
        arms = {arm: _answers(p, samples, rng) for arm, p in zip(ARMS, _moved(effect, CASES, rng), strict=True)}
        found = utilisation(Read(names, names, arms), CT, draws=DRAWS, halvings=1, seed=seed).types[0]
        for name in counted:
            ends = getattr(found, name).ci
            held[name] += ends is not None and ends[0] <= true[name] + 1e-12 and true[name] <= ends[1]
    told = ", ".join(f"{name} {100 * held[name] / repeats:.0f} %" for name in counted)
    met = samples < 50 or min(held["s_image"], held["s_text"]) >= 0.9 * repeats
    bar = "S in 90 of 100" if samples >= 50 else "none set"
    return Row(f"intervals that hold the truth: {effect.words}, {samples} samples", told, bar, met)


def _moved(effect: Effect, cases: int, rng: np.random.Generator) -> tuple[Array, Array, Array]:
    """The true distributions with the image, with the finding, and without either."""
    without, towards = rng.dirichlet(np.ones(OPTIONS), cases), rng.dirichlet(np.full(OPTIONS, 0.5), cases)
    image, text = ((1 - share) * without + share * towards for share in (effect.image, effect.text))
    return image, text, without


def _sensitivities(p: Sequence[Array]) -> tuple[Array, Array]:
    return jensen_shannon(p[0], p[2]), jensen_shannon(p[1], p[2])


def _answers(p: Array, samples: int, rng: np.random.Generator) -> list[Array | None]:
    return [np.repeat(np.eye(OPTIONS), rng.multinomial(samples, own), axis=0) for own in p]
