"""Every function of the record: at which stage it can be called, with what, and who may. The one table of verdicts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.record.world import LEASE, World
from tests.small_study import IMAGE

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


def _study(**more: Any) -> Callable[[World], Arguments]:
    return lambda w: {"study": w.study} | more


def _on(place: int, persona: str = "reader", **more: Any) -> Callable[[World], Arguments]:
    return lambda w: {"reading": w.readings[persona][place]} | more


def _act(place: int, step: int, persona: str = "reader", **more: Any) -> Callable[[World], Arguments]:
    return _on(place, persona, step=step, attempt=1, **more)


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


def _turns(place: int) -> Callable[[World], Arguments]:
    def build(w: World) -> Arguments:
        arguments = fresh(_act(place, 1, **ANSWER)(w))
        return {"items": [{"function": "turn", "arguments": arguments}]}

    return build


def _code_of(persona: str, **more: Any) -> Callable[[World], Arguments]:
    return lambda w: {"invitation": w.invitations[persona]} | more


def _member(persona: str, **more: Any) -> Callable[[World], Arguments]:
    return lambda w: {"member": w.members[persona]} | more


def _arriving(**more: Any) -> Callable[[World], Arguments]:
    return lambda w: {"study": w.arriving} | more


def _handle(place: int, **more: Any) -> Callable[[World], Arguments]:
    """The handle of the reader's reading in this place: practice first, as the matrix has its cases."""

    def build(w: World) -> Arguments:
        found: Any = w.home.owner.call("matrix_reader", study=w.study, member=w.members["reader"])
        state = ("completed", "reading")[place]
        return {"reading": next(one["reading"] for one in found if one["state"] == state)} | more

    return build


