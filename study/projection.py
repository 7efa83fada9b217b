"""A reading's projection (state, step, head, count ...) rebuilt from its events alone. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from study.chain import START, Event


@dataclass(frozen=True)
class Projection:
    """What the events of a reading add up to; times are None until what they date has happened."""

    state: str = "assigned"
    step: int = -1
    attempt: int = 1
    completed_attempt: int | None = None
    head: str = START
    count: int = 0
    last_at: datetime | None = None
    begun_at: datetime | None = None
    locked_at: datetime | None = None


class StoredReading(BaseModel):
    """A reading's row as the export delivers it; ``option_order`` indexes the case's sorted options."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    reading: str
    member: str
    case_key: str
    position: int
    practice: bool
    arm: str
    seed: str | None = None
    script: str
    option_order: tuple[int, ...]
    steps: int
    state: str
    step: int
    attempt: int
    completed_attempt: int | None = None
    head: str
    count: int
    last_at: datetime | None = None
    begun_at: datetime | None = None
    locked_at: datetime | None = None

    @property
    def projection(self) -> Projection:
        """The stored projection."""
        return Projection(
            self.state,
            self.step,
            self.attempt,
            self.completed_attempt,
            self.head,
            self.count,
            self.last_at,
            self.begun_at,
            self.locked_at,
        )


def rebuild(events: Sequence[Event]) -> Projection:
    """The projection that these events of one reading, in order, add up to."""
    projection = Projection()
    for event in events:
        projection = _after(projection, event)
    if not events:
        return projection
    last = events[-1]
    return replace(projection, head=last.hash, count=last.seq, last_at=last.at)


def differences(stored: Projection, events: Sequence[Event]) -> list[str]:
    """One sentence for each part in which the stored projection is not what the events add up to."""
    rebuilt, found = asdict(rebuild(events)), []
    for name, value in asdict(stored).items():
        if value != rebuilt[name]:
            found.append(f"its stored {name} is {_told(value)}, its events add up to {_told(rebuilt[name])}")
    return found


def _after(projection: Projection, event: Event) -> Projection:
    """The projection after one more event, head and count aside; kinds that change nothing else leave it as it is."""
    match event.kind:
        case "begun":
            return replace(projection, state="reading", begun_at=projection.begun_at or event.at)
        case "shown":
            return replace(projection, step=event.step)
        case "completed":
            attempt = projection.completed_attempt or event.attempt
            return replace(
                projection, state="completed", step=event.step, locked_at=event.at, completed_attempt=attempt
            )
        case "skipped":
            return replace(projection, state="skipped", locked_at=event.at)
        case "failed":
            return replace(projection, state="failed", locked_at=event.at)
        case "paused":
            return replace(projection, state="paused")
        case "resumed":
            return replace(projection, state="reading")
        case "reopened":
            return replace(projection, state="assigned", step=-1, attempt=event.attempt + 1, locked_at=None)
        case "withdrawn":
            return replace(projection, state=_withdrawn(event))
    return projection


def _withdrawn(event: Event) -> str:
    """A withdrawal that kept the answers says so; an erased payload belongs to a withdrawal that excluded them."""
    if event.payload is None:
        return "excluded"
    return "withdrawn" if json.loads(event.payload).get("mode") == "keep" else "excluded"


def _told(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else repr(value)
