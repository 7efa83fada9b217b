"""Every outcome of a study through one analysis: groups, their difference by every method, each model, the refusals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from scoring.analysis import ModelAgainstPanel, matrix
from scoring.comparing import Array, Differences, Figure, Refusals, against, cells, differences, figure, group_mean
from scoring.estimates import Estimate
from scoring.measures import CONFIDENCE, LOG_TIME, MEASURES, WAITING, Grid, grids

if TYPE_CHECKING:
    import pandas as pd

WITHOUT_ZERO = (*CONFIDENCE, LOG_TIME)
"""Scores whose zero is arbitrary: with missing cells their moments are taken about their mean."""


@dataclass(frozen=True)
class Outcome:
    """One measure: humans, models, humans minus models, the panel minus each model; ``refused`` says what is not there
    and why.
    """

    measure: str
    cases: int
    human: Figure | None
    models: Figure | None
    differences: Differences
    model_vs_panel: tuple[ModelAgainstPanel, ...]
    refused: tuple[str, ...]


def outcomes(
    readings: pd.DataFrame,
    failures: Literal["wrong", "left_out"] = "wrong",
    measures: Sequence[str] = MEASURES,
    *,
    pooled: bool = False,
) -> tuple[tuple[Outcome, ...], tuple[str, ...]]:
    """Each measure that any reading of :func:`scoring.measures.frame` has; and why others are provisional.

    ``failures`` says what a failed reading is: a wrong answer, or left out. ``pooled`` adds the pooled difference.
    """
    found: list[Outcome] = []
    provisional: defaultdict[str, list[str]] = defaultdict(list)
    asked = [name for name in measures if readings[f"{name}_low"].notna().any()]
    for name, grid in grids(readings, asked, failures):
        if grid is None:
            provisional[WAITING].append(name)
        else:
            found.append(_outcome(name, grid["human"], grid["model"], pooled))
    return tuple(found), tuple(f"{', '.join(names)}: {why}" for why, names in provisional.items())


def outcome(scored: pd.DataFrame, name: str, *, pooled: bool = False) -> Outcome:
    """Analyse one outcome from rows of group (human or model), reader, case, value: one row per reader and case."""
    cases = sorted(scored["case"].unique())
    human, model = (Grid(*matrix(scored[scored["group"] == group], "value", cases)) for group in ("human", "model"))
    return _outcome(name, human, model, pooled)


def _outcome(name: str, human: Grid, model: Grid, pooled: bool) -> Outcome:
    h, models, m = human.values, model.readers, model.values
    refused: Refusals = defaultdict(list)
    centred = name in WITHOUT_ZERO
    return Outcome(
        measure=name,
        cases=h.shape[1],
        human=group_mean("human", h, refused, centred=centred),
        models=group_mean("models", m, refused, centred=centred),
        differences=differences(h, m, refused, centred=centred, pooled=pooled),
        model_vs_panel=_each_model(name, h, models, m, refused, centred),
        refused=tuple(f"{name}, {', '.join(what)}: {why}" for why, what in refused.items()),
    )


def _each_model(
    name: str, h: Array, models: list[str], m: Array, refused: Refusals, centred: bool
) -> tuple[ModelAgainstPanel, ...]:
    rows = []
    for model, row in zip(models, m, strict=True):
        n = cells(h + row) if len(h) else 0
        found = figure(f"{model} against the panel", _one(h, row, centred), n, refused) if n else None
        if found is not None:
            rows.append(ModelAgainstPanel(model, name, **asdict(found)))
    return tuple(rows)


def _one(h: Array, row: Array, centred: bool) -> Callable[[], Estimate]:
    return lambda: against(h, np.atleast_2d(row), "this model only", centred=centred)
