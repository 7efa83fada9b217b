"""What is asked of a model and what it said, the same for every kind of API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

Outcome = Literal["ok", "refused", "truncated", "invalid", "failed", "lost"]
"""Only ``ok`` is an answer. ``lost`` was in flight when its worker went, and was perhaps paid for."""


@dataclass(frozen=True)
class Picture:
    """An image as it is sent: its own hash, the pixels it has and those that are sent, and the bytes of these."""

    sha256: str
    native: tuple[int, int]
    sent: tuple[int, int]
    mime: str
    content: bytes = field(repr=False)


Part: TypeAlias = str | Picture


@dataclass(frozen=True)
class Message:
    """One message of a conversation: texts and images in the order in which a reader saw them."""

    role: Literal["user", "assistant"]
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Ask:
    """One question: the conversation so far, the last message asking, and the form that the answer is to have.

    ``schema`` is the JSON schema of the answer. ``distribution`` are the labels whose log-probabilities are asked for
    at the first token; such a question has no schema. ``sample`` tells repeats of the same question apart.
    """

    messages: tuple[Message, ...]
    schema: Mapping[str, Any] | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    distribution: tuple[str, ...] = ()
    sample: int = 1


@dataclass(frozen=True)
class Said:
    """What came back. ``raw`` is the reply's body as it came; ``text`` the model's words in it, or "".

    ``outcome`` is what the API itself says: ok, refused or truncated; whether the words can be read is found out later.
    ``logprobs`` are the first token's, by label, where they were asked for; a label that was not among the likeliest is
    left out. ``cached_tokens`` are those of the input tokens that the endpoint had in its cache and charges less for.
    """

    outcome: Outcome
    text: str
    raw: str
    model: str
    input_tokens: int | None
    output_tokens: int | None
    milliseconds: float
    logprobs: Mapping[str, float] | None = None
    cached_tokens: int | None = None


@dataclass(frozen=True)
class Can:
    """What an adapter, or the endpoint that it speaks to, can do; a run that needs more is refused before it begins."""

    images: bool
    schema: bool
    logprobs: bool
    seed: bool


class Adapter(Protocol):
    """One kind of API, ready to be asked."""

    can: Can

    async def ask(self, ask: Ask) -> Said:
        """The answer; raises a fault of ``baselines.adapters.faults`` where there is none."""
        ...

    async def close(self) -> None:
        """Give the connections back."""
        ...
