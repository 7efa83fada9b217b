"""What Supabase's Management API tells of a project to somebody who may manage it; nothing is changed by it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from study.database.examination import CONFIG, Finding, mend, not_shown, ok, some
from study.database.examination_auth import Json, auth
from study.database.examination_probe import told, words_of
from study.database.project import Settings
from study.database.wire import StudyError

TOKEN, REF, URL = "SUPABASE_ACCESS_TOKEN", "SUPABASE_PROJECT_REF", "SUPABASE_MANAGEMENT_URL"
HOME = "https://api.supabase.com"
# Advice that asks for a paid plan, or for what the program does not use.
TOLERATED = {"auth_leaked_password_protection", "auth_insufficient_mfa_options"}


@dataclass(frozen=True)
class Management:
    """The API for one project, as whoever's token this is."""

    base: str
    ref: str
    token: str
    http: httpx.Client

    def read(self, path: str) -> Any:
        """A reply; raises ``StudyError`` in a sentence where there is none."""
        try:
            response = self.http.get(
                f"{self.base}/v1/projects/{self.ref}{path}", headers={"Authorization": f"Bearer {self.token}"}
            )
        except httpx.HTTPError as fault:
            raise StudyError(f"The Management API did not answer ({words_of(fault)}).") from None
        if response.status_code != 200:
            body = told(response)
            words = body.get("message", "") if isinstance(body, dict) else ""
            raise StudyError(f"The Management API refused this ({response.status_code} {words}).".replace(" )", ")"))
        return told(response)


def management(given: Settings, environment: Mapping[str, str], http: httpx.Client) -> Management | None:
    """The API as the environment's token reaches it; None without one.

    Raises ``StudyError`` where the project's ref cannot be told, or the token would go over an open line.
    """
    token = environment.get(TOKEN, "").strip()
    if not token:
        return None
    base = environment.get(URL, "").strip().rstrip("/") or HOME
    if not base.startswith(("https://", "http://127.0.0.1:")):
        raise StudyError(f"{URL} must begin with https://; the token is not sent over an open line.")
    name, _, domain = given.host.partition(".")
    ref = environment.get(REF, "").strip() or (name if domain == "supabase.co" else "")
    if not re.fullmatch(r"[a-z]{20}", ref):
        raise StudyError(
            f"The project's ref cannot be told from {given.host}. Set {REF} to the one that the dashboard shows."
        )
    return Management(base, ref, token, http)


def managed(api: Management | None, readers: int) -> Iterator[Finding]:
    """Mails, templates, limits, tokens, the data API and the advisors, for so many readers behind one address."""
    parts: dict[str, tuple[str, Callable[[Any], Iterator[Finding]]]] = {
        "project": ("", _status),
        "auth": ("/config/auth", lambda reply: auth(reply, readers)),
        "data API": ("/postgrest", _data_api),
        "security advisor": ("/advisors/security", lambda reply: _advice("security advisor", reply)),
        "performance advisor": ("/advisors/performance", lambda reply: _advice("performance advisor", reply)),
    }
    if api is None:
        do = f"Set {TOKEN} to the token of somebody who may read the project's settings, and run this again."
        yield not_shown(
            "management", "Mail server, templates, rate limits and advisors are shown to managers alone.", do
        )
        return
    for check, (path, judge) in parts.items():
        try:
            yield from judge(api.read(path))
        except StudyError as fault:
            yield not_shown(check, str(fault), f"Give {TOKEN} the right to read this, or look in the dashboard.")
        except (AttributeError, LookupError, TypeError, ValueError):
            yield not_shown(check, "The Management API answered in a form that is not known.", "Look in the dashboard.")


def _status(reply: Json) -> Iterator[Finding]:
    state = str(reply.get("status"))
    if state == "ACTIVE_HEALTHY":
        yield ok("project", f"The project {reply.get('name')} is well, in {reply.get('region')}.")
    else:
        yield mend("project", f"The project's state is {state}.", "See what the dashboard says of it.")


def _data_api(reply: Json) -> Iterator[Finding]:
    schemas = [name.strip() for name in str(reply["db_schema"]).split(",") if name.strip()]
    rows = int(reply["max_rows"])
    if schemas != ["api"] or rows < 1:
        yield mend("data API", f"The data API is set to serve {', '.join(schemas)}, at most {rows} rows.", CONFIG)
    else:
        yield ok("data API", f"The data API is set to serve api alone, at most {rows} rows; a function's reply is one.")


def _advice(check: str, reply: Json) -> Iterator[Finding]:
    found = [one for one in reply["lints"] if one["level"] in ("WARN", "ERROR") and one["name"] not in TOLERATED]
    if found:
        seen = some([f"{one['level']} {one['title']}: {one['detail']}" for one in found], 3)
        yield mend(check, seen, f"See {found[0]['remediation']}.")
    else:
        yield ok(check, "It warns of nothing that concerns the program.")
