"""One question until it has an answer: from what is stored, from the cache, or from the model.

Of several replies to one question the one that was kept first, and can be read, is the answer, whoever asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from baselines.adapters import Said
from baselines.adapters.faults import AdapterFault, Busy
from baselines.conversation import Question
from baselines.running.sending import Sending
from baselines.running.sources import Asked, Place
from baselines.running.workplace import Workplace
from study.answers import AnswerError
from study.desk.acts import Finish
from study.desk.calls import Outcome

Answer = TypeVar("Answer")
_ACCOUNT = {401, 402, 403, 404, 429}  # of the key, the model or the quota: no other question would fare better


class NoAnswer(Exception):
    """The model gave no answer that counts."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome, self.reason = outcome, reason


class SetAside(Exception):
    """No answer came, and none to anything else since: whether it is the question's fault shows later."""


@dataclass(frozen=True)
class Answered(Generic[Answer]):
    """An answer, the call that it came by, and what the model said."""

    answer: Answer
    call: str
    said: Said


class Asking:
    """Questions of one worker to one model."""

    def __init__(self, workplace: Workplace) -> None:
        self._at, self._sending = workplace, Sending(workplace)

    async def answer(self, place: Place, question: Question, read: Callable[[Said], Answer]) -> Answered[Answer]:
        """The first reply that ``read`` can read (it raises ``AnswerError`` where it cannot).

        Raises ``NoAnswer``, ``Fenced``, ``Stopped``, or ``SetAside``.
        """
        asked, fetched = self._sending.asked(place, question), False
        while True:
            found = place.stored.answer(asked.digest)
            if found is None:
                self._check(asked)
                await self._fetch(asked)
                fetched = True
                continue
            try:
                said = found.said or self._at.source.heard(asked, found.raw, found.milliseconds)
                answered = Answered(read(said), found.call, said)
            except (AnswerError, AdapterFault) as fault:
                await self.judge(asked, found.call, str(fault))
                continue
            self._at.tally.taken_up += not fetched
            return answered

    async def unfit(self, place: Place, question: Question, call: str, reason: str) -> None:
        """The record does not take what this call answered."""
        await self.judge(self._sending.asked(place, question), call, reason)

    async def judge(self, asked: Asked, call: str, reason: str) -> None:
        """Enter that a reply which was kept is no answer."""
        await self._at.act(Finish(call, "invalid", None, {"error": reason[:1000]}))
        self._at.tally.calls["invalid"] += 1
        asked.place.stored.judge(asked.digest, call, "invalid", reason)

    def _check(self, asked: Asked) -> None:
        """Raises ``NoAnswer`` where what is stored already says that there will be none."""
        stored = asked.place.stored
        refusal, unreadable = stored.final(asked.digest), stored.unreadable(asked.digest)
        if refusal:
            raise NoAnswer(refusal.outcome, refusal.reason or "The model would not answer.")
        if len(unreadable) > self._at.patience.reasks:
            last = unreadable[-1]
            raise NoAnswer(last.outcome, last.reason or "The answer was cut short.")

    async def _fetch(self, asked: Asked) -> None:
        """A further reply to the question, from the cache or from the model."""
        if self._at.kept is not None and not asked.place.stored.unreadable(asked.digest):
            (kept,) = await self._at.kept.ask(asked.key)
            if kept is not None:
                return await self._sending.replayed(asked, kept)
        return await self._patiently(asked)

    async def _patiently(self, asked: Asked) -> None:
        """Ask, and ask again while that may help."""
        patience, began, tries, busy = self._at.patience, time.monotonic(), 0, 0
        while (fault := await self._sending.sent(asked)) is not None:
            if isinstance(fault, Busy):
                busy += 1
                wait = patience.wait(busy, fault.after)
                over = busy >= patience.busy or (fault.after or 0.0) > patience.longest_asked
            else:
                tries += 1
                wait = patience.wait(tries)
                over = not fault.again or tries >= patience.tries
            if over:
                self._give_up(fault, began)
            self._at.tally.tried_again += 1
            await self._at.stopping.sleep(wait)

    def _give_up(self, fault: AdapterFault, began: float) -> None:
        """Raises ``NoAnswer`` where others are answered, ``SetAside`` where that is open; else the endpoint is down."""
        health = self._at.health
        own = health.last > began if fault.again else health.answers > 0
        whole = isinstance(fault, Busy) or (not fault.again and fault.status in _ACCOUNT)
        if own and not whole:
            raise NoAnswer("failed", str(fault))
        health.given_up += 1
        if whole or health.given_up >= health.MOST_GIVEN_UP:
            self._at.stopping.ask("endpoint", str(fault))
            self._at.stopping.check()
        raise SetAside(str(fault))
