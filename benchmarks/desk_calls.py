"""Turns over the plain wire, one client and ten and fifty a call, against a bare insert in the same database."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import local

import psycopg

from baselines.bots.simulation import prepare
from benchmarks.database import Row
from study.bundle import Bundle
from study.database import Box
from study.database.server import SUPERUSER
from study.desk import Page, RunnerDesk, Turn, Verdict
from study.protocol import preset

SAMPLES = 20
ANSWERS: dict[str, dict[str, object]] = {
    "ddx": {"lines": ["Gout"], "none": False, "confidence": 50, "unchanged": False},
    "open": {"diagnosis": "Gout", "none": False, "confidence": 50},
    "selection": {"choice": "A", "confidence": 50},
    "closing": {"seen_before": "no", "looked_up": False, "comment": ""},
}


def rows(box: Box, bundle: Bundle, seconds: float) -> list[Row]:
    """Calls a second, disk synced as in earnest; each way reads readings of its own."""
    study = prepare(box, bundle, preset("medsyn-staged"), "bench-calls", 3 * SAMPLES, 1)
    desk = RunnerDesk(box.owner)
    names = ("one", "ten", "plural")
    plans = {name: [r.reading for m in desk.enrol(study, name, {}, SAMPLES) for r in m.readings] for name in names}
    bare = {clients: _bare(box, clients, seconds) for clients in (1, 10)}
    one, ten = _clients(desk, plans["one"], 1, seconds), _clients(desk, plans["ten"], 10, seconds)
    plural = _plural(desk, plans["plural"], seconds)
    return [
        _row("turns by one client, a call each, page included", one, bare[1], "one client"),
        _row("turns by ten clients, a call each, page included", ten, bare[10], "ten clients"),
        _row("turns by one client, 50 a call", plural, bare[1], "one client"),
    ]


def _row(what: str, rate: float, bare: float, by: str) -> Row:
    told = f"{rate:,.0f} a second; bare inserts by {by}: {bare:,.0f}; ratio {rate / bare:.2f}"
    return Row(what, told, "none set", True)


def _bare(box: Box, clients: int, seconds: float) -> float:
    """Inserts of one small row, a transaction each."""
    where = box.server.connection_string(SUPERUSER, box.embedded.database)
    with psycopg.connect(where, autocommit=True) as conn:
        conn.execute("create table if not exists public.bench (n bigint generated always as identity, words text)")
    mine = local()

    def insert() -> int:
        if not hasattr(mine, "conn"):
            mine.conn = psycopg.connect(where, autocommit=True, prepare_threshold=1)
        mine.conn.execute("insert into public.bench (words) values (%s)", ["Gout"])
        return 1

    rate = _rate(clients, seconds, lambda: (insert() for _ in count()))
    with psycopg.connect(where, autocommit=True) as conn:
        conn.execute("drop table public.bench")
    return rate


def _clients(desk: RunnerDesk, readings: list[str], clients: int, seconds: float) -> float:
    left = iter(readings)
    return _rate(clients, seconds, lambda: _turning(desk, left))


def _turning(desk: RunnerDesk, left: Iterator[str]) -> Iterator[int]:
    """Walk readings to their ends; one turn a step."""
    for reading in left:
        page = desk.open_reading(reading)
        while page.state in ("assigned", "reading"):
            page = desk.turn(page.reading, page.step, page.attempt, answer(page)).page
            yield 1


def answer(page: Page) -> dict[str, object]:
    """What a bench reader says to the present step."""
    return ANSWERS.get(page.current.kind, {}) if page.current else {}


def _plural(desk: RunnerDesk, readings: list[str], seconds: float) -> float:
    """Fifty readings side by side: each call turns one page of each."""
    kinds = {reading: ("begin", *desk.open_reading(reading).kinds) for reading in readings}
    until, turns, began = time.monotonic() + seconds, 0, time.monotonic()
    for start in range(0, len(readings), 50):
        group = readings[start : start + 50]
        for step in range(-1, max(len(kinds[reading]) for reading in group) - 1):
            asked = [r for r in group if step + 1 < len(kinds[r])]
            made = desk.turns([Turn(r, step, 1, ANSWERS.get(kinds[r][step + 1], {})) for r in asked])
            turns += sum(isinstance(one, Verdict) and one.ok for one in made)
            if time.monotonic() > until:
                return turns / (time.monotonic() - began)
    return turns / (time.monotonic() - began)


def _rate(clients: int, seconds: float, work: Callable[[], Iterator[int]]) -> float:
    """How many times a second ``clients`` threads get through ``work``'s items together."""
    until, began = time.monotonic() + seconds, time.monotonic()

    def worked() -> int:
        done = 0
        for _ in work():
            done += 1
            if time.monotonic() > until:
                break
        return done

    with ThreadPoolExecutor(clients) as pool:
        total = sum(future.result() for future in [pool.submit(worked) for _ in range(clients)])
    return total / (time.monotonic() - began)
