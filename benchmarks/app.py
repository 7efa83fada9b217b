"""The app under readers: page turns, posts beside them, memory; against what one call of the database takes then."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from baselines.bots.simulation import invite, prepare
from benchmarks.database import Row
from benchmarks.reading_load import Measured, Seat, load
from commands._opener import answers
from study.bundle import Bundle
from study.database import Box
from study.protocol import preset

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Size:
    """How much is measured: readers, seconds between their clicks, seconds of each phase, posts a second."""

    readers: int
    think: float
    seconds: float
    posts: float


FULL = Size(50, 5.0, 40.0, 250.0)
MANY = Size(500, 20.0, 60.0, 0.0)
QUICK = Size(4, 0.5, 3.0, 20.0)


def rows(box: Box, bundle: Bundle, size: Size, slug: str) -> list[Row]:
    """Seat the readers, start the app on the box's data, and measure."""
    seats = seated(box, bundle, size.readers, slug)
    floor = _reference(box, seats)
    with running(box.server.data) as (port, process):
        first = asyncio.run(load(port, seats[:1], 0.05, 1.0))  # what is loaded on the first visit is loaded
        idle = process.memory_info().rss / MEGABYTE
        held: list[float] = []
        plain = asyncio.run(
            load(port, seats, size.think, size.seconds, arrived=lambda: held.append(process.memory_info().rss))
        )
        beside = asyncio.run(load(port, seats, size.think, size.seconds, size.posts)) if size.posts else None
    each = (held[0] / MEGABYTE - idle) / max(len(seats) - 1, 1)
    found = [_turns(size, plain, floor, ""), _memory(idle), _per_reader(each, len(seats))]
    if beside:
        found[1:1] = [
            _turns(size, beside, floor, f", with {size.posts:.0f} posts a second beside"),
            _posts(size, beside),
        ]
    faults = [*first.faults, *plain.faults, *(beside.faults if beside else [])]
    return [*found, Row(f"faults of {size.readers} readers' pages and posts", _told(faults), "none", not faults)]


def seated(box: Box, bundle: Bundle, readers: int, slug: str) -> list[Seat]:
    """Readers who have joined the study, with the readings that wait for each."""
    study = prepare(box, bundle, preset("medsyn-staged"), slug, readers, 1)
    seats = []
    for bot in invite(box, study, bundle, readers, 1):
        bot.languages = bundle.study.languages[:1]
        bot.join()
        waiting = tuple(row.reading for row in bot.desk.home(study).readings if row.state == "assigned")
        seats.append(Seat(bot.token, waiting, bot.desk))
    return seats


@contextmanager
def running(data: Path) -> Iterator[tuple[int, psutil.Process]]:
    """The app as a process of its own on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    environment = {**os.environ, "READERSTUDY_DATA": str(data), "PORT": str(port)}
    app = subprocess.Popen([sys.executable, "-m", "streamlit_app"], env=environment, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while not answers(port):
            if time.monotonic() > until or app.poll() is not None:
                raise RuntimeError("the app did not start")
            time.sleep(0.1)
        yield port, psutil.Process(app.pid)
    finally:
        app.send_signal(signal.SIGTERM)
        app.wait(30)


def _reference(box: Box, seats: list[Seat]) -> float:
    """Milliseconds of one call that reads a page over the plain wire, nobody else being there."""
    taken = []
    for seat in (seats * 50)[:100]:
        began = time.perf_counter()
        box.wire(seat.token).call("open_reading", reading=seat.readings[0], visit=None)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1000


def _turns(size: Size, measured: Measured, floor: float, beside: str) -> Row:
    taken = sorted(measured.turns)
    middle, late = _at(taken, 0.5), _at(taken, 0.95)
    size_kb = statistics.mean(measured.bytes or [0]) / 1000
    what = f"page turn on the desk, {size.readers} readers at {size.think:g} s{beside}"
    told = (
        f"p50 {middle:.0f} ms, p95 {late:.0f} ms (n {len(taken)}, {size_kb:.0f} kB; a plain page call: {floor:.1f} ms)"
    )
    return Row(what, told, "p95 under 100 ms", bool(taken) and late < 100)


def _posts(size: Size, measured: Measured) -> Row:
    taken = sorted(measured.posts)
    rate = len(taken) / measured.seconds if measured.seconds else 0
    told = f"{rate:.0f} a second, p50 {_at(taken, 0.5):.0f} ms, p95 {_at(taken, 0.95):.0f} ms (n {len(taken)})"
    return Row(
        "drafts and telemetry posted beside that load", told, f"{size.posts:.0f} a second", rate > 0.95 * size.posts
    )


def _memory(idle: float) -> Row:
    return Row("memory after the first reader's page (RSS)", f"{idle:.0f} MB", "150 MB", idle <= 150)


def _per_reader(each: float, readers: int) -> Row:
    return Row("memory a signed-in reader", f"{each:.2f} MB (mean of {readers - 1} more)", "under 1 MB", each < 1)


def _at(taken: list[float], share: float) -> float:
    """The share's quantile in milliseconds; NaN of nothing."""
    return 1000 * taken[min(int(share * len(taken)), len(taken) - 1)] if taken else float("nan")


def _told(faults: list[str]) -> str:
    return "none" if not faults else f"{len(faults)}, first: {faults[0][:200]}"
