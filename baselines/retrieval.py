"""The retrieval baseline: the diagnoses of those labelled cases whose words are nearest to the evidence shown so far.

It reads words alone. Of an image it has the title and the caption, as any reader has, and says so in its details.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from baselines.reader import Answer
from scoring.matching import normalise
from study.desk import Page

TWIN = 0.95
"""Cosine similarity from which a labelled case is taken for the very case being read, and left out."""


@dataclass(frozen=True)
class Labelled:
    """A labelled case: its words and its diagnosis."""

    text: str
    diagnosis: str


@dataclass(frozen=True)
class Ranked:
    """A diagnosis with its similarity in [0, 1] to the evidence shown."""

    diagnosis: str
    score: float


def shown_text(page: Page) -> str:
    """The words that the page shows of the case."""
    parts: list[str] = []
    for block in page.blocks:
        parts += [block.title or "", block.text or "", block.finding or ""]
        parts += [image.caption or "" for image in block.images]
    return "\n".join(part for part in parts if part)


class Retrieval:
    """TF-IDF over a labelled collection; the case being read is left out of it."""

    name = "retrieval"

    def __init__(self, collection: Sequence[Labelled], source: str) -> None:
        """Fit on the collection, whose origin ``source`` names."""
        self.collection = tuple(collection)
        self.source = source
        self._words = TfidfVectorizer(
            sublinear_tf=True, ngram_range=(1, 2), stop_words="english", strip_accents="unicode"
        )
        self._rows = self._words.fit_transform([case.text for case in self.collection])
        self._letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4)).fit(
            [c.diagnosis for c in self.collection]
        )

    @property
    def details(self) -> Mapping[str, Any]:
        """What is stored about it."""
        return {
            "kind": "retrieval",
            "version": "1",
            "collection": self.source,
            "cases": len(self.collection),
            "reads": "text, titles and captions",
            "cannot_read": "images",
        }

    def ranked(self, text: str, most: int) -> list[Ranked]:
        """The nearest diagnoses, best first, each once; a twin of the case itself is left out (leave-one-out)."""
        similar = np.asarray((self._rows @ self._words.transform([text]).T).todense()).ravel()
        best: dict[str, Ranked] = {}
        for index in np.argsort(-similar, kind="stable"):
            case, score = self.collection[index], float(similar[index])
            if score < TWIN:
                best.setdefault(normalise(case.diagnosis), Ranked(case.diagnosis, score))
            if len(best) == most:
                break
        return list(best.values())

    def ddx(self, page: Page) -> Answer:
        """The nearest diagnoses up to the cap; the confidence is the first one's share of their similarity."""
        cap = page.current.cap if page.current and page.current.cap else 5
        found = self.ranked(shown_text(page), cap)
        return {
            "lines": [one.diagnosis for one in found],
            "none": not found,
            "confidence": _share([one.score for one in found]),
        }

    def open(self, page: Page) -> Answer:
        """The first of its own list."""
        found = self.ranked(shown_text(page), 5)
        first = found[0].diagnosis if found else ""
        return {"diagnosis": first, "none": not first, "confidence": _share([one.score for one in found])}

    def selection(self, page: Page) -> Answer:
        """The option nearest in spelling to its ranked list: a line's likeness to the option times the line's score."""
        options = page.options or ()
        found = self.ranked(shown_text(page), 10)
        letters = self._letters.transform([option.text for option in options])
        likeness = np.asarray((letters @ self._letters.transform([one.diagnosis for one in found]).T).todense())
        weights = (likeness * np.array([one.score for one in found])).max(axis=1)
        best = int(np.argmax(weights))
        return {"choice": options[best].label, "confidence": _share([float(weights[best]), *np.delete(weights, best)])}


def _share(scores: Sequence[float]) -> int:
    """The first score's share of all, in whole per cent; an even share where nothing speaks for any."""
    total = sum(scores)
    return round(100 * scores[0] / total) if total > 0 else round(100 / max(len(scores), 1))
