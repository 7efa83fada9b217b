"""Rows of the record made by hand, sealed and linked as the documentation of the hashes says."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from study.chain import START, Event, StudyEvent, event_hash, payload_digest, study_event_hash

READING = "5b1f0d0e-0000-4000-8000-000000000001"
READER = "5b1f0d0e-0000-4000-8000-00000000000a"
ACTOR = "5b1f0d0e-0000-4000-8000-00000000000b"
STUDY = "5b1f0d0e-0000-4000-8000-00000000000c"
BEGUN = datetime(2026, 11, 22, 9, 0, 0, 1, UTC)

Step = tuple[str, int, str]


def reading_events(*kinds: str | Step, reading: str = READING, attempt: int = 1) -> tuple[Event, ...]:
    """Events of one reading, a minute apart: a kind alone, or kind, step and payload."""
    events: list[Event] = []
    for seq, given in enumerate(kinds, start=1):
        kind, step, payload = given if isinstance(given, tuple) else (given, -1 if given == "begun" else 0, "{}")
        events.append(
            _sealed(
                reading=reading,
                seq=seq,
                kind=kind,
                step=step,
                attempt=attempt,
                at=BEGUN + timedelta(minutes=seq - 1),
                payload=payload,
                previous=events[-1].hash if events else START,
            )
        )
        attempt += kind == "reopened"
    return tuple(events)


def resealed(event: Event, **changes: Any) -> Event:
    """The event with other columns and a hash that fits them, as a forger would write it."""
    changed = event._replace(**changes)
    return changed._replace(hash=event_hash(changed))


def study_events(*acts: tuple[str, str]) -> Iterable[StudyEvent]:
    """A study's own chain of (kind, body), a minute apart."""
    previous = START
    for seq, (kind, body) in enumerate(acts, start=1):
        at = BEGUN + timedelta(minutes=seq)
        row = StudyEvent(study=STUDY, seq=seq, kind=kind, actor=ACTOR, at=at, body=body, previous=previous, hash="")
        row = row.model_copy(update={"hash": study_event_hash(row)})
        previous = row.hash
        yield row


def _sealed(payload: str, **columns: Any) -> Event:
    nonce = f"{columns['seq']:032x}"
    event = Event(
        actor=ACTOR,
        reader=READER,
        request_id="5b1f0d0e-0000-4000-8000-0000000000ff",
        client="{}",
        nonce=nonce,
        payload=payload,
        payload_digest=payload_digest(nonce, payload),
        hash="",
        **columns,
    )
    return event._replace(hash=event_hash(event))
