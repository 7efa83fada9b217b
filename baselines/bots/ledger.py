"""What a bot itself knows that the record has acknowledged: the other half of every comparison with an export."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["locked", "draft", "skipped", "flagged"]


@dataclass(frozen=True)
class Entry:
    """One write that the record has said it keeps."""

    kind: Kind
    reading: str
    step: int
    attempt: int
    what: Mapping[str, Any]
    """The answer or the draft; for a flag its kind, for a skip its reason."""


Told = Callable[[Entry], None]


def unheard(_: Entry) -> None:
    """For bots of whom nobody keeps a ledger."""
