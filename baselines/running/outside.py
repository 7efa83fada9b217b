"""Errands to a model outside of any study: the same asking, its record a file."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar
from uuid import uuid4

from baselines.adapters import Said
from baselines.conversation import Question, Rules
from baselines.declared import Declared, adapter_of
from baselines.running import content
from baselines.running.asking import Asking
from baselines.running.collector import Collector
from baselines.running.errands import Came, Errands, Watch, carried_out, patience_of, unwatched
from baselines.running.gate import Gate
from baselines.running.images import Images
from baselines.running.ledger import Ledger
from baselines.running.sources import Endpoint, Errand
from baselines.running.spending import Budget
from baselines.running.stopping import Stopping
from baselines.running.tally import Tally
from baselines.running.workplace import Workplace
from study.database import StudyError
from study.database.media import MediaFolder
from study.database.wire import JSON
from study.desk.calls import Purpose
from study.desk.work import WorkDesk
from study.protocol import Protocol

Key = TypeVar("Key")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Errandry(Generic[Key, Answer]):
    """What is asked of one model: a question for each key, and how its answer is read; ``sample`` tells repeats apart.

    ``read`` raises ``AnswerError`` where a reply is no answer.
    """

    purpose: Purpose
    declared: Declared
    questions: Mapping[tuple[Key, int], Question]
    read: Callable[[Key, int, Said], Answer]
    budget: float | None = None
    first_wait: float = 0.5


class _NoRecord:
    """A bundle has no record that could be called."""

    def call(self, function: str, /, **arguments: JSON) -> JSON:
        raise StudyError(f"{function} was asked of a bundle, which has no record.")


def ask(ledger: Ledger, asked: Errandry[Key, Answer], watch: Watch = unwatched) -> Came[tuple[Key, int], Answer]:
    """Ask until every question has its answer or none can be had; what the ledger has is not asked for again.

    Raises ``StudyError`` where the model cannot be asked at all.
    """
    return asyncio.run(_ask(ledger, asked, watch))


async def _ask(ledger: Ledger, asked: Errandry[Key, Answer], watch: Watch) -> Came[tuple[Key, int], Answer]:
    source, came = Endpoint(asked.declared, adapter_of(asked.declared)), Came[tuple[Key, int], Answer]()
    try:
        at = _workplace(ledger, asked, source, came.tally)
        for finish in ledger.in_flight:
            await at.act(finish)
        came.tally.readings = len(asked.questions)
        errands = Errands(at, list(asked.questions), _doing(at, ledger, asked, came))
        came.ended = await carried_out(errands, at, watch)
        came.spent = at.budget.spent
    finally:
        await source.close()
    return came


def _doing(
    at: Workplace, ledger: Ledger, asked: Errandry[Key, Answer], came: Came[tuple[Key, int], Answer]
) -> Callable[[tuple[Key, int]], Awaitable[None]]:
    asking = Asking(at)

    async def do(item: tuple[Key, int]) -> None:
        (key, sample), question = item, asked.questions[item]
        digest = content.question_digest(at.declared, question, at.images.record)
        stored = ledger.stored(content.key(digest, sample, 1), digest)
        place = Errand.of(asked.purpose, at.declared.name, sample, stored)
        found = await asking.answer(place, question, lambda said: asked.read(key, sample, said))
        came.answers[item] = found.answer

    return do


def _workplace(ledger: Ledger, asked: Errandry[Any, Any], source: Endpoint, tally: Tally) -> Workplace:
    declared, stopping = asked.declared, Stopping()
    return Workplace(
        study="",
        declared=declared,
        source=source,
        rules=Rules(Protocol(), {}),
        worker=str(uuid4()),
        desk=WorkDesk(_NoRecord()),
        acts=Collector(ledger.work, flights=1),
        kept=None,
        images=Images(MediaFolder(Path()), "", declared.limits),
        gate=Gate(declared.limits.concurrency, stopping, declared.limits.rpm),
        budget=Budget(asked.budget, stopping),
        stopping=stopping,
        patience=patience_of(declared, asked.first_wait),
        tally=tally,
    )
