"""The record of models' calls, and what a worker is told that reads for models."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from study.case import EvidenceType
from study.desk._base import Reply
from study.script import Block, Outline

Purpose = Literal["read", "judge", "options", "probe"]
Outcome = Literal["ok", "refused", "truncated", "invalid", "failed", "lost"]


class Held(Reply):
    """A reading that a worker holds, under the number of its lease."""

    reading: str
    model: str
    sample: int
    condition: str
    lease: int


class Claims(Reply):
    """What was claimed; ``held`` unfinished readings are others', and the first may come free in ``seconds``."""

    claimed: tuple[Held, ...]
    held: int
    seconds: float | None


class CallResult(Reply):
    """What came of a call; a call that was lost may have a second one, and an answer that proved unreadable too."""

    number: int
    outcome: Outcome
    response: str | None = None
    details: dict[str, Any]
    at: datetime


class CallRow(Reply):
    """A call as the record has it, with its results in their order."""

    call: str
    seq: int
    purpose: Purpose
    model: str
    reading: str | None
    step: int | None
    attempt: int | None
    sample: int | None
    worker: str
    lease: int | None
    key: str
    digest: str
    request: dict[str, Any] | None = None
    after: str | None
    started_at: datetime
    results: tuple[CallResult, ...]

    @property
    def outcome(self) -> Outcome | None:
        """How it stands; None while it is in flight, or its worker went and nobody has missed it yet."""
        return self.results[-1].outcome if self.results else None

    @property
    def told(self) -> CallResult | None:
        """The result that brought the model's reply, as it came."""
        return next((one for one in reversed(self.results) if one.response is not None), None)


class KeptReply(Reply):
    """An answer to the same request that the record has: what it was, and by which call it came."""

    call: str
    response: str
    details: dict[str, Any]


class CallCount(Reply):
    """Calls of one model in one condition, for one purpose, with one outcome; tokens and cost as they were reported."""

    model: str
    condition: str | None
    purpose: Purpose
    outcome: Outcome | None
    calls: int
    input_tokens: int | None
    output_tokens: int | None
    cost: float | None
    milliseconds: float | None
    cached: int
    lost: int
    uncertain: int


class OutlinedOptions(Reply):
    """How many options a case has, and how long they are together."""

    n: int
    bytes: int


class OutlinedBlock(Reply):
    """A block's structure: bytes of its text and of its finding, width and height of each image."""

    id: str
    type: EvidenceType
    text: int | None
    finding: int | None
    images: tuple[tuple[int, int], ...]


class CaseOutline(Reply):
    """A case without its content."""

    key: str
    hash: str
    language: str
    practice: bool
    translation_of: str | None
    options: OutlinedOptions
    evidence: tuple[OutlinedBlock, ...]

    @property
    def outline(self) -> Outline:
        """What a script is compiled from."""
        blocks = tuple(Block(one.id, one.type, bool(one.images), bool(one.text)) for one in self.evidence)
        where = {"language": self.language, "practice": self.practice, "translation_of": self.translation_of}
        return Outline(self.key, self.hash, evidence=blocks, n_options=self.options.n, **where)  # type: ignore[arg-type]
