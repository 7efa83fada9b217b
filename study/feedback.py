"""How one reader or model did on one case: for the feedback that a demonstration and practice cases give."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from scoring.grades import SCALES
from study.case import Diagnosis
from study.results import Graded, graded

SCALE = SCALES["kanjee2023"]


@dataclass(frozen=True)
class Outcome:
    """One answerer's case: the list with grades, the open diagnosis, the option chosen and whether it was right."""

    name: str
    lines: tuple[Graded, ...]
    open: Graded | None
    chosen: str | None
    right: bool | None
    cap: int = 5

    @property
    def covered(self) -> bool:
        """Whether a line that counts is known to be correct; lines that wait for a grader are not known to be."""
        return any(line.grade is not None and SCALE.correct(line.grade) for line in self.lines[: self.cap])


def outcome(
    name: str,
    answers: Iterable[tuple[str, Mapping[str, Any]]],
    options: Iterable[Mapping[str, Any]],
    diagnosis: Diagnosis,
) -> Outcome:
    """The outcome of locked answers, (kind, answer) in order; the last of each kind counts. Matching alone grades."""
    last = dict(answers)
    lines = [line for line in last.get("ddx", {}).get("lines", []) if line.strip()]
    own = last.get("open", {}).get("diagnosis") or ""
    label = last.get("selection", {}).get("choice")
    chosen = next((option for option in options if option["label"] == label), None)
    return Outcome(
        name,
        graded("", lines, diagnosis, {}, SCALE),
        next(iter(graded("", [own], diagnosis, {}, SCALE)), None) if own else None,
        chosen["text"] if chosen else None,
        bool(chosen["right"]) if chosen else None,
    )
