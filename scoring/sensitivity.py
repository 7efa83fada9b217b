"""Evidence Sensitivity and the cross-modal utilisation gap of MEDSYN (2026), from distributions over options.

``S(m) = JSD(p(y | E) || p(y | E without m))``: how far an answerer's distribution over the options moves when evidence
m is left out. Where an image and the expert's finding of it carried the same weight, the points (S_text, S_image) of
the cases would lie on the identity line; NMSE says how far they are from it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import rel_entr

from scoring.estimates import TooLittleData

Array = npt.NDArray[np.float64]
SUM = 1e-6
"""How far from one the sum of a distribution may be."""
SAME = 1e-12
"""Sensitivities that differ by no more lie on the identity line."""
FIGURES = ("s_image", "s_text", "difference", "nmse", "below", "above")


@dataclass(frozen=True)
class UtilisationGap:
    """``estimate`` is NMSE over the ``n`` cases that have both forms; ``left_out`` cases lack one.

    ``below`` is the share of cases below the identity line (the image moved the answer less than the finding did),
    ``above`` that above it, ``on`` that on it.
    """

    estimate: float
    below: float
    above: float
    on: float
    n: int
    left_out: int

    def __float__(self) -> float:
        return self.estimate


def jensen_shannon(p: Array, q: Array, base: float = 2.0) -> Array:
    """The Jensen-Shannon divergence over the last axis, between 0 and the logarithm of 2; NaN where either has one."""
    middle = (p + q) / 2
    divergence = (rel_entr(p, middle) + rel_entr(q, middle)).sum(axis=-1) / 2
    found: Array = np.maximum(divergence, 0.0) / math.log(base)
    return found


def evidence_sensitivity(p_full: npt.ArrayLike, p_without: npt.ArrayLike, base: float = 2.0) -> float:
    """The sensitivity of one case: in bits, unless ``base`` says otherwise (``math.e``: nats).

    Raises ``ValueError`` where these are not two distributions over the same options.
    """
    full, without = (distribution(p) for p in (p_full, p_without))
    if full.shape != without.shape:
        raise ValueError(f"{full.size} options with the evidence and {without.size} without it: give the same ones")
    return float(jensen_shannon(full, without, checked_base(base)))


def utilisation_gap(s_image: npt.ArrayLike, s_text: npt.ArrayLike) -> UtilisationGap:
    """``NMSE = sum (S_image - S_text)^2 / sum S_text^2`` over the cases, and how they lie about the identity line.

    A case without one of the forms is NaN there, and left out. Raises ``ValueError`` for arrays that are not pairs, and
    ``TooLittleData`` where no pair is left or no finding moved any answer.
    """
    image, text = (np.asarray(s, dtype=float) for s in (s_image, s_text))
    if image.ndim != 1 or image.shape != text.shape:
        raise ValueError(f"sensitivities come in pairs, one of each form a case; found {image.shape} and {text.shape}")
    both = ~(np.isnan(image) | np.isnan(text))
    image, text = image[both], text[both]
    if not both.any():
        raise TooLittleData("no case has the sensitivity to the image and that to the finding")
    if not (text**2).sum() > 0:
        raise TooLittleData("no finding moved any answer, so the gap has nothing to be measured against")
    found = {name: float(value) for name, value in figures(image, text).items()}
    on = float((np.abs(image - text) <= SAME).mean())
    return UtilisationGap(found["nmse"], found["below"], found["above"], on, len(image), int((~both).sum()))


def figures(image: Array, text: Array, weights: Array | None = None) -> dict[str, Array]:
    """The figures of sensitivities (..., cases), each case with its weight; NaN where there is nothing to take."""
    w = np.ones(image.shape[-1]) if weights is None else weights
    both = ~(np.isnan(image) | np.isnan(text))
    i, t = np.where(both, image, 0.0), np.where(both, text, 0.0)
    pairs = (both * w).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "s_image": _mean(image, w),
            "s_text": _mean(text, w),
            "difference": ((t - i) * w).sum(axis=-1) / pairs,
            "nmse": np.where(pairs > 0, ((i - t) ** 2 * w).sum(axis=-1) / (t**2 * w).sum(axis=-1), np.nan),
            "below": ((i < t - SAME) * w).sum(axis=-1) / pairs,
            "above": ((i > t + SAME) * w).sum(axis=-1) / pairs,
        }


def _mean(values: Array, weights: Array) -> Array:
    present = ~np.isnan(values)
    mean: Array = (np.where(present, values, 0.0) * weights).sum(axis=-1) / (present * weights).sum(axis=-1)
    return mean


def distribution(p: npt.ArrayLike) -> Array:
    """The probabilities as an array whose sum is one; raises ``ValueError`` where they are none."""
    found = np.asarray(p, dtype=float)
    if found.ndim != 1 or found.size < 2:
        raise ValueError(f"a distribution is a list of two probabilities or more; found the shape {found.shape}")
    if not np.isfinite(found).all() or (found < 0).any() or abs(found.sum() - 1) > SUM:
        raise ValueError(f"probabilities are no less than 0 and add up to 1; found {found.tolist()}")
    shares: Array = found / found.sum()
    return shares


def checked_base(base: float) -> float:
    """The base of a logarithm; raises ``ValueError`` for one that makes no scale."""
    if not (math.isfinite(base) and base > 1):
        raise ValueError(f"the logarithm's base is above 1 (2: bits, e: nats), not {base}")
    return base
