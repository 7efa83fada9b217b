"""Which readings a model may be shown: asked of the record for each reading, before its page is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from baselines.declared import Declared, may_show
from baselines.running.collector import Collector
from study.desk.calls import Held
from study.desk.work import WorkDesk


class Choice(Protocol):
    """Which of the readings that a worker holds it reads; the others it leaves as they are."""

    async def holds(self, held: Held) -> bool:
        """Whether this one is read."""
        ...


class Permission:
    """A model outside the institution is shown no case whose author does not allow that."""

    def __init__(self, desk: WorkDesk, study: str, declared: Declared) -> None:
        self._desk, self._study, self._declared = desk, study, declared
        self._collector: Collector[str, bool] = Collector(self._asked)

    async def holds(self, held: Held) -> bool:
        """Whether the reading's case may be shown; a reading of which nothing is told may not."""
        if may_show(self._declared, False):
            return True
        (permitted,) = await self._collector.ask(held.reading)
        return permitted

    def _asked(self, readings: Sequence[str]) -> list[bool]:
        external = {one.reading: one.external for one in self._desk.cases(self._study, readings)}
        return [external.get(reading, False) for reading in readings]
