"""Short words for what the tests of the record do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import uuid4

import pytest

from study.chain import Event, StudyEvent
from study.database import Refused, Wire
from study.exporting import source
from tests.small_study import SmallStudy

Result = TypeVar("Result")
LINES = {"lines": ["Gout"], "confidence": 50}


def new_id() -> str:
    """A request id of its own."""
    return str(uuid4())


@contextmanager
def refused(code: str, words: str | None = None) -> Iterator[None]:
    """The call inside is refused with this code, in a sentence that has these words."""
    with pytest.raises(Refused, match=words) as refusal:
        yield
    assert refusal.value.code == code, refusal.value.message


def call(wire: Wire, function: str, /, **arguments: Any) -> Any:
    """A call whose reply is looked into."""
    return wire.call(function, **arguments)


def at_step(made: SmallStudy, wire: Wire, step: int, place: int = 0) -> dict[str, Any]:
    """The page of the reader's case at ``place`` with ``step`` open."""
    return made.read(wire, made.readings(wire)[place]["reading"], ["Gout"], upto=step)


def where(page: dict[str, Any]) -> dict[str, Any]:
    """The reading, step and attempt of a page, as a turn names them."""
    return {name: page[name] for name in ("reading", "step", "attempt")}


def lock(made: SmallStudy, wire: Wire, page: dict[str, Any], answer: dict[str, Any] | None = None) -> dict[str, Any]:
    """Lock the page's step; returns verdict and next page."""
    reply: dict[str, Any] = made.act("turn", wire, **where(page), answer=answer or {}, client={})
    return reply


def reopen_page(wire: Wire, reading: str) -> Any:
    """The page as it is now."""
    return call(wire, "open_reading", reading=reading, visit=None)


def events(made: SmallStudy, reading: str) -> list[Event]:
    """The events of one reading as they are exported."""
    ((_, found),) = source.readings_events(made.home.owner, made.study, {reading: 5000})
    return found


def payload(event: Event) -> Any:
    """What the event sealed."""
    return json.loads(event.payload or "null")


def acts(made: SmallStudy) -> list[StudyEvent]:
    """The study's own chain."""
    return list(source.acts(made.home.owner, made.study))


def as_superuser(made: SmallStudy, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """Look or tamper behind the record's back."""
    with made.home.database() as conn:
        cursor = conn.execute(statement.encode(), values)
        return cursor.fetchall() if cursor.description else []


def at_once(*jobs: Callable[[], Result]) -> list[Result | BaseException]:
    """Run the jobs at the same time; what each returned or raised."""
    with ThreadPoolExecutor(len(jobs)) as pool:
        futures = [pool.submit(job) for job in jobs]
    return [future.exception() or future.result() for future in futures]
