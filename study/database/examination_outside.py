"""A project's address, key, schema and clock, and which schemas it serves and describes to whoever asks."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from study.database._http import WebPage
from study.database.examination import AGAIN, CONFIG, OPEN, PUSH, Finding, mend, ok
from study.database.examination_probe import Probe, code_of, told, words_of
from study.database.project import SCHEMA
from study.database.wire import FORBIDDEN, StudyError

ELSEWHERE = ("public", "study", "desk", "storage", "graphql_public")
MOST_SECONDS = 30.0
_LIST = re.compile(r"(?:following schemas are exposed|one of the following): *([\w, ]*)")


@dataclass(frozen=True)
class Reached:
    """What the first answer told: whether the schema is ours, and how far the database's clock is from ours."""

    migrated: bool
    apart: float = 0.0


def reach(probe: Probe) -> tuple[list[Finding], Reached | None]:
    """Whether the project answers, takes the key and has our schema; None where nothing more can be asked."""
    began = time.time()
    try:
        response = probe.call("about")
    except WebPage as fault:
        return [_no_project(probe, words_of(fault))], None
    except httpx.HTTPError as fault:
        return [_silent(probe, words_of(fault))], None
    except StudyError as fault:
        return [mend("reachable", str(fault), AGAIN)], None
    taken = time.time() - began
    fault_found = _refused(probe, response)
    if fault_found is not None:
        return [fault_found], None
    findings = [
        ok("reachable", f"{probe.given.host} answered in {taken * 1000:.0f} ms."),
        ok("key", "The project takes the key in SUPABASE_KEY."),
    ]
    about: Any = told(response)
    if response.status_code == 200 and about["schema"] == SCHEMA:
        findings.append(ok("migrated", f"The schema has the form {SCHEMA}, which this program reads."))
        return findings, Reached(True, apart(about.get("now"), began, taken))
    return [*findings, _not_ours(response, about)], Reached(False)


def apart(now: object, began: float, taken: float) -> float:
    """Seconds by which the database's clock surely differs from ours: the answer's way explains the rest."""
    try:
        theirs = datetime.fromisoformat(str(now)).timestamp()
    except ValueError:
        return 0.0
    return max(0.0, abs(theirs - (began + taken / 2)) - taken / 2)


def clock(probe: Probe, reached: Reached) -> Iterator[Finding]:
    """Whether this machine, the database and Auth agree on the time; Auth tells whole seconds."""
    began = time.time()
    date = probe.ask("GET", "/auth/v1/settings").headers.get("date")
    theirs = parsedate_to_datetime(date).timestamp() if date else began
    auth = max(0.0, theirs - time.time(), began - theirs - 1)
    seen = f"This machine's clock is {reached.apart:.0f} s from the database's and {auth:.0f} s from Auth's."
    if max(reached.apart, auth) > MOST_SECONDS:
        yield mend("clock", seen, "Set this machine's clock by a time server (NTP).")
    else:
        yield ok("clock", seen)


def exposed(probe: Probe) -> Iterator[Finding]:
    """Whether the data API serves the schema ``api`` and no other."""
    open_ones = [schema for schema in ELSEWHERE if _serves(probe, schema)]
    listed = _listed(probe)
    if open_ones or (listed is not None and listed != ["api"]):
        shown = ", ".join(dict.fromkeys([*(listed or []), *open_ones]))
        yield mend("exposed schemas", f"The data API serves {shown}; it should serve api alone.", CONFIG)
    else:
        yield ok("exposed schemas", f"The data API serves api alone; {', '.join(ELSEWHERE)} are refused.")


