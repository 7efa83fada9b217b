"""The retrieval baseline: the diagnoses of those labelled cases whose words are nearest to the evidence shown so far.

It reads words alone. Of an image it has the title and the caption, as any reader has, and says so in its details.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from baselines.collection import TWIN, Labelled, LeaveOut, evidence_text, shown_text, terms, usable
from baselines.reader import Given
from scoring.matching import normalise
from study.desk import Page
from study.draws import Draws

DEPTH = 10
Vector: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Ranked:
    """A diagnosis with its similarity in [0, 1] to the evidence shown."""

    diagnosis: str
    score: float


class Retrieval:
    """TF-IDF over a labelled collection; the case being read is left out of it."""

    name = "retrieval"

    def __init__(self, collection: Sequence[Labelled], source: str) -> None:
        """Fit on the collection, whose origin ``source`` names; raises ``StudyError`` where it holds no words."""
        self.collection = usable(collection, source)
        self.source = source
        self._leave_out = LeaveOut(self.collection)
        self._terms = TfidfVectorizer(analyzer=terms, sublinear_tf=True)
        self._rows = self._terms.fit_transform([case.text for case in self.collection])
        self._languages = {case.language for case in self.collection}

    @property
    def details(self) -> Mapping[str, Any]:
        """What is stored about it."""
        return {
            "kind": "retrieval",
            "version": "2",
            "collection": self.source,
            "cases": len(self.collection),
            "left_out": f"cases that repeat {TWIN:.0%} of the wording shown, their twins and translations",
            "reads": "text, titles, captions and findings that are shown",
            "cannot_read": "images",
        }

    def ranked(self, page: Page, most: int) -> list[Ranked]:
        """The nearest diagnoses, best first, each once; none that shares no word with the evidence shown."""
        left_out = self._leave_out.of(evidence_text(page))
        similar = self._similar(shown_text(page))
        best: dict[str, Ranked] = {}
        for index in np.argsort(-similar, kind="stable"):
            case, score = self.collection[index], float(similar[index])
            if score <= 0 or len(best) == most:
                break
            if index not in left_out and self._speaks(case, page):
                best.setdefault(normalise(case.diagnosis), Ranked(case.diagnosis, round(score, 4)))
        return list(best.values())

    def _similar(self, text: str) -> Vector:
        """Cosine similarities to the collection."""
        return np.asarray((self._rows @ self._terms.transform([text]).T).todense(), dtype=float).ravel()

    def _speaks(self, case: Labelled, page: Page) -> bool:
        """Whether the case is in the reading's language, where the collection has any in it."""
        return case.language == page.case.language or page.case.language not in self._languages

    def ddx(self, page: Page) -> Given:
        """The nearest diagnoses up to the cap; the confidence is the first one's share of their similarity."""
        step = page.current
        found = self.ranked(page, step.cap if step and step.cap else 5)
        lines = [one.diagnosis for one in found]
        if step and (lines or not step.cannot_name):
            lines += self._drawn(page, lines, max(step.min_lines, 1))
        return Given(
            {"lines": lines, "none": not lines, "confidence": _share([one.score for one in found])}, _notes(found)
        )

    def open(self, page: Page) -> Given:
        """The first of its own list."""
        found = self.ranked(page, 5)
        lines = [one.diagnosis for one in found] or list((page.previous or {}).get("lines") or [])
        if not lines and page.current and not page.current.cannot_name:
            lines = self._drawn(page, [], 1)
        first = lines[0] if lines else ""
        answer = {"diagnosis": first, "none": not first, "confidence": _share([one.score for one in found])}
        return Given(answer, _notes(found))

    def selection(self, page: Page) -> Given:
        """The option nearest in spelling to its ranked list: a line's likeness to the option times the line's score."""
        options = [option.text for option in page.options or ()]
        found = self.ranked(page, DEPTH)
        weights = _weights(options, found)
        if not weights.any():
            draw = _draws(page).below(len(options))
            answer = {"choice": page.labels[draw], "confidence": round(100 / len(options))}
            return Given(answer, {**_notes(found), "drawn": True})
        best = int(np.argmax(weights))
        others = [float(weight) for weight in np.delete(weights, best)]
        answer = {"choice": page.labels[best], "confidence": _share([float(weights[best]), *others])}
        nearness = dict(zip(page.labels, np.round(weights, 4).tolist(), strict=True))
        return Given(answer, {**_notes(found), "options": nearness})

    def _drawn(self, page: Page, lines: Sequence[str], least: int) -> list[str]:
        """Diagnoses drawn to fill a list up to the least that the step takes."""
        known = {normalise(line) for line in lines}
        rest = sorted({case.diagnosis for case in self.collection if normalise(case.diagnosis) not in known})
        return _draws(page).shuffled(rest)[: max(least - len(lines), 0)]


def _draws(page: Page) -> Draws:
    return Draws("retrieval", page.script, page.case.position, page.attempt, page.step)


def _weights(options: Sequence[str], found: Sequence[Ranked]) -> Vector:
    """For each option the best product of a found diagnosis' score and its likeness in spelling to the option."""
    if not found:
        return np.zeros(len(options))
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4))
    rows = letters.fit_transform([*options, *(one.diagnosis for one in found)])
    likeness = np.asarray((rows[: len(options)] @ rows[len(options) :].T).todense())
    best: Vector = (likeness * [one.score for one in found]).max(axis=1)
    return best


def _notes(found: Sequence[Ranked]) -> dict[str, Any]:
    """The ranked list with its scores, kept beside the answer."""
    return {"ranked": [[one.diagnosis, one.score] for one in found]}


def _share(scores: Sequence[float]) -> int:
    """The first score's share of all, in whole per cent; an even share where nothing speaks for any."""
    total = sum(scores)
    return round(100 * scores[0] / total) if total > 0 else round(100 / max(len(scores), 1))
