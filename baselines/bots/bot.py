"""One bot: it joins by its code, consents, practises and reads every case, with the troubles of its kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid5

from baselines.bots.manner import Manner, Mind
from study.bundle import Bundle
from study.case import Case
from study.codes import new_token
from study.database import StudyError, Wire
from study.desk import Page, ReaderDesk

Wires = Callable[[str | None], Wire]
OPEN = ("assigned", "reading", "paused")


class Overtaken(StudyError):
    """The record said something that a reader of this kind must never be told."""


@dataclass
class Bot:
    """A simulated reader; ``wires`` gives the wire of a session token, as a browser's cookie does."""

    wires: Wires
    study: str
    code: str
    manner: Manner
    seed: str
    bundle: Bundle
    languages: Sequence[str] = ("en",)
    token: str = field(default_factory=new_token)
    turns: int = 0

    def join(self) -> None:
        """From the invitation to the first page: sign in, consent, profile, instructions."""
        self.sign_in()
        home = self.desk.home(self.study)
        if home.member.state != "consented":
            self.desk.consent(self.study, "given", home.text("consent", "en").version)
        if not home.member.languages:
            profile = {"specialty": "simulated", "years": "10-19", "position": "specialist"}
            self.desk.save_profile(self.study, profile, self.languages)
        self.desk.instructed(self.study)

    @property
    def desk(self) -> ReaderDesk:
        """The desk of the present session."""
        return ReaderDesk(self.wires(self.token))

    def sign_in(self) -> None:
        """A new session by the same code, as on another device."""
        self.token = new_token()
        signed = ReaderDesk(self.wires(None)).sign_in(self.code, self.token, f"bot {self.seed}")
        if not signed.ok:
            raise Overtaken(f"The code of bot {self.seed} was refused: {signed.reason}.")

    def waiting(self) -> list[str]:
        """The readings not yet finished, in order."""
        return [row.reading for row in self.desk.home(self.study).readings if row.state in OPEN]

    def read(self, reading: str) -> None:
        """Read one case to its end."""
        page = self.desk.open_reading(reading, self._visit(reading, 0))
        while page.state in OPEN:
            page = self.desk.resume(page).page if page.state == "paused" else self.step(page)

    def step(self, page: Page) -> Page:
        """One page: look, perhaps draft, perhaps leave and come back, then lock; returns the next page."""
        mind = self._mind(page)
        if page.step >= 0:
            self.desk.mark_ready(page.reading, page.step, page.attempt, {"client_ms": 250.0})
        page = self._troubled(page, mind)
        self.turns += 1
        answer = mind.answer(page)
        turned = self.desk.turn(page.reading, page.step, page.attempt, answer, {"client_ms": 4000.0})
        if self.manner.doubles:
            again = self.desk.turn(page.reading, page.step, page.attempt, answer, {"client_ms": 4000.0})
            if again.verdict != turned.verdict:
                raise Overtaken("A turn sent twice was answered in two ways.")
        return turned.page

    def _troubled(self, page: Page, mind: Mind) -> Page:
        if self.manner.drafts and page.current and page.current.kind == "ddx":
            self.desk.save_draft(page.reading, page.step, page.attempt, self.seed, self.turns + 1, mind.answer(page))
        if self.manner.leaves and page.step == 1:
            self.desk.pause(page)
            self.sign_in()
            page = self.desk.resume(page).page
        if self.manner.drops and page.step in (0, 2):
            page = self.desk.open_reading(page.reading, self._visit(page.reading, page.step + 1))
        return page

    def _visit(self, reading: str, number: int) -> str:
        return str(uuid5(UUID(reading), f"{self.seed} {number}"))

    def _mind(self, page: Page) -> Mind:
        case = self._case(page)
        others = tuple(
            c.diagnosis.name for c in self.bundle.cases if c.diagnosis.name != case.diagnosis.name and not c.practice
        )
        return Mind(self.manner, case, self.seed, others)

    def _case(self, page: Page) -> Case:
        """The case being read, recognised as its author would: by its first block."""
        shown = {block.id: block.text for block in page.blocks if block.text}
        for case in self.bundle.cases:
            if (
                all(shown.get(block.id) == block.text for block in case.evidence if block.text and block.id in shown)
                and shown
            ):
                return case
        return self.bundle.cases[0]


def by_language(bundle: Bundle) -> Mapping[str, int]:
    """How many cases the bundle has in each language."""
    return {tongue: sum(case.language == tongue for case in bundle.cases) for tongue in bundle.study.languages}
