"""A model reads a study in one condition: as many readings at once as its endpoint takes, until none is left."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass

from baselines.running.asking import SetAside
from baselines.running.leases import Leases
from baselines.running.permission import Choice
from baselines.running.stopping import Stopped, Why
from baselines.running.walking import Walking
from baselines.running.workplace import Fenced, Workplace
from study.database import StudyError
from study.desk.calls import Held

MORE = 1.25
"""Readings under way for each place at the endpoint: while one is written down, another one's question is asked."""


@dataclass(frozen=True)
class Ended:
    """How a run ended: ``why`` is None where nothing was left to read."""

    why: Why | None
    sentence: str


class Run:
    """One worker's run of one model in one condition."""

    def __init__(self, workplace: Workplace, leases: Leases, choice: Choice) -> None:
        self._at, self._leases, self._choice = workplace, leases, choice
        self._walking = Walking(workplace)
        self._aside: list[tuple[Held, SetAside, float]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def read(self) -> Ended:
        """Read until nothing is left, or until the run is asked to stop; leases are given back."""
        renewing = asyncio.create_task(self._leases.renewing())
        self._tasks = {asyncio.create_task(self._walk()) for _ in range(self._walkers())}
        try:
            await self._joined()
            await self._settle()
        finally:
            renewing.cancel()
            with suppress(asyncio.CancelledError):
                await renewing
            await self._leases.give_back()
        return Ended(self._at.stopping.why, self._at.stopping.sentence)

    def abandon(self) -> None:
        """Wait for nothing any more: what is in flight is entered as lost."""
        for task in self._tasks:
            task.cancel()

    def _walkers(self) -> int:
        return max(1, min(round(self._at.gate.most * MORE) + 1, self._at.tally.open))

    async def _joined(self) -> None:
        """Wait for all; where one breaks, the others come to their end first.

        Raises what is no refusal of the record, and nothing that a sentence tells.
        """
        done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_EXCEPTION)
        broken = next((task.exception() for task in done if not task.cancelled() and task.exception()), None)
        if broken is not None:
            self._at.stopping.ask("study", str(broken))
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if broken is not None and not isinstance(broken, StudyError):
            raise broken

    async def _walk(self) -> None:
        with suppress(Stopped):
            while (held := await self._leases.next()) is not None:
                await self._one(held)

    async def _one(self, held: Held) -> None:
        """One reading; what becomes of its lease follows from how it ends."""
        if not await self._choice.holds(held):
            self._at.tally.left_unread += 1  # its lease is kept, so that it is not claimed again
            return
        try:
            await self._walking.read(held)
        except Fenced:
            self._at.tally.fenced += 1
        except SetAside as fault:
            self._aside.append((held, fault, time.monotonic()))
            return
        self._leases.done(held)

    async def _settle(self) -> None:
        """Readings that were set aside have failed, where the endpoint answered others since; else it is down."""
        for held, fault, at in self._aside:
            if self._at.health.last > at:
                with suppress(Fenced):
                    await self._walking.fail(held, "failed", str(fault))
                self._leases.done(held)
            else:
                self._at.stopping.ask("endpoint", str(fault))
