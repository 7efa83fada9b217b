"""What many tasks ask of the record at once, put into few calls: while one is under way, the next one fills."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from study.database import TimedOut, Unreachable

Item = TypeVar("Item")
Done = TypeVar("Done")
Answer = TypeVar("Answer")
MOST = 60
FLIGHTS = 3
GATHER_SECONDS = 0.005
"""A flight waits so long for others who go along: a call costs as much for one as for ten."""
PATIENCE_SECONDS = 120.0
BYTES = 500_000


async def patiently(call: Callable[[], Answer], patience: float = PATIENCE_SECONDS) -> Answer:
    """What the call returns, which runs in a thread and is made again for so long as the record cannot be reached."""
    until, wait = time.monotonic() + patience, 0.5
    while True:
        try:
            return await asyncio.to_thread(call)
        except (Unreachable, TimedOut):
            if time.monotonic() + wait > until:
                raise
        await asyncio.sleep(wait)
        wait = min(wait * 2, 10.0)


class Collector(Generic[Item, Done]):
    """``call`` takes a list and answers it item by item; it runs in a thread, at most ``flights`` at once.

    Whatever is asked together stays together and in order. Where the record cannot be reached the call is made again
    for ``patience`` seconds, so it must be one that may be made twice.
    """

    def __init__(
        self,
        call: Callable[[Sequence[Item]], Sequence[Done]],
        size: Callable[[Item], int] = lambda _: 0,
        most: int = MOST,
        flights: int = FLIGHTS,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._call, self._size = call, size
        self._most, self._free, self._patience = most, flights, patience
        self._waiting: deque[tuple[Sequence[Item], asyncio.Future[list[Done]]]] = deque()
        self._flying: set[asyncio.Task[None]] = set()
        self._gathering = False
        self.calls = 0

    async def ask(self, *items: Item) -> list[Done]:
        """What became of these; raises what the call raised."""
        future: asyncio.Future[list[Done]] = asyncio.get_running_loop().create_future()
        self._waiting.append((items, future))
        self._take_off()
        return await future

    def _take_off(self) -> None:
        if self._free and self._waiting and not self._gathering:
            self._gathering = True
            self._free -= 1
            flight = asyncio.create_task(self._fly())
            self._flying.add(flight)
            flight.add_done_callback(self._flying.discard)

    def _next(self) -> list[tuple[Sequence[Item], asyncio.Future[list[Done]]]]:
        """As many as go into one call; one alone always does."""
        taken, number, size = [self._waiting.popleft()], 0, 0
        number, size = len(taken[0][0]), sum(map(self._size, taken[0][0]))
        while self._waiting:
            more = sum(map(self._size, self._waiting[0][0]))
            if number + len(self._waiting[0][0]) > self._most or size + more > BYTES:
                break
            taken.append(self._waiting.popleft())
            number, size = number + len(taken[-1][0]), size + more
        return taken

    async def _fly(self) -> None:
        await asyncio.sleep(GATHER_SECONDS)
        self._gathering = False
        asked = self._next()
        self._take_off()
        try:
            done = await self._patiently([item for items, _ in asked for item in items])
        except BaseException as fault:
            for _, future in asked:
                if not future.done():
                    future.set_exception(fault)
            if not isinstance(fault, Exception):
                raise
        else:
            start = 0
            for items, future in asked:
                if not future.done():
                    future.set_result(list(done[start : start + len(items)]))
                start += len(items)
        finally:
            self._free += 1
            self._take_off()

    async def _patiently(self, items: Sequence[Item]) -> Sequence[Done]:
        self.calls += 1
        return await patiently(lambda: self._call(items), self._patience)
