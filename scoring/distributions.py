"""An answerer's distribution over the options of a case, by three estimators; each says what it left out.

A sample is one answer to the same question. Samples stand as rows over the options, so that they can be drawn anew.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Estimator = Literal["logprobs", "elicited", "frequencies"]
ESTIMATORS: tuple[Estimator, ...] = ("logprobs", "elicited", "frequencies")
ENOUGH = 50
"""Samples from which on frequencies are more than descriptive."""
LEAST_MASS = 0.5
"""The least that the reported labels of a sample must hold together: below it the first token was no label."""

RULES: Mapping[Estimator, str] = {
    "logprobs": "The first token's probabilities of the labels, renormalised over the options shown, then averaged per "
    "option over the samples, whose labels are permuted. A label that was not reported counts as 0; a sample whose "
    "reported labels hold less than the least mass is left out.",
    "elicited": "The probabilities that were stated, renormalised, then averaged per option over the samples. A sample "
    "that leaves an option out, names another, or states what is no probability is left out.",
    "frequencies": "How often each option was chosen. Sensitivity from frequencies is biased upward: with no effect at "
    "all by about (options - 1) / (4 x samples) nats. Below 50 samples a case and arm it is descriptive.",
}


@dataclass(frozen=True)
class Distribution:
    """``samples`` (n, options) each add up to one. ``left_out`` counts the other samples by reason.

    ``unreported`` counts labels that counted as 0 because they were not among the reported tokens. ``enough`` is false
    where frequencies rest on fewer than 50 samples: such a distribution is descriptive.
    """

    estimator: Estimator
    options: tuple[str, ...]
    samples: Array
    left_out: Mapping[str, int]
    unreported: int = 0

    @property
    def n(self) -> int:
        """The samples that count."""
        return len(self.samples)

    @property
    def p(self) -> Array | None:
        """The distribution; None without any sample."""
        return self.samples.mean(axis=0) if self.n else None

    @property
    def enough(self) -> bool:
        """Whether it is more than descriptive."""
        return self.n > 0 and (self.estimator != "frequencies" or self.n >= ENOUGH)


def by_logprobs(
    reported: Iterable[Mapping[str, float]], options: Sequence[str], least_mass: float = LEAST_MASS
) -> Distribution:
    """From the probability of each option's label as the first token, by option; one mapping a sample."""
    rows, out, unreported = [], Counter[str](), 0
    for sample in reported:
        masses = [sample.get(option, 0.0) for option in options]
        if not set(sample) <= set(options) or not all(map(_is_mass, masses)):
            out["not probabilities of the options"] += 1
        elif sum(masses) < least_mass or not sum(masses):
            out["the first token was no label"] += 1
        else:
            unreported += len(set(options) - set(sample))
            rows.append(masses)
    return _made("logprobs", options, rows, out, unreported)


def by_elicitation(stated: Iterable[Mapping[str, float]], options: Sequence[str]) -> Distribution:
    """From probabilities (or per cents) that the answerer stated for every option; one mapping a sample."""
    rows, out = [], Counter[str]()
    for sample in stated:
        if set(sample) != set(options):
            out["not the options that were shown"] += 1
        elif not all(map(_is_mass, sample.values())) or not sum(sample.values()):
            out["not probabilities"] += 1
        else:
            rows.append([sample[option] for option in options])
    return _made("elicited", options, rows, out)


def by_frequency(chosen: Iterable[str | None], options: Sequence[str]) -> Distribution:
    """From what was chosen, one choice a sample; None is "cannot tell", which is no option and left out."""
    rows, out = [], Counter[str]()
    for choice in chosen:
        if choice in options:
            rows.append([float(option == choice) for option in options])
        else:
            out["cannot tell" if choice is None else "no option that was shown"] += 1
    return _made("frequencies", options, rows, out)


def _made(
    estimator: Estimator,
    options: Sequence[str],
    rows: Sequence[Sequence[float]],
    out: Counter[str],
    unreported: int = 0,
) -> Distribution:
    if len(options) < 2 or len(set(options)) < len(options):
        raise ValueError(f"a distribution needs two different options or more; found {list(options)}")
    masses = np.array(rows, dtype=float).reshape(len(rows), len(options))
    samples: Array = masses / masses.sum(axis=1, keepdims=True)
    return Distribution(estimator, tuple(options), samples, dict(out), unreported)


def _is_mass(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
