"""A model as a reader: it answers the pages that a reader answers, from what those pages have shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from study.desk import Page, RunnerDesk

Answer = Mapping[str, Any]


@dataclass(frozen=True)
class Given:
    """An answer, and beside it what the model notes of how it came about; the record keeps both, apart."""

    answer: Answer
    notes: Mapping[str, Any] = field(default_factory=dict)


class Answerer(Protocol):
    """A model as a reader. It is given the page, which holds all that a reader would see, and nothing else."""

    @property
    def name(self) -> str:
        """The name under which it takes part."""
        ...

    @property
    def details(self) -> Mapping[str, Any]:
        """What is stored about it: version, settings, what it cannot do."""
        ...

    def ddx(self, page: Page) -> Given: ...
    def open(self, page: Page) -> Given: ...
    def selection(self, page: Page) -> Given: ...


@dataclass(frozen=True)
class Tally:
    """How many readings a run completed, and how many were complete before it began."""

    completed: int
    before: int


def answer(model: Answerer, page: Page) -> Given:
    """The model's answer to the page's present step; evidence and the beginning take none."""
    kind = page.current.kind if page.current else "show"
    if kind == "ddx":
        return model.ddx(page)
    if kind == "open":
        return model.open(page)
    if kind == "selection":
        return model.selection(page)
    if kind == "closing":
        return Given({"seen_before": "no", "looked_up": False, "comment": ""})
    return Given({})


def read(desk: RunnerDesk, model: Answerer, reading: str) -> None:
    """Walk one reading to its end, page by page, through the calls that a clinician's browser makes."""
    page = desk.open_reading(reading)
    while page.state in ("assigned", "reading"):
        given = answer(model, page)
        page = desk.turn(page.reading, page.step, page.attempt, given.answer, given.notes).page


def run(
    desk: RunnerDesk, study: str, model: Answerer, samples: int = 1, done: Callable[[int, int], None] | None = None
) -> Tally:
    """Have the model read its whole plan; a run that was broken off goes on where it stopped.

    Raises ``Refused`` where the study is not open. ``done`` hears of the readings completed and their total.
    """
    if not desk.models(study, model.name):
        desk.enrol(study, model.name, dict(model.details), samples)
    rows = [row for member in desk.models(study, model.name) for row in member.readings]
    waiting = [row for row in rows if row.state in ("assigned", "reading")]
    for number, row in enumerate(waiting, 1):
        read(desk, model, row.reading)
        if done:
            done(number, len(waiting))
    return Tally(len(waiting), len(rows) - len(waiting))
