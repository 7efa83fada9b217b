"""One reading from its page to its end, as its reader walks it: evidence is turned, questions are asked and locked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from baselines.answers import parse
from baselines.conversation import Pictures, Question, asked, images
from baselines.running import distributions
from baselines.running.asking import Answered, Asking, NoAnswer, SetAside
from baselines.running.sources import Place
from baselines.running.stored import Stored
from baselines.running.workplace import Unfit, Workplace
from study.desk import Page
from study.desk.acts import Act, Fail, Look, Step, Stepped
from study.desk.calls import Held, Outcome
from study.model_readings import distribution_notes

Json = Mapping[str, Any]


class Walking:
    """Readings of one worker, one at a time for each task that calls ``read``."""

    def __init__(self, workplace: Workplace) -> None:
        self._at, self._asking = workplace, Asking(workplace)

    async def read(self, held: Held) -> None:
        """Walk the reading to its end.

        Raises ``Fenced`` where it is another's by now, ``Stopped`` where the run is to stop, ``SetAside`` where it is
        open whether the endpoint is down.
        """
        (page,) = await self._at.act(Look(held.reading))
        assert isinstance(page, Page)
        place = Place(held, page.step, page.attempt)
        if page.state == "reading":
            place.stored = Stored(await self._at.calls(held.reading))
        while page.state in ("assigned", "reading"):
            _move(place, page)
            if page.current is None or page.current.kind == "show":
                page = await self._turned(held, page, {}, {})
            else:
                page = await self._answered(place, page)
        self._at.tally.completed += page.state == "completed"

    async def fail(self, held: Held, outcome: Outcome, reason: str) -> None:
        """End the reading without an answer that counts."""
        (page,) = await self._at.act(Look(held.reading))
        assert isinstance(page, Page)
        await self._failed(held, page, outcome, reason)

    async def _answered(self, place: Place, page: Page) -> Page:
        """Ask the page's question and lock the answer; the next page."""
        fetched = await self._at.images.fetched(images(page))
        picture: Pictures = lambda image: fetched[image.sha256]
        question = asked(page, self._at.rules, picture)
        try:
            notes = await self._distribution(place, page, picture)
            while True:
                answer = await self._asking.answer(
                    place, question, lambda said: parse(question.step, said.text, question.labels)
                )
                try:
                    after = await self._turned(place.held, page, answer.answer, _notes(answer) | notes)
                except Unfit as fault:
                    await self._asking.unfit(place, question, answer.call, str(fault))
                    continue
                self._go_on(place, question, answer)
                return after
        except NoAnswer as none:
            await self._failed(place.held, page, none.outcome, none.reason)
            return page.model_copy(update={"state": "failed"})

    async def _failed(self, held: Held, page: Page, outcome: Outcome, reason: str) -> None:
        await self._at.act(Fail(held, self._at.worker, page.step, page.attempt, outcome, reason[:1000]))
        self._at.tally.failed[outcome] += 1

    async def _distribution(self, place: Place, page: Page, picture: Pictures) -> dict[str, Any]:
        """The distribution over the options, where it is asked for; one that cannot be had fails no reading."""
        kind = self._at.distribution
        question = distributions.question(kind, page, self._at.rules, picture)
        if question is None:
            return {}
        try:
            found = await self._asking.answer(
                place, question, lambda said: distributions.read(kind, said, question.labels)
            )
        except (NoAnswer, SetAside) as none:
            self._at.tally.no_distribution += 1
            return {"no_distribution": str(none)[:200]}
        return distribution_notes(**{kind: found.answer}) | {"distribution_call": found.call}

    def _go_on(self, place: Place, question: Question, answer: Answered[Any]) -> None:
        """The next question goes on from this call."""
        place.after, place.before = answer.call, question.messages

    async def _turned(self, held: Held, page: Page, answer: Json, notes: Json) -> Page:
        """Lock the present step and pass the evidence that follows it, up to the next question; the page there."""
        steps: list[Act] = [Step(held, self._at.worker, page.step, page.attempt, answer, notes)]
        following = page.step + 1
        while following < len(page.kinds) and page.kinds[following] == "show":
            steps.append(Step(held, self._at.worker, following, page.attempt, {}))
            following += 1
        last = steps[-1]
        assert isinstance(last, Step)
        steps[-1] = Step(held, last.worker, last.step, last.attempt, last.given, last.client, page=True)
        done = (await self._at.act(*steps))[-1]
        assert isinstance(done, Stepped)
        assert done.page is not None
        return done.page


def _move(place: Place, page: Page) -> None:
    """Be where the page is."""
    place.step, place.attempt = page.step, page.attempt
    place.kind = page.current.kind if page.current else "show"
    place.number = page.kinds[: page.step + 1].count(place.kind)
    place.options = {option.label: option.text for option in page.options or ()}


def _notes(answer: Answered[Any]) -> dict[str, Any]:
    """What the turn says of how its answer came about."""
    return {"call": answer.call, "milliseconds": round(answer.said.milliseconds, 1)}
