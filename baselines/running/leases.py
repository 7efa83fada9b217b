"""The readings that a worker holds: claimed as they are needed, renewed beside the work, given back at the end."""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress

from baselines.running.collector import patiently
from baselines.running.stopping import Stopping
from study.database import TimedOut, Unreachable
from study.desk.calls import Claims, Held
from study.desk.work import WorkDesk

SECONDS = 30
LOOK_AGAIN = 2.0


class Leases:
    """Readings of one model in one condition. ``seconds`` is how long a lease lasts that nobody renews."""

    def __init__(
        self,
        desk: WorkDesk,
        study: str,
        model: str,
        condition: str,
        worker: str,
        stopping: Stopping,
        seconds: int = SECONDS,
        waiting: Callable[[int, float], None] = lambda held, seconds: None,
    ) -> None:
        """``waiting`` hears how many readings others hold and when one may come free, while there is no other."""
        self._desk, self._study, self._names, self._condition = desk, study, [model], condition
        self._worker, self._stopping, self._seconds, self._told = worker, stopping, seconds, waiting
        self._held: dict[str, Held] = {}
        self._ready: deque[Held] = deque()
        self._lock, self._wanted, self._unheard_until = asyncio.Lock(), 0, 0.0

    async def next(self) -> Held | None:
        """A reading to read; None when there is none left, and nobody else holds one either."""
        self._wanted += 1
        try:
            async with self._lock:
                while not self._ready:
                    self._stopping.check()
                    if not await self._claimed():
                        return None
                return self._ready.popleft()
        finally:
            self._wanted -= 1

    async def _claimed(self) -> bool:
        """Claim as many as are waited for, or wait for others; False when nothing is left."""
        claims = await patiently(self._claim)
        self._ready.extend(claims.claimed)
        self._held |= {held.reading: held for held in claims.claimed}
        if claims.claimed:
            return True
        unheard = self._unheard_until - time.monotonic()
        if claims.held:
            self._told(claims.held, claims.seconds or 0.0)
        if claims.held or unheard > 0:
            seconds = (claims.seconds or 0.0) if claims.held else unheard
            await self._stopping.sleep(min(seconds, LOOK_AGAIN) + random.uniform(0.05, 0.2))
        return claims.held > 0 or unheard > 0

    def _claim(self) -> Claims:
        """What the record gives; where its answer was lost, readings are held that nobody knows of, for a while."""
        asked = (self._names, self._condition, self._worker, min(self._wanted, 500), self._seconds)
        try:
            return self._desk.claim(self._study, *asked)
        except Unreachable:
            self._unheard_until = time.monotonic() + self._seconds
            raise

    def done(self, held: Held) -> None:
        """This reading needs nobody any more, or somebody else has it."""
        if self._held.get(held.reading) == held:
            del self._held[held.reading]

    async def renewing(self) -> None:
        """Renew what is held, for ever; what another has taken is let go."""
        while True:
            await asyncio.sleep(self._seconds / 3)
            held = list(self._held.values())
            with suppress(Unreachable, TimedOut):
                still = await asyncio.to_thread(self._desk.renew, self._study, held, self._worker, self._seconds)
                for one in held:
                    if one.reading not in still:
                        self.done(one)

    async def give_back(self) -> None:
        """Let go of whatever is still held, so that another may take it at once; else it comes free by itself."""
        held: Sequence[Held] = list(self._held.values())
        self._held.clear()
        with suppress(Unreachable, TimedOut):
            await asyncio.to_thread(self._desk.renew, self._study, held, self._worker, 0)
