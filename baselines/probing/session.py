"""Questions of probes asked of one model: on record before they are sent, and no stored reply is asked for again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from baselines.adapters import Said
from baselines.conversation import Question, Rules
from baselines.declared import Declared, adapter_of
from baselines.running.asking import Asking
from baselines.running.errands import Came, Errands, Watch, carried_out, patience_of, place_in, unwatched
from baselines.running.sources import Endpoint, Errand
from baselines.running.stored import Stored
from baselines.running.workplace import Workplace
from study.canonical import digest
from study.database import Record
from study.desk.acts import Finish
from study.desk.calls import CallRow
from study.protocol import Protocol

Key = TypeVar("Key")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Probing(Generic[Key, Answer]):
    """What is asked of one model: a question for each key with the number of its repeat, and how a reply is read.

    ``read`` raises ``AnswerError`` where a reply is no answer.
    """

    study: str
    declared: Declared
    questions: Mapping[Key, tuple[Question, int]]
    read: Callable[[Key, Said], Answer]
    budget: float | None = None
    first_wait: float = 0.5


class _Known:
    """The calls of earlier runs to one model, by what they were about."""

    def __init__(self, rows: Iterable[CallRow], model: str) -> None:
        self._own = [row for row in rows if row.model == model and row.request]
        self._about: dict[str, list[CallRow]] = {}
        for row in self._own:
            self._about.setdefault(digest((row.request or {})["text"]), []).append(row)

    @property
    def in_flight(self) -> list[Finish]:
        """The calls that nobody waits for any more, entered as lost; a reply that comes yet is kept all the same."""
        return [Finish(row.call, "lost", None, {"paid": "perhaps"}) for row in self._own if row.outcome is None]

    def stored(self, question: Question) -> Stored:
        """The replies to this very question: one that is asked of another case in the same words has its own."""
        return Stored(self._about.get(digest(question.step["text"]), ()))


def ask(record: Record, asked: Probing[Key, Answer], watch: Watch = unwatched) -> Came[Key, Answer]:
    """Ask until every question has its answer or none can be had; raises ``StudyError`` where the model cannot be."""
    return asyncio.run(_ask(record, asked, watch))


async def _ask(record: Record, asked: Probing[Key, Answer], watch: Watch) -> Came[Key, Answer]:
    source, came = Endpoint(asked.declared, adapter_of(asked.declared)), Came[Key, Answer]()
    try:
        patience = patience_of(asked.declared, asked.first_wait)
        at = place_in(record, asked.study, source, Rules(Protocol(), {}), asked.budget, patience, came.tally)
        known = _Known(await asyncio.to_thread(lambda: list(at.desk.calls_for(at.study, "probe"))), at.declared.name)
        for finish in known.in_flight:
            await at.act(finish)
        came.tally.readings = len(asked.questions)
        errands = Errands(at, list(asked.questions), _doing(at, known, asked, came))
        came.ended = await carried_out(errands, at, watch)
        came.spent = at.budget.spent
    finally:
        await source.close()
    return came


def _doing(
    at: Workplace, known: _Known, asked: Probing[Key, Answer], came: Came[Key, Answer]
) -> Callable[[Key], Awaitable[None]]:
    asking = Asking(at)

    async def do(key: Key) -> None:
        question, sample = asked.questions[key]
        place = Errand.of("probe", at.declared.name, sample, known.stored(question))
        found = await asking.answer(place, question, lambda said: asked.read(key, said))
        came.answers[key] = found.answer

    return do
