"""The app on a Supabase project beside the app on a box: the same readers' load on each in turn, on this machine.

Everything shares its processors: the app, Postgres, the readers, and for the project the stand-in's Node as well.
"""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import median

import psutil

from benchmarks.app import MEGABYTE, Size, at, faults_row, memory, per_reader, reference
from benchmarks.both_wires import SUPABASE, BothWires
from benchmarks.database import Row
from benchmarks.homes import Served, box_served, project_served, running, seated
from benchmarks.reading_load import Measured, Seat, load
from study.bundle import Bundle
from study.database import Box

ROUNDS = 2


@dataclass
class Side:
    """One home under load: its app, its readers, what a plain call takes there, what was measured."""

    served: Served
    seats: list[Seat]
    floor: float
    port: int
    process: psutil.Process
    idle: float = 0.0
    rounds: list[Measured] = field(default_factory=list)

    def warm(self) -> None:
        """What is loaded on the first visit is loaded."""
        self.rounds.append(asyncio.run(load(self.port, self.process, self.seats[:1], 0.4, 1.0)))
        self.idle = self.process.memory_info().rss / MEGABYTE

    def read(self, size: Size) -> None:
        """One round of all readers."""
        self.rounds.append(asyncio.run(load(self.port, self.process, self.seats, size.think, size.seconds)))

    @property
    def turns(self) -> list[float]:
        """The seconds of all turns of the full rounds, in order of size."""
        return sorted(one for measured in self.rounds[1:] for one in measured.turns)

    @property
    def told(self) -> str:
        """What the full rounds were like."""
        taken = self.turns
        used = 1000 * sum(measured.used for measured in self.rounds[1:]) / max(len(taken), 1)
        return (
            f"{self.served.name} p50 {at(taken, 0.5):.0f} ms, p95 {at(taken, 0.95):.0f} ms (n {len(taken)}, "
            f"{used:.0f} ms of the app's processor a turn; a plain page call: {self.floor:.1f} ms)"
        )


def rows(box: Box, both: BothWires, bundle: Bundle, size: Size) -> list[Row]:
    """Both apps are open all the time; their readers read in turn, ``ROUNDS`` times."""
    with ExitStack() as stack:
        homes = [box_served(box), stack.enter_context(project_served(both))]
        sides = [_side(stack, home, bundle, size) for home in homes]
        for side in sides:
            side.warm()
        for _ in range(ROUNDS):
            for side in sides:
                side.read(size)
    supabase = sides[1]
    each = (supabase.rounds[1].held / MEGABYTE - supabase.idle) / max(size.readers - 1, 1)
    faults = [fault for side in sides for measured in side.rounds for fault in measured.faults]
    where = f", app on {SUPABASE}"
    return [
        _turns(sides[0], supabase, size),
        memory(supabase.idle, 180, where),
        per_reader(each, size.readers, where),
        faults_row(f"faults of {size.readers} readers' pages on either", faults),
    ]


def _side(stack: ExitStack, served: Served, bundle: Bundle, size: Size) -> Side:
    seats = seated(served, bundle, size.readers, "bench-homes")
    return Side(served, seats, reference(served, seats), *stack.enter_context(running(served)))


def _turns(box: Side, supabase: Side, size: Size) -> Row:
    ratios = sorted(
        median(one.turns) / median(other.turns)
        for one, other in zip(supabase.rounds[1:], box.rounds[1:], strict=True)
        if one.turns and other.turns
    )
    words = ", ".join(f"{ratio:.1f}" for ratio in ratios)
    what = f"page turn in the app on both homes, {size.readers} readers at {size.think:g} s"
    return Row(what, f"{supabase.told}; {box.told}; ratio of p50, round by round: {words}", "none set", bool(ratios))
