"""Scales of diagnostic accuracy as data, and the grade of a list; a grade means nothing without its scale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from scoring.matching import normalise


@dataclass(frozen=True)
class Level:
    """One level of a scale with the words that graders are shown for it."""

    grade: int
    anchor: str


@dataclass(frozen=True)
class Scale:
    """A named, versioned scale; an answer is correct from ``correct_from`` on; ``subtype`` says how details count."""

    id: str
    version: str
    title: str
    levels: tuple[Level, ...]
    correct_from: int
    subtype: str

    @cached_property
    def grades(self) -> tuple[int, ...]:
        """The grades that exist, best first; what lies between them does not."""
        return tuple(level.grade for level in self.levels)

    @cached_property
    def exact(self) -> int:
        """The best grade: the diagnosis itself."""
        return max(self.grades)

    @cached_property
    def nothing(self) -> int:
        """The worst grade: nothing close, or no diagnosis."""
        return min(self.grades)

    def checked(self, grade: int) -> int:
        """The grade, or ValueError where the scale has no such level (kanjee2023 has no 1)."""
        if grade not in self.grades:
            raise ValueError(f"{self.id} has no grade {grade}; its grades are {', '.join(map(str, self.grades))}")
        return grade

    def correct(self, grade: int) -> bool:
        """Whether the grade counts as correct on this scale."""
        return self.checked(grade) >= self.correct_from


_LEVELS = {
    "kanjee2023": (
        (5, "The actual diagnosis is named"),
        (4, "Something very close, but not exact, is named"),
        (3, "Something closely related that might have been helpful is named"),
        (2, "Something related is named that is unlikely to be helpful"),
        (0, "Nothing named is close to the diagnosis, or no diagnosis is named"),
    ),
    "amie": (
        (5, "The actual diagnosis is named"),
        (4, "Something very close, but not exact, is named"),
        (3, "Something closely related that might have been helpful is named"),
        (2, "Something related is named that is unlikely to be helpful"),
        (1, "Nothing named is related to the diagnosis"),
    ),
    "sdbench": (
        (5, "Clinically identical, or strictly more specific"),
        (4, "The core disease is right, a secondary qualifier is missing; management would not change"),
        (3, "The category is right, with a major error of aetiology, site or specificity"),
        (2, "Only a superficial likeness"),
        (1, "Wrong"),
    ),
    "craftmd": (
        (1, "Yes: the diagnosis, or a broader one that contains it"),
        (0, "No: another diagnosis, or a narrower one"),
    ),
}


def _scale(id: str, title: str, correct_from: int, subtype: str) -> Scale:
    levels = tuple(Level(grade, anchor) for grade, anchor in _LEVELS[id])
    return Scale(id, "1", title, levels, correct_from, subtype)


SCALES: Mapping[str, Scale] = {
    scale.id: scale
    for scale in (
        _scale("kanjee2023", "Bond 2012 / Kanjee 2023", 4, "site, stage or subtype alone does not lower a grade"),
        _scale("amie", "McDuff 2025, five levels", 4, "site, stage or subtype alone does not lower a grade"),
        _scale("sdbench", "SDBench 1 to 5", 4, "narrower counts, broader loses"),
        _scale("craftmd", "CRAFT-MD yes or no", 1, "broader counts, narrower does not"),
    )
}
DEFAULT = "kanjee2023"


@dataclass(frozen=True)
class Grade:
    """The grade of one distinct line of a case, whoever wrote the line; ``by`` is matching, a grader or a judge."""

    case: str
    line: str
    grade: int
    scale: str
    version: str
    by: str

    def __post_init__(self) -> None:
        SCALES[self.scale].checked(self.grade)


@dataclass(frozen=True)
class ListGrade:
    """The grade of a list: its best scored line. While lines are ungraded only bounds are known."""

    low: int
    high: int
    scored: int
    ungraded: int

    @property
    def provisional(self) -> bool:
        """Whether grading the open lines can still change the result."""
        return self.low != self.high

    @property
    def grade(self) -> int | None:
        """The grade, None while provisional."""
        return None if self.provisional else self.low


def list_grade(grades: Sequence[int | None], cap: int | None = None, scale: Scale = SCALES[DEFAULT]) -> ListGrade:
    """The best grade among the first ``cap`` lines (None: all), with bounds for lines that nobody graded yet.

    An empty list has the worst grade of the scale. Raises ValueError for a grade that the scale does not have.
    """
    scored = list(grades if cap is None else grades[:cap])
    known = [scale.checked(grade) for grade in scored if grade is not None]
    low = max(known, default=scale.nothing)
    ungraded = scored.count(None)
    return ListGrade(low, scale.exact if ungraded else low, len(scored), ungraded)


def rank(grades: Sequence[int | None], at_least: int, cap: int | None = None) -> int | None:
    """The place (from 1) of the first scored line with that grade or better; None where there is none."""
    scored = grades if cap is None else grades[:cap]
    return next((place for place, grade in enumerate(scored, 1) if grade is not None and grade >= at_least), None)


def key(case: str, line: str) -> tuple[str, str]:
    """What is graded once: the case and the line's normal form."""
    return case, normalise(line)


def applied(grades: Iterable[Grade], case: str, lines: Sequence[str]) -> tuple[int | None, ...]:
    """The grades of a list's lines from the grades given so far; None where a line is not graded yet."""
    given = {(grade.case, grade.line): grade.grade for grade in grades}
    return tuple(given.get(key(case, line)) for line in lines)
