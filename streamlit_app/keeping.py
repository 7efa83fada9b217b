"""Drafts and measurements of all readers, kept together: one call and one commit for what came within a moment.

A post is answered only after it is stored. Nothing waits here but posts whose browsers wait for the answer.
"""

from __future__ import annotations

import asyncio
from typing import Any, TypeAlias

from starlette.concurrency import run_in_threadpool

from streamlit_app import record
from study.database import StudyError

Item: TypeAlias = dict[str, Any]
MOMENT = 0.04
MANY = 100
AT_ONCE = 4
"""On a project each reader's posts are a call of their own: those that wait for one hold up nobody else's."""


class Keeper:
    """Collects posts for ``MOMENT`` seconds, then stores them by one call; used from the event loop alone."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Item, asyncio.Future[dict[str, Any]]]] = []
        self._work: asyncio.Task[None] | None = None
        self._stores: set[asyncio.Task[None]] = set()

    async def keep(self, item: Item) -> dict[str, Any]:
        """The record's reply to one post, once it is stored; raises what the record or the wire raised."""
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._all())
        return await answer

    async def _all(self) -> None:
        while self._waiting:
            await asyncio.sleep(MOMENT)
            batch, self._waiting = self._waiting[:MANY], self._waiting[MANY:]
            # The order in which the readings are locked is the same in every process: no two wait for each other.
            batch.sort(key=lambda one: (one[0]["reading"], one[0]["number"]))
            self._stores.add(asyncio.create_task(self._store(batch)))
            while len(self._stores) >= (1 if record.box() is not None else AT_ONCE):
                done, self._stores = await asyncio.wait(self._stores, return_when=asyncio.FIRST_COMPLETED)
                for store in done:
                    store.result()

    async def _store(self, batch: list[tuple[Item, asyncio.Future[dict[str, Any]]]]) -> None:
        replies: list[dict[str, Any] | StudyError]
        try:
            replies = list(await run_in_threadpool(record.current().keep_posts, [item for item, _ in batch]))
        except StudyError as fault:
            replies = [fault] * len(batch)
        for (_, answer), reply in zip(batch, replies, strict=True):
            if answer.done():  # the browser has gone
                continue
            if isinstance(reply, StudyError):
                answer.set_exception(reply)
            else:
                answer.set_result(reply)


keeper = Keeper()
