"""One reading as scoring sees it: who read which case, what was answered, with the grades that its lines have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["completed", "failed", "timed_out", "skipped", "not_reached", "withdrew", "technical", "excluded"]
FAILED: frozenset[str] = frozenset({"failed", "timed_out"})
"""An answer was asked for and none that counts came; every other state but completed is missing."""


@dataclass(frozen=True)
class Reading:
    """One reading. ``lines`` are the ranked list's lines (after splitting) with their grades, None for not graded yet.

    ``lines``, ``open_line`` and ``selection_right`` are None where the protocol did not ask. An open diagnosis is a
    line with its grade. Confidences are per cent, for the list's first line, the open diagnosis and the selected
    option; ``seconds_final`` are the seconds from the list's lock to that of the last answer.
    """

    reader: str
    group: Literal["human", "model"]
    case: str
    state: State = "completed"
    run: str = ""
    lines: tuple[tuple[str, int | None], ...] | None = None
    open_line: tuple[str, int | None] | None = None
    selection_right: bool | None = None
    n_options: int | None = None
    confidence_first: float | None = None
    confidence_open: float | None = None
    confidence_selection: float | None = None
    seconds_final: float | None = None
