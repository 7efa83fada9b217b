"""Leaks: the diagnosis or a synonym, word for word, in what a reader is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from scoring import spelling
from scoring.terms import SITES

from .case import Case, Diagnosis, Evidence

MASK = "[masked]"
_TOKEN = re.compile(r"[㐀-鿿]|[^\W_㐀-鿿]+(?:['’][^\W_]+)*")
# Words that many diagnoses share: a key made of these alone names none.
_SHARED = spelling.listed(
    "adult bilateral cancer case child childhood acute chronic subacute deficiency disease disorder due early late"
    " familial hereditary idiopathic failure fever infection injury juvenile left right upper lower onset pain"
    " primary secondary severe syndrome tumor type and from the with without"
) | frozenset([*SITES, *SITES.values()])
_ACRONYM = re.compile(r"[A-Z][A-Z0-9]{1,4}")


@dataclass(frozen=True)
class Leak:
    """A name of the diagnosis in a text, from character ``start`` up to, not including, ``end``."""

    name: str
    start: int
    end: int


def names(diagnosis: Diagnosis) -> tuple[str, ...]:
    """Every wording of the diagnosis whose appearance in the evidence gives it away."""
    return (diagnosis.name, *diagnosis.synonyms)


def find(text: str, wanted: Iterable[str]) -> list[Leak]:
    """Where the text names one of the wordings, on word bounds, spelling normalised; overlaps give the longest.

    A short acronym (ALL, PE) counts only in capitals, since in lower case it may be an ordinary word.
    """
    tokens = [(match[0], match.start(), match.end()) for match in _TOKEN.finditer(text)]
    normals = [_normal(token) for token, _, _ in tokens]
    found = [leak for name in wanted for leak in _find_one(tokens, normals, name)]
    kept: list[Leak] = []
    for leak in sorted(found, key=lambda leak: (leak.start, -leak.end)):
        if not kept or leak.start >= kept[-1].end:
            kept.append(leak)
    return kept


def mask(text: str, wanted: Iterable[str]) -> str:
    """The text with every leak replaced by ``[masked]``."""
    for leak in reversed(find(text, wanted)):
        text = text[: leak.start] + MASK + text[leak.end :]
    return text


def shown_texts(case: Case) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Each text of the case that a reader sees before the options, with its field."""
    if case.title:
        yield ("title",), case.title
    for index, block in enumerate(case.evidence):
        for field, text in _block_texts(block):
            yield ("evidence", index, *field), text


def _block_texts(block: Evidence) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for name in ("title", "time", "text", "finding"):
        text = getattr(block, name)
        if text:
            yield (name,), text
    for index, image in enumerate(block.images):
        yield ("images", index, "alt"), image.alt
        if image.caption:
            yield ("images", index, "caption"), image.caption


def in_key(key: str, wanted: Iterable[str]) -> str | None:
    """The wording of the diagnosis that a case's key gives away, or None.

    A key gives a wording away by holding at least half of its telling words, so that ``waldenstrom-2`` is found and
    ``chest-pain`` is not; words shared by many diagnoses, sites and numbers do not tell.
    """
    held = _telling(key)
    for name in wanted:
        telling = _telling(name)
        if telling and 2 * len(telling & held) >= len(telling):
            return name
    return None


def _telling(text: str) -> frozenset[str]:
    found = {word for token in _TOKEN.findall(text) for word in _normal(token).split()}
    return frozenset(word for word in found - _SHARED if len(word) > 2 and not word.isnumeric())


def _find_one(tokens: list[tuple[str, int, int]], normals: list[str], name: str) -> Iterator[Leak]:
    wanted = _TOKEN.findall(name)
    if not wanted:
        return
    exact = _ACRONYM.fullmatch(name) is not None
    pattern = wanted if exact else [_normal(token) for token in wanted]
    words = [token for token, _, _ in tokens] if exact else normals
    for start in range(len(words) - len(pattern) + 1):
        if words[start] == pattern[0] and words[start : start + len(pattern)] == pattern:
            yield Leak(name, tokens[start][1], tokens[start + len(pattern) - 1][2])


@lru_cache(maxsize=100_000)
def _normal(token: str) -> str:
    return " ".join(spelling.words(token)) or token.casefold()
