"""The acts of a worker that reads for models, each as it is sent and as it is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from study.desk._base import Reply, request_id
from study.desk.calls import Held, Outcome, Purpose
from study.desk.pages import Failure, Page, Verdict

Json = Mapping[str, Any]


class Begun(Reply):
    """The call is on record, and may be sent."""

    call: str


class Kept(Reply):
    """The reply is kept; ``first`` is the call whose answer to this question was kept first and counts."""

    call: str
    number: int
    first: str | None = None


class Stepped(Reply):
    """A turn's verdict, with the page after it where that was asked for."""

    verdict: Verdict
    page: Page | None = None


@dataclass(frozen=True)
class Look:
    """The page as it is."""

    reading: str
    answer: type[Page] = field(default=Page, init=False)

    def item(self) -> dict[str, Any]:
        """The act as it is sent."""
        return {"act": "page", "reading": self.reading}


@dataclass(frozen=True)
class Start:
    """A call, before it is sent. ``request`` holds what it adds to the call ``after``; ``digest`` is of all of it."""

    call: str
    model: str
    key: str
    digest: str
    request: Json
    worker: str
    purpose: Purpose = "read"
    reading: str | None = None
    step: int | None = None
    attempt: int | None = None
    sample: int | None = None
    lease: int | None = None
    after: str | None = None
    answer: type[Begun] = field(default=Begun, init=False)

    def item(self) -> dict[str, Any]:
        """The act as it is sent."""
        return {"act": "start", **{name: value for name, value in vars(self).items() if name != "answer"}}


@dataclass(frozen=True)
class Finish:
    """What came of a call. ``invalid`` without a response says of an answer that was kept that it cannot be read."""

    call: str
    outcome: Outcome
    response: str | None
    details: Json
    answer: type[Kept] = field(default=Kept, init=False)

    def item(self) -> dict[str, Any]:
        """The act as it is sent."""
        parts = {"call": self.call, "outcome": self.outcome, "details": dict(self.details)}
        return {"act": "finish", "response": self.response, **parts}


@dataclass(frozen=True)
class Step:
    """A turn by whoever holds the reading, with the page after it where ``page`` says so."""

    held: Held
    worker: str
    step: int
    attempt: int
    given: Json
    client: Json = field(default_factory=dict)
    page: bool = False
    answer: type[Stepped] = field(default=Stepped, init=False)

    def item(self) -> dict[str, Any]:
        """The act as it is sent; the request id follows from reading, step and attempt, as for every reader."""
        key = request_id(self.held.reading, self.step, "turn", self.attempt)
        where = {"reading": self.held.reading, "step": self.step, "attempt": self.attempt, "page": self.page}
        who = {"worker": self.worker, "lease": self.held.lease, "request_id": key}
        return {"act": "turn", **where, **who, "answer": dict(self.given), "client": dict(self.client)}


@dataclass(frozen=True)
class Fail:
    """The end of a reading in which the model gave no answer that counts."""

    held: Held
    worker: str
    step: int
    attempt: int
    outcome: Outcome
    reason: str
    answer: type[Verdict] = field(default=Verdict, init=False)

    def item(self) -> dict[str, Any]:
        """The act as it is sent."""
        key = request_id(self.held.reading, self.step, "failed", self.attempt)
        where = {"reading": self.held.reading, "step": self.step, "attempt": self.attempt}
        who = {"worker": self.worker, "lease": self.held.lease, "request_id": key}
        return {"act": "fail", **where, **who, "outcome": self.outcome, "reason": self.reason}


Act: TypeAlias = Look | Start | Finish | Step | Fail
Done: TypeAlias = Page | Begun | Kept | Stepped | Verdict | Failure
