"""Every outcome of an unblinded study through the closed forms, and its interactions with what readings differ in."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

from study.conditions import MAIN
from study.desk.staff import Grade
from study.gap import frame_of, planned_failures
from study.results import Row

if TYPE_CHECKING:
    import pandas as pd

BY = ("specialty", "language", "arm")
"""What the analyst's rows differ in: of the case, of the reading, and the arm (form of the evidence, advice)."""
CROSSED = ("selection_gap", "open_gap", "coverage", "selection", "open")

Failures = Literal["wrong", "left_out"]
TASKS: dict[str, Literal["selection", "open"]] = {"selection_gap": "selection", "open_gap": "open"}
HITS: dict[str, tuple[Literal["selection", "open"], str]] = {
    "coverage": ("selection", "ddx"),
    "selection": ("selection", "fdx"),
    "open": ("open", "fdx"),
}
KINDS = {"mixed": "mixed model", "logistic": "logistic mixed model"}


def outcomes_of(
    rows: Iterable[Row],
    grades: Sequence[Grade],
    protocol: Mapping[str, Any] | None,
    *,
    pooled: bool = False,
    by: Sequence[str] = BY,
) -> dict[str, Any]:
    """``outcomes`` by measure, ``interactions`` by what they are by and by measure, and ``refused``, as plain data.

    Measures that wait for a grade are in ``refused`` alone. Infinite degrees of freedom (a normal reference) are None.
    """
    from scoring.outcomes import outcomes

    rows = list(rows)
    *_, scored = frame_of(rows, grades, protocol)
    found, provisional = outcomes(scored, planned_failures(protocol), pooled=pooled)
    plain = {
        "outcomes": {one.measure: _flat(asdict(one)) for one in found},
        "interactions": {one: _interactions(scored, rows, one, planned_failures(protocol)) for one in by},
        "refused": list(provisional),
    }
    checked = _finite(plain)
    assert isinstance(checked, dict)
    return checked


def mixed_of(rows: Iterable[Row], grades: Sequence[Grade], protocol: Mapping[str, Any] | None) -> dict[str, Any]:
    """Mixed models by measure, and ``refused``, as plain data: ``mixed`` are linear, of every final outcome;
    ``logistic`` are of hits (log odds), runs of a model as tries of one cell.

    The gaps have random slopes for the task by reader and by case; other outcomes have one score a reader and case.
    """
    from scoring.measures import MEASURES

    *_, scored = frame_of(rows, grades, protocol)
    failures = planned_failures(protocol)
    found: dict[str, Any] = {"mixed": {}, "logistic": {}}
    refused: defaultdict[str, list[str]] = defaultdict(list)
    for name in MEASURES:
        if scored[f"{name}_low"].notna().any():
            for kind, fit in (("mixed", linear_of), ("logistic", logistic_of)):
                try:
                    if kind == "mixed" or name in {*TASKS, *HITS}:
                        found[kind][name] = fit(scored, name, failures)
                except ValueError as error:  # TooLittleData, or a measure that is provisional
                    refused[f"{KINDS[kind]}: " + str(error).removeprefix(f"{name}: ")].append(name)
    told = ((*why.split(": ", 1), ", ".join(names)) for why, names in refused.items())
    return found | {"refused": [f"{model}, {names}: {why}" for model, why, names in told]}


def linear_of(scored: pd.DataFrame, name: str, failures: Failures) -> dict[str, Any]:
    """The linear mixed model of a measure, as plain data: of a gap with random slopes for the task.

    Raises ``ValueError`` while the measure waits for a grade, and where the data do not bear it.
    """
    from scoring import mixed
    from scoring.measures import analysis_table, scores

    own, kind = scores(scored, name, failures), TASKS.get(name)
    return (mixed.gap(analysis_table(scored, kind, failures)) if kind else mixed.outcome(own)).to_json()


def logistic_of(scored: pd.DataFrame, name: str, failures: Failures) -> dict[str, Any]:
    """The logistic mixed model of a measure of ``TASKS`` or ``HITS``, as plain data; raises as ``linear_of`` does."""
    from scoring import logistic
    from scoring.measures import analysis_table, scores

    scores(scored, name, failures)  # refuses what is provisional
    if name in TASKS:
        return logistic.gap(analysis_table(scored, TASKS[name], failures)).to_json()
    kind, column = HITS[name]
    return logistic.outcome(analysis_table(scored, kind, failures).rename(columns={column: "value"})).to_json()


def _flat(outcome: dict[str, Any]) -> dict[str, Any]:
    """The differences beside the groups, as in the analysis of a table."""
    differences: dict[str, Any] = outcome.pop("differences")
    return outcome | differences


def _interactions(scored: pd.DataFrame, rows: Sequence[Row], by: str, failures: Any) -> dict[str, Any]:
    from scoring.interactions import interactions
    from scoring.measures import scores

    told = [str(row.get(by) or "") for row in rows if row.get("condition", MAIN) == MAIN]
    found: dict[str, Any] = {}
    for name in CROSSED:
        parts = []
        for level, own in scored.assign(level=told).groupby("level"):
            low, high = own[f"{name}_low"], own[f"{name}_high"]
            if level and low.notna().any() and (low == high)[low.notna()].all():
                parts.append(scores(own, name, failures).assign(level=level))
        if len(parts) > 1:
            found[name] = [asdict(one) for one in interactions(_stacked(parts))]
    return found


def _stacked(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    return pd.concat(parts, ignore_index=True)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
