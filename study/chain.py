"""The record's hash chains, recomputed outside the database from exported rows. Pure.

An event's hash covers a documented string of bytes and its predecessor's hash, so a row that was changed, left
out or put in shows at its place. A payload (what a reader wrote) hangs on its event by a salted digest alone: it can
be erased, and the chain still holds. Tamper-evident, not tamper-proof: whoever can write the whole database can write
a whole new chain, which then differs from every head that was taken down before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict

START = "0" * 64
"""What the first row of every chain names as its predecessor."""


class Event(NamedTuple):
    """One thing that happened to a reading; ``nonce`` (hex) and ``payload`` are None once erased.

    A plain tuple: an export holds a million of them. What comes from outside is checked where it is read.
    """

    reading: str
    seq: int
    kind: str
    step: int
    attempt: int
    actor: str
    reader: str
    at: datetime
    request_id: str | None
    client: str
    payload_digest: str
    previous: str
    hash: str
    nonce: str | None
    payload: str | None

    @property
    def erased(self) -> bool:
        """Whether the payload is gone."""
        return self.payload is None


class StudyEvent(BaseModel):
    """One act in the life of a study; ``body`` is JSON as it was stored."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    study: str
    seq: int
    kind: str
    actor: str
    at: datetime
    body: str
    previous: str
    hash: str


@dataclass(frozen=True)
class Fault:
    """A row that does not hold: where it stands, and what was found there."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def stamp(at: datetime) -> str:
    """``at`` in UTC as YYYY-MM-DDTHH:MM:SS.ffffffZ, the only form that is hashed."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def payload_digest(nonce: str, payload: str) -> str:
    """SHA-256 of the nonce's bytes (given in hex) followed by the payload in UTF-8, as hex."""
    return hashlib.sha256(bytes.fromhex(nonce) + payload.encode("utf-8")).hexdigest()


def event_hash(event: Event) -> str:
    """The hash that an event's row must carry, from all its other columns and its predecessor's hash."""
    return _sha256(
        "readerstudy-event-1",
        event.reading,
        event.seq,
        event.kind,
        event.step,
        event.attempt,
        event.actor,
        event.reader,
        stamp(event.at),
        event.request_id or "",
        _sha256(event.client),
        event.payload_digest,
        event.previous,
    )


def study_event_hash(event: StudyEvent) -> str:
    """The hash that a row of a study's own chain must carry."""
    body = _sha256(event.body)
    return _sha256(
        "readerstudy-study-1", event.study, event.seq, event.kind, event.actor, stamp(event.at), body, event.previous
    )


def grade_digest(grade: Mapping[str, Any]) -> str:
    """The digest of one stored grade (seq, case_key, line, scale, version, grade, grader, source, note, at; guess)."""
    first = (grade["seq"], grade["case_key"], _sha256(grade["line"]), grade["scale"], grade["version"], grade["grade"])
    last = (_sha256(grade["source"]), _sha256(grade["note"] or ""), stamp(grade["at"]))
    guess = grade.get("guess")
    return _sha256(*first, grade["grader"], *last, *((guess,) if guess is not None else ()))


def grades_digest(grades: Iterable[Mapping[str, Any]]) -> str:
    """What an act of grading seals: the digests of the grades that it saved, in order of ``seq``."""
    return _sha256("readerstudy-grades-1", *map(grade_digest, grades))


def reading_fault(events: Sequence[Event]) -> Fault | None:
    """The first row of one reading's events, in order, that does not hold; None where all do."""
    previous, latest = START, None
    for place, event in enumerate(events, start=1):
        what = _link_fault(event, place, previous, latest) or _event_fault(event, events[0])
        if what:
            return Fault(f"reading {event.reading}, row {event.seq}", what)
        previous, latest = event.hash, event.at
    return None


def study_fault(events: Iterable[StudyEvent], study: str) -> Fault | None:
    """The first row of the study's own chain that does not hold; None where all do."""
    previous, latest = START, None
    for place, event in enumerate(events, start=1):
        what = _link_fault(event, place, previous, latest)
        if not what and event.study != study:
            what = f"it belongs to another study ({event.study})"
        if not what and study_event_hash(event) != event.hash:
            what = f"its hash does not follow from its columns ({event.kind})"
        if what:
            return Fault(f"study chain, row {event.seq}", what)
        previous, latest = event.hash, event.at
    return None


def head_fault(chain: str, hashes: Sequence[str], heads: Mapping[int, str], noted: str) -> Fault | None:
    """Whether a chain (a reading's, the study's) still passes through the heads once noted for it, by number of rows.

    ``hashes`` are the hashes of its rows in order; a chain shorter than a noted count has lost its tail.
    """
    for count, head in sorted(heads.items()):
        where = f"{chain}, row {count}"
        if count > len(hashes):
            return Fault(
                where, f"the chain ends at row {len(hashes)}, but {noted} notes {count} rows: its tail was cut"
            )
        if (hashes[count - 1] if count else START) != head:
            return Fault(where, f"its hash is not the one that {noted} notes")
    return None


def _link_fault(event: Event | StudyEvent, place: int, previous: str, latest: datetime | None) -> str | None:
    """What breaks the row's link to the row before it."""
    if event.seq != place:
        return f"row {place} was expected here: a row is missing or stands twice"
    if event.previous != previous:
        return "it does not name the hash of the row before it"
    if latest is not None and event.at < latest:
        return "its time is before that of the row before it"
    return None


def _event_fault(event: Event, first: Event) -> str | None:
    """What is wrong within the row itself."""
    if event.reading != first.reading or event.reader != first.reader:
        return "it names another reading or reader than the first row"
    if event_hash(event) != event.hash:
        return f"its hash does not follow from its columns ({event.kind})"
    if (event.nonce is None) != (event.payload is None):
        return "its payload is erased by half"
    if event.nonce is not None and event.payload is not None and not _sealed(event):
        return f"its payload is not the one that was sealed ({event.kind})"
    return None


def _sealed(event: Event) -> bool:
    try:
        return payload_digest(event.nonce or "", event.payload or "") == event.payload_digest
    except ValueError:
        return False


def _sha256(*parts: Any) -> str:
    return hashlib.sha256("\n".join(map(str, parts)).encode("utf-8")).hexdigest()
