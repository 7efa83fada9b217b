"""How many questions are at an endpoint at once: fewer when it says that it is busy, slowly more again."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable

from baselines.running.stopping import Stopping

CUT = 0.5


class Gate:
    """Additive growth, multiplicative cuts, between one place and as many as are declared.

    All that were at the endpoint when it first said so count as one refusal. ``rpm`` questions a minute go in at most,
    evenly spaced.
    """

    def __init__(
        self, most: int, stopping: Stopping, rpm: int | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.most, self.limit, self.inside = most, float(most), 0
        self._stopping, self._clock = stopping, clock
        self._between = 60.0 / rpm if rpm else 0.0
        self._next = self._closed_until = self._cut_at = -math.inf
        self._freed = asyncio.Event()

    async def enter(self) -> float:
        """Wait for a place; the moment at which it was taken. Raises ``Stopped`` where the run is to stop."""
        while True:
            self._stopping.check()
            now = self._clock()
            wait = max(self._closed_until, self._next) - now
            if wait > 0:
                await self._stopping.sleep(wait)
            elif self.inside < math.floor(self.limit):
                self.inside += 1
                self._next = max(now, self._next) + self._between if self._between else now
                return now
            else:
                await self._freed.wait()

    def leave(self) -> None:
        """Give the place back."""
        self.inside -= 1
        self._wake()

    def answered(self) -> None:
        """The endpoint answered: after as many answers as there are places there is one place more."""
        self.limit = min(float(self.most), self.limit + 1 / self.limit)
        self._wake()

    def busy(self, entered: float, after: float | None) -> None:
        """The endpoint takes no more: half the places, and nobody goes in before it said that they may."""
        now = self._clock()
        if after:
            self._closed_until = max(self._closed_until, now + after)
        if entered >= self._cut_at:
            self.limit, self._cut_at = max(1.0, self.limit * CUT), now

    def _wake(self) -> None:
        self._freed.set()
        self._freed = asyncio.Event()
