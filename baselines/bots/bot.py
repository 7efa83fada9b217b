"""One bot: it joins by its code, consents, practises and reads every case, with the troubles of its kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid5

from baselines.bots.ledger import Entry, Kind, Told, unheard
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
    told: Told = unheard
    """Hears of every write once the record has acknowledged it."""
    token: str = field(default_factory=new_token)
    turns: int = 0

    def join(self) -> None:
        """From the invitation to the first page: sign in, consent, profile, instructions; what is done stays done."""
        self.sign_in()
        self.settle()

    def settle(self) -> None:
        """From the door to the first page, whichever way this session was begun."""
        home = self.desk.home(self.study)
        if home.member.state != "consented":
            self.desk.consent(self.study, "given", home.text("consent", "en").version)
        if not home.member.languages:
            profile = {"specialty": "simulated", "years": "10-19", "position": "specialist"}
            self.desk.save_profile(self.study, profile, self.languages)
        if home.member.instructed_at is None:
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

    def read_all(self) -> None:
        """Read every case that waits, practice first, and look at the feedback where the protocol gives any."""
        home = self.desk.home(self.study)
        gives = (home.protocol or {}).get("feedback", "none")
        for row in home.readings:
            if row.state in OPEN:
                page = self.read(row.reading)
                if page.state == "completed" and (gives == "after_reading" or (gives == "practice" and row.practice)):
                    self._feedback(page)

    def read(self, reading: str) -> Page:
        """Read one case to its end."""
        page = self.desk.open_reading(reading, self._visit(reading, 0))
        while page.state in OPEN:
            page = self.desk.resume(page).page if page.state == "paused" else self.step(page)
        return page

    def step(self, page: Page) -> Page:
        """One page: look, perhaps draft, perhaps leave and come back, then lock; returns the next page."""
        mind = self._mind(page)
        if page.step >= 0:
            self.desk.mark_ready(page.reading, page.step, page.attempt, {"client_ms": 250.0})
        page = self._troubled(page, mind)
        if mind.skips(page):
            after = self.desk.skip(page, "Simulated: too far from my field.").page
            self._tell("skipped", page, {"reason": "Simulated: too far from my field."})
            return after
        return self._lock(page, mind.answer(page))

    def _lock(self, page: Page, answer: dict[str, object]) -> Page:
        self.turns += 1
        turned = self.desk.turn(page.reading, page.step, page.attempt, answer, {"client_ms": 4000.0})
        if turned.verdict.ok:
            self._tell("locked", page, answer)
        if self.manner.doubles:
            again = self.desk.turn(page.reading, page.step, page.attempt, answer, {"client_ms": 4000.0})
            if again.verdict != turned.verdict:
                raise Overtaken("A turn sent twice was answered in two ways.")
        return turned.page

    def _troubled(self, page: Page, mind: Mind) -> Page:
        if self.manner.drafts and page.current and page.current.kind == "ddx":
            self._draft(page, mind.answer(page))
        if mind.flags(page):
            page = self.desk.flag(page, "ambiguous", "Simulated: two of these fit.").page
            self._tell("flagged", page, {"kind": "ambiguous"})
        if self.manner.leaves and page.step == 1:
            self.desk.pause(page)
            self.sign_in()
            page = self.desk.resume(page).page
        if self.manner.drops and page.step in (0, 2):
            page = self.desk.open_reading(page.reading, self._visit(page.reading, page.step + 1))
        return page

    def _draft(self, page: Page, body: dict[str, object]) -> None:
        number = page.draft.number + 1 if page.draft else 1
        saved = self.desk.save_draft(page.reading, page.step, page.attempt, self.seed, number, body)
        if saved.state == "saved":
            self._tell("draft", page, body)

    def _feedback(self, page: Page) -> None:
        """Look at the truth, which must be the case's."""
        told = self.desk.feedback(page.reading).diagnosis["name"]
        if told != self._case(page).diagnosis.name:
            raise Overtaken(f"The feedback names {told!r}, which is not the diagnosis of the case that was read.")

    def _tell(self, kind: Kind, page: Page, what: dict[str, object]) -> None:
        self.told(Entry(kind, page.reading, page.step, page.attempt, what))

    def _visit(self, reading: str, number: int) -> str:
        return str(uuid5(UUID(reading), f"{self.seed} {number}"))

    def _mind(self, page: Page) -> Mind:
        case = self._case(page)
        others = tuple(
            c.diagnosis.name
            for c in self.bundle.cases
            if c.diagnosis.name != case.diagnosis.name and c.language == case.language and not c.practice
        )
        return Mind(self.manner, case, self.seed, others)

    def _case(self, page: Page) -> Case:
        """The case being read, recognised as its author would: by the words and findings that are shown."""
        shown = {(block.id, words) for block in page.blocks if (words := block.text or block.finding)}
        for case in self.bundle.cases:
            if shown and shown <= {(block.id, block.text or block.finding) for block in case.evidence}:
                return case
        return self.bundle.cases[0]
