"""Leaks: the diagnosis or a synonym, word for word, in what a reader is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from scoring import spelling

from .case import Case, Diagnosis, Evidence

MASK = "[masked]"
_TOKEN = re.compile(r"[㐀-鿿]|[^\W_㐀-鿿]+(?:['’][^\W_]+)*")
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
