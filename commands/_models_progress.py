"""What a run shows while it goes on: readings, rate, what is in flight, outcomes, cost, time left."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from baselines.running.order import Order
from baselines.running.tally import Tally
from baselines.running.workplace import Workplace


class Shown:
    """One run, drawn anew a few times a second; ``watch`` is given what the run works with."""

    def __init__(self, order: Order, tally: Tally) -> None:
        self._order, self._tally = order, tally
        self._at: Workplace | None = None

    def watch(self, at: Workplace) -> None:
        """From now on the run is at work."""
        self._at = at

    def __rich__(self) -> Group:
        now, tally = time.monotonic(), self._tally
        line = Table.grid(padding=(0, 1))
        done = tally.before + tally.ended
        bar = ProgressBar(total=max(tally.readings, 1), completed=done, width=24)
        line.add_row(
            f"{self._order.declared.name}, {self._order.condition}", bar, f"{done} of {tally.readings} readings"
        )
        return Group(line, Text("  " + " · ".join(self._parts(now)), style="dim"))

    def _parts(self, now: float) -> Iterator[str]:
        tally = self._tally
        yield f"{tally.rate(now):.1f} calls a second"
        if self._at is not None:
            yield f"{self._at.gate.inside} in flight (of at most {int(self._at.gate.limit)})"
        yield from (f"{count} {outcome}" for outcome, count in sorted(tally.calls.items()))
        yield from (
            f"{count} {what}" for what, count in (("cached", tally.cached), ("told to wait", tally.busy)) if count
        )
        if tally.cost or not tally.cost_unknown:
            yield f"${tally.cost:.2f}" + (" or more" if tally.cost_unknown else "")
        left = tally.seconds_left(now)
        if left is not None and tally.open:
            yield f"about {_span(left)} left"
        if tally.batches:
            answered, asked = (sum(counts) for counts in zip(*tally.batches.values(), strict=True))
            yield f"{len(tally.batches)} batches, {answered} of {asked} questions answered"
        if tally.waiting and not (self._at and self._at.gate.inside):
            held, seconds = tally.waiting
            yield f"{held} readings are held by another worker, or by one that was killed: up to {seconds:.0f} s more"
        if self._at is not None and self._at.stopping.why == "interrupted":
            yield "stopping: waiting for what is in flight; Ctrl-C again does not wait"


@contextmanager
def shown(order: Order, tally: Tally) -> Iterator[Shown]:
    """Draw the run on standard error while it goes on; nothing where nobody watches."""
    console = Console(stderr=True)
    drawn = Shown(order, tally)
    if not console.is_terminal:
        yield drawn
        return
    with Live(drawn, console=console, refresh_per_second=4, transient=True):
        yield drawn


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
