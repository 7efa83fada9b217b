"""What the server was asked, and what it may be told to do about it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias


@dataclass(frozen=True)
class Asked:
    """One request for an answer, as it arrived. ``nth`` counts those with the same body, from 1, ``number`` all."""

    at: float
    path: str
    body: dict[str, Any]
    headers: dict[str, str]
    number: int
    nth: int = 1
    in_batch: bool = False

    @property
    def model(self) -> str:
        """The model that was asked for."""
        return str(self.body.get("model"))

    @property
    def chat(self) -> bool:
        """Whether chat completions were spoken."""
        return self.path.endswith("/chat/completions")

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The conversation."""
        found: list[dict[str, Any]] = self.body.get("messages" if self.chat else "input") or []
        return found

    @property
    def text(self) -> str:
        """The words of the last message."""
        content = self.messages[-1]["content"] if self.messages else ""
        return content if isinstance(content, str) else "\n\n".join(part.get("text", "") for part in content)

    @property
    def images(self) -> int:
        """How many images the whole request holds."""
        parts = [part for one in self.messages if isinstance(one["content"], list) for part in one["content"]]
        return sum("image" in part["type"] for part in parts)

    @property
    def schema(self) -> dict[str, Any] | None:
        """The JSON schema of the answer, where one was asked for."""
        if self.chat:
            found = (self.body.get("response_format") or {}).get("json_schema") or {}
        else:
            found = (self.body.get("text") or {}).get("format") or {}
        return found.get("schema")

    @property
    def digest(self) -> str:
        """A hash of what was asked."""
        return hashlib.sha256(json.dumps([self.path, self.body], sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Say:
    """Answer as the API does, after ``delay`` seconds; without ``text`` with words that follow from the request.

    ``end`` is why the model stopped: stop, length, content_filter; ``more`` goes over the reply's body.
    """

    text: str | None = None
    delay: float = 0.0
    refusal: str | None = None
    end: str = "stop"
    input_tokens: int = 100
    output_tokens: int = 20
    cached_tokens: int = 0
    logprobs: dict[str, float] | None = None
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Fail:
    """Answer with a status and an error, and a Retry-After where one is given."""

    status: int
    code: str | None = None
    message: str = "scripted"
    retry_after: str | None = None
    delay: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Hang:
    """Answer nothing for so many seconds, then close."""

    seconds: float = 3600.0


@dataclass(frozen=True)
class Reset:
    """Send the head and so many bytes of the answer, then reset the connection."""

    bytes: int = 20


@dataclass(frozen=True)
class Cut:
    """Send the head and so many bytes of the answer, then close the connection in order."""

    bytes: int = 20


@dataclass(frozen=True)
class Broken:
    """Send this body, whole, with status 200."""

    body: str


@dataclass(frozen=True)
class Dribble:
    """Send the answer in small pieces over so many seconds."""

    seconds: float = 5.0


Act: TypeAlias = Say | Fail | Hang | Reset | Cut | Broken | Dribble
Script: TypeAlias = Callable[[Asked], Act | None]
