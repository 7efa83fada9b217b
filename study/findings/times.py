"""How long a stage took: visible and active minutes, as geometric means, and by the place in the session."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean, median, quantiles
from typing import Literal

from study.answers import ASSISTED
from study.findings._material import Material, mean_of, states
from study.findings._result import Finding, Result, Value, left_out
from study.results import Row, clinical_case, who
from study.times import StageTimes, stage_times

Measure = Literal["visible", "active", "elapsed"]


class StageTime(Result):
    """Minutes of one kind of step (show, ddx, open, selection, closing, or ``reading`` for all of a reading).

    ``mean`` is a geometric mean with its interval over readers and cases; ``median`` and quartiles are of readings.
    """

    kind: str
    measure: Measure
    mean: Value
    median: float
    quartiles: tuple[float, float]
    missing: int


class Position(Result):
    """Whole readings at one place of the reader's order, or of the session (a pause of ``SESSION`` minutes ends one).

    ``ratio`` is the geometric mean of each time over its reader's own geometric mean: 1 where nothing changes.
    """

    within: Literal["order", "session"]
    position: int
    n: int
    visible: Value
    ratio: float | None
    right: float | None


class Times(Finding):
    """Of humans alone: a model's time is that of its calls, which ``readerstudy models status`` tells."""

    stages: tuple[StageTime, ...] = ()
    positions: tuple[Position, ...] = ()


SESSION = 30
KINDS = ("reading", "show", "ddx", "open", "selection", "closing")
MEASURES: tuple[Measure, ...] = ("visible", "active", "elapsed")
METHOD = (
    "Minutes of completed readings of humans, steps of one kind summed over a reading, less than a second as a second. "
    "Geometric means over readers and cases by U-statistics of the logarithm. A pause of "
    f"{SESSION} minutes between two "
    "readings ends a session. A time that the browser did not tell is missing, never guessed."
)
UNTOLD = "the times of the stages were not told"


@dataclass(frozen=True)
class Timed:
    """One reading: seconds of each kind of step and measure, None where a step's is missing."""

    reader: str
    case: str
    position: int
    begun: datetime
    ended: datetime
    seconds: Mapping[tuple[str, Measure], float | None]
    right: float | None


def find(material: Material) -> Times:
    """The times of each kind of step, and of whole readings by their place."""
    timed = _timed(material) if material.stages is not None else []
    stages = [one for kind in KINDS for measure in MEASURES if (one := _stage(timed, kind, measure))]
    people = [reading for reading in material.readings if reading.group == "human"]
    completed = sum(reading.state == "completed" for reading in people)
    return Times(
        method=METHOD,
        n=len(timed),
        counted="completed readings of humans with times",
        left_out=left_out(
            ("readings", completed - len(timed), "no time was told of them"),
            *(("readings", n, state.replace("_", " ")) for state, n in states(people).items()),
        ),
        why="" if timed else UNTOLD if material.stages is None else "no completed reading of a human has times",
        stages=tuple(stages),
        positions=tuple(_positions(timed)),
    )


def _timed(material: Material) -> list[Timed]:
    found = []
    # While lines wait for a grade, those that are settled are mostly right, and their share would tell too much.
    settled = not material.waiting(material.plan.fdx, "human")
    right = material.scored[[f"{material.plan.fdx}_low", f"{material.plan.fdx}_high"]].to_numpy(float)
    for row, reading, (low, high) in zip(material.rows, material.readings, right, strict=True):
        told = (material.stages or {}).get(str(row.get("reading")))
        if reading.group == "human" and reading.state == "completed" and told and told["events"]:
            times = stage_times(told["events"], told["telemetry"])
            if times and times[-1].t_lock:
                found.append(_one(row, told["steps"], times, float(low) if settled and low == high else None))
    return found


