"""A run from its plan to its end: everything that it works with is made, signals are heeded, connections given back."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from uuid import uuid4

from baselines.declared import adapter_of, batch_of, replay_of
from baselines.running.batches import READINGS, Handles, InBatches
from baselines.running.collector import Collector
from baselines.running.gate import Gate
from baselines.running.images import Images
from baselines.running.leases import Leases
from baselines.running.order import Order
from baselines.running.permission import Permission
from baselines.running.preparing import UNFINISHED, Plan, enrol
from baselines.running.replaying import Replayed, check
from baselines.running.run import Ended, Run
from baselines.running.sources import Endpoint, Source
from baselines.running.spending import Budget
from baselines.running.stopping import Stopping
from baselines.running.tally import Tally
from baselines.running.workplace import Workplace
from study.canonical import digest
from study.database import Record
from study.desk.acts import Act, Finish
from study.desk.calls import KeptReply
from study.desk.work import WorkDesk

SIGNALS = (signal.SIGINT, signal.SIGTERM)
INTERRUPTED = "Interrupted: what was in flight has come to its end, and the readings wait. Run it again to go on."
ABANDONED = "Interrupted twice: what was in flight was not waited for, and is perhaps paid. Run it again to go on."
Watch = Callable[[Workplace], None]


def read_model(record: Record, made: Plan, tally: Tally, watch: Watch = lambda _: None) -> Ended:
    """Have the model of this plan read until nothing is left, or it is stopped; ``tally`` counts meanwhile.

    ``watch`` is given what the run works with as it begins. Ctrl-C once lets what is in flight come to its end, twice
    enters it as lost. Raises ``StudyError`` where the model cannot be asked at all.
    """
    if made.order.declared.adapter == "replay":
        check(replay_of(made.order.declared), made)
    members = enrol(record.owner, made)
    readings = [row for member in members for row in member.readings]
    tally.readings = len(readings)
    tally.before = sum(row.state not in UNFINISHED for row in readings)
    tally.failed_before = sum(row.state == "failed" for row in readings)
    return asyncio.run(_read(record, made, tally, watch))


async def _read(record: Record, made: Plan, tally: Tally, watch: Watch) -> Ended:
    stopping = Stopping()
    source = _source(record, made, stopping, tally)
    try:
        at = workplace(record, made, source, stopping, tally)
        choice = source if isinstance(source, Replayed) else Permission(at.desk, at.study, at.declared)
        run = Run(at, leases(at, made.order), choice)
        watch(at)
        with heeding(stopping, run.abandon):
            return await run.read()
    finally:
        await source.close()


def workplace(record: Record, made: Plan, source: Source, stopping: Stopping, tally: Tally) -> Workplace:
    """What a worker of this plan works with."""
    order, desk = made.order, WorkDesk(record.owner)
    limits = order.declared.limits
    return Workplace(
        study=order.study,
        declared=order.declared,
        source=source,
        rules=made.rules,
        worker=str(uuid4()),
        desk=desk,
        acts=Collector(lambda acts: desk.work(order.study, acts), act_size),
        kept=Collector(lambda keys: kept_replies(desk, keys)) if order.cache else None,
        images=Images(record.images, order.study, limits),
        gate=Gate(max(limits.concurrency, READINGS if source.resumes else 1), stopping, limits.rpm),
        budget=Budget(order.budget, stopping),
        stopping=stopping,
        patience=order.patience,
        tally=tally,
        distribution=order.distribution,
    )


def _source(record: Record, made: Plan, stopping: Stopping, tally: Tally) -> Source:
    """Where this model's answers come from."""
    declared, order = made.order.declared, made.order
    if declared.adapter == "replay":
        return Replayed(replay_of(declared), WorkDesk(record.owner), order.study, declared.name)
    if declared.adapter != "batch":
        return Endpoint(declared, adapter_of(declared))
    name = digest([order.study, declared.name, order.condition])
    handles = Handles(record.drafts / f"batches-{name[:32]}.json")
    return InBatches(batch_of(declared), handles, stopping, tally, *order.batch_seconds)


def leases(at: Workplace, order: Order) -> Leases:
    """The readings that this worker holds."""

    def waiting(held: int, seconds: float) -> None:
        at.tally.waiting = (held, seconds)

    names = (at.declared.name, order.condition, at.worker)
    return Leases(at.desk, at.study, *names, at.stopping, order.lease_seconds, waiting)


class heeding:
    """While inside, the first signal asks the run to stop, and the second has it wait for nothing: ``abandon``."""

    def __init__(self, stopping: Stopping, abandon: Callable[[], None], sentence: str = INTERRUPTED) -> None:
        """Say ``sentence`` of a run that was interrupted."""
        self._stopping, self._abandon, self._sentence, self._times = stopping, abandon, sentence, 0

    def __enter__(self) -> None:
        loop = asyncio.get_running_loop()
        with suppress(NotImplementedError, RuntimeError, ValueError):  # not in a thread, nor on every system
            for one in SIGNALS:
                loop.add_signal_handler(one, self._heed)

    def __exit__(self, *_: object) -> None:
        loop = asyncio.get_running_loop()
        with suppress(NotImplementedError, RuntimeError, ValueError):
            for one in SIGNALS:
                loop.remove_signal_handler(one)

    def _heed(self) -> None:
        self._times += 1
        self._stopping.ask("interrupted", self._sentence)
        if self._times > 1:
            self._stopping.sentence = ABANDONED
            self._abandon()


def act_size(act: Act) -> int:
    """How long an act is that carries a reply."""
    return len(act.response or "") if isinstance(act, Finish) else 0


def kept_replies(desk: WorkDesk, keys: Sequence[str]) -> list[KeptReply | None]:
    """The newest answer to each of these, where the record has one."""
    found = desk.kept(keys)
    return [found.get(key) for key in keys]
