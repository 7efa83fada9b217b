"""The record as it is read over the wire: the tables at once, the study's chain and the events in chunks.

The heads come first: readings and counts as of one moment. Events are then asked for up to those counts, so a study
that goes on meanwhile is read without a gap and without a row of afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, TypeAdapter

from study.chain import Event, StudyEvent
from study.database.wire import JSON, Wire
from study.projection import StoredReading

CHUNK = 2000
ACTS = 200


class Row(BaseModel):
    """A row of the export; columns that nothing here uses are passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Head(Row):
    """A reading's chain at one moment: the hash of its last row, and how many rows there were."""

    reading: str
    head: str
    count: int


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
    details: dict[str, Any] = {}


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
    """One grade of one line of one case."""

    case_key: str
    line: str
    scale: str
    version: str
    grade: int
    source: str
    note: str | None = None
    at: datetime


class Drawn(Row):
    """The seed of a reading and the order of its options: indices into the options as they were written."""

    seed: str
    order: tuple[int, ...]


class Tables(Row):
    """Everything beside the events, as of one moment."""

    study: StudyRow
    readings: tuple[StoredReading, ...]
    members: tuple[Member, ...]
    scripts: dict[str, dict[str, Any]]
    media: tuple[Media, ...]
    cases: tuple[CaseRow, ...]
    grades: tuple[Grade, ...] | None = None
    now: datetime

    @cached_property
    def member_of(self) -> dict[str, Member]:
        """The readers by member id."""
        return {member.member: member for member in self.members}

    @cached_property
    def case_of(self) -> dict[str, CaseRow]:
        """The cases by key."""
        return {case.key: case for case in self.cases}


_HEADS, _EVENTS, _ACTS = TypeAdapter(list[Head]), TypeAdapter(list[Event]), TypeAdapter(list[StudyEvent])
_ORDERS = TypeAdapter(dict[str, Drawn])


def take_heads(wire: Wire, study: str) -> list[Head]:
    """Every reading's head and count, noted in the study's own chain as an export."""
    reply = _object(wire.call("export_heads", study=study, request_id=str(uuid4())))
    return _HEADS.validate_python(reply["heads"])


def tables(wire: Wire, study: str) -> Tables:
    """The study's tables, read in one moment."""
    return Tables.model_validate(wire.call("export_tables", study=study))


def acts(wire: Wire, study: str, upto: int | None = None) -> Iterator[StudyEvent]:
    """The study's own chain in order, up to row ``upto`` where given."""
    last = 0
    while upto is None or last < upto:
        chunk = _ACTS.validate_python(wire.call("study_chain", study=study, after_seq=last, amount=ACTS))
        for act in chunk:
            if upto is None or act.seq <= upto:
                yield act
        if len(chunk) < ACTS:
            return
        last = chunk[-1].seq


def readings_events(
    wire: Wire, study: str, counts: Mapping[str, int], chunk: int = CHUNK
) -> Iterator[tuple[str, list[Event]]]:
    """Each reading with its events in order, up to its count; a reading that has none yet comes with an empty list."""
    for group in _groups(counts, chunk):
        found: dict[str, list[Event]] = {reading: [] for reading in group}
        for event in _events(wire, study, group, chunk):
            found[event.reading].append(event)
        yield from found.items()


def case_contents(wire: Wire, study: str) -> dict[str, Any]:
    """Each case's whole content by key; only the owner of the data folder may read it before unblinding."""
    return _object(wire.call("case_contents", study=study))


def option_orders(wire: Wire, study: str) -> dict[str, Drawn]:
    """Each reading's seed and the order drawn from it; only the owner of the data folder may read them early."""
    return _ORDERS.validate_python(wire.call("option_orders", study=study))


def telemetry(wire: Wire, study: str, readings: Sequence[str]) -> list[dict[str, Any]]:
    """What the browser measured of these readings (at most 100), in order of reading, step and arrival."""
    found: Any = wire.call("export_telemetry", study=study, readings=list(readings))
    return list(found)


def _events(wire: Wire, study: str, counts: Mapping[str, int], chunk: int) -> Iterator[Event]:
    """The events of a few readings, asked for until a chunk comes back that is not full."""
    upto: JSON = dict(counts)
    after: tuple[str | None, int | None] = (None, None)
    while any(counts.values()):
        reply = wire.call(
            "export_events", study=study, upto=upto, after_reading=after[0], after_seq=after[1], amount=chunk
        )
        events = _EVENTS.validate_python(reply)
        yield from events
        if len(events) < chunk:
            return
        after = (events[-1].reading, events[-1].seq)


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
