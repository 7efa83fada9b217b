"""Stage times out of the record: server times rule, client offsets are bounded by them, what is missing stays missing.

All durations are seconds. ``elapsed`` runs from the moment all evidence was on screen to the lock; ``visible`` leaves
out what was hidden or paused and is what to report first; ``active`` also leaves out idle time, that is the part of a
gap without input beyond ``IDLE_AFTER`` seconds.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

IDLE_AFTER = 120
_LOCKS = ("locked", "timed_out")
_TOTALS = ("visible_ms", "hidden_ms", "unfocused_ms", "idle_ms", "writing_ms")

Row = Mapping[str, Any]


@dataclass(frozen=True)
class StageTimes:
    """The times of one step of one attempt; ``None`` is missing. ``visits`` counts returns after leaving the page."""

    step: int
    attempt: int
    t_open: datetime
    t_ready: datetime | None
    t_first: datetime | None
    t_lock: datetime | None
    elapsed: float | None
    hidden: float | None
    unfocused: float | None
    paused: float
    idle: float | None
    visible: float | None
    active: float | None
    writing: float | None
    visits: int


@dataclass(frozen=True)
class _Event:
    kind: str
    step: int
    attempt: int
    at: datetime
    client: Mapping[str, Any]


@dataclass(frozen=True)
class _Sent:
    tab: str
    number: int
    at: datetime
    body: Mapping[str, Any]


def stage_times(events: Iterable[Row], telemetry: Iterable[Row] = ()) -> list[StageTimes]:
    """The times of every released step of one reading, in order.

    ``events`` are rows of the record in order of ``seq`` (kind, step, attempt, at, client); ``telemetry`` the browser's
    rows (step, attempt, tab, number, body, at). Times are ISO 8601 with offset, or datetimes.
    """
    told = [_event(row) for row in events]
    sent: dict[tuple[int, int], list[_Sent]] = defaultdict(list)
    for row in telemetry:
        one = _Sent(row["tab"], int(row["number"]), _time(row["at"]), _body(row))
        sent[row["step"], row["attempt"]].append(one)
    of: dict[tuple[int, int], list[_Event]] = defaultdict(list)
    for event in told:
        of[event.step, event.attempt].append(event)
    shown = [event for event in told if event.kind == "shown"]
    return [_stage(e, of[e.step, e.attempt], sent[e.step, e.attempt]) for e in shown]


def _stage(shown: _Event, own: Sequence[_Event], sent: Sequence[_Sent]) -> StageTimes:
    lock = next((e for e in own if e.kind in _LOCKS), None)
    t_ready = _ready(shown, own)
    elapsed = (lock.at - t_ready).total_seconds() if lock and t_ready else None
    end = lock.at if lock else None
    paused = _paused(own, t_ready or shown.at, end)
    totals = _totals(sent)
    hidden = _bounded(_plus(totals["hidden_ms"], _away(own, sent)), elapsed)
    visible = None if elapsed is None or hidden is None else max(0.0, elapsed - hidden - paused)
    idle = _bounded(totals["idle_ms"], visible)
    return StageTimes(
        step=shown.step,
        attempt=shown.attempt,
        t_open=shown.at,
        t_ready=t_ready,
        t_first=_first(shown, lock, sent),
        t_lock=end,
        elapsed=elapsed,
        hidden=hidden,
        unfocused=_bounded(totals["unfocused_ms"], visible),
        paused=paused,
        idle=idle,
        visible=visible,
        active=None if visible is None or idle is None else visible - idle,
        writing=_bounded(totals["writing_ms"], elapsed),
        visits=sum(e.kind == "revisited" for e in own),
    )


def _ready(shown: _Event, own: Sequence[_Event]) -> datetime | None:
    """The browser's offset from the release, never after its word arrived; the arrival once the page was left."""
    ready = next((e for e in own if e.kind == "ready"), None)
    if ready is None:
        return None
    left = any(e.kind == "revisited" and e.at <= ready.at for e in own)
    return ready.at if left else _offset(shown.at, ready.client.get("client_ms"), ready.at) or ready.at


def _first(shown: _Event, lock: _Event | None, sent: Sequence[_Sent]) -> datetime | None:
    """The earliest input that the lock or telemetry tells of; an offset past its own arrival is cut there."""
    found = [_offset(shown.at, lock.client.get("first_input_ms"), lock.at)] if lock else []
    found += [_offset(shown.at, one.body.get("first_input_ms"), one.at) for one in sent]
    return min((moment for moment in found if moment), default=None)


def _offset(start: datetime, milliseconds: Any, arrival: datetime) -> datetime | None:
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float) or milliseconds < 0:
        return None
    reach = (arrival - start).total_seconds() * 1000
    return start + timedelta(milliseconds=min(float(milliseconds), max(0.0, reach)))


def _paused(own: Sequence[_Event], start: datetime, end: datetime | None) -> float:
    """Seconds between pauses and their ends, within the stage; a pause without an end lasts to the stage's own."""
    total, since = 0.0, None
    for event in own:
        if event.kind == "paused":
            since = event.at
        elif event.kind == "resumed" and since:
            total += max(0.0, (event.at - max(since, start)).total_seconds())
            since = None
    return total + (max(0.0, (end - max(since, start)).total_seconds()) if since and end else 0.0)


def _away(own: Sequence[_Event], sent: Sequence[_Sent]) -> float:
    """Seconds from the last sign of life to each return, where no pause covers them."""
    moments = [one.at for one in sent]
    total, paused = 0.0, False
    for place, event in enumerate(own):
        if event.kind == "revisited" and not paused:
            before = [e.at for e in own[:place]] + [moment for moment in moments if moment <= event.at]
            total += (event.at - max(before, default=event.at)).total_seconds()
        paused = (paused or event.kind == "paused") and event.kind != "resumed"
    return total


def _totals(sent: Sequence[_Sent]) -> dict[str, float | None]:
    """Seconds of each total over all page loads: totals rise within a load and begin anew with the next."""
    loads: list[Mapping[str, Any]] = []
    clocks = [one for one in sent if one.body.get("source", "clock") == "clock"]
    for tab in dict.fromkeys(one.tab for one in clocks):
        bodies = [one.body for one in sorted((one for one in clocks if one.tab == tab), key=lambda one: one.number)]
        for body, after in zip(bodies, [*bodies[1:], None], strict=True):
            if after is None or any(after.get(name, 0) < body.get(name, 0) for name in _TOTALS):
                loads.append(body)
    known = {name: [load[name] for load in loads if name in load] for name in _TOTALS}
    return {name: sum(values) / 1000 if values else None for name, values in known.items()}


def _plus(known: float | None, more: float) -> float | None:
    return None if known is None else known + more


def _bounded(value: float | None, bound: float | None) -> float | None:
    return value if value is None or bound is None else min(value, bound)


def _event(row: Row) -> _Event:
    client = row.get("client") or {}
    parsed = _object(client) if isinstance(client, str) else client
    return _Event(row["kind"], int(row["step"]), int(row["attempt"]), _time(row["at"]), parsed)


def _body(row: Row) -> Mapping[str, Any]:
    body: Mapping[str, Any] | str = row["body"]
    return _object(body) if isinstance(body, str) else body


def _object(text: str) -> Mapping[str, Any]:
    parsed: Mapping[str, Any] = {} if text == "{}" else json.loads(text)
    return parsed


def _time(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
