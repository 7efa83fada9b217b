"""Humans beside models: their difference in every measure, and what was read in each arm and condition."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

from study.conditions import MAIN
from study.desk.staff import Grade
from study.gap import Contrast, Result, frame_of, planned_failures
from study.results import Row

if TYPE_CHECKING:
    import pandas as pd

Group = Literal["human", "model"]
GROUPS: tuple[Group, ...] = ("human", "model")
SHOWN = ("coverage", "open", "selection")
NO_ANSWER = "no answer"
NOT_READ = "nobody has read so"


class Rate(Result):
    """A mean over ``n`` cells of reader and case; the bounds differ while lines wait for a grade."""

    low: float
    high: float
    n: int


class Arm(Result):
    """What a group read in one arm, or models in one condition. Without an answer there is no rate, and ``why``."""

    name: str
    condition: bool
    group: Group
    readings: int
    completed: int
    others: dict[str, int]
    rates: dict[str, Rate]
    why: str = ""


class Difference(Contrast):
    """Humans minus models; ``leads`` marks the one to report first of its measure."""

    leads: bool


class Beside(Result):
    """``differences`` by measure and method, ``refused`` what could not be told of them, ``arms`` in order of name."""

    differences: tuple[Difference, ...]
    refused: tuple[str, ...]
    arms: tuple[Arm, ...]


def computed(
    rows: Iterable[Row],
    grades: Sequence[Grade],
    protocol: Mapping[str, Any] | None,
    scored: pd.DataFrame | None = None,
) -> Beside:
    """The differences of the main reading by the closed forms, and every arm and condition, declared or read.

    ``scored`` is the frame of the main reading where it is at hand.
    """
    from scoring.outcomes import outcomes

    rows = list(rows)
    conditions = [str(row.get("condition") or MAIN) for row in rows]
    if scored is None or len(scored) < len(rows):
        *_, scored = frame_of([{**row, "condition": MAIN} for row in rows], grades, protocol)
    main = scored.loc[[condition == MAIN for condition in conditions]].reset_index(drop=True)
    found, provisional = outcomes(main, planned_failures(protocol))
    refused = [*provisional, *(sentence for one in found for sentence in one.refused)]
    differences = [difference for one in found for difference in _differences(one)]
    arms = tuple(_arms(rows, conditions, scored, protocol))
    return Beside(differences=tuple(differences), refused=tuple(refused), arms=arms)


def _differences(outcome: Any) -> Iterator[Difference]:
    told = asdict(outcome.differences)
    leads = told.pop("leads")
    for name, one in told.items():
        if one is not None:
            df = one["df"] if one["df"] is not None and math.isfinite(one["df"]) else None
            yield Difference(measure=outcome.measure, leads=name == leads, **{**one, "df": df})


def _arms(
    rows: Sequence[Row], conditions: Sequence[str], scored: pd.DataFrame, protocol: Mapping[str, Any] | None
) -> Iterator[Arm]:
    """Each declared arm and condition, and each that was read; ``scored`` has a row for each of ``rows``."""
    held: dict[tuple[bool, str, Group], list[int]] = {}
    present = [group for group in GROUPS if any(row["kind"] == group for row in rows)]
    for name in (protocol or {}).get("arms") or ():
        held |= {(False, str(name), group): [] for group in present}
    for name in (protocol or {}).get("conditions") or ():
        held[True, str(name), "model"] = []
    for place, (row, condition) in enumerate(zip(rows, conditions, strict=True)):
        other = condition != MAIN
        held.setdefault((other, condition if other else str(row["arm"]), row["kind"]), []).append(place)
    for (other, name, group), places in sorted(held.items()):
        yield _arm(name, other, group, scored.iloc[places])


def _arm(name: str, condition: bool, group: Group, scored: pd.DataFrame) -> Arm:
    from scoring.measures import summary

    states = Counter(map(str, scored["state"]))
    completed = states.pop("completed", 0)
    told = summary(scored) if completed else ()
    rates = {
        one.measure: Rate(low=one.low, high=one.high, n=one.n)
        for one in told
        if one.measure in SHOWN and one.low is not None and one.high is not None
    }
    why = "" if rates else NO_ANSWER if len(scored) else NOT_READ
    return Arm(
        name=name,
        condition=condition,
        group=group,
        readings=len(scored),
        completed=completed,
        others=dict(sorted(states.items())),
        rates=rates,
        why=why,
    )
