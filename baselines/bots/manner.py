"""How a bot behaves at the desk, and what it answers; it knows the truth from the bundle, never from the record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from study.answers import ASSISTED, task_of
from study.case import Case
from study.desk import Page
from study.draws import Draws

Kind = Literal["careful", "hurried", "returning", "disconnecting"]
Answer = dict[str, Any]


@dataclass(frozen=True)
class Manner:
    """A kind of reader: how often right, how sure, and what happens to its connection."""

    kind: Kind
    covers: int
    """Of 100 cases, how many have the truth on the list."""
    picks: int
    """Of 100 covered cases, how many are chosen rightly among the options."""
    lines: int
    drafts: bool = False
    doubles: bool = False
    leaves: bool = False
    drops: bool = False
    skips: int = 0
    """Of 100 cases, how many it skips."""
    follows: int = 50
    """Of 100 pieces of advice, how many it takes over."""
    flags: int = 0
    """Of 100 cases, how many it flags."""


MANNERS: tuple[Manner, ...] = (
    Manner("careful", covers=85, picks=92, lines=4, drafts=True, flags=20),
    Manner("hurried", covers=60, picks=80, lines=2, doubles=True, skips=8, follows=80),
    Manner("returning", covers=75, picks=88, lines=3, drafts=True, leaves=True),
    Manner("disconnecting", covers=70, picks=85, lines=3, drops=True),
)


@dataclass(frozen=True)
class Mind:
    """What one bot thinks of one case, drawn by its seed and the reading: the same page gets the same answer."""

    manner: Manner
    case: Case
    seed: str
    wrong: tuple[str, ...]
    """Diagnoses of other cases, as things that come to mind."""

    def _draws(self, what: str) -> Draws:
        return Draws("bot", self.seed, self.case.key, what)

    @property
    def covers(self) -> bool:
        """Whether the truth is on its list."""
        return self._draws("covers").below(100) < self.manner.covers

    def lines(self) -> list[str]:
        """The ranked list: the truth somewhere near the top if it covers it, else what comes to mind."""
        draws = self._draws("lines")
        distractors = [option.text for option in self.case.options if not option.right]
        lines = draws.shuffled([*distractors, *self.wrong])[: self.manner.lines]
        if self.covers:
            names = [self.case.diagnosis.name, *self.case.diagnosis.synonyms]
            lines.insert(min(draws.below(3), len(lines)), names[draws.below(len(names))])
        return lines[: self.manner.lines]

    def skips(self, page: Page) -> bool:
        """Whether it gives this case up here: once some evidence has been seen, before the options are."""
        asked = page.step >= 0 and page.options is None and page.current is not None and page.current.kind == "ddx"
        return asked and not page.case.practice and self._draws("skips").below(100) < self.manner.skips

    def flags(self, page: Page) -> bool:
        """Whether it flags the case here: once, at its options."""
        asked = page.current is not None and page.current.kind == "selection" and not page.flags
        return asked and self._draws("flags").below(100) < self.manner.flags

    def answer(self, page: Page) -> Answer:
        """The answer to the page's present step."""
        kind = page.current.kind if page.current else "show"
        if kind.startswith(ASSISTED):
            return self._again(page, task_of(kind))
        sure = 40 + self._draws(f"sure {kind}").below(56)
        if kind == "ddx":
            return {"lines": self.lines(), "none": False, "confidence": sure, "unchanged": False}
        if kind == "open":
            return {"diagnosis": self.lines()[0], "none": False, "confidence": sure}
        if kind == "selection":
            return {"choice": self._choice(page), "confidence": sure}
        if kind == "closing":
            return {
                "seen_before": ("no", "no", "unsure")[self._draws("seen").below(3)],
                "looked_up": False,
                "comment": "",
            }
        return {}

    def _again(self, page: Page, task: str) -> Answer:
        """The answer after advice: the model's where it follows it and the model has one, else its own as it was."""
        own = next(one.answer for one in reversed(page.answers) if one.kind == task)
        advice = page.advice
        if advice is None or self._draws("follows").below(100) >= self.manner.follows:
            return dict(own)
        if task == "ddx" and advice.ddx and advice.ddx["lines"]:
            return {**own, "lines": list(advice.ddx["lines"]), "none": False, "confidence": own.get("confidence") or 50}
        if task == "open" and advice.open and advice.open["diagnosis"]:
            return {"diagnosis": advice.open["diagnosis"], "none": False, "confidence": own.get("confidence") or 50}
        return {**own, "choice": advice.label} if task == "selection" and advice.label else dict(own)

    def _choice(self, page: Page) -> str:
        right = next((option.text for option in self.case.options if option.right), None)
        label = next((option.label for option in page.options or () if option.text == right), None)
        knows = self.covers and self._draws("picks").below(100) < self.manner.picks
        if knows and label:
            return label
        return self._draws("guess").shuffled(page.labels)[0]
