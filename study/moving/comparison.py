"""Whether two sides have the same rows, letter by letter; what differs is named by table and key, never by content."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from study.chain import Fault
from study.moving.side import Row, Side

Tick = Callable[[int], None]
EVERY = 500


def differences(source: Side, target: Side, parts: list[str], tick: Tick) -> Iterator[Fault]:
    """What differs between the sides, part by part; ``tick`` hears of every so many rows that were looked at."""
    for part in parts:
        yield from _part(part, _told(source.rows(part), tick), target.rows(part))


def _told(rows: Iterator[Row], tick: Tick) -> Iterator[Row]:
    seen = 0
    for seen, row in enumerate(rows, 1):
        if seen % EVERY == 0:
            tick(EVERY)
        yield row
    tick(seen % EVERY)


def _part(part: str, here: Iterator[Row], there: Iterator[Row]) -> Iterator[Fault]:
    """Both sides come in the order of their keys, so that what one lacks shows as soon as it is passed."""
    one, other = next(here, None), next(there, None)
    while one is not None or other is not None:
        if one is not None and one == other:
            one, other = next(here, None), next(there, None)
        elif other is None or (one is not None and one.key < other.key):
            assert one is not None
            yield Fault(_where(part, one), "did not arrive")
            one = next(here, None)
        elif one is None or other.key < one.key:
            yield Fault(_where(part, other), "is at the other side alone")
            other = next(there, None)
        else:
            yield Fault(_where(part, one), f"is not the same on both sides ({', '.join(_columns(one, other))})")
            one, other = next(here, None), next(there, None)


def _where(part: str, row: Row) -> str:
    return f"{part} {'/'.join(map(str, row.key))}"


def _columns(one: Row, other: Row) -> list[str]:
    """The names of the columns that differ."""
    first, second = json.loads(one.text), json.loads(other.text)
    return sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name)) or ["its text"]
