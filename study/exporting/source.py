"""The record as it is read over the wire, in chunks of half a megabyte: tables, the study's chain, events.

The heads come first: readings and counts as of one moment. Events are then asked for up to those counts, so a study
that goes on meanwhile is read without a gap and without a row of afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, TypeAdapter

from study.chain import Event, StudyEvent
from study.database.wire import JSON, Wire
from study.projection import StoredReading

CHUNK = 2000
ACTS = 200
ROWS = 1000

Model = TypeVar("Model", bound=BaseModel)


class Row(BaseModel):
    """A row of the export; columns that nothing here uses are passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)


@dataclass(frozen=True, slots=True)
class Head:
    """A reading's chain at one moment: the hash of its last row, and how many rows there were."""

    reading: str
    head: str
    count: int


class _Act(Row):
    """A row of the study's own chain as delivered: a long body is None and read by itself."""

    study: str
    seq: int
    kind: str
    actor: str
    at: datetime
    body: str | None
    previous: str
    hash: str


class StudyRow(Row):
    """The study itself."""

    study: str
    slug: str
    title: str
    state: str
    languages: tuple[str, ...]
    synthetic: bool
    meta: dict[str, Any] = {}
    protocol: dict[str, Any] | None = None
    protocol_hash: str | None = None
    texts: dict[str, Any] = {}
    frozen_hash: str | None = None
    head: str
    count: int
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    unblinded_at: datetime | None = None
    now: datetime

    @property
    def watermarked(self) -> bool:
        """Whether readers were told after a reading how they did, which only a demonstration may do."""
        return (self.protocol or {}).get("feedback") == "after_reading"


class Member(Row):
    """A reader under the id that results carry; neither a name nor the coordinator's pseudonym is in it."""

    member: str
    result_id: str
    kind: str
    state: str
    trial: bool = False
    languages: tuple[str, ...] = ()
    profile: dict[str, Any] = {}
    consented_at: datetime | None = None
    instructed_at: datetime | None = None
    model: str | None = None
    sample: int | None = None
    condition: str = "main"
    details: dict[str, Any] = {}


class Calls(Row):
    """Calls of one model in one condition, for one purpose, with one outcome: counts, tokens, cost and time."""

    model: str
    condition: str
    purpose: str
    outcome: str
    calls: int
    cached: int
    uncertain: int
    input_tokens: int | None
    output_tokens: int | None
    cost: float | None
    timed: int
    median_ms: float | None
    p95_ms: float | None


class CaseRow(Row):
    """A case; ``options`` are their sorted texts, ``content`` (with the truth) is None until unblinding."""

    key: str
    position: int
    version: str
    language: str
    translation_of: str | None = None
    specialty: str
    synthetic: bool
    practice: bool
    hash: str
    options: tuple[str, ...] | None = None
    content: dict[str, Any] | None = None


class Media(Row):
    """An image by its content."""

    sha256: str
    mime: str
    width: int
    height: int
    bytes: int


class Grade(Row):
    """One grade of one line of one case; ``grader`` is an opaque id, ``seq`` the order in which grades were given."""

    seq: int
    grader: str
    case_key: str
    line: str
    scale: str
    version: str
    grade: int
    source: str
    note: str | None = None
    guess: str | None = None
    at: datetime


class Drawn(Row):
    """The seed of a reading and the order of its options: indices into the options as they were written."""

    seed: str
    order: tuple[int, ...]


class Script(Row):
    """A script by the hash of its content."""

    hash: str
    content: dict[str, Any]


class CaseContent(Row):
    """A case's whole content, truth included."""

    key: str
    content: dict[str, Any]


@dataclass(frozen=True)
class Tables:
    """Everything beside readings, their events and grades, which are too many to hold."""

    study: StudyRow
    members: tuple[Member, ...]
    scripts: Mapping[str, dict[str, Any]]
    media: tuple[Media, ...]
    cases: tuple[CaseRow, ...]

    @cached_property
    def advised(self) -> bool:
        """Whether any reading shows a model's answer."""
        return any(step["kind"] == "advice" for script in self.scripts.values() for step in script["steps"])

    @cached_property
    def member_of(self) -> dict[str, Member]:
        """The readers by member id."""
        return {member.member: member for member in self.members}

    @cached_property
    def case_of(self) -> dict[str, CaseRow]:
        """The cases by key."""
        return {case.key: case for case in self.cases}


_ACT = TypeAdapter(list[_Act])
_Text = str | None
_EVENTS = TypeAdapter(list[tuple[str, int, str, int, int, str, str, datetime, _Text, str, str, str, str, _Text, _Text]])
_ORDERS = TypeAdapter(dict[str, Drawn])
_CALLS = TypeAdapter(list[Calls])


def take_heads(wire: Wire, study: str) -> list[Head]:
    """Every reading's head and count, noted in the study's own chain as an export, and read as that act's body."""
    reply = _object(wire.call("export_heads", study=study, request_id=str(uuid4())))
    body = json.loads(_body(wire, study, TypeAdapter(int).validate_python(reply["act"])))
    return [Head(entry["reading"], entry["head"], entry["count"]) for entry in body["heads"]]


def study_row(wire: Wire, study: str) -> StudyRow:
    """The study itself."""
    return StudyRow.model_validate(wire.call("export_study", study=study))


