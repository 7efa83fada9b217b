"""A request as the front saw it, a reply as it sends it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx


@dataclass(frozen=True)
class Request:
    """One request; ``path`` is without the query, header names in ``headers`` are read in any case."""

    method: str
    path: str
    query: str
    headers: httpx.Headers
    body: bytes

    @property
    def token(self) -> str:
        """The bearer token, or nothing."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token if scheme.lower() == "bearer" else ""

    def json(self) -> Any:
        """The body, read as JSON; raises ``ValueError`` where it is none."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """One reply."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def json_reply(status: int, content: Any, **headers: str) -> Reply:
    """A reply whose body is JSON."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, json.dumps(content).encode(), {"content-type": "application/json", **named})
