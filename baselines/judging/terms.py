"""On which terms judges are asked: the scale and its rubric, the order, and what was said to be enough."""

from __future__ import annotations

from dataclasses import dataclass

from baselines.declared import Declared
from baselines.judging.rubric import Rubric
from baselines.running.content import identity
from scoring.grades import Scale
from study.canonical import digest
from study.database import StudyError
from study.judged import JudgeNote

UNKNOWN = "unknown"


@dataclass(frozen=True)
class Terms:
    """What is the same for every judge of a run.

    ``alone``: one judge is enough. ``allowed`` families may judge although they took part, ``unknown`` those of whom
    no family is declared. ``everything``: lines that the program is sure of are asked about, too. A ``share`` of the
    lines is graded ``repeat`` times more. ``permitted_only`` leaves lines of cases that may not leave the institution
    to others. ``budget`` is in dollars, for all judges together.
    """

    scale: Scale
    rubric: Rubric
    seed: int = 0
    alone: bool = False
    allowed: frozenset[str] = frozenset()
    everything: bool = False
    repeat: int = 0
    share: float = 0.0
    permitted_only: bool = False
    budget: float | None = None
    first_wait: float = 0.5

    def __post_init__(self) -> None:
        if bool(self.repeat) != bool(self.share):
            raise StudyError("Repeats need both: how many times more (--repeat), and of which share (--of).")

    def note(self, judge: Declared, call: str) -> JudgeNote:
        """What is stored beside a grade of this judge."""
        return JudgeNote(
            call=call,
            rubric=self.rubric.name,
            rubric_hash=self.rubric.hash,
            family=judge.family,
            identity=identity_of(judge),
            seed=self.seed,
            alone=self.alone,
            everything=self.everything,
            allowed=tuple(sorted(self.allowed)),
        )


def identity_of(judge: Declared) -> str:
    """What tells one judge from another: its version, endpoint and parameters, as a short digest."""
    return digest(identity(judge))[:16]
