"""Which grade of a line counts: humans' before judges', judges' by a named rule, made-up ones where there is no other.

Of one grader the newest grade counts, of several humans the newest. What does not count is kept beside what does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from scoring.grades import Scale

JUDGE = "judge:"
REPEAT = "#"
SIMULATED = "simulated"
By = Literal["human", "judges", "simulated"]
Why = Literal["", "one judge", "apart"]


@dataclass(frozen=True)
class Rule:
    """How judges' grades become one: the lower median of at least ``judges``, none more than ``apart`` levels apart.

    On a scale of two levels any difference is one too many. What the rule cannot settle waits for a human.
    """

    name: str = "lower-median"
    judges: int = 2
    apart: int = 1

    def most_apart(self, scale: Scale) -> int:
        """The most levels that judges may be apart on this scale."""
        return min(self.apart, len(scale.levels) - 2)

    def as_json(self) -> dict[str, Any]:
        """The rule as a result names it."""
        return asdict(self)


RULE = Rule()


@dataclass(frozen=True)
class Vote:
    """A grade as it was given. ``alone``: it was asked of one judge by intention, so that it needs no second one."""

    grade: int
    source: str
    alone: bool = False


@dataclass(frozen=True)
class Settled:
    """What counts for a line: its grade, None while it waits (``why``); by whom, and the judges' ``votes`` on it.

    ``replaced`` is the grade that judges or a program had given before a human's, None where there was none.
    """

    grade: int | None
    by: By
    votes: tuple[Vote, ...] = ()
    why: Why = ""
    replaced: int | None = None


def judge_of(source: str) -> str | None:
    """The judge whose first grading this source names; None for humans, and for a judge's repeats."""
    if not source.startswith(JUDGE) or REPEAT in source:
        return None
    return source.removeprefix(JUDGE)


def is_human(source: str) -> bool:
    """Whether a person gave the grade."""
    return not source.startswith(JUDGE) and source != SIMULATED


def source_of(judge: str, number: int = 1) -> str:
    """The source of a judge's grades; ``number`` 1 is its grading, 2 and more are repeats that only show its spread."""
    return f"{JUDGE}{judge}" if number == 1 else f"{JUDGE}{judge}{REPEAT}{number}"


def apart(grades: Sequence[int], scale: Scale) -> int:
    """The levels between the best and the worst of these grades."""
    places = [scale.grades.index(scale.checked(grade)) for grade in grades]
    return max(places) - min(places)


def lower_median(grades: Sequence[int]) -> int:
    """The middle grade; of two in the middle the lower one."""
    return sorted(grades)[(len(grades) - 1) // 2]


def settle(votes: Sequence[Vote], scale: Scale, rule: Rule = RULE) -> Settled | None:
    """What the grades of one line come to, in the order in which they were given; None where there are only repeats."""
    human = next((vote for vote in reversed(votes) if is_human(vote.source)), None)
    judged = _judged(votes, scale, rule) or _made_up(votes)
    if human is None:
        return judged
    if judged is None:
        return Settled(human.grade, "human")
    return Settled(human.grade, "human", judged.votes, judged.why, judged.grade)


def _judged(votes: Sequence[Vote], scale: Scale, rule: Rule) -> Settled | None:
    newest = {judge: vote for vote in votes if (judge := judge_of(vote.source)) is not None}
    found = tuple(newest[name] for name in sorted(newest))
    if not found:
        return None
    if len(found) < rule.judges and not any(vote.alone for vote in found):
        return Settled(None, "judges", found, "one judge")
    grades = [vote.grade for vote in found]
    if apart(grades, scale) > rule.most_apart(scale):
        return Settled(None, "judges", found, "apart")
    return Settled(lower_median(grades), "judges", found)


def _made_up(votes: Sequence[Vote]) -> Settled | None:
    made_up = next((vote for vote in reversed(votes) if vote.source == SIMULATED), None)
    return Settled(made_up.grade, "simulated") if made_up else None
