"""How a run is asked to stop: it begins nothing new, and what is under way comes to its end."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, Literal, TypeVar

Result = TypeVar("Result")
Why = Literal["interrupted", "budget", "endpoint", "study"]


class Stopped(Exception):
    """Nothing new is begun any more."""


class Stopping:
    """Whether the run is to stop, why, and in which words."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self.why: Why | None = None
        self.sentence = ""

    def ask(self, why: Why, sentence: str) -> None:
        """Have the run stop; the first reason counts."""
        if self.why is None:
            self.why, self.sentence = why, sentence
            self._event.set()

    def check(self) -> None:
        """Raises ``Stopped`` where the run is to stop."""
        if self._event.is_set():
            raise Stopped

    async def sleep(self, seconds: float) -> None:
        """Wait; raises ``Stopped`` as soon as the run is to stop."""
        self.check()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._event.wait(), max(seconds, 0))
        self.check()

    async def race(self, future: asyncio.Future[Result]) -> Result:
        """What the future brings; raises ``Stopped`` where the run is to stop before."""
        self.check()
        stop = asyncio.ensure_future(self._event.wait())
        either: set[asyncio.Future[Any]] = {future, stop}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stop.cancel()
        if future.done():
            return future.result()
        raise Stopped