def described(probe: Probe) -> Iterator[Finding]:
    """Whether the API describes itself to visitors, by its root or by GraphQL."""
    root = probe.ask("GET", "/rest/v1/", accept_profile="api")
    document = told(root)
    paths = document.get("paths", {}) if root.status_code == 200 and isinstance(document, dict) else {}
    wanted = {"/"} | {f"/rpc/{name}" for name in OPEN}
    more = sorted(set(paths) - wanted)
    if more:
        yield mend("description", f"The data API's root lists {', '.join(more[:5])} to visitors.", CONFIG)
    else:
        yield ok("description", "The data API's root shows visitors nothing but what is open to them.")
    answer = told(probe.ask("POST", "/graphql/v1", {"query": "{ __schema { queryType { name } } }"}))
    if isinstance(answer, dict) and answer.get("data"):
        do = f"{CONFIG} Or run `drop extension pg_graphql` in the SQL editor."
        yield mend("graphql", "/graphql/v1 describes the database to visitors.", do)
    else:
        yield ok("graphql", "/graphql/v1 shows nothing.")


def _serves(probe: Probe, schema: str) -> bool:
    """Whether a relation or a function of this schema could be asked for; raises ``StudyError`` where neither shows."""
    read = probe.ask("GET", "/rest/v1/readerstudy_probe", accept_profile=schema)
    called = probe.ask("POST", "/rest/v1/rpc/readerstudy_probe", {}, content_profile=schema)
    codes = [code_of(read), code_of(called)]
    if not all(code.startswith(("PGRST", "42")) for code in codes):
        raise StudyError(
            f"The data API answered {read.status_code} and {called.status_code} about the schema {schema}."
        )
    return codes != ["PGRST106", "PGRST106"]


def _listed(probe: Probe) -> list[str] | None:
    """The schemas that a refusal names as exposed; None where it names none."""
    body = told(probe.ask("GET", "/rest/v1/readerstudy_probe", accept_profile="readerstudy_nowhere"))
    words = [str(body.get("hint")), str(body.get("message"))] if isinstance(body, dict) else []
    for found in filter(None, map(_LIST.search, words)):
        return [name.strip() for name in found.group(1).split(",") if name.strip()]
    return None


def _refused(probe: Probe, response: httpx.Response) -> Finding | None:
    """Why the answer is not the database's; None where it is."""
    code, body = code_of(response), told(response)
    if response.status_code in (401, 403) and not code.startswith(("42", "RS", "PGRST1", "PGRST2")):
        do = "Copy the publishable key (sb_publishable_...) anew from the dashboard into SUPABASE_KEY."
        words = body.get("message", "") if isinstance(body, dict) else ""
        return mend("key", f"{probe.given.host} does not take the key in SUPABASE_KEY ({words}).", do)
    if code.startswith("PGRST00"):
        do = "Wait some minutes; if it stays, restart the database in the dashboard."
        return mend("reachable", f"The data API has no connection to its database ({code}).", do)
    if not isinstance(body, dict) or (not code and "schema" not in body):
        return _no_project(probe, f"it answered {response.status_code} without what a data API says")
    return None


def _not_ours(response: httpx.Response, about: Any) -> Finding:
    """Why the schema is not this version's."""
    code = code_of(response)
    if code == "PGRST106":
        return mend("migrated", "The data API does not serve the schema `api`.", f"{PUSH} {CONFIG}")
    if code == "PGRST202":
        return mend("migrated", "The database has none of this program's functions.", f"{PUSH} {CONFIG}")
    if code == FORBIDDEN:
        return mend("migrated", "Visitors may not call `about`: its grants are gone.", PUSH)
    if response.status_code == 200:
        do = f"{PUSH} Where the form is a later one, use the version of readerstudy that set it up."
        return mend("migrated", f"The schema has the form {about.get('schema')}; this program reads {SCHEMA}.", do)
    return mend("migrated", f"`about` was refused ({code}: {about.get('message')}).", PUSH)


def _silent(probe: Probe, words: str) -> Finding:
    do = (
        "Look whether this machine is online (or needs a proxy), and whether SUPABASE_URL is the one in the dashboard; "
        "a project that was deleted has no address any more."
    )
    return mend("reachable", f"{probe.given.host} did not answer ({words}).", do)


def _no_project(probe: Probe, words: str) -> Finding:
    do = "Look at SUPABASE_URL; a network that asks for a sign-in of its own answers in others' place."
    return mend("reachable", f"What answers at {probe.given.host} is no Supabase project: {words}.", do)
