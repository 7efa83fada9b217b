"""Readers who turn pages of the real app, over its own websocket, and the posts of their browsers beside them."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psutil

from benchmarks.tab import Run, Tab
from study.desk import ReaderDesk

CLOSING = {"seen_before": "no", "looked_up": False, "comment": ""}
ANSWERS: dict[str, dict[str, Any]] = {
    "readerstudy_release": {},
    "readerstudy_differential": {
        "lines": ["Gout", "Ureteric stone", "Malaria"],
        "none": False,
        "confidence": 70,
        "unchanged": False,
    },
    "readerstudy_single": {"diagnosis": "Gout", "none": False, "confidence": 60},
    "readerstudy_choice": {"choice": "A", "confidence": 50},
}


@dataclass(frozen=True)
class Seat:
    """A reader who has signed in: the session's token, the readings that wait, and their desk over the plain wire."""

    token: str
    readings: tuple[str, ...]
    desk: ReaderDesk

    def close(self, reading: str) -> None:
        """Answer the closing questions of a reading that has come to them."""
        page = self.desk.open_reading(reading)
        if page.current and page.current.kind == "closing" and page.state == "reading":
            self.desk.turn(reading, page.step, page.attempt, CLOSING)


@dataclass
class Measured:
    """Seconds of page turns and of posts, bytes and runs a turn, how long posts went out, and what went wrong.

    ``held`` is the app's size in bytes once everybody has come, ``used`` the seconds of its processor from then on.
    """

    turns: list[float] = field(default_factory=list)
    posts: list[float] = field(default_factory=list)
    bytes: list[int] = field(default_factory=list)
    runs: list[int] = field(default_factory=list)
    seconds: float = 0.0
    held: int = 0
    used: float = 0.0
    faults: list[str] = field(default_factory=list)


@dataclass
class Reader:
    """One reader at a tab: thinks, clicks, and takes the next case when one is done."""

    seat: Seat
    tab: Tab
    think: float
    draws: random.Random
    waiting: Iterator[str] = field(init=False)
    shown: Run = field(init=False)
    reading: str = ""

    async def sit_down(self) -> None:
        """Open the first page and the first case."""
        self.waiting = iter(self.seat.readings)
        await self.tab.go("")
        self.reading = next(self.waiting)
        self.shown = await self.tab.go(f"reading={self.reading}")

    async def _another_case(self) -> bool:
        """Answer the closing questions, whose form is not measured, and take the next case; False after the last."""
        await asyncio.to_thread(self.seat.close, self.reading)
        self.reading = next(self.waiting, "")
        if self.reading:
            self.shown = await self.tab.go(f"reading={self.reading}")
        return bool(self.reading)

    async def read(self, until: float, measured: Measured) -> None:
        """Turn pages until then; the moments of the clicks are spread by drawing each pause."""
        await asyncio.sleep(self.draws.random() * self.think)
        while time.monotonic() < until:
            asking = self.shown.asking
            if asking is None:
                if not await self._another_case():
                    measured.faults.append("a reader ran out of cases")
                    return
                continue
            before = asking.data["place"]
            self.shown = await self.tab.press(asking, ANSWERS[asking.name])
            measured.turns.append(self.shown.seconds)
            measured.bytes.append(self.shown.bytes)
            measured.runs.append(self.shown.runs)
            after = self.shown.asking
            if after and after.data["place"] == before:
                why = after.data.get("refusal") or self.shown.words
                measured.faults.append(f"a click on {asking.name} turned no page: {why}")
                return
            await asyncio.sleep(self.think * (0.5 + self.draws.random()))


async def load(
    port: int, app: psutil.Process, seats: list[Seat], think: float, seconds: float, posts: float = 0.0
) -> Measured:
    """All seats read for ``seconds``, with ``posts`` posts a second beside them."""
    measured = Measured()
    tabs = [Tab(port, seat.token) for seat in seats]
    readers = [
        Reader(seat, tab, think, random.Random(number))
        for number, (seat, tab) in enumerate(zip(seats, tabs, strict=True))
    ]
    try:
        for start in range(0, len(readers), 4):  # they come one after another, as people do
            await asyncio.gather(*(_arrive(reader) for reader in readers[start : start + 4]))
        measured.held, used = app.memory_info().rss, used_by(app)
        began = time.monotonic()
        work = [reader.read(began + seconds, measured) for reader in readers]
        if posts:
            work += [_post(port, reader, began + seconds, len(readers) / posts, measured) for reader in readers]
        await asyncio.gather(*work)
        measured.seconds, measured.used = seconds, used_by(app) - used
    finally:
        await asyncio.gather(*(tab.__aexit__() for tab in tabs))
    return measured


def used_by(process: psutil.Process) -> float:
    """Seconds of processor that a process has taken so far."""
    times = process.cpu_times()
    return float(times.user + times.system)


async def _arrive(reader: Reader) -> None:
    await reader.tab.__aenter__()
    await reader.sit_down()


async def _post(port: int, reader: Reader, until: float, every: float, measured: Measured) -> None:
    """A browser's drafts and telemetry in turn, on one kept connection, each ``every`` seconds."""
    source, sink = await asyncio.open_connection("127.0.0.1", port)
    number, place = int(time.time() * 1000), None
    due = time.monotonic() + reader.draws.random() * every
    try:
        while (due := due + every) < until:
            await asyncio.sleep(max(due - time.monotonic(), 0))
            asking = reader.shown.asking
            place = asking.data["place"] if asking else place  # between two cases a browser still tells of the last
            if place is None:
                continue
            number += 1
            began = time.perf_counter()
            sink.write(_request(port, reader.seat.token, _body(place, number)))
            if not (first := await source.readline()):  # a connection that was idle for 5 s is closed by the app
                source, sink = await asyncio.open_connection("127.0.0.1", port)
                continue
            status = first.split(b" ", 2)[1]
            await source.readexactly(await _length(source))
            measured.posts.append(time.perf_counter() - began)
            if status != b"200":
                measured.faults.append(f"a post was answered {status.decode()}")
    finally:
        sink.close()


def _body(place: dict[str, Any], number: int) -> bytes:
    draft = bool(number % 2)
    body: dict[str, Any] = ANSWERS["readerstudy_differential"] if draft else {"source": "clock", "visible_ms": 15000}
    post = {key: place[key] for key in ("reading", "step", "attempt")} | {"tab": "bench", "number": number}
    return json.dumps(post | {"kind": "draft" if draft else "telemetry", "body": body, "client_ms": 1.0}).encode()


def _request(port: int, token: str, body: bytes) -> bytes:
    head = (
        f"POST /desk HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
        f"Cookie: readerstudy={token}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _length(source: asyncio.StreamReader) -> int:
    """Read the reply's head; the length of its body."""
    length = 0
    while (line := await source.readline()) not in (b"\r\n", b""):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return length
