"""What a judge's grade carries beside it: the call that it came by, the rubric, and under which terms it was asked for.

It stands in the grade's note as JSON, so that it is sealed and exported with the grade.
"""

from __future__ import annotations

from typing import Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from scoring.adjudication import JUDGE
from study.canonical import canonical


class Graded(Protocol):
    """A grade as a row has it."""

    @property
    def source(self) -> str: ...
    @property
    def note(self) -> str | None: ...


class JudgeNote(BaseModel):
    """The note of a judge's grade.

    ``identity`` is a digest of its version, endpoint and parameters. ``alone``: one judge was enough by intention.
    ``everything``: lines that the program was sure of were asked for, too. ``allowed`` are the families that were
    allowed although they took part, by name.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    call: str | None = None
    rubric: str = ""
    rubric_hash: str = ""
    family: str | None = None
    identity: str = ""
    seed: int = 0
    alone: bool = False
    everything: bool = False
    allowed: tuple[str, ...] = ()

    def text(self) -> str:
        """The note as it is stored."""
        return canonical(self.model_dump(mode="json", exclude_defaults=True))


def note_of(grade: Graded) -> JudgeNote | None:
    """The note of a judge's grade; None for anybody else's, and where it cannot be read."""
    if not grade.source.startswith(JUDGE) or not grade.note:
        return None
    try:
        return JudgeNote.model_validate_json(grade.note)
    except ValidationError:
        return None
