"""One call to a model: on record before it is sent, its raw reply kept before anything reads it."""

from __future__ import annotations

import asyncio
import time
from typing import Any
from uuid import uuid4

from baselines.adapters import Said
from baselines.adapters.faults import AdapterFault, Away, Busy
from baselines.conversation import Question
from baselines.running import content
from baselines.running.sources import Asked, Place
from baselines.running.stored import Reply, Stored
from baselines.running.tokens import most_dollars
from baselines.running.workplace import Workplace
from study.desk._base import request_id
from study.desk.acts import Done, Finish, Kept, Start
from study.desk.calls import KeptReply


class Sending:
    """The calls of one worker to one model."""

    def __init__(self, workplace: Workplace) -> None:
        self._at = workplace

    def asked(self, place: Place, question: Question) -> Asked:
        """The question, ready to be looked up or sent."""
        digest = content.question_digest(self._at.declared, question, self._at.images.record)
        return Asked(place, question, digest, content.key(digest, place.held.sample, place.attempt))

    async def sent(self, asked: Asked) -> AdapterFault | None:
        """Send it; the fault where no reply came."""
        most = self._most(asked)
        await self._at.budget.reserve(most)
        paid = 0.0
        try:
            entered = await self._at.gate.enter()
            start = self._start(asked)
            try:
                await self._at.act(start)
                self._note_repeat(asked, start.call)
                began, paid = time.monotonic(), most
                came = await self._came(start.call, asked, began)
            finally:
                self._at.gate.leave()
            finish, paid = self._result(start.call, came, (time.monotonic() - began) * 1000, most)
            self._heed(came, entered)
        finally:
            self._at.budget.settle(most, paid)
        (done,) = await self._at.act(finish)
        if isinstance(came, AdapterFault):
            asked.place.stored.add(asked.digest, Reply(start.call, "failed", reason=str(came)))
            return came
        reply = Reply(start.call, came.outcome, came.raw, came.milliseconds, came, came.text[:300])
        await self._take(asked, reply, done)
        return None

    async def replayed(self, asked: Asked, kept: KeptReply) -> None:
        """Enter a kept reply as this call's own: the same words and latency, at no cost."""
        start = self._start(asked)
        details = kept.details | {"cached": kept.details.get("cached", kept.call), "cost": 0}
        _, done = await self._at.act(start, Finish(start.call, "ok", kept.response, details))
        self._at.tally.cached += 1
        took = float(kept.details.get("milliseconds") or 0.0)
        await self._take(asked, Reply(start.call, "ok", kept.response, took), done)

    def _most(self, asked: Asked) -> float:
        if self._at.budget.dollars is None:
            return 0.0
        return most_dollars(self._at.declared, asked.question.ask(asked.place.held.sample)) or 0.0

    def _note_repeat(self, asked: Asked, call: str) -> None:
        """Whoever had this in flight may have paid for it."""
        flying = asked.place.stored.flying.pop(asked.digest, set())
        self._at.tally.repeats += bool(flying - {call})

    async def _came(self, call: str, asked: Asked, began: float) -> Said | AdapterFault:
        """What came back; whoever gives up waiting enters the call as lost, unless somebody may wait for it later."""
        try:
            return await self._at.source.said(call, asked)
        except AdapterFault as fault:
            return fault
        except asyncio.CancelledError:
            if self._at.source.resumes:
                raise
            took = round((time.monotonic() - began) * 1000, 1)
            lost = Finish(call, "lost", None, {"paid": "perhaps", "abandoned_after": took})
            self._at.tally.calls["lost"] += 1
            await asyncio.shield(self._at.acts.ask(lost))
            raise

    def _result(self, call: str, came: Said | AdapterFault, took: float, most: float) -> tuple[Finish, float]:
        """What to enter, and what was spent; where nobody says, what it may have been."""
        if isinstance(came, AdapterFault):
            uncertain = isinstance(came, Away) and came.status is None
            told = {"error": str(came)[:1000], "status": came.status, "paid": "perhaps" if uncertain else None}
            self._at.tally.calls["failed"] += 1
            details = _told(told | {"milliseconds": round(took, 1)})
            return Finish(call, "failed", came.raw, details), most if uncertain else 0.0
        cost = self._at.declared.cost(came.input_tokens, came.output_tokens, came.cached_tokens)
        self._at.tally.came(came, cost)
        return Finish(call, came.outcome, came.raw, details_of(came, cost)), most if cost is None else cost

    def _heed(self, came: Said | AdapterFault, entered: float) -> None:
        """What the reply says of the endpoint."""
        now = time.monotonic()
        self._at.tally.ended_call(now)
        if isinstance(came, Busy):
            self._at.tally.busy += 1
            self._at.gate.busy(entered, came.after)
        elif not isinstance(came, AdapterFault):
            self._at.health.answered(now)
            self._at.gate.answered()

    def _start(self, asked: Asked) -> Start:
        place, messages = asked.place, asked.question.messages
        goes_on = place.after is not None and messages[: len(place.before)] == place.before
        added = messages[len(place.before) :] if goes_on else messages
        return Start(
            call=self._call_id(asked),
            model=self._at.declared.name,
            key=asked.key,
            digest=asked.digest,
            request=content.request(asked.question, added, self._at.images.record),
            worker=self._at.worker,
            after=place.after if goes_on else None,
            **place.where(),
        )

    def _call_id(self, asked: Asked) -> str:
        """A new id; where a question outlives its worker, the one by which the next worker finds it again."""
        if not self._at.source.resumes:
            return str(uuid4())
        place = asked.place
        return request_id(place.held.reading, place.step, place.attempt, asked.digest, place.stored.tries(asked.digest))

    async def _take(self, asked: Asked, reply: Reply, done: Done) -> None:
        """Keep the reply at hand; where another worker's was kept first, all of them as the record has them."""
        place = asked.place
        if isinstance(done, Kept) and done.first not in (None, reply.call):
            place.stored = Stored(await self._at.calls(place.held.reading))
        else:
            place.stored.add(asked.digest, reply)


def details_of(came: Said, cost: float | None) -> dict[str, Any]:
    """What the record keeps beside a raw reply."""
    details = {
        "model": came.model,
        "input_tokens": came.input_tokens,
        "output_tokens": came.output_tokens,
        "cached_tokens": came.cached_tokens,
        "milliseconds": round(came.milliseconds, 1),
        "cost": None if cost is None else round(cost, 9),
        "logprobs": dict(came.logprobs) if came.logprobs is not None else None,
    }
    return _told(details)


def _told(details: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in details.items() if value is not None}