CALLS = [
    # whoever comes
    Call("about", EVERYBODY, lambda _: {}),
    Call(
        "sign_in",
        EVERYBODY,
        lambda _: {"code": "0000-0000", "token_hash": HEX, "client": "c"},
        lambda _: {"code": "0000-0000", "token_hash": "short", "client": "c"},
        on_supabase=set(),
    ),
    Call("enter", {"newcomer"}, lambda _: {"token_hash": HEX, "sealed": "s"}),
    Call(
        "session_tokens",
        EVERYBODY,
        lambda w: {"token": w.sealed_token, "lease": NEW},
        lambda _: {"token": "nobody's"},
        "RS401",
    ),
    Call(
        "renew_session",
        EVERYBODY,
        lambda w: {"token": w.sealed_token, "lease": LEASE, "sealed": "anew"},
        lambda w: {"token": w.sealed_token, "lease": NEW, "sealed": "anew"},
        "RS409",
    ),
    # whoever is signed in, about themselves
    Call("password_set", {"mailed"}, lambda _: {}, on_supabase=SIGNED_IN),
    Call("redeem", SIGNED_IN, lambda _: {"code": "0000-0000"}),
    Call("me", SIGNED_IN, lambda _: {}),
    Call("studies", SIGNED_IN, lambda _: {}),
    Call("sign_out", SIGNED_IN, lambda _: {}),
    Call(
        "another_session",
        SIGNED_IN,
        lambda _: {"token_hash": HEX},
        lambda _: {"token_hash": "short"},
        on_supabase=set(),
    ),
    # readers, in their own study
    Call("study_home", READERS | {"left"}, _study()),
    Call(
        "consent",
        READERS,
        _study(decision="given", version="1", request_id=NEW),
        _study(decision="perhaps", version="1", request_id=NEW),
    ),
    Call(
        "save_profile",
        READERS,
        _study(profile={}, languages=["en"], request_id=NEW),
        _study(profile={}, languages=["xx"], request_id=NEW),
    ),
    Call("instructed", READERS, _study(request_id=NEW)),
    Call(
        "leave_study",
        READERS | {"left"},
        _study(mode="erase", **REASON),
        _study(mode="burn", **REASON),
    ),
    # one reader's reading
    Call("open_reading", {"reader"}, _on(1, visit=NEW)),
    Call("turn", {"reader"}, _act(1, 1, **ANSWER), _act(1, 1, **ANSWER | {"answer": {"lines": []}})),
    Call("turns", {"reader"}, _turns(1), lambda _: {"items": {}}),
    Call("save_draft", {"reader"}, _act(1, 2, **DRAFT), _act(1, 2, **DRAFT | {"body": []})),
    Call("mark_ready", {"reader"}, _act(1, 1, client={}, request_id=NEW), _act(1, 1, client=[], request_id=NEW)),
    Call("save_telemetry", {"reader"}, _act(1, 1, **DRAFT), _act(1, 1, **DRAFT | {"tab": "t" * 65})),
    Call("evidence_image", {"reader"}, _on(1, sha256=IMAGE), _on(1, sha256=HEX), "RS404"),
    Call("evidence_image", set(), _on(2, sha256=IMAGE), label="before it is shown"),
    Call("skip_case", {"reader"}, _on(1, step=1, **REASON), _on(1, step=1, reason=" ", request_id=NEW)),
    Call(
        "flag",
        {"reader"},
        _on(1, step=1, kind="ambiguous", words="", request_id=NEW),
        _on(1, step=1, kind="dull", words="", request_id=NEW),
    ),
    Call("pause", {"reader"}, _on(1, request_id=NEW), _on(0, request_id=NEW), "RS409"),
    Call("resume", {"fellow"}, _on(1, "fellow", request_id=NEW), _on(0, "fellow", request_id=NEW), "RS409"),
    Call("feedback", {"reader"}, _on(0), _on(1), "RS403"),
    Call("open_reading", set(), _on(1, "left", visit=NEW), label="of one who left"),
    Call("turn", set(), _act(1, 1, "left", **ANSWER), label="of one who left"),
    # a model's reading
    Call("open_reading", {"runner", "owner"}, _on(0, "model", visit=NEW), label="of a model"),
    Call("turn", {"runner", "owner"}, _act(1, -1, "model", **ANSWER), label="of a model"),
    Call(
        "enrol_model",
        {"runner", "owner"},
        _study(name="another", details={}, samples=1, request_id=NEW),
        _study(name="another", details={}, samples=0, request_id=NEW),
    ),
    Call("model_readings", {"runner", "owner"}, _study(name=None)),
    # setting up
    Call(
        "create_study",
        {"coordinator", "foreign coordinator", "owner"},
        lambda _: {"slug": f"new-{uuid4().hex}"} | NEW_STUDY,
        lambda _: {"slug": "No Slug"} | NEW_STUDY,
    ),
    Call(
        "add_case",
        COORDINATORS,
        _study(
            content={
                "key": "delta",
                "version": "1",
                "language": "en",
                "specialty": "general",
                "synthetic": True,
                "practice": False,
                "diagnosis": {},
                "evidence": [],
                "options": [],
            },
            hash=HEX,
            request_id=NEW,
        ),
        _study(content={"key": "delta", "options": []}, hash=HEX, request_id=NEW),
        stage="draft",
    ),
    Call(
        "add_media",
        COORDINATORS,
        _study(sha256=HEX, mime="image/png", width=1, height=1, bytes=1, request_id=NEW),
        _study(sha256=HEX, mime="text/html", width=1, height=1, bytes=1, request_id=NEW),
        stage="draft",
    ),
    Call(
        "set_protocol",
        COORDINATORS,
        _study(protocol={}, hash=HEX, texts={}, request_id=NEW),
        _study(protocol={}, hash=HEX, texts=None, request_id=NEW),
        stage="draft",
    ),
    Call(
        "add_script",
        COORDINATORS,
        _study(hash=HEX, content={}, request_id=NEW),
        _study(hash=None, content={}, request_id=NEW),
        stage="draft",
    ),
    Call(
        "add_allocation",
        COORDINATORS,
        _study(**NO_ROWS),
        _study(**NO_ROWS | {"rows": [[{"case": "alpha", "script": "none", "options": [0]}]]}),
    ),
    Call(
        "open_study",
        COORDINATORS,
        _study(warnings={}, reasons={}, request_id=NEW),
        _study(warnings={"leak": 1}, reasons={}, request_id=NEW),
        stage="draft",
    ),
    # running
    Call("pause_study", COORDINATORS, _study(**REASON)),
    Call("resume_study", COORDINATORS, _study(**REASON), stage="paused"),
    Call("close_study", COORDINATORS, _study(**REASON)),
    Call("unblind", COORDINATORS, _study(**REASON), stage="closed"),
    Call("unblind", set(), _study(**REASON), label="before the close"),
    Call("invite", COORDINATORS, _study(role="reader", **CODE), _study(role="king", **CODE)),
    Call("reissue", COORDINATORS, _code_of("reader", **CODE), _code_of("reader", **CODE | {"code_hash": "x"})),
    Call("study_status", STAFF, _study()),
    Call("matrix", COORDINATORS, _study()),
    Call("people", COORDINATORS, _study()),
    Call(
        "withdraw_reader",
        COORDINATORS,
        _member("reader", mode="exclude", **REASON),
        _member("reader", mode="burn", **REASON),
    ),
    Call("reopen_reading", COORDINATORS, _handle(0, **REASON), _handle(1, **REASON), "RS409"),
    Call("reopen_reading", set(), _on(0, **REASON), label="by the id that readers and exports have"),
    Call("matrix_reader", COORDINATORS, lambda w: {"study": w.study, "member": w.members["reader"]}),
    Call(
        "link_reader",
        COORDINATORS,
        _member("reader", **REASON),
        _member("reader", reason=" ", request_id=NEW),
    ),
    Call("remove_member", COORDINATORS, _member("grader", **REASON), _member("reader", **REASON)),
    # grading and results
    Call("grading_lines", {"grader"}, _study()),
    Call("grading_lines", {"grader", "owner"}, _study(), stage="closed", label="after the close"),
    Call(
        "save_grades",
        {"grader"},
        _study(items=[GRADE], request_id=NEW),
        _study(items=[GRADE | {"grade": 6}], request_id=NEW),
    ),
    Call(
        "analysis",
        {"analyst", "owner"},
        _study(after=None, amount=10),
        _study(after=None, amount=0),
        stage="unblinded",
    ),
    Call("analysis", set(), _study(after=None, amount=10), label="before unblinding", stage="closed"),
    Call("analysis_grades", {"analyst", "owner"}, _study(), stage="unblinded"),
    Call("analysis_grades", set(), _study(), label="before unblinding", stage="closed"),
    # what leaves
    Call("export_heads", COORDINATORS, _study(request_id=NEW), _study(request_id=None)),
    Call(
        "export_events",
        COORDINATORS,
        lambda w: (
            {"study": w.study, "upto": {w.readings["reader"][1]: 9}, "after_reading": None}
            | {"after_seq": None, "amount": 10}
        ),
        _study(upto={}, after_reading=None, after_seq=None, amount=0),
    ),
    *(
        Call("export_rows", COORDINATORS, _study(part=part, after=None, amount=10), label=part)
        for part in ("readings", "members", "cases", "scripts", "media")
    ),
    Call(
        "export_rows",
        {"owner"},
        _study(part="grades", after=None, amount=10),
        _study(part="truths", after=None, amount=10),
        label="grades",
    ),
    Call("export_study", COORDINATORS, _study()),
    Call("export_telemetry", COORDINATORS, _study(readings=[]), _study(readings=[HEX])),
    Call("study_chain", COORDINATORS, _study(after_seq=0, amount=10), _study(after_seq=0, amount=0)),
    Call("act_body", COORDINATORS, _study(seq=1, after=0), _study(seq=0, after=0), "RS404"),
    # what the owner's own checks read
    Call("examine", {"owner"}, lambda _: {}),
    Call("case_contents", {"owner"}, _study()),
    Call("option_orders", {"owner"}, _study(readings=[]), _study(readings=[HEX])),
    # from one record to another
    Call("moving_manifest", {"owner"}, _study()),
    Call(
        "moving_rows",
        {"owner"},
        _study(part="truths", after=None, amount=10),
        _study(part="people", after=None, amount=10),
    ),
    Call(
        "moving_piece",
        {"owner"},
        lambda w: {"study": w.study, "part": "studies", "key": {"study": w.study}, "after": 0},
        _study(part="people", key={}, after=0),
    ),
    Call(
        "depart",
        {"owner"},
        _study(destination="elsewhere", arrival=NEW),
        _study(destination=" ", arrival=NEW),
        stage="paused",
    ),
    Call("depart", set(), _study(destination="elsewhere", arrival=NEW), label="of an open study"),
    Call(
        "stay", {"owner"}, lambda w: {"study": w.gone} | REASON, lambda w: {"study": w.gone} | REASON | {"reason": ""}
    ),
    Call(
        "arrive_begin",
        {"owner"},
        lambda w: {"coming": NEW, "slug": f"new-{uuid4().hex}", "origin": "elsewhere", "form": w.form},
        lambda w: {"coming": w.study, "slug": w.made.slug, "origin": "elsewhere", "form": w.form},
        "RS409",
    ),
    Call("arrive_rows", {"owner"}, _arriving(part="cases", rows=[]), _arriving(part="people", rows=[])),
    Call("arrive_piece", {"owner"}, _arriving(place=0, words="{}"), _arriving(place=0, words="")),
    Call("arrive_forget", {"owner"}, _arriving(wholly=True, amount=10), _arriving(wholly=True, amount=0)),
    Call(
        "arrive_end",
        {"owner"},
        lambda w: {"study": w.arriving, "extent": w.extent},
        _arriving(extent={"state": "open"}),
        "RS409",
    ),
]
