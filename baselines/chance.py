"""The chance baseline: what answers that ignore the case look like under the same script and the same grading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from baselines.reader import Given
from study.database import StudyError
from study.desk import Page
from study.draws import Draws


class Chance:
    """Draws diagnoses and options at random, by a seed of its own, the script and the case's place in its order."""

    name = "chance"

    def __init__(self, diagnoses: Mapping[str, Sequence[str]], seed: int = 0) -> None:
        """Draw differentials from ``diagnoses``, names by language; another language takes from all of them."""
        self.diagnoses = {tongue: sorted(set(names)) for tongue, names in diagnoses.items() if names}
        self.everything = sorted({name for names in self.diagnoses.values() for name in names})
        self.seed = seed
        if not self.everything:
            raise StudyError("The chance baseline has no diagnosis to draw: name a collection that has some.")

    @property
    def details(self) -> Mapping[str, Any]:
        """What is stored about it."""
        return {"kind": "chance", "version": "2", "seed": self.seed, "diagnoses": len(self.everything)}

    def _draws(self, page: Page) -> Draws:
        return Draws("chance", self.seed, page.script, page.case.position, page.attempt, page.step)

    def _names(self, page: Page) -> list[str]:
        return self.diagnoses.get(page.case.language, self.everything)

    def ddx(self, page: Page) -> Given:
        """As many different diagnoses as count, each as likely as any."""
        cap = page.current.cap if page.current and page.current.cap else 5
        names = self._names(page)
        lines = self._draws(page).shuffled(names)[:cap]
        return Given({"lines": lines, "none": False, "confidence": _per_cent(len(names))})

    def open(self, page: Page) -> Given:
        """The first of the own list."""
        lines = (page.previous or {}).get("lines") or self.ddx(page).answer["lines"]
        return Given({"diagnosis": lines[0], "none": False, "confidence": _per_cent(len(self._names(page)))})

    def selection(self, page: Page) -> Given:
        """Any option."""
        labels = page.labels
        return Given({"choice": self._draws(page).shuffled(labels)[0], "confidence": _per_cent(len(labels))})


def _per_cent(choices: int) -> int:
    return round(100 / choices)
