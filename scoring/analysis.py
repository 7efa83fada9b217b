"""The headline analysis: how far humans and models cover the diagnosis, select it, and what lies between.

Scores are per reader and case, in [0, 1]; the gap of a cell is ddx minus fdx, and only cells with both have one. A
model's runs are averaged per case first: runs are not readers. What cannot be estimated is None, with a sentence in
``refused``.
"""

from __future__ import annotations

import dataclasses
import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from scoring.comparing import (
    Array,
    Differences,
    Figure,
    Lead,
    Refusals,
    against,
    cells,
    differences,
    figure,
    group_mean,
)
from scoring.estimates import Estimate, TooLittleData

if TYPE_CHECKING:
    import pandas as pd

OUTCOMES = ("ddx", "fdx", "gap", "lost", "rescued", "fdx_corrected", "gap_corrected")


@dataclass(frozen=True)
class Group:
    """One group; ``lost`` is covered and not selected, ``rescued`` the reverse; corrected for chance where options are
    told.
    """

    readers: int
    cases: int
    ddx: Figure | None
    fdx: Figure | None
    gap: Figure | None
    lost: Figure | None
    rescued: Figure | None
    fdx_corrected: Figure | None = None
    gap_corrected: Figure | None = None


@dataclass(frozen=True)
class ReaderFigures:
    """One reader's means over the cases answered; ``n`` counts the cases with a gap."""

    reader: str
    group: str
    n: int
    ddx: float | None
    fdx: float | None
    gap: float | None


@dataclass(frozen=True)
class ModelAgainstPanel:
    """The panel minus one model, for that model only."""

    model: str
    outcome: str
    estimate: float
    se: float | None
    df: float | None
    ci: tuple[float, float] | None
    p: float | None
    n: int
    method: str


@dataclass(frozen=True)
class MissingCells:
    """Cells of one reader and outcome without a score: rows that are absent and rows that are blank."""

    reader: str
    group: str
    outcome: str
    cases: int
    no_row: int
    blank: int


