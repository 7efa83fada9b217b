"""An item's answer: filled, for the author, missing or not applicable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["filled", "for the author", "missing", "not applicable"]


@dataclass(frozen=True)
class Fill:
    """A status, and where the answer stands or what is lacking."""

    status: Status
    where: str


AUTHOR = Fill("for the author", "")


def filled(where: str) -> Fill:
    """The export holds it, and ``where`` says where."""
    return Fill("filled", where)


def missing(what: str) -> Fill:
    """The study could have stored it and did not."""
    return Fill("missing", what)
