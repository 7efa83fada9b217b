"""Questions of many readings put into batches: an answer comes within a day, and outlives the worker that asked.

What was sent is found again: each call's id follows from its question, and the ids of the batches are kept on this
machine. Where they are lost, the same questions come back to the same batch by the digest of their file.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from filelock import FileLock

from baselines.adapters import Ask, Said
from baselines.adapters.batch import Batch, Handle
from baselines.adapters.faults import AdapterFault, Away
from baselines.declared import heard
from baselines.running.sources import Asked
from baselines.running.stopping import Stopping
from baselines.running.tally import Tally

KEPT_SECONDS = 7 * 86_400
QUIET_SECONDS = 5.0
LOOK_SECONDS = 30.0
UNHEARD = 20
"""Looks in a row that bring nothing, until a run no longer waits: ten minutes."""
READINGS = 200
Came = Said | AdapterFault


class Handles:
    """The batches of late, with the calls in each, in a file of this machine."""

    def __init__(self, path: Path) -> None:
        """Read what earlier workers left."""
        self._path = path
        self._of = {call: Handle(tuple(batches)) for batches, calls, _ in self._read() for call in calls}

    def of(self, call: str) -> tuple[Handle, list[str]] | None:
        """The submission that this call went with, and all calls in it."""
        handle = self._of.get(call)
        return None if handle is None else (handle, [one for one, other in self._of.items() if other == handle])

    def add(self, handle: Handle, calls: Sequence[str]) -> None:
        """Keep a submission beside those of other workers; those that nobody can ask for any more go."""
        self._of |= dict.fromkeys(calls, handle)
        self._path.parent.mkdir(exist_ok=True, mode=0o700, parents=True)
        with FileLock(self._path.with_suffix(".lock")):
            now = time.time()
            kept = [one for one in self._read() if one[2] > now - KEPT_SECONDS]
            beside = self._path.with_suffix(".new")
            beside.write_text(json.dumps([*kept, [list(handle.batches), list(calls), now]]), encoding="utf-8")
            os.replace(beside, self._path)

    def _read(self) -> list[tuple[list[str], list[str], float]]:
        with suppress(FileNotFoundError, ValueError):
            return [(batches, calls, at) for batches, calls, at in json.loads(self._path.read_text(encoding="utf-8"))]
        return []


class InBatches:
    """A model that is asked in batches: what is asked within some quiet seconds goes into one."""

    resumes = True

    def __init__(
        self,
        batch: Batch,
        handles: Handles,
        stopping: Stopping,
        tally: Tally,
        quiet: float = QUIET_SECONDS,
        look: float = LOOK_SECONDS,
    ) -> None:
        self._batch, self._handles, self._stopping, self._tally = batch, handles, stopping, tally
        self._quiet, self._look = quiet, look
        self._asks: dict[str, Ask] = {}
        self._futures: dict[str, asyncio.Future[Came]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._gathering: asyncio.Task[None] | None = None

    async def said(self, call: str, asked: Asked) -> Said:
        """The answer, once its batch is over; raises ``Stopped`` where nobody waits for that any more."""
        ask = asked.question.ask(asked.place.held.sample)
        if call not in self._futures:
            known = self._handles.of(call)
            self._expect(known[1] if known else [call])
            if known:
                self._start(self._wait(*known), known[1])
            else:
                self._asks[call] = ask
                self._gather()
        came = await self._stopping.race(self._futures[call])
        if isinstance(came, AdapterFault):
            raise came
        return self.heard(asked, came.raw, came.milliseconds)

    def heard(self, asked: Asked, raw: str, milliseconds: float) -> Said:
        """What a reply says that was kept."""
        return heard(self._batch.declared, asked.question.ask(asked.place.held.sample), raw, milliseconds)

    async def close(self) -> None:
        """Give the connections back."""
        for task in [*self._tasks, *filter(None, [self._gathering])]:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._batch.close()

    def _expect(self, calls: Sequence[str]) -> None:
        loop = asyncio.get_running_loop()
        self._futures |= {call: loop.create_future() for call in calls if call not in self._futures}

    def _gather(self) -> None:
        """Begin the quiet seconds anew."""
        if self._gathering is not None:
            self._gathering.cancel()
        self._gathering = asyncio.create_task(self._send_when_quiet())

    async def _send_when_quiet(self) -> None:
        await asyncio.sleep(self._quiet)
        self._gathering = None
        asks, self._asks = dict(sorted(self._asks.items())), {}
        self._start(self._send(asks), list(asks))

    async def _send(self, asks: dict[str, Ask]) -> None:
        try:
            handle = await self._batch.submit(asks)
        except AdapterFault as fault:
            return self._settle(asks, fault)
        self._handles.add(handle, list(asks))
        return await self._wait(handle, list(asks))

    async def _wait(self, handle: Handle, calls: Sequence[str]) -> None:
        """Look at it from time to time until it is over; what it brought goes to whoever waits for it.

        Where nobody tells how it stands any more the run ends, and the next one waits for the same batch.
        """
        unheard = 0
        while True:
            try:
                progress = await self._batch.progress(handle)
                self._tally.batches[handle.batches] = (progress.answered, len(calls))
                if progress.done:
                    found = await self._batch.collect(handle)
                    break
            except AdapterFault as fault:
                if not fault.again:
                    return self._settle(calls, fault)
                unheard += 1
                if unheard >= UNHEARD:
                    return self._stopping.ask("endpoint", str(fault))
            else:
                unheard = 0
            await asyncio.sleep(self._look)
        missing = found.faults[0] if found.faults else Away("The batch is over and has no answer to this question.")
        for call in calls:
            self._settle([call], found.results.get(call, missing))
        self._tally.batches.pop(handle.batches, None)
        return None

    def _settle(self, calls: Sequence[str] | dict[str, Ask], came: Came) -> None:
        for call in calls:
            future = self._futures.get(call)
            if future is not None and not future.done():
                future.set_result(came)

    def _start(self, work: Coroutine[Any, Any, None], calls: Sequence[str]) -> None:
        def over(task: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            if not task.cancelled() and (fault := task.exception()):
                self._break(calls, fault)

        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(over)

    def _break(self, calls: Sequence[str], fault: BaseException) -> None:
        """Whoever waits hears of what nobody foresaw, and does not wait for ever."""
        for call in calls:
            if not self._futures[call].done():
                self._futures[call].set_exception(fault)
