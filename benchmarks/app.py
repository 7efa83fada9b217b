"""The app under readers: page turns, posts beside them, memory; against what one call of the database takes then."""

from __future__ import annotations

import asyncio
import statistics
import time
from dataclasses import dataclass

from benchmarks.database import Row
from benchmarks.homes import Served, box_served, running, seated
from benchmarks.reading_load import Measured, Seat, load
from study.bundle import Bundle
from study.database import Box

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
    served = box_served(box)
    seats = seated(served, bundle, size.readers, slug)
    floor = reference(served, seats)
    with running(served) as (port, process):
        # What is loaded on the first visit is loaded then; a few turns, so that cases are left for what is measured.
        first = asyncio.run(load(port, process, seats[:1], 0.4, 1.0))
        idle = process.memory_info().rss / MEGABYTE
        plain = asyncio.run(load(port, process, seats, size.think, size.seconds))
        beside = asyncio.run(load(port, process, seats, size.think, size.seconds, size.posts)) if size.posts else None
    each = (plain.held / MEGABYTE - idle) / max(len(seats) - 1, 1)
    found = [_turns(size, plain, floor, ""), memory(idle, 150), per_reader(each, len(seats))]
    if beside:
        found[1:1] = [
            _turns(size, beside, floor, f", with {size.posts:.0f} posts a second beside"),
            _posts(size, beside),
        ]
    faults = [*first.faults, *plain.faults, *(beside.faults if beside else [])]
    return [*found, faults_row(f"faults of {size.readers} readers' pages and posts", faults)]


def reference(served: Served, seats: list[Seat]) -> float:
    """Milliseconds of one call that reads a page over the plain wire, nobody else being there."""
    taken = []
    for seat in (seats * 50)[:100]:
        began = time.perf_counter()
        served.wire(seat.token).call("open_reading", reading=seat.readings[0], visit=None)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1000


def _turns(size: Size, measured: Measured, floor: float, beside: str) -> Row:
    taken = sorted(measured.turns)
    middle, late = at(taken, 0.5), at(taken, 0.95)
    size_kb = statistics.mean(measured.bytes or [0]) / 1000
    what = f"page turn on the desk, {size.readers} readers at {size.think:g} s{beside}"
    used, runs = 1000 * measured.used / max(len(taken), 1), statistics.mean(measured.runs or [0])
    told = (
        f"p50 {middle:.0f} ms, p95 {late:.0f} ms (n {len(taken)}, {runs:.2f} runs and {size_kb:.0f} kB a turn, "
        f"{used:.0f} ms of the app's processor{', posts too' if beside else ''}; a plain page call: {floor:.1f} ms)"
    )
    return Row(what, told, "p95 under 100 ms", bool(taken) and late < 100)


def _posts(size: Size, measured: Measured) -> Row:
    taken = sorted(measured.posts)
    rate = len(taken) / measured.seconds if measured.seconds else 0
    told = f"{rate:.0f} a second, p50 {at(taken, 0.5):.0f} ms, p95 {at(taken, 0.95):.0f} ms (n {len(taken)})"
    return Row(
        "drafts and telemetry posted beside that load", told, f"{size.posts:.0f} a second", rate > 0.95 * size.posts
    )


def memory(idle: float, bar: float, where: str = "") -> Row:
    """The app's size once one reader has had a page."""
    return Row(f"memory after the first reader's page (RSS){where}", f"{idle:.0f} MB", f"{bar:.0f} MB", idle <= bar)


def per_reader(each: float, readers: int, where: str = "") -> Row:
    """What each further reader adds to it."""
    told = f"{each:.2f} MB (mean of {readers - 1} more)"
    return Row(f"memory a signed-in reader{where}", told, "under 1 MB", each < 1)


def at(taken: list[float], share: float) -> float:
    """The share's quantile in milliseconds; NaN of nothing."""
    return 1000 * taken[min(int(share * len(taken)), len(taken) - 1)] if taken else float("nan")


def faults_row(what: str, faults: list[str]) -> Row:
    """What went wrong, of which there should be nothing."""
    told = "none" if not faults else f"{len(faults)}, first: {faults[0][:200]}"
    return Row(what, told, "none", not faults)
