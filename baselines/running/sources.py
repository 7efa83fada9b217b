"""Where an answer comes from: an endpoint that is asked question by question, a batch, or a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from baselines.adapters import Adapter, Message, Said
from baselines.conversation import Question
from baselines.declared import Declared, heard
from baselines.running.stored import Stored
from study.desk.calls import Held, Purpose


@dataclass
class Place:
    """A step of a reading that is held, what the record has of its calls, and the call that it goes on from.

    ``number`` counts the steps of this ``kind`` up to this one; ``options`` are those shown, by label.
    """

    held: Held
    step: int = -1
    attempt: int = 1
    kind: str = "show"
    number: int = 1
    options: dict[str, str] = field(default_factory=dict)
    stored: Stored = field(default_factory=Stored)
    after: str | None = None
    before: tuple[Message, ...] = ()

    def where(self) -> dict[str, Any]:
        """What the record is told of it."""
        held = {"reading": self.held.reading, "sample": self.held.sample, "lease": self.held.lease}
        return {**held, "step": self.step, "attempt": self.attempt}


@dataclass
class Errand(Place):
    """A question that belongs to no reading, so that nothing is held: what for, and which repeat it is."""

    purpose: Purpose = "judge"

    @staticmethod
    def of(purpose: Purpose, model: str, sample: int, stored: Stored) -> Errand:
        """An errand to a model, with what the record has of its calls."""
        nothing = Held(reading="", model=model, sample=sample, condition="", lease=0)
        return Errand(nothing, stored=stored, purpose=purpose)

    def where(self) -> dict[str, Any]:
        """What the record is told of it."""
        return {"purpose": self.purpose, "sample": self.held.sample}


@dataclass(frozen=True)
class Asked:
    """A question at its place, with its digest and the key of its repeats."""

    place: Place
    question: Question
    digest: str
    key: str


class Source(Protocol):
    """What a worker asks. ``resumes`` says that a question outlives the worker that sent it."""

    resumes: bool

    async def said(self, call: str, asked: Asked) -> Said:
        """The answer; raises a fault of ``baselines.adapters.faults`` where there is none."""
        ...

    def heard(self, asked: Asked, raw: str, milliseconds: float) -> Said:
        """What a reply says that was kept; raises the fault that it was."""
        ...

    async def close(self) -> None:
        """Give the connections back."""
        ...


class Endpoint:
    """A model that is asked question by question."""

    resumes = False

    def __init__(self, declared: Declared, adapter: Adapter) -> None:
        self.declared, self._adapter = declared, adapter

    async def said(self, call: str, asked: Asked) -> Said:
        """The answer, as it comes."""
        return await self._adapter.ask(asked.question.ask(asked.place.held.sample))

    def heard(self, asked: Asked, raw: str, milliseconds: float) -> Said:
        """What a reply says that was kept."""
        return heard(self.declared, asked.question.ask(asked.place.held.sample), raw, milliseconds)

    async def close(self) -> None:
        """Give the connections back."""
        await self._adapter.close()
