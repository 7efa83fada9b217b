"""From a reply's raw body to what it says, for every API: a refusal, a fault, or the model's words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from baselines._declaration import Declared
from baselines.adapters._mapping import error_in, fault_in
from baselines.adapters._types import Said
from baselines.adapters.faults import Away, Declined

Json = dict[str, Any]
_NO_REPLY = (AttributeError, IndexError, KeyError, TypeError, ValueError)


def said_by(body: Any, declared: Declared, raw: str, milliseconds: float, said: Callable[[Json], Said]) -> Said:
    """What ``said`` reads in the body; a refusal where the API refused to answer.

    Raises the fault that the body tells, and ``Away`` where it is no reply of the API that was asked.
    """
    try:
        if error := error_in(body):
            raise fault_in(error, declared.name, raw)
        return said(body)
    except Declined as refusal:
        return Said("refused", str(refusal), raw, declared.model, None, None, milliseconds)
    except _NO_REPLY:
        raise Away(strange(declared), raw=raw) from None


@contextmanager
def replies_of(declared: Declared) -> Iterator[None]:
    """Where the SDK reads replies by itself: raises ``Away`` for one that is no reply of the API that was asked."""
    try:
        yield
    except _NO_REPLY:
        raise Away(strange(declared)) from None


def strange(declared: Declared) -> str:
    """What is said of a reply that is none."""
    return f"{declared.name} answered with something that is no reply of this API, perhaps cut off."


def parsed(raw: str) -> Any:
    """The body as JSON; None where it is none."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def count(value: Any) -> int | None:
    """A number of tokens; None where it was not told, or not as a number."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
