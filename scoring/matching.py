"""Whether a free-text line names a diagnosis: equality after normalisation, and nothing less.

Two lines are the same when :func:`normalise` gives the same string. It evens out case, accents, width, British and
American spelling, plurals, numerals, possessives, listed abbreviations and eponyms, and the order of words. The order
of words counts only across words that relate two things ("due to", "with", "without", "in" ...), and within a part
that holds a contrast (left and right, acute and chronic ...), where exchanging two words names another illness.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

from rapidfuzz import fuzz

from scoring import chinese
from scoring.lines import bare, split_line, uninverted
from scoring.spelling import listed, words
from scoring.terms import ABBREVIATIONS, NO_DIAGNOSIS, SITES, SYNDROME_IS_DISEASE, SYNONYMOUS, WHOLE_LINE

__all__ = ["Diagnosed", "LineMatch", "Matches", "match", "names_nothing", "near", "normalise", "same", "split_line"]

EXACT = 5
NOTHING = 0

_RELATIONS = listed("after and but by due following from in no not on or than to versus vs with without")
_CONTRASTS = tuple(
    frozenset(pair.split())
    for pair in (
        "left right",
        "acute chronic subacute",
        "positive negative",
        "primary secondary tertiary",
        "upper lower",
        "anterior posterior",
        "mild moderate severe",
        "benign malignant",
        "raised lowered unchanged",
    )
)
_ARTICLES = frozenset({"the", "an", "of"})
_FILLERS = frozenset({"unspecified", "nos"})
_HEDGES = listed("likely possible possibly presumed probable probably suspected most")


class Diagnosed(Protocol):
    """What a case calls its truth: a name, and wordings that mean the same."""

    @property
    def name(self) -> str: ...
    @property
    def synonyms(self) -> Sequence[str]: ...


@dataclass(frozen=True)
class LineMatch:
    """One diagnosis of a list; ``answer`` is the index of the line as written, before splitting.

    ``grade`` is 5 for equality, 0 for an answer that names no diagnosis, None where a clinician has to grade; ``near``
    in [0, 1] is the likeness to the closest wording of the truth and only orders the grader's queue.
    """

    text: str
    normal: str
    answer: int
    grade: int | None
    near: float


@dataclass(frozen=True)
class Matches:
    """A list held against the truth: one entry per diagnosis, in the order written, lines with "or" split."""

    lines: tuple[LineMatch, ...]

    @property
    def ungraded(self) -> tuple[LineMatch, ...]:
        """The lines that wait for a clinician."""
        return tuple(line for line in self.lines if line.grade is None)


@lru_cache(maxsize=65536)
def normalise(text: str) -> str:
    """The normal form of one diagnosis; applying it again changes nothing."""
    seen: list[str] = []
    while text not in seen:
        seen.append(text)
        text = chinese.normalise(text) if chinese.is_chinese(text) else _normalised(text)
    return min(seen[seen.index(text) :])


def same(a: str, b: str) -> bool:
    """Whether two lines name the same diagnosis; two lines that name none are not the same diagnosis."""
    return normalise(a) == normalise(b) and not names_nothing(a)


def near(a: str, b: str) -> float:
    """Likeness of two lines in [0, 1] by edit distance of their normal forms; 1 only when they are equal."""
    return fuzz.ratio(normalise(a), normalise(b)) / 100


@lru_cache(maxsize=65536)
def names_nothing(text: str) -> bool:
    """Whether a line is empty or says that no diagnosis can be named."""
    return " ".join(words(text)) in NO_DIAGNOSIS or normalise(text) in NO_DIAGNOSIS


def match(answers: Sequence[str], diagnosis: Diagnosed) -> Matches:
    """Hold each line of a list against the diagnosis and its synonyms; see :class:`LineMatch` for what comes back.

    A line that as a whole equals a wording of the truth stays one line; any other is split at its alternatives, each of
    which takes a rank of its own.
    """
    numbered = ((index, part) for index, answer in enumerate(answers) for part in parts(answer, diagnosis))
    return Matches(tuple(part if part.answer == index else replace(part, answer=index) for index, part in numbered))


def parts(answer: str, diagnosis: Diagnosed) -> tuple[LineMatch, ...]:
    """The diagnoses that one line names, in order, held against the truth as :func:`match` does; ``answer`` is 0."""
    return _parts(answer, (diagnosis.name, *diagnosis.synonyms))


@lru_cache(maxsize=65536)
def _parts(answer: str, named: tuple[str, ...]) -> tuple[LineMatch, ...]:
    truths = _truths(named)
    named_here = (answer,) if normalise(answer) in truths else split_line(answer) or (answer,)
    return tuple(_held_against(part, truths) for part in named_here)


@lru_cache(maxsize=4096)
def _truths(named: tuple[str, ...]) -> frozenset[str]:
    return frozenset(normalise(form) for wording in named for form in _forms(wording)) - {""}


def _held_against(text: str, truths: frozenset[str]) -> LineMatch:
    normal = normalise(text)
    grade = EXACT if normal in truths else NOTHING if names_nothing(text) else None
    return LineMatch(text, normal, 0, grade, max((near(normal, truth) for truth in truths), default=0.0))


def _forms(wording: str) -> tuple[str, ...]:
    """The wording, and where it ends in a bracketed abbreviation of itself, that abbreviation too: "... (PML)"."""
    found = re.search(r"\(([A-Z][A-Za-z0-9]{1,7})\)\s*$", wording)
    return (wording, found[1]) if found and _abbreviates(found[1], wording[: found.start()]) else (wording,)


def _abbreviates(short: str, name: str) -> bool:
    """Whether the bracket holds the initials of the name, or a listed abbreviation of it."""
    initials = "".join(word[0] for word in re.findall(r"\w+", name)).casefold()
    listed = _phrases(words(short))
    return short.casefold() in (initials, initials.replace("o", "", 1)) or listed == _phrases(words(name))


def _normalised(text: str) -> str:
    text = bare(text)
    text = re.sub(
        r"\s*\(([^()]*)\)", lambda found: "" if _abbreviates(found[1], text[: found.start()]) else found[0], text
    )
    found = words(uninverted(text))
    while len(found) > 1 and found[0] in _HEDGES:
        found = found[1:]
    found = _phrases(found)
    if found[:1] == ["a"] and len(found) > 1:
        found = found[1:]
    kept = [word for word in found if word not in _ARTICLES and word not in _FILLERS] or found
    return " ".join(_ordered([SITES.get(word, word) for word in _phrases(kept)]))


def _ordered(found: list[str]) -> list[str]:
    """Words in alphabetical order between two relating words; a part that holds a contrast keeps its own order."""
    ordered: list[str] = []
    part: list[str] = []
    for word in found:
        if word in _RELATIONS:
            ordered += [*_sorted(part), word]
            part = []
        else:
            part.append(word)
    return ordered + _sorted(part)


def _sorted(part: list[str]) -> list[str]:
    held = set(part)
    numbers = sum(word[0].isdigit() for word in part)
    return part if numbers > 1 or any(len(held & pair) > 1 for pair in _CONTRASTS) else sorted(part, key=_place)


def _place(word: str) -> tuple[bool, str]:
    """Single letters last: a leading "a" is an article, the one of hepatitis A is not."""
    return len(word) == 1, word


def _phrases(found: list[str]) -> list[str]:
    """Replace listed abbreviations and names, the longest first; "syndrome" becomes "disease" after a listed eponym."""
    whole = _WHOLE_LINE.get(" ".join(found))
    if whole:
        return whole.split()
    replaced: list[str] = []
    while found:
        for length in range(min(_LONGEST, len(found)), 0, -1):
            name = _NAMES.get(" ".join(found[:length]))
            if name is not None:
                replaced += name.split()
                break
        else:
            length = 1
            replaced.append(found[0])
        found = found[length:]
    return replaced


def _spelled(table: dict[str, str]) -> dict[str, str]:
    return {" ".join(words(key)): " ".join(words(value)) for key, value in table.items()}


_WHOLE_LINE = _spelled(WHOLE_LINE)
_NAMES = _spelled(
    {f"{eponym} syndrome": f"{eponym} disease" for eponym in SYNDROME_IS_DISEASE} | ABBREVIATIONS | SYNONYMOUS
)
_LONGEST = max(len(key.split()) for key in _NAMES)
