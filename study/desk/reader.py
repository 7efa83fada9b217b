"""A reader's calls. The same desk turns the pages of a clinician, a bot and a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from study.answers import parse_answer
from study.canonical import digest
from study.codes import token_hash
from study.desk._base import Desk, fresh_id, read, request_id
from study.desk.pages import DraftSaved, Failure, Feedback, Home, Me, Page, Ready, ShownImage, SignIn, Turned, Verdict

Json = Mapping[str, Any]
MANY = 200


class VisitorDesk(Desk):
    """The calls of whoever has come to the door, and of anybody signed in."""

    def sign_in(self, code: str, token: str, client: str = "") -> SignIn:
        """Try the invitation code; on success ``token`` is the session's from now on. ``client`` is for throttling."""
        return self._read(SignIn, "sign_in", code=code, token_hash=token_hash(token), client=client)

    def redeem(self, code: str) -> SignIn:
        """Take up an invitation as whoever is signed in: what it opens is theirs from now on."""
        return self._read(SignIn, "redeem", code=code)

    def sign_out(self) -> None:
        """End the session of this wire."""
        self._call("sign_out")

    def me(self) -> Me:
        """Who is signed in."""
        return self._read(Me, "me")


@dataclass(frozen=True)
class Turn:
    """One turn among many: lock ``step`` of ``reading`` with ``answer``, which is ``{}`` for evidence and to begin."""

    reading: str
    step: int
    attempt: int
    answer: Json
    client: Json | None = None

    def arguments(self) -> dict[str, Any]:
        """The arguments of the call; the request id follows from reading, step and attempt."""
        return {
            "reading": self.reading,
            "step": self.step,
            "attempt": self.attempt,
            "answer": dict(self.answer),
            "client": dict(self.client or {}),
            "request_id": request_id(self.reading, self.step, "turn", self.attempt),
        }


class ReadingDesk(Desk):
    """What is done to a reading, by its reader or by the runner of a model."""

    def open_reading(self, reading: str, visit: str | None = None) -> Page:
        """The page as it is now; begins nothing. A new ``visit`` is noted as a return."""
        return self._read(Page, "open_reading", reading=reading, visit=visit)

    def begin(self, page: Page, client: Json | None = None) -> Turned:
        """Begin an assigned reading: its first step is released."""
        return self.turn(page.reading, -1, page.attempt, {}, client)

    def answer(self, page: Page, answer: Json, client: Json | None = None) -> Turned:
        """Lock the page's current step; raises ``AnswerError`` before the call where the answer cannot be taken."""
        step = page.current.model_dump() if page.current else {"kind": "show"}
        checked = parse_answer(step, answer, page.labels)
        return self.turn(page.reading, page.step, page.attempt, checked.wire(), client)

    def turn(self, reading: str, step: int, attempt: int, answer: Json, client: Json | None = None) -> Turned:
        """Lock ``step`` (-1 begins) and release the next. The same turn again gives the same verdict."""
        return self._read(Turned, "turn", **Turn(reading, step, attempt, answer, client).arguments())

    def turns(self, turns: Sequence[Turn]) -> list[Verdict | Failure]:
        """Many turns in calls of at most 200, each with its own verdict or failure, in the order given."""
        verdicts: list[Verdict | Failure] = []
        for start in range(0, len(turns), MANY):
            items = [{"function": "turn", "arguments": turn.arguments()} for turn in turns[start : start + MANY]]
            for reply in self._call("turns", items=items):
                failed = reply.get("error")
                verdicts.append(read(Failure, failed, "turns") if failed else read(Verdict, reply, "turns"))
        return verdicts

    def skip(self, page: Page, reason: str) -> Turned:
        """Skip the case, before its options are shown."""
        key = request_id(page.reading, page.step, "skip", page.attempt)
        return self._read(Turned, "skip_case", reading=page.reading, step=page.step, reason=reason, request_id=key)

    def flag(self, page: Page, kind: str, text: str = "", step: int | None = None) -> Turned:
        """Flag a problem; the same flag with the same text at the same step is one flag."""
        at = page.step if step is None else step
        key = request_id(page.reading, at, "flag", page.attempt, kind, digest(text))
        return self._read(Turned, "flag", reading=page.reading, step=at, kind=kind, words=text, request_id=key)

    def pause(self, page: Page, key: str | None = None) -> Turned:
        """Pause: the evidence is covered and no time counts. ``key`` is the request id, for a repeat."""
        return self._read(Turned, "pause", reading=page.reading, request_id=key or fresh_id())

    def resume(self, page: Page, key: str | None = None) -> Turned:
        """Go on after a pause."""
        return self._read(Turned, "resume", reading=page.reading, request_id=key or fresh_id())

    def save_draft(self, reading: str, step: int, attempt: int, tab: str, number: int, body: Json) -> DraftSaved:
        """Keep a draft; only a newer number replaces an older one, and after the lock none does."""
        return self._read(
            DraftSaved,
            "save_draft",
            reading=reading,
            step=step,
            attempt=attempt,
            tab=tab,
            number=number,
            body=dict(body),
        )

    def mark_ready(self, reading: str, step: int, attempt: int, client: Json | None = None) -> Ready:
        """Say that all evidence of the step is on screen; the first time counts."""
        key = request_id(reading, step, "ready", attempt)
        return self._read(
            Ready,
            "mark_ready",
            reading=reading,
            step=step,
            attempt=attempt,
            client=dict(client or {}),
            request_id=key,
        )

    def save_telemetry(self, reading: str, step: int, attempt: int, tab: str, number: int, body: Json) -> None:
        """Keep what the browser measured, totals since the step opened in this tab."""
        self._call(
            "save_telemetry", reading=reading, step=step, attempt=attempt, tab=tab, number=number, body=dict(body)
        )

    def evidence_image(self, reading: str, sha256: str) -> ShownImage:
        """The image's study, type and size, where this reading has shown it; else ``Refused`` with RS404."""
        return self._read(ShownImage, "evidence_image", reading=reading, sha256=sha256)

    def feedback(self, reading: str) -> Feedback:
        """The truth, where the protocol gives it after this reading."""
        return self._read(Feedback, "feedback", reading=reading)


class ReaderDesk(VisitorDesk, ReadingDesk):
    """A reader in a study: consent, profile, instructions, readings, leaving."""

    def home(self, study: str) -> Home:
        """The study, its texts, the reader's standing and readings."""
        return self._read(Home, "study_home", study=study)

    def consent(self, study: str, decision: str, version: str) -> None:
        """Give or decline consent (``given``, ``declined``) to the text of this version."""
        self._call("consent", study=study, decision=decision, version=version, request_id=fresh_id())

    def save_profile(self, study: str, profile: Json, languages: Sequence[str]) -> None:
        """Keep the profile and the languages in order of preference; the first time gives out the readings."""
        self._call("save_profile", study=study, profile=dict(profile), languages=list(languages), request_id=fresh_id())

    def instructed(self, study: str) -> None:
        """Say that the instructions were read."""
        self._call("instructed", study=study, request_id=fresh_id())

    def leave(self, study: str, mode: str, reason: str = "") -> None:
        """Leave the study: ``keep``, ``exclude`` or ``erase`` what was answered."""
        key = request_id(study, "leave", mode, digest(reason))
        self._call("leave_study", study=study, mode=mode, reason=reason, request_id=key)
