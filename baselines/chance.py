"""The chance baseline: what answers that ignore the case look like under the same script and the same grading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from baselines.reader import Answer
from study.desk import Page
from study.draws import Draws


class Chance:
    """Draws diagnoses and options at random, by a seed of its own and the reading's id."""

    name = "chance"

    def __init__(self, diagnoses: Sequence[str], seed: int = 0) -> None:
        """Draw differentials from ``diagnoses``, one or more different names."""
        self.diagnoses = sorted(set(diagnoses))
        self.seed = seed

    @property
    def details(self) -> Mapping[str, Any]:
        """What is stored about it."""
        return {"kind": "chance", "version": "1", "seed": self.seed, "diagnoses": len(self.diagnoses)}

    def _draws(self, page: Page) -> Draws:
        return Draws("chance", self.seed, page.reading, page.step)

    def ddx(self, page: Page) -> Answer:
        """As many different diagnoses as count, each as likely as any."""
        cap = page.current.cap if page.current and page.current.cap else 5
        chosen = self._draws(page).shuffled(self.diagnoses)[:cap]
        return {
            "lines": chosen,
            "none": False,
            "confidence": self._per_cent(len(self.diagnoses)),
        }

    def open(self, page: Page) -> Answer:
        """The first of the own list."""
        lines = (page.previous or {}).get("lines") or self.ddx(page)["lines"]
        return {"diagnosis": lines[0], "none": False, "confidence": self._per_cent(len(self.diagnoses))}

    def selection(self, page: Page) -> Answer:
        """Any option."""
        return {"choice": self._draws(page).shuffled(page.labels)[0], "confidence": self._per_cent(len(page.labels))}

    @staticmethod
    def _per_cent(choices: int) -> int:
        return round(100 / choices)
