"""Calibration: whether answers given with a confidence of c are right in c of the cases.

Brier score with Murphy's decomposition (Murphy 1973, J Appl Meteorol 12:595) over bins, with what bins lose of the
spread inside them (Stephenson, Coelho & Jolliffe 2008, Weather Forecast 23:752), so that the parts sum to the score
exactly; expected and maximum calibration error over the same bins (Naeini, Cooper & Hauskrecht 2015).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.estimates import TooLittleData

Array = npt.NDArray[np.float64]
EDGES = tuple(tenth / 10 for tenth in range(11))


@dataclass(frozen=True)
class Bin:
    """Answers with a confidence from ``low`` on and below ``high``; the last bin holds its upper edge too."""

    low: float
    high: float
    n: int
    confidence: float
    right: int


@dataclass(frozen=True)
class Calibration:
    """Brier = reliability - resolution + uncertainty + within. ``bins`` are those that hold an answer."""

    n: int
    brier: float
    reliability: float
    resolution: float
    uncertainty: float
    within: float
    ece: float
    mce: float
    confidence: float
    right: float
    bins: tuple[Bin, ...]


def calibration(confidence: npt.ArrayLike, right: npt.ArrayLike, edges: Sequence[float] = EDGES) -> Calibration:
    """The calibration of answers with a confidence from 0 to 1, right (1) or wrong (0).

    Raises :class:`TooLittleData` without an answer, ValueError for a confidence outside 0 to 1.
    """
    c, y = np.asarray(confidence, dtype=float), np.asarray(right, dtype=float)
    if not len(c):
        raise TooLittleData("no answer has a confidence")
    if not ((c >= 0) & (c <= 1)).all():
        raise ValueError("a confidence is not between 0 and 1")
    # What is written as .3 may lie a rounding below 3/10 and belongs above that edge all the same.
    place = np.clip(np.searchsorted(np.asarray(edges), c + 1e-12, side="right") - 1, 0, len(edges) - 2)
    used, counts = np.unique(place, return_counts=True)
    mean_c, mean_y = (np.array([values[place == one].mean() for one in used]) for values in (c, y))
    share, base = counts / len(c), float(y.mean())
    reliability = float((share * (mean_c - mean_y) ** 2).sum())
    resolution = float((share * (mean_y - base) ** 2).sum())
    uncertainty, brier = base * (1 - base), float(((c - y) ** 2).mean())
    return Calibration(
        n=len(c),
        brier=brier,
        reliability=reliability,
        resolution=resolution,
        uncertainty=uncertainty,
        within=brier - (reliability - resolution + uncertainty),
        ece=float((share * abs(mean_c - mean_y)).sum()),
        mce=float(abs(mean_c - mean_y).max()),
        confidence=float(c.mean()),
        right=base,
        bins=tuple(
            Bin(edges[one], edges[one + 1], int(n), float(m), round(float(h * n)))
            for one, n, m, h in zip(used, counts, mean_c, mean_y, strict=True)
        ),
    )
