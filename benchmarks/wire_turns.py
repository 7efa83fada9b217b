"""Page turns as calls of a desk over both wires, beside the bare round trip that the stand-in for Supabase takes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import takewhile

from baselines.bots.simulation import prepare
from benchmarks.both_wires import BOX, SUPABASE, BothWires
from benchmarks.database import Row
from benchmarks.desk_calls import answer
from study.bundle import Bundle
from study.desk import RunnerDesk
from study.protocol import preset

CLIENTS = (1, 10)
FLOOR = "about"
Act = Callable[[], Iterator[float]]


@dataclass(frozen=True)
class Size:
    """How often each way has its time, for how many seconds, and how many samples of readings each may use up."""

    rounds: int
    seconds: float
    samples: int


FULL = Size(5, 3.0, 120)
QUICK = Size(1, 0.3, 5)


@dataclass
class Taken:
    """The seconds of each call of one round, of how long all clients together were at it, and of our processor."""

    calls: list[float]
    span: float
    used: float

    @classmethod
    def of(cls, rounds: Sequence[Taken]) -> Taken:
        """All rounds as one."""
        calls = [call for one in rounds for call in one.calls]
        return cls(calls, sum(one.span for one in rounds), sum(one.used for one in rounds))

    def at(self, share: float) -> float:
        """The share's quantile in milliseconds; NaN of nothing."""
        ordered = sorted(self.calls)
        return 1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else float("nan")

    @property
    def told(self) -> str:
        """The two quantiles, the rate, and what each call takes of this process' own time."""
        count = max(len(self.calls), 1)
        return (
            f"p50 {self.at(0.5):.1f} ms, p95 {self.at(0.95):.1f} ms, {count / self.span:,.0f} a second, "
            f"{1000 * self.used / count:.2f} ms of our processor each"
        )


def rows(both: BothWires, bundle: Bundle, size: Size) -> list[Row]:
    """A row for one client and one for ten: the ways take turns, so that what else the machine does meets all alike."""
    study = prepare(both.home.record, bundle, preset("medsyn-staged"), "bench-turns", 4 * size.samples, 1)
    return [_row(clients, _measured(both, study, clients, size)) for clients in CLIENTS]


def _measured(both: BothWires, study: str, clients: int, size: Size) -> list[dict[str, Taken]]:
    """The rounds, without a short one before them in which connections are made."""
    desks = {name: RunnerDesk(wire) for name, wire in both.wires.items()}
    left = {name: _readings(desk, study, f"{name} {clients}", size) for name, desk in desks.items()}
    with both.bare() as about:
        ways = {name: partial(_turned, desk, left[name]) for name, desk in desks.items()}
        acts: dict[str, Act] = {**ways, FLOOR: partial(_asked, about)}
        for act in acts.values():
            _spend(clients, 0.1, act)
        return [{name: _spend(clients, size.seconds, act) for name, act in acts.items()} for _ in range(size.rounds)]


def _readings(desk: RunnerDesk, study: str, name: str, size: Size) -> Iterator[str]:
    models = desk.enrol(study, name, {}, size.samples)
    return iter([row.reading for model in models for row in model.readings])


def _turned(desk: RunnerDesk, left: Iterator[str]) -> Iterator[float]:
    """Seconds of each turn of one client, who reads to the end what is left and nobody else has begun."""
    for reading in left:
        page = desk.open_reading(reading)
        while page.state in ("assigned", "reading"):
            given, began = answer(page), time.perf_counter()
            page = desk.turn(page.reading, page.step, page.attempt, given).page
            yield time.perf_counter() - began


def _asked(about: Callable[[], object]) -> Iterator[float]:
    while True:
        began = time.perf_counter()
        about()
        yield time.perf_counter() - began


def _spend(clients: int, seconds: float, act: Act) -> Taken:
    """Have the clients act side by side for so long."""
    began, used = time.perf_counter(), time.process_time()

    def acted() -> list[float]:
        return list(takewhile(lambda _: time.perf_counter() < began + seconds, act()))

    with ThreadPoolExecutor(clients) as pool:
        found = [pool.submit(acted) for _ in range(clients)]
        calls = [call for one in found for call in one.result()]
    return Taken(calls, time.perf_counter() - began, time.process_time() - used)


def _row(clients: int, rounds: list[dict[str, Taken]]) -> Row:
    box, supabase, floor = (Taken.of([one[name] for one in rounds]) for name in (BOX, SUPABASE, FLOOR))
    ratios = sorted(one[SUPABASE].at(0.5) / one[BOX].at(0.5) for one in rounds)
    by = "one client" if clients == 1 else f"{clients} clients"
    ratio = (
        f"ratio of p50 {statistics.median(ratios):.1f} ({ratios[0]:.1f} to {ratios[-1]:.1f} in {len(rounds)} rounds)"
    )
    told = (
        f"{SUPABASE} {supabase.told}; {BOX} {box.told}; {ratio}; "
        f"the stand-in's own bare round trip ({FLOOR}): {floor.told}"
    )
    return Row(f"page turn as a desk's call on both wires, {by}", told, "none set", bool(supabase.calls and box.calls))
