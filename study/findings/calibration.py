"""Whether stated confidence is the share that is right: for the list's first line, the open and the selected one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

import numpy as np

from study.findings._material import Array, Material, matrices, states
from study.findings._result import GROUPS, Finding, Group, Result, Value, left_out, value_of, wilson

if TYPE_CHECKING:
    import pandas as pd

Stage = Literal["first", "open", "selection"]
STAGES: tuple[Stage, ...] = ("first", "open", "selection")


class Bin(Result):
    """Answers with a confidence from ``low`` on and below ``high`` (the last bin holds 1): a point of the curve."""

    low: float
    high: float
    n: int
    confidence: float
    right: Value


class Calibrated(Result):
    """One group, or one reader of it, at one stage. Brier = reliability - resolution + uncertainty + within.

    ``within`` is what bins lose of the spread inside them. ``over`` is mean confidence minus the share right: above
    zero overconfident, below zero underconfident.
    """

    group: Group
    reader: str | None
    stage: Stage
    n: int
    brier: Value
    reliability: float
    resolution: float
    uncertainty: float
    within: float
    ece: float
    mce: float
    confidence: float
    right: float
    over: Value
    bins: tuple[Bin, ...] = ()


class Calibration(Finding):
    """Each group and reader at each stage; ``edges`` of the bins."""

    edges: tuple[float, ...] = ()
    calibrated: tuple[Calibrated, ...] = ()


CONFIDENCE = {"first": "confidence_first", "open": "confidence_open", "selection": "confidence_selection"}
RIGHT = {"first": "top1", "open": "open", "selection": "selection"}
UNSETTLED = (
    "A group has no figure at a stage while one of its answers there waits for a grade: what is settled without a "
    "grader equals the truth, so that nearly all of it is right."
)
METHOD = (
    "Brier score with Murphy's decomposition, ECE and MCE over ten bins of equal width, each from its lower edge on "
    "and below its upper one (the last holds 100 %). Each reading counts once, a model's samples each. Mean Brier and "
    "mean overconfidence have their intervals over readers and cases, runs of a model averaged by case and weighed by "
    "their number; shares right of a bin have Wilson's."
)


def find(material: Material) -> Calibration:
    """The calibration of each group and reader; an answer without a confidence is left out.

    A group of which any answer waits for a grade has no figure at that stage.
    """
    from scoring.calibration import EDGES

    found: list[Calibrated] = []
    asked = ungraded = held = silent = 0
    for stage in STAGES:
        answers = material.scored[material.scored["state"] == "completed"]
        answers = answers.assign(confidence=_confidences(material, stage)[answers.index])
        low, high = answers[f"{RIGHT[stage]}_low"], answers[f"{RIGHT[stage]}_high"]
        there = low.notna()
        asked += int(there.sum())
        silent += int((there & answers["confidence"].isna()).sum())
        told = answers[there & answers["confidence"].notna()].assign(right=low, open=low != high)
        ungraded += int(told["open"].sum())
        for group in GROUPS:
            own = told[told["group"] == group]
            if own["open"].any():
                held += int((~own["open"]).sum())
            else:
                found += _of_group(material, own, group, stage)
    return Calibration(
        method=METHOD,
        n=asked - silent - ungraded - held,
        counted="answers with a confidence and a settled grade",
        left_out=left_out(
            ("answers", silent, "no confidence was asked or given"),
            ("answers", ungraded, "their grade is open"),
            ("answers", held, "others of their group and stage wait for a grade"),
            *(("readings", n, state.replace("_", " ")) for state, n in states(material.readings).items()),
        ),
        why="" if found else "no answer has both a confidence and a settled grade",
        notes=(UNSETTLED,) if ungraded else (),
        edges=EDGES,
        calibrated=tuple(found),
    )


def _confidences(material: Material, stage: Stage) -> Array:
    values = (getattr(reading, CONFIDENCE[stage]) for reading in material.readings)
    return np.array([np.nan if value is None else value / 100 for value in values], dtype=float)


def _of_group(material: Material, answers: pd.DataFrame, group: Group, stage: Stage) -> Iterator[Calibrated]:
    """The group as a whole, with its curve, then each reader."""
    if answers.empty:
        return
    parts: list[tuple[str | None, pd.DataFrame]] = [(None, answers)]
    parts += [(str(reader), own) for reader, own in answers.groupby("reader")]
    for reader, own in parts:
        yield _calibrated(material, own, group, reader, stage)


def _calibrated(material: Material, own: pd.DataFrame, group: Group, reader: str | None, stage: Stage) -> Calibrated:
    from scoring.calibration import calibration

    confidence, right = own["confidence"].to_numpy(float), own["right"].to_numpy(float)
    one = calibration(confidence, right)
    parts = ("n", "reliability", "resolution", "uncertainty", "within", "ece", "mce", "confidence", "right")
    return Calibrated(
        group=group,
        reader=reader,
        stage=stage,
        brier=_mean(material, own, (confidence - right) ** 2, group, reader, False),
        over=_mean(material, own, confidence - right, group, reader, True),
        bins=tuple(
            Bin(low=b.low, high=b.high, n=b.n, confidence=b.confidence, right=wilson(b.right, b.n)) for b in one.bins
        ),
        **{part: getattr(one, part) for part in parts},
    )


def _mean(
    material: Material, own: pd.DataFrame, score: Array, group: Group, reader: str | None, against_zero: bool
) -> Value:
    """The mean over readings; its interval over readers and cases where there are two readers."""
    from scoring import missing

    plain, n = float(score.mean()), len(score)
    if reader is not None or own["reader"].nunique() < 2:
        return Value(estimate=plain, n=n, why="one reader has no variance between readers")
    matrix = matrices(own, score, material.cases)[group]
    # A cell weighs as many readings as it has, so that the mean is that of the readings, of which the parts are made.
    readings = own.groupby(["reader", "case"]).size().unstack()
    weights = readings.reindex(index=list(matrix.readers), columns=list(matrix.cases)).fillna(0).to_numpy(float)
    return value_of(lambda: missing.panel(matrix.scores, weights, centred=True), n, plain, against_zero)
