"""What a call of the record is to the tests: its arguments in a world, who may, and the words to build them with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.record.world import World

Arguments = dict[str, Any]

# A newcomer is somebody whom Supabase Auth has just signed in: known to it, and to nobody here yet.
# Whoever was mailed a code has a session that it began, and no study.
EVERYBODY = {
    "visitor",
    "newcomer",
    "mailed",
    "reader",
    "fellow",
    "left",
    "foreign reader",
    "foreign coordinator",
    "owner",
} | {
    "coordinator",
    "runner",
    "grader",
    "analyst",
}
SIGNED_IN = EVERYBODY - {"visitor", "newcomer"}
COORDINATORS = {"coordinator", "owner"}
STAFF = {"coordinator", "owner", "runner", "grader", "analyst"}
READERS = {"reader", "fellow"}


@dataclass(frozen=True)
class Call:
    """One call that succeeds for ``allowed`` and nobody else; ``wrong`` are arguments that even they are refused."""

    function: str
    allowed: set[str]
    arguments: Callable[[World], Arguments]
    wrong: Callable[[World], Arguments] | None = None
    code: str = "RS400"
    stage: str = "open"
    label: str = ""
    on_supabase: set[str] | None = None  # who may there, where it is not who may in the box

    def may(self, world: World) -> set[str]:
        """Those for whom it succeeds in this world's home."""
        return self.allowed if world.home.kind == "box" or self.on_supabase is None else self.on_supabase

    @property
    def name(self) -> str:
        """What the call is called in a report."""
        return f"{self.function} {self.label}".strip()

    def build(self, world: World) -> Arguments:
        """The arguments with a fresh request id where the function takes one."""
        return fresh(self.arguments(world))


def fresh(arguments: Arguments) -> Arguments:
    """The same arguments; the mark ``NEW`` becomes a new uuid."""
    return {name: str(uuid4()) if value is NEW else value for name, value in arguments.items()}


NEW = object()
ANYONE = {"about", "sign_in", "session_tokens", "renew_session"}
HEX = "ab" * 32


def in_study(**more: Any) -> Callable[[World], Arguments]:
    """The study's id, and more."""
    return lambda w: {"study": w.study} | more


def on(place: int, persona: str = "reader", **more: Any) -> Callable[[World], Arguments]:
    """The id of a reading of theirs, by its place."""
    return lambda w: {"reading": w.readings[persona][place]} | more


def act_on(place: int, step: int, persona: str = "reader", **more: Any) -> Callable[[World], Arguments]:
    """A step of a reading of theirs."""
    return on(place, persona, step=step, attempt=1, **more)


ANSWER: Arguments = {"answer": {}, "client": {}, "request_id": NEW}
DRAFT: Arguments = {"tab": "t", "number": 1, "body": {}}
REASON: Arguments = {"reason": "as planned", "request_id": NEW}
CODE: Arguments = {"code_handle": "ZZZ0", "code_hash": HEX, "request_id": NEW}
NO_ROWS: Arguments = {"pool": "en", "rows": [], "generator": {}, "request_id": NEW}
NEW_STUDY: Arguments = {
    "title": "New",
    "languages": ["en"],
    "synthetic": True,
    "meta": {},
    "seed": "1",
    "request_id": NEW,
}
GRADE: Arguments = {"case": "alpha", "line": "Gout", "scale": "six", "version": "1", "grade": 5}


def turns_on(place: int) -> Callable[[World], Arguments]:
    """One turn, in a call that takes many."""

    def build(w: World) -> Arguments:
        arguments = fresh(act_on(place, 1, **ANSWER)(w))
        return {"items": [{"function": "turn", "arguments": arguments}]}

    return build


def code_of(persona: str, **more: Any) -> Callable[[World], Arguments]:
    """A persona's invitation."""
    return lambda w: {"invitation": w.invitations[persona]} | more


def member(persona: str, **more: Any) -> Callable[[World], Arguments]:
    """A persona as the coordinator's screens name them."""
    return lambda w: {"member": w.members[persona]} | more


def arriving(**more: Any) -> Callable[[World], Arguments]:
    """The study whose arrival has not ended."""
    return lambda w: {"study": w.arriving} | more


def handle(place: int, **more: Any) -> Callable[[World], Arguments]:
    """The handle of the reader's reading in this place: practice first, as the matrix has its cases."""

    def build(w: World) -> Arguments:
        found: Any = w.home.owner.call("matrix_reader", study=w.study, member=w.members["reader"])
        state = ("completed", "reading")[place]
        return {"reading": next(one["reading"] for one in found if one["state"] == state)} | more

    return build
