"""Short words for what the tests of moving do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from study.codes import Code, new_token, token_hash
from study.database import Box, Record, Wire
from study.database.wire import StudyError
from study.moving.move import Moved, move
from study.moving.side import Side
from tests.home import BoxHome
from tests.small_study import SmallStudy, small_study

WROTE = ["Gout", "Flu"]


def quiet(what: str, done: int, total: int) -> None:
    """Hear nothing."""


def moved(here: Record, there: Record, made: SmallStudy) -> Moved:
    """Move it, and see that all of it holds on the other side."""
    done = move(here, there, made.study, quiet)
    assert done.verdict.faults == ()
    assert done.verdict.unchecked == ()
    return done


class Stopped(Exception):
    """The move ends here."""


def stop_at(stage: str, rows: int = 0) -> Callable[[str, int, int], None]:
    """A listener that ends the move once so many rows of a stage are done."""

    def tell(what: str, done: int, total: int) -> None:
        if what == stage and done >= rows:
            raise Stopped

    return tell


def half_moved(here: Record, there: Record, made: SmallStudy, stage: str = "comparing rows", rows: int = 0) -> None:
    """Move it, but not to the end."""
    try:
        move(here, there, made.study, stop_at(stage, rows))
    except Stopped:
        return
    raise AssertionError(f"the move went past {stage}")


def rows(record: Record, study: str) -> dict[str, list[str]]:
    """Every row of the study that moves, as text."""
    side = Side(record, study)
    return {part: [row.text for row in side.rows(part)] for part, _ in side.manifest().extent.parts}


def count(box: Box, table: str) -> int:
    """How many rows a table has."""
    with BoxHome(box).database() as conn:
        row = conn.execute(f"select count(*) from study.{table}".encode()).fetchone()
    assert row is not None
    return int(row[0])


@dataclass
class Played:
    """A paused study with codes: one reader in the middle of a case, one invited, one erased, and a model."""

    made: SmallStudy
    codes: dict[str, Code] = field(default_factory=dict)
    pages: dict[str, dict[str, Any]] = field(default_factory=dict)


def join(made: SmallStudy, box: Box, code: Code) -> Wire:
    """Sign in by a code."""
    token = new_token()
    reply: Any = box.wire(None).call("sign_in", code=code.text, token_hash=token_hash(token), client=uuid4().hex)
    if not reply["ok"]:
        raise StudyError(reply["reason"])
    return box.wire(token)


def invite(made: SmallStudy) -> Code:
    """A reader's code."""
    return made.invite(email="one@example.org")[1]


def played(box: Box, models: int = 1) -> Played:
    """Play it, and pause it."""
    study = Played(small_study(box, places=6 + models))
    made = study.made
    study.codes["half"] = code = invite(made)
    study.codes["invited"] = invite(made)
    wire = join(made, box, code)
    made.act("consent", wire, study=made.study, decision="given", version="1")
    made.act("save_profile", wire, study=made.study, profile={"years": "5-9"}, languages=["en"])
    first, second = made.readings(wire)[:2]
    made.read(wire, first["reading"], WROTE)
    study.pages["half"] = made.read(wire, second["reading"], WROTE, upto=2)
    where = {"reading": second["reading"], "step": 2, "attempt": 1, "tab": "t", "number": 1}
    wire.call("save_draft", **where, body={"lines": ["G\u00fc"]})
    wire.call("save_telemetry", **where, body={"visible_ms": 4.50})
    made.read_all(made.add_reader(), ["Unmistakable words"])
    made.act("withdraw_reader", member=made.members[0], mode="erase", reason="asked")
    for number in range(models):
        made.add_model(f"model {number}", WROTE)
    made.act("pause_study", study=made.study, reason="moving")
    return study


def graded(made: SmallStudy) -> None:
    """Grade a line of it; it must be closed."""
    grade = {"case": "beta", "scale": "bond", "version": "1", "grade": 2, "note": "=a\nb"}
    for line in WROTE:
        made.act("save_grades", study=made.study, items=[{**grade, "line": line}])
