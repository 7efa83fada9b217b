"""Labelled cases to look things up in, and how a case that is being read is left out of them."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from itertools import pairwise

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from study.bundle import Bundle
from study.database import StudyError
from study.desk import Page

OWN = "presentations.csv"
SHINGLE = 14
"""Letters in a row (7 in Chinese) by which copied wording is known."""
TWIN = 0.5
"""Share of the shown wording that a labelled case must repeat letter by letter to be taken for the case being read."""
_WORD = re.compile(r"[^\W\d_\u3400-\u9fff]{2,}|\d+|[\u3400-\u9fff]+")
_CHINESE = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True)
class Labelled:
    """A labelled case: its words, its diagnosis, and the family of cases (original and translations) it belongs to."""

    text: str
    diagnosis: str
    language: str = "en"
    family: str = ""


def presentations() -> list[Labelled]:
    """The project's own short collection: one typical presentation a diagnosis, synthetic."""
    text = (resources.files("baselines") / "collections" / OWN).read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return [Labelled(row["presentation"], row["diagnosis"], row["language"]) for row in rows]


def labelled(bundle: Bundle) -> list[Labelled]:
    """A bundle's own cases as a collection, by their text and findings."""
    return [
        Labelled(
            "\n".join(block.text or block.finding or "" for block in case.evidence),
            case.diagnosis.name,
            case.language,
            case.translation_of or case.key,
        )
        for case in bundle.cases
    ]


def shown_text(page: Page) -> str:
    """The words that the page shows of the case."""
    parts: list[str] = []
    for block in page.blocks:
        parts += [block.title or "", block.text or "", block.finding or ""]
        parts += [image.caption or "" for image in block.images]
    return "\n".join(part for part in parts if part)


def evidence_text(page: Page) -> str:
    """The text and findings shown, without titles, as :func:`labelled` takes them of a whole case."""
    return "\n".join(block.text or block.finding or "" for block in page.blocks)


def terms(text: str) -> list[str]:
    """Words and pairs of words; Chinese, which parts no words, as runs of two and three characters."""
    found: list[str] = []
    words: list[str] = []
    for word in _WORD.findall(text.lower()):
        if _CHINESE.match(word):
            found += [word[start : start + n] for n in (2, 3) for start in range(len(word) - n + 1)]
        elif word not in ENGLISH_STOP_WORDS:
            words.append(word)
    return found + words + [f"{a} {b}" for a, b in pairwise(words)]


def shingles(text: str, length: int | None = None) -> frozenset[str]:
    """Every run of ``SHINGLE`` letters and digits (half as many in Chinese), whatever stands between them."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if c.isalnum())
    length = length or (SHINGLE // 2 if is_chinese(plain) else SHINGLE)
    return frozenset(plain[start : start + length] for start in range(max(len(plain) - length + 1, 0)))


def is_chinese(text: str) -> bool:
    """Whether the text has a Chinese character."""
    return bool(_CHINESE.search(text))


class LeaveOut:
    """Which cases of a collection are the case being read, its near twins or its translations.

    A case is recognised by wording alone, since a page names none: it is left out once it repeats half or more of what
    has been shown, and with it its whole family and every case that repeats half of it in turn.
    """

    def __init__(self, collection: Sequence[Labelled]) -> None:
        """Prepare the wordings of the collection."""
        self.collection = collection
        self._wordings = [shingles(case.text) for case in collection]

    def of(self, shown: str) -> frozenset[int]:
        """The places in the collection that must not be looked up for a case of which ``shown`` is shown."""
        mine = shingles(shown)
        out = self._related(self._repeating(mine) if mine else set())
        return frozenset(self._related({twin for one in out for twin in self._repeating(self._wordings[one])}))

    def _related(self, places: set[int]) -> set[int]:
        """These places, and those of the same families."""
        families = {self.collection[one].family for one in places} - {""}
        return places | {n for n, case in enumerate(self.collection) if case.family in families}

    def _repeating(self, wording: frozenset[str]) -> set[int]:
        return {n for n, other in enumerate(self._wordings) if len(wording & other) >= TWIN * max(len(wording), 1)}


def usable(collection: Sequence[Labelled], source: str) -> tuple[Labelled, ...]:
    """The cases that have words and a diagnosis; raises ``StudyError`` where none has."""
    kept = tuple(case for case in collection if terms(case.text) and case.diagnosis.strip())
    if not kept:
        raise StudyError(f"The collection {source} holds no case with words and a diagnosis: name another.")
    return kept