def tables(wire: Wire, study: str) -> Tables:
    """The study's tables that are small enough to hold."""
    found = study_row(wire, study)
    return Tables(
        study=found,
        members=tuple(_rows(wire, study, "members", Member)),
        scripts={script.hash: script.content for script in _rows(wire, study, "scripts", Script)},
        media=tuple(_rows(wire, study, "media", Media)),
        cases=tuple(cases(wire, study)),
    )


def cases(wire: Wire, study: str) -> list[CaseRow]:
    """The cases in their order; with their contents once the study is unblinded."""
    return sorted(_rows(wire, study, "cases", CaseRow), key=lambda case: case.position)


def stored_readings(wire: Wire, study: str) -> Iterator[list[StoredReading]]:
    """The readings' projections in order of id, some hundreds at a time, each chunk as of its own moment."""
    yield from _chunks(wire, "export_rows", StoredReading, study=study, part="readings", amount=ROWS)


def grades(wire: Wire, study: str) -> Iterator[Grade]:
    """The grades in the order in which they were given; before unblinding only the owner may read them."""
    yield from _rows(wire, study, "grades", Grade)


def calls(wire: Wire, study: str) -> list[Calls]:
    """How models' calls stand, once the study is unblinded."""
    return _CALLS.validate_python(wire.call("export_calls", study=study))


def acts(wire: Wire, study: str, upto: int | None = None) -> Iterator[StudyEvent]:
    """The study's own chain in order, up to row ``upto`` where given."""
    last = 0
    while upto is None or last < upto:
        chunk = _ACT.validate_python(wire.call("study_chain", study=study, after_seq=last, amount=ACTS))
        for act in chunk:
            if upto is None or act.seq <= upto:
                body = act.body if act.body is not None else _body(wire, study, act.seq)
                yield StudyEvent.model_validate({**act.model_dump(), "body": body})
        if not chunk:
            return
        last = chunk[-1].seq


def _body(wire: Wire, study: str, seq: int) -> str:
    """The body of one act, however long."""
    parts: list[str] = []
    while part := wire.call("act_body", study=study, seq=seq, after=sum(map(len, parts))):
        parts.append(str(part))
    return "".join(parts)


def _rows(wire: Wire, study: str, part: str, model: type[Model]) -> Iterator[Model]:
    """All rows of one part of the export."""
    for chunk in _chunks(wire, "export_rows", model, study=study, part=part, amount=ROWS):
        yield from chunk


def _chunks(wire: Wire, function: str, model: type[Model], **arguments: JSON) -> Iterator[list[Model]]:
    """Chunk after chunk of a function that says where to go on."""
    reader, after = TypeAdapter(list[model]), None  # type: ignore[valid-type]
    while True:
        reply = _object(wire.call(function, **arguments, after=after))
        yield reader.validate_python(reply["rows"])
        after = reply["next"]
        if after is None:
            return


def readings_events(wire: Wire, study: str, counts: Mapping[str, int]) -> Iterator[tuple[str, list[Event]]]:
    """Each reading with its events in order, up to its count; a reading that has none yet comes with an empty list."""
    for group in _groups(counts, CHUNK):
        found: dict[str, list[Event]] = {reading: [] for reading in group}
        for event in _events(wire, study, group, CHUNK):
            found[event.reading].append(event)
        yield from found.items()


def case_contents(wire: Wire, study: str) -> dict[str, Any]:
    """Each case's whole content by key; only the owner of the data folder may read it before unblinding."""
    chunks = _chunks(wire, "case_contents", CaseContent, study=study)
    return {case.key: case.content for chunk in chunks for case in chunk}


def option_orders(wire: Wire, study: str, readings: Sequence[str]) -> dict[str, Drawn]:
    """The seed and the order drawn from it of these readings (at most 2,000); the owner alone may read them."""
    return _ORDERS.validate_python(wire.call("option_orders", study=study, readings=list(readings)))


def telemetry(wire: Wire, study: str, readings: Sequence[str]) -> list[dict[str, Any]]:
    """What the browser measured of these readings (at most 100), in order of reading, step, attempt, tab and number."""
    found: list[dict[str, Any]] = []
    after: JSON = None
    while True:
        reply: Any = _object(wire.call("export_telemetry", study=study, readings=list(readings), after=after))
        found += reply["rows"]
        if reply["next"] is None:
            return found
        after = json.loads(reply["next"])


def _events(wire: Wire, study: str, counts: Mapping[str, int], chunk: int) -> Iterator[Event]:
    """The events of a few readings, asked for until all have come or none comes any more."""
    upto: JSON = {reading: count for reading, count in counts.items() if count}
    after: tuple[str | None, int | None] = (None, None)
    left = sum(counts.values())
    while left > 0:
        reply = wire.call(
            "export_events", study=study, upto=upto, after_reading=after[0], after_seq=after[1], amount=chunk
        )
        rows = _EVENTS.validate_python(reply)
        if not rows:
            return
        yield from map(Event._make, rows)
        after, left = (rows[-1][0], rows[-1][1]), left - len(rows)


def _groups(counts: Mapping[str, int], chunk: int) -> Iterator[dict[str, int]]:
    """The readings in groups of about ``chunk`` events and at most ``chunk`` readings, in their order."""
    group: dict[str, int] = {}
    for reading, count in counts.items():
        if group and (sum(group.values()) + count > chunk or len(group) >= chunk):
            yield group
            group = {}
        group[reading] = count
    if group:
        yield group


def _object(reply: JSON) -> dict[str, Any]:
    if not isinstance(reply, dict):
        raise TypeError(f"an object was expected, not {type(reply).__name__}")
    return reply
