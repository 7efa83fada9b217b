"""A coordinator's calls: setting a study up, its life, its people, its export. None of them tells correctness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from study.codes import Code, new_code
from study.database.wire import CONFLICT, Refused
from study.desk._base import Desk, fresh_id, read
from study.desk.reader import VisitorDesk
from study.desk.staff import Cell, CellDetail, Invited, Linked, Matrix, Person, StudyRow, StudyStatus, Withdrawn

Json = Mapping[str, Any]
_STATES = {
    "a": "assigned",
    "r": "reading",
    "p": "paused",
    "c": "completed",
    "s": "skipped",
    "w": "withdrawn",
    "x": "excluded",
    "t": "technical",
    "f": "failed",
}


class CoordinatorDesk(VisitorDesk):
    """The calls of whoever runs a study; request ids are made here where none is given."""

    def studies(self) -> list[StudyRow]:
        """The studies in which the caller has a role beside reader."""
        return self._list(StudyRow, "studies")

    def find(self, slug: str) -> StudyRow:
        """The study of that short name; raises ``Refused`` (RS404) that lists those there are."""
        rows = self.studies()
        for row in rows:
            if slug in (row.slug, row.study):
                return row
        there = ", ".join(row.slug for row in rows) or "none yet"
        raise Refused("RS404", f"There is no study {slug!r} here; there are: {there}.")

    def status(self, study: str) -> StudyStatus:
        """Counts by state."""
        return self._read(StudyStatus, "study_status", study=study)

    def matrix(self, study: str) -> Matrix:
        """Readers by cases, as the projection has it: a cell for each case that a reader was given."""
        reply = self._call("matrix", study=study)
        # Cells that tell the state alone are the same for every reader.
        plain = [{sign: Cell(case=one["key"], state=_STATES[sign]) for sign in _STATES} for one in reply["cases"]]
        for reader in reply["readers"]:
            opened = {case: (step, steps, last) for case, step, steps, last in reader.pop("open")}
            cells = [column[sign] for column, sign in zip(plain, reader["cells"], strict=True) if sign != "."]
            reader["cells"] = [_open(cell, *opened[cell.case]) if cell.case in opened else cell for cell in cells]
        return read(Matrix, reply, "matrix")

    def matrix_reader(self, study: str, member: str) -> list[CellDetail]:
        """The readings of one reader in the matrix, with the handles by which they are reopened."""
        return self._list(CellDetail, "matrix_reader", study=study, member=member)

    def link(self, member: str, reason: str) -> Linked:
        """Which results are this reader's; the study's chain notes that it was asked, and why."""
        return self._read(Linked, "link_reader", member=member, reason=reason, request_id=fresh_id())

    def people(self, study: str) -> list[Person]:
        """Everybody with a role in the study, by name where one is kept."""
        return self._list(Person, "people", study=study)

    def open(self, study: str, warnings: Json, reasons: Json, key: str | None = None) -> None:
        """Freeze and open; every kind of warning needs its reason."""
        self._call(
            "open_study",
            study=study,
            warnings=dict(warnings),
            reasons=dict(reasons),
            request_id=key or fresh_id(),
        )

    def pause(self, study: str, reason: str) -> None:
        """Take no answers until resumed."""
        self._call("pause_study", study=study, reason=reason, request_id=fresh_id())

    def resume(self, study: str, reason: str) -> None:
        """Take answers again."""
        self._call("resume_study", study=study, reason=reason, request_id=fresh_id())

    def close(self, study: str, reason: str) -> None:
        """Take no more answers, ever."""
        self._call("close_study", study=study, reason=reason, request_id=fresh_id())

    def unblind(self, study: str, reason: str) -> None:
        """Let results be seen; the study must be closed."""
        self._call("unblind", study=study, reason=reason, request_id=fresh_id())

    def invite(
        self, study: str, role: str = "reader", name: str | None = None, email: str | None = None, trial: bool = False
    ) -> tuple[Invited, Code]:
        """A new member and the code that lets them in: it is shown now and never again."""
        arguments = {"study": study, "role": role, "name": name, "email": email, "trial": trial}
        return self._with_code("invite", arguments)

    def reissue(self, invitation: str) -> tuple[Invited, Code]:
        """A new code for the same member; the old one and its sessions end."""
        return self._with_code("reissue", {"invitation": invitation})

    def _with_code(self, function: str, arguments: Mapping[str, Any]) -> tuple[Invited, Code]:
        for left in reversed(range(5)):
            code = new_code()
            drawn = {"code_handle": code.handle, "code_hash": code.hash, "request_id": fresh_id()}
            try:
                return self._read(Invited, function, **arguments, **drawn), code
            except Refused as refusal:
                if refusal.code != CONFLICT or not left:
                    raise
        raise AssertionError("the last try returns or raises")

    def withdraw(self, member: str, mode: str, reason: str) -> Withdrawn:
        """Withdraw a reader: ``keep``, ``exclude`` or ``erase`` what they answered."""
        return self._read(Withdrawn, "withdraw_reader", member=member, mode=mode, reason=reason, request_id=fresh_id())

    def remove(self, member: str, reason: str) -> None:
        """Remove somebody who is no reader; raises ``Refused`` (RS409) for the study's only coordinator."""
        self._call("remove_member", member=member, reason=reason, request_id=fresh_id())

    def reopen(self, reading: str, reason: str) -> int:
        """Give a finished reading, named by its handle, a new attempt; returns the attempt's number."""
        reply = self._call("reopen_reading", reading=reading, reason=reason, request_id=fresh_id())
        return int(reply["attempt"])


