"""What a visitor without an account can do: call the functions that are open to all, see nothing of the bucket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from study.codes import token_hash
from study.database.bucket import BUCKET
from study.database.examination import PUSH, Finding, mend, ok
from study.database.examination_probe import Probe, code_of, told
from study.database.wire import FORBIDDEN, StudyError


def refused_calls() -> dict[str, dict[str, Any]]:
    """Calls that no visitor may make, reading and writing; none would do anything if it were carried out."""
    nobody, request = str(uuid4()), {"request_id": str(uuid4())}
    act = {"reading": nobody, "step": 0, "attempt": 1}
    return {
        "me": {},
        "studies": {},
        "examine": {},
        "people": {"study": nobody},
        "export_study": {"study": nobody},
        "case_contents": {"study": nobody},
        "open_reading": {"reading": nobody, "visit": None},
        "turn": {**act, "answer": {}, "client": {}, **request},
        "turns": {"items": []},
        "save_draft": {**act, "tab": "t", "number": 1, "body": {}},
        "withdraw_reader": {"member": nobody, "mode": "keep", "reason": "", **request},
        "unblind": {"study": nobody, "reason": "", **request},
        "enter": {"token_hash": "", "sealed": None},
    }


def open_calls() -> dict[str, tuple[dict[str, Any], str]]:
    """Calls that a visitor may make, and how each refuses one who knows nothing."""
    token = str(uuid4())
    return {
        "session_tokens": ({"token": token}, "RS401"),
        "renew_session": ({"token": token, "lease": str(uuid4()), "sealed": "-"}, "RS401"),
        "sign_in": ({"code": "", "token_hash": token_hash(token), "client": ""}, "RS403"),
    }


def functions(probe: Probe) -> Iterator[Finding]:
    """Whether visitors are refused everywhere but where sessions begin and go on."""
    asked = refused_calls()
    codes = {name: code_of(probe.call(name, **arguments)) for name, arguments in asked.items()}
    loose = [name for name, code in codes.items() if code != FORBIDDEN]
    if loose:
        do = (
            f"{PUSH} Where that changes nothing, somebody has granted it: take it back in the dashboard's SQL editor, "
            "`revoke execute on function api.NAME, desk.NAME from anon, public`."
        )
        seen = ", ".join(f"{name} ({codes[name] or 'carried out'})" for name in loose)
        yield mend("visitors", f"Not refused by their grants to whoever has no account: {seen}.", do)
    else:
        yield ok("visitors", f"Whoever has no account was refused {len(asked)} functions, reading and writing.")
    yield _doors(probe)


def _doors(probe: Probe) -> Finding:
    wrong = []
    for name, (arguments, wanted) in open_calls().items():
        code = code_of(probe.call(name, **arguments))
        if code != wanted:
            wrong.append(f"{name} ({code or 'carried out'}, not {wanted})")
    if wrong:
        return mend(
            "sessions", f"Calls by which sessions go on do not answer as they should: {', '.join(wrong)}.", PUSH
        )
    return ok("sessions", "The calls by which sessions go on answer, and refuse whom they do not know.")


def bucket(probe: Probe) -> Iterator[Finding]:
    """Whether the evidence images are out of visitors' sight."""
    found = []
    name = f"{uuid4()}/{'0' * 64}"
    asked = probe.ask("GET", f"/storage/v1/object/public/{BUCKET}/{name}")
    public = told(asked)
    if not isinstance(public, dict):
        raise StudyError(f"Storage answered {asked.status_code} without a word of its own.")
    if "bucket" not in f"{public.get('error')} {public.get('message')}".lower():
        found.append("it is public, so that anybody with an image's address sees it")
    listed = told(probe.ask("POST", f"/storage/v1/object/list/{BUCKET}", {"prefix": "", "limit": 1}))
    if isinstance(listed, list) and listed:
        found.append("visitors can list it")
    described = probe.ask("GET", f"/storage/v1/bucket/{BUCKET}")
    if described.status_code == 200:
        found.append("visitors are told of it")
    if found:
        do = (
            "In the dashboard under Storage, make the bucket private and remove every policy that is not named "
            "readerstudy_read or readerstudy_put; then run this again."
        )
        yield mend("images", f"The bucket of evidence images is open: {'; '.join(found)}.", do)
    else:
        yield ok("images", "The bucket of evidence images is not public, and visitors can neither list nor find it.")