@dataclass(frozen=True)
class Missing:
    """What was left out: by reader and outcome, with sentences that say what that does to the figures."""

    cells: tuple[MissingCells, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Analysis:
    """All results; differences are humans minus models of the gap, and ``leads`` names the one to report first.

    ``readers_fixed`` and ``cases_fixed`` speak of other cases only, and of other readers only. ``pooled`` assumes equal
    variances in both groups and is there on request only.
    """

    cases: int
    human: Group | None
    models: Group | None
    difference: Figure | None
    difference_models_fixed: Figure | None
    within_case: Figure | None
    within_case_models_fixed: Figure | None
    readers_fixed: Figure | None
    cases_fixed: Figure | None
    pooled: Figure | None
    leads: Lead | None
    readers: tuple[ReaderFigures, ...]
    model_vs_panel: tuple[ModelAgainstPanel, ...]
    missing: Missing
    refused: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The analysis as plain data; infinite degrees of freedom (a normal reference) are None."""
        plain = _plain(dataclasses.asdict(self))
        assert isinstance(plain, dict)
        return plain


def analyse(frame: pd.DataFrame, *, pooled: bool = False) -> Analysis:
    """Analyse a table of :func:`scoring.table.read_table`; :class:`TooLittleData` where nothing can be tested.

    ``pooled`` adds the difference with equal variances assumed in both groups, which models do not keep to.
    """
    cases = sorted(frame["case"].unique())
    if len(cases) < 2:
        raise TooLittleData(f"an analysis over cases needs two cases at least; the table has {len(cases)}")
    scored = _scored(frame)
    answered = scored.dropna(subset=["ddx", "fdx"], how="all")
    if not (answered.groupby("group")["reader"].nunique() >= 2).any():
        raise TooLittleData(
            "no group has two readers with answers, so nothing is known about the variance between readers"
        )
    refused: Refusals = defaultdict(list)
    groups = {group: _matrices(scored, group, cases) for group in ("human", "model")}
    people, models = groups["human"], groups["model"]
    found = differences(people["gap"][1], models["gap"][1], refused, pooled=pooled)
    return Analysis(
        cases=len(cases),
        human=_group("human", people, refused),
        models=_group("models", models, refused),
        **{field.name: getattr(found, field.name) for field in dataclasses.fields(Differences)},
        readers=tuple(_reader_figures(scored)),
        model_vs_panel=_model_vs_panel(people, models, refused),
        missing=_missing(frame, scored, cases),
        refused=tuple(f"{', '.join(what)}: {why}" for why, what in refused.items()),
    )


def _scored(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per reader and case: outcomes of each run, then their mean over the runs that have them."""
    rows = frame.copy()
    rows["gap"] = rows["ddx"] - rows["fdx"]
    rows["lost"] = rows["ddx"] * (1 - rows["fdx"])
    rows["rescued"] = (1 - rows["ddx"]) * rows["fdx"]
    chance = 1 / rows["options"]
    rows["fdx_corrected"] = (rows["fdx"] - chance) / (1 - chance)
    rows["gap_corrected"] = rows["ddx"] - rows["fdx_corrected"]
    return rows.groupby(["group", "reader", "case"], as_index=False)[list(OUTCOMES)].mean()


def _matrices(scored: pd.DataFrame, group: str, cases: list[str]) -> dict[str, tuple[list[str], Array]]:
    """Per outcome the readers with any score and their scores (readers, cases), NaN for missing."""
    own = scored[scored["group"] == group]
    return {outcome: matrix(own, outcome, cases) for outcome in OUTCOMES}


def matrix(scored: pd.DataFrame, outcome: str, cases: list[str]) -> tuple[list[str], Array]:
    """The readers with any score of this outcome and their scores (readers, cases), NaN for missing."""
    wide = scored.pivot(index="reader", columns="case", values=outcome).reindex(columns=cases).dropna(how="all")
    return list(wide.index), wide.to_numpy(dtype=float)


def _group(name: str, matrices: dict[str, tuple[list[str], Array]], refused: Refusals) -> Group | None:
    answered = [(set(readers), ~np.isnan(x).all(axis=0)) for readers, x in matrices.values() if readers]
    if not answered:
        refused["the table has no scores of this group"].append(name)
        return None
    figures = {outcome: group_mean(f"{name} {outcome}", x, refused) for outcome, (_, x) in matrices.items() if len(x)}
    readers = set.union(*(who for who, _ in answered))
    cases = int(np.any([which for _, which in answered], axis=0).sum())
    return Group(len(readers), cases, **{outcome: figures.get(outcome) for outcome in OUTCOMES})


def _model_vs_panel(
    people: dict[str, tuple[list[str], Array]], models: dict[str, tuple[list[str], Array]], refused: Refusals
) -> tuple[ModelAgainstPanel, ...]:
    rows: list[ModelAgainstPanel] = []
    if len(people["gap"][0]) < 2:
        refused["a panel is two human readers at least"].append("model_vs_panel")
        return ()
    for outcome in ("ddx", "fdx", "gap"):
        panel = people[outcome][1]
        for name, scores in zip(*models[outcome], strict=True):
            n = cells(panel + scores)
            found = figure(f"{name} against the panel, {outcome}", _comparison(panel, scores), n, refused)
            if found is not None:
                rows.append(ModelAgainstPanel(name, outcome, **dataclasses.asdict(found)))
    return tuple(sorted(rows, key=lambda row: row.model))


def _comparison(panel: Array, scores: Array) -> Callable[[], Estimate]:
    return lambda: against(panel, scores[None], "this model only")


def _reader_figures(scored: pd.DataFrame) -> list[ReaderFigures]:
    rows = []
    for (group, reader), own in scored.groupby(["group", "reader"]):
        means = {name: float(own[name].mean()) if own[name].notna().any() else None for name in ("ddx", "fdx", "gap")}
        rows.append(ReaderFigures(str(reader), str(group), int(own["gap"].notna().sum()), **means))
    return rows


def _missing(frame: pd.DataFrame, scored: pd.DataFrame, cases: list[str]) -> Missing:
    found = []
    for (group, reader), own in scored.groupby(["group", "reader"]):
        for outcome in ("ddx", "fdx"):
            counts = (len(cases) - len(own), int(own[outcome].isna().sum()))
            if any(counts):
                found.append(MissingCells(str(reader), str(group), outcome, len(cases), *counts))
    return Missing(tuple(found), tuple(_notes(frame, found)))


def _notes(frame: pd.DataFrame, found: list[MissingCells]) -> list[str]:
    notes = []
    if any(cell.group == "human" for cell in found):
        notes.append(
            "Human cells are missing: cell means hold only if they are missing by allocation or at random; "
            "within_case leads."
        )
    if found:
        notes.append("A gap needs ddx and fdx of the same cell; ddx and fdx alone use every cell that has them.")
    repeats = frame.groupby(["reader", "case"]).size()
    if (repeats > 1).any():
        notes.append("Repeated runs of a model were averaged per case before anything else.")
    if frame["options"].isna().any() and frame["options"].notna().any():
        notes.append("Some cases tell no number of options: figures corrected for chance leave them out.")
    return notes


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