def _open(cell: Cell, step: int, steps: int, last: str | None) -> Cell:
    return Cell.model_validate({**cell.model_dump(), "step": step, "steps": steps, "last": last})


class SetupDesk(Desk):
    """The calls that make a study; each carries a request id that follows from its content, so a repeat is none."""

    def create_study(
        self, slug: str, title: str, languages: Sequence[str], synthetic: bool, meta: Json, seed: int, key: str
    ) -> str:
        """A new draft study; returns its id."""
        reply = self._call(
            "create_study",
            slug=slug,
            title=title,
            languages=list(languages),
            synthetic=synthetic,
            meta=dict(meta),
            seed=str(seed),
            request_id=key,
        )
        return str(reply["study"])

    def add_media(self, study: str, sha256: str, mime: str, width: int, height: int, size: int, key: str) -> None:
        """Make an image known whose bytes are in the media store."""
        self._call(
            "add_media",
            study=study,
            sha256=sha256,
            mime=mime,
            width=width,
            height=height,
            bytes=size,
            request_id=key,
        )

    def add_case(self, study: str, content: Json, case_hash: str, key: str) -> None:
        """Add a case with its hash."""
        self._call("add_case", study=study, content=dict(content), hash=case_hash, request_id=key)

    def add_random_texts(self, study: str, texts: Sequence[Json], key: str) -> None:
        """The random words that stand in the place of texts, for a condition of models."""
        self._call("add_random_texts", study=study, items=[dict(text) for text in texts], request_id=key)

    def add_advice(self, study: str, advice: Sequence[Json], key: str) -> None:
        """The model's answers that readers are shown after their own: case, hash and content of each."""
        self._call("add_advice", study=study, items=[dict(one) for one in advice], request_id=key)

    def set_protocol(self, study: str, protocol: Json, protocol_hash: str, texts: Json, key: str) -> None:
        """Set the protocol with the texts rendered for it."""
        self._call(
            "set_protocol",
            study=study,
            protocol=dict(protocol),
            hash=protocol_hash,
            texts=dict(texts),
            request_id=key,
        )

    def add_script(self, study: str, script_hash: str, content: Json, key: str) -> None:
        """Add a compiled script."""
        self._call("add_script", study=study, hash=script_hash, content=dict(content), request_id=key)

    def add_allocation(self, study: str, pool: str, rows: Sequence[Any], generator: Json, key: str) -> None:
        """Append rows to a pool's plan."""
        self._call("add_allocation", study=study, pool=pool, rows=list(rows), generator=dict(generator), request_id=key)