def _one(row: Row, steps: Sequence[Mapping[str, str]], times: Sequence[StageTimes], right: float | None) -> Timed:
    seconds: dict[tuple[str, Measure], float | None] = {}
    for measure in MEASURES:
        by_kind: dict[str, list[float | None]] = {}
        for stage in times:
            value = getattr(stage, measure)
            for kind in _kinds(steps[stage.step]["kind"]):
                by_kind.setdefault(kind, []).append(value)
        seconds |= {(kind, measure): _sum(values) for kind, values in by_kind.items()}
    ended = max(stage.t_lock for stage in times if stage.t_lock)
    return Timed(who(row), clinical_case(row), int(row.get("position") or 0), times[0].t_open, ended, seconds, right)


def _kinds(kind: str) -> tuple[str, ...]:
    """What a step's time counts for: what comes with advice is no part of the unaided reading."""
    return (kind,) if kind == "advice" or kind.startswith(ASSISTED) else (kind, "reading")


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _stage(timed: Sequence[Timed], kind: str, measure: Measure) -> StageTime | None:
    asked = [one for one in timed if (kind, measure) in one.seconds]
    told = [(one, minutes) for one in asked if (minutes := _minutes(one, kind, measure)) is not None]
    if not told:
        return None
    own = sorted(minutes for _, minutes in told)
    quarters = quantiles(own, n=4, method="inclusive") if len(own) > 1 else own * 3
    return StageTime(
        kind=kind,
        measure=measure,
        mean=_geometric([(one.reader, one.case, minutes) for one, minutes in told]),
        median=median(own),
        quartiles=(quarters[0], quarters[2]),
        missing=len(asked) - len(told),
    )


def _minutes(one: Timed, kind: str, measure: Measure) -> float | None:
    seconds = one.seconds.get((kind, measure))
    return None if seconds is None else max(seconds, 1.0) / 60


def _geometric(cells: Sequence[tuple[str, str, float]]) -> Value:
    """The geometric mean, with the interval of the logarithm's mean turned back."""
    logs = mean_of([(reader, case, math.log(minutes)) for reader, case, minutes in cells], against_zero=False)
    if logs.estimate is None:
        return logs
    ends = (math.exp(logs.ci[0]), math.exp(logs.ci[1])) if logs.ci else None
    method = f"geometric mean, {logs.method}" if logs.method else ""
    return Value(estimate=math.exp(logs.estimate), n=logs.n, df=logs.df, ci=ends, method=method, why=logs.why)


def _positions(timed: Sequence[Timed]) -> Iterator[Position]:
    within = {"order": {id(one): one.position for one in timed}, "session": _in_session(timed)}
    own = {id(one): minutes for one in timed if (minutes := _minutes(one, "reading", "visible")) is not None}
    logs: dict[str, list[float]] = {}
    for one in timed:
        if id(one) in own:
            logs.setdefault(one.reader, []).append(math.log(own[id(one)]))
    usual = {reader: fmean(values) for reader, values in logs.items()}
    names: tuple[Literal["order", "session"], ...] = ("order", "session")
    for name in names:
        at: dict[int, list[Timed]] = {}
        for one in timed:
            at.setdefault(within[name][id(one)], []).append(one)
        for place, here in sorted(at.items()):
            told = [one for one in here if id(one) in own]
            ratios = [math.log(own[id(one)]) - usual[one.reader] for one in told]
            right = [one.right for one in here if one.right is not None]
            yield Position(
                within=name,
                position=place,
                n=len(here),
                visible=_geometric([(one.reader, one.case, own[id(one)]) for one in told]),
                ratio=math.exp(fmean(ratios)) if ratios else None,
                right=fmean(right) if right else None,
            )


def _in_session(timed: Sequence[Timed]) -> dict[int, int]:
    """The place of each reading since the reader's last long pause."""
    found: dict[int, int] = {}
    last: dict[str, tuple[datetime, int]] = {}
    for one in sorted(timed, key=lambda own: (own.reader, own.begun)):
        ended, place = last.get(one.reader, (None, 0))
        goes_on = ended is not None and (one.begun - ended).total_seconds() < SESSION * 60
        found[id(one)] = place + 1 if goes_on else 1
        last[one.reader] = one.ended, found[id(one)]
    return found
