"""Many questions that belong to no reading: asked at once, each by itself, until none is left or the run is to stop."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from uuid import uuid4

from baselines.conversation import Rules
from baselines.declared import Declared
from baselines.running.asking import NoAnswer, SetAside
from baselines.running.collector import Collector
from baselines.running.gate import Gate
from baselines.running.images import Images
from baselines.running.patience import Patience
from baselines.running.run import MORE, Ended
from baselines.running.session import act_size, heeding, kept_replies
from baselines.running.sources import Endpoint
from baselines.running.spending import Budget
from baselines.running.stopping import Stopped, Stopping
from baselines.running.tally import Tally
from baselines.running.workplace import Fenced, Workplace
from study.database import Record, StudyError
from study.desk.work import WorkDesk

Item = TypeVar("Item")
Key = TypeVar("Key")
Answer = TypeVar("Answer")
INTERRUPTED = "Interrupted: what was in flight has come to its end and is kept. Run it again to go on."
Watch = Callable[[int, int], None]
WATCH_SECONDS = 0.5


def unwatched(done: int, total: int) -> None:
    """Tell nobody how many are done, of how many."""


@dataclass
class Came(Generic[Key, Answer]):
    """What came of it: the answers there are, how the run ended, its counts, and what it spent."""

    answers: dict[Key, Answer] = field(default_factory=dict)
    ended: Ended = field(default_factory=lambda: Ended(None, ""))
    tally: Tally = field(default_factory=Tally)
    spent: float = 0.0


def patience_of(declared: Declared, first_wait: float) -> Patience:
    """As often as the model's declaration says, the first wait of so many seconds."""
    return Patience(tries=declared.tries, reasks=declared.reasks, first=first_wait)


def place_in(
    record: Record, study: str, source: Endpoint, rules: Rules, budget: float | None, patience: Patience, tally: Tally
) -> Workplace:
    """What a worker of errands works with in a study's record; ``budget`` in dollars, None is without end."""
    desk, declared, stopping = WorkDesk(record.owner), source.declared, Stopping()
    return Workplace(
        study=study,
        declared=declared,
        source=source,
        rules=rules,
        worker=str(uuid4()),
        desk=desk,
        acts=Collector(lambda acts: desk.work(study, acts), act_size),
        kept=Collector(lambda keys: kept_replies(desk, keys)),
        images=Images(record.images, study, declared.limits),
        gate=Gate(declared.limits.concurrency, stopping, declared.limits.rpm),
        budget=Budget(budget, stopping),
        stopping=stopping,
        patience=patience,
        tally=tally,
    )


async def carried_out(errands: Errands[Any], at: Workplace, watch: Watch, sentence: str = INTERRUPTED) -> Ended:
    """Run these errands to their end: signals are heeded, and ``watch`` is told how many are done, of how many."""
    watching = asyncio.create_task(_watching(at.tally, watch))
    try:
        with heeding(at.stopping, errands.abandon, sentence):
            return await errands.run()
    finally:
        watching.cancel()


async def _watching(tally: Tally, watch: Watch) -> None:
    while True:
        watch(tally.before + tally.ended, tally.readings)
        await asyncio.sleep(WATCH_SECONDS)


class Errands(Generic[Item]):
    """One worker's errands to one model. ``do`` asks about one item, and may raise whatever asking raises."""

    def __init__(self, workplace: Workplace, items: Sequence[Item], do: Callable[[Item], Awaitable[None]]) -> None:
        """Make the errands ready; nothing is asked yet."""
        self._at, self._do, self._left = workplace, do, deque(items)
        self._aside: list[tuple[float, SetAside]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> Ended:
        """Ask until nothing is left; what got no answer is counted by its outcome.

        Raises what is no refusal of the record, and nothing that a sentence tells.
        """
        most = min(round(self._at.gate.most * MORE) + 1, len(self._left))
        self._tasks = {asyncio.create_task(self._walk()) for _ in range(most)}
        found = await asyncio.gather(*self._tasks, return_exceptions=True)
        broken = next((one for one in found if isinstance(one, Exception)), None)
        if broken is not None and not isinstance(broken, StudyError):
            raise broken
        for at, fault in self._aside:
            if self._at.health.last > at:
                self._at.tally.failed["failed"] += 1
            else:
                self._at.stopping.ask("endpoint", str(fault))
        return Ended(self._at.stopping.why, self._at.stopping.sentence)

    def abandon(self) -> None:
        """Wait for nothing any more: what is in flight is entered as lost."""
        for task in self._tasks:
            task.cancel()

    async def _walk(self) -> None:
        try:
            with suppress(Stopped):
                while self._left:
                    self._at.stopping.check()
                    await self._one(self._left.popleft())
        except StudyError as fault:
            self._at.stopping.ask("study", str(fault))
            raise

    async def _one(self, item: Item) -> None:
        try:
            await self._do(item)
        except NoAnswer as none:
            self._at.tally.failed[none.outcome] += 1
        except SetAside as fault:
            self._aside.append((time.monotonic(), fault))
        except Fenced:
            self._at.tally.fenced += 1
        else:
            self._at.tally.completed += 1
