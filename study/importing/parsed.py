"""What a source file was found to hold: cases, records that cannot become one, names that no rule knew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from ..case import StudyFile

Progress = Callable[[int, int], None]
"""Hears (records done, records in all)."""


@dataclass(frozen=True)
class Refusal:
    """A record that cannot become a case: the 1-based line it starts on, and why."""

    line: int
    message: str


@dataclass(frozen=True)
class Parsed:
    """A source file, read whole. ``cases`` are case files as data, not yet checked, each with its line.

    ``unknown`` counts names that no rule knew and where they went; ``left_out`` counts fields that were not taken over.
    """

    source: str
    study: StudyFile
    cases: tuple[tuple[int, Mapping[str, Any]], ...]
    refusals: tuple[Refusal, ...]
    unknown: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)


class ImportRefused(ValueError):
    """Nothing was written. ``refusals`` lists the records that stand in the way, if it is records."""

    def __init__(self, message: str, refusals: tuple[Refusal, ...] = ()) -> None:
        self.refusals = refusals
        super().__init__("\n".join([message, *(f"line {refusal.line}: {refusal.message}" for refusal in refusals)]))


def faults_of(error: ValidationError) -> str:
    """All faults of a record in one line: ``field: what is wrong; field: ...``."""
    return "; ".join(
        f"{'.'.join(map(str, fault['loc'])) or 'record'}: {fault['msg'].removeprefix('Value error, ')}"
        for fault in error.errors(include_url=False)
    )
