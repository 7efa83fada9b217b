"""How two wordings of a diagnosis relate: the same, a likely misspelling, one inside the other, or different things."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import Literal

from scoring import matching

from .case import Diagnosis

Relation = Literal["same", "near", "contained"]
NEAR_WORD = 0.85
_SIGNS = re.compile(r"[↑↓↔→←<>≤≥]|\([+−-]\)")
_NEGATIONS = frozenset({"no", "non", "negative"})
_OPPOSITES = (("hyper", "hypo"), ("nephritic", "nephrotic"), ("inter", "intra"), ("micro", "macro"), ("brady", "tachy"),
              ("hemo", "hemato"), ("ante", "anti"), ("afferent", "efferent"), ("infra", "supra"))  # fmt: skip


@lru_cache(maxsize=200_000)
def relation(a: str, b: str) -> Relation | None:
    """``same`` by the matcher; ``near`` if each differing word is likely misspelt; ``contained`` if one adds words.

    "Acute appendicitis" and "appendicitis" are contained; "hypothyroidism" and "hyperthyroidism" are None, as are
    wordings that a negation or a number alone tells apart.
    """
    if alike(a, b):
        return "same"
    if _signs(a) != _signs(b):
        return None
    left, right = Counter(_words(a)), Counter(_words(b))
    only_left, only_right = list((left - right).elements()), list((right - left).elements())
    if not left or not right:
        return None
    if not only_left or not only_right:
        return None if _NEGATIONS & {*only_left, *only_right} else "contained"
    return "near" if _misspelt(only_left, only_right) else None


def alike(a: str, b: str) -> bool:
    """Whether the matcher takes two wordings for the same and no sign (an arrow, "(+)") tells them apart."""
    return _signs(a) == _signs(b) and matching.same(a, b)


def without_closing(text: str) -> str:
    """The text without a closing parenthesis: "Osteoarthritis (OA)" is "Osteoarthritis"."""
    return re.sub(r"(?<=\S)\s+\([^()]+\)$", "", text.strip())


def means(text: str, diagnosis: Diagnosis) -> bool:
    """Whether the text names the diagnosis by the matcher: its name, a synonym, or a line of which a part does."""
    if all(_signs(text) != _signs(wording) for wording in (diagnosis.name, *diagnosis.synonyms)):
        return False
    return any(line.grade == matching.EXACT for line in matching.match((text,), diagnosis).lines)


def variant(text: str, diagnosis: Diagnosis) -> Relation | None:
    """The closest relation of the text to any wording of the diagnosis."""
    if means(text, diagnosis):
        return "same"
    found = {relation(text, wording) for wording in (diagnosis.name, *diagnosis.synonyms)}
    return "near" if "near" in found else "contained" if "contained" in found else None


def _signs(text: str) -> list[str]:
    return _SIGNS.findall(text)


def _words(text: str) -> list[str]:
    normal = matching.normalise(text)
    return list(normal) if any("㐀" <= character <= "鿿" for character in normal) else normal.split()


def _misspelt(left: list[str], right: list[str]) -> bool:
    if len(left) != len(right):
        return False
    pairs = [(word, max(right, key=lambda other: matching.near(word, other))) for word in left]
    return len({other for _, other in pairs}) == len(pairs) and all(_likely_slip(*pair) for pair in pairs)


def _likely_slip(a: str, b: str) -> bool:
    if any(character.isdigit() for character in a + b) or min(len(a), len(b)) < 5:
        return False
    if a.removeprefix("non") == b.removeprefix("non") or a.removeprefix("a") == b.removeprefix("a"):
        return False
    for first, second in _OPPOSITES:
        if a.replace(first, second) == b.replace(first, second):
            return False
    return matching.near(a, b) >= NEAR_WORD
