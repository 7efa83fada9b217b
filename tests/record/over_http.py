"""Attempts over HTTP: whoever has a key or an access token of a Supabase project, against whatever can be named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx
import jwt
from psycopg import sql

from tests.home import Connection
from tests.record.attempts import DONE, of_reply
from tests.record.call import ANYONE, Call
from tests.record.verdicts import FORBIDDEN, wanted
from tests.record.world import World
from tests.supabase.home import OWNER, SupabaseGuest, SupabaseHome

# The same people in a session that they have ended, whose access token is still good for Supabase itself.
SIGNED_OUT = {f"{persona} signed out" for persona in ("reader", "grader", "coordinator", "owner")}
# Whoever has the project's secret key, and whoever makes up a token: of the owner, or of the service.
OUTSIDERS = {"secret key", "forged owner", "forged service"}
NOT_TAKEN = "PGRST301"


def tokens(home: SupabaseHome, world: World) -> dict[str, str]:
    """What each persona shows as their token; a visitor shows none, beside the publishable key."""
    held = {persona: home.access(token) for persona, token in world.tokens.items() if token}
    held["newcomer"] = home.sign_up()
    for name in SIGNED_OUT & {f"{persona} signed out" for persona in world.tokens}:
        persona = name.removesuffix(" signed out")
        again = SupabaseGuest(home, OWNER) if persona == "owner" else world.guests[persona].elsewhere()
        held[name] = home.access(again.token)
        home.record.end(again.token)
    owners = jwt.decode(held["owner"], options={"verify_signature": False})
    held["forged owner"] = jwt.encode(owners, uuid4().hex, algorithm="HS256")
    held["forged service"] = jwt.encode({**owners, "role": "service_role"}, uuid4().hex, algorithm="HS256")
    return held


class Attempts:
    """What ``personas`` try on one project; ``texts`` are all answers that they got."""

    def __init__(self, home: SupabaseHome, held: dict[str, str], http: httpx.Client) -> None:
        self._home, self._held, self._http = home, held, http
        self.personas = sorted({"visitor", "secret key", *held})
        self.texts: list[str] = []

    def __call__(self, persona: str, method: str, path: str, **parts: Any) -> httpx.Response:
        """One request under the project's address."""
        platform = self._home.platform
        key = platform.secret_key if persona == "secret key" else platform.settings.key
        headers = {"apikey": key, "authorization": f"Bearer {self._held.get(persona, key)}", **parts.pop("headers", {})}
        reply = self._http.request(method, path, headers=headers, **parts)
        if reply.headers.get("content-type", "").startswith("application/json"):
            self.texts.append(reply.text)
        return reply

    def call(self, persona: str, function: str, arguments: dict[str, Any], schema: str = "api") -> str:
        """The verdict on a call: done, or the code of its refusal."""
        headers = {"content-profile": schema}
        return verdict(self(persona, "POST", f"/rest/v1/rpc/{function}", headers=headers, json=arguments))

    def touch(self, persona: str, method: str, table: str, schema: str | None, column: str) -> str:
        """The verdict on a table."""
        profile = {"accept-profile": schema, "content-profile": schema} if schema else {}
        body = None if method in ("GET", "HEAD", "DELETE") else {column: None}
        asked = {"select": "*"} if method in ("GET", "HEAD") else {column: "not.is.null"} if method != "POST" else {}
        return verdict(self(persona, method, f"/rest/v1/{table}", headers=profile, json=body, params=asked))


def verdict(reply: httpx.Response) -> str:
    """Done, or the code of a refusal; a refusal without one by its status."""
    if reply.is_success:
        return of_reply(reply.json()) if reply.content else DONE
    try:
        told = reply.json()
    except ValueError:
        return f"HTTP {reply.status_code}"
    return str(told.get("code") or f"HTTP {reply.status_code}")


@contextmanager
def attempts(home: SupabaseHome, world: World) -> Iterator[Attempts]:
    """Attempts of everybody in this world."""
    with httpx.Client(base_url=home.platform.settings.url, timeout=20) as http:
        yield Attempts(home, tokens(home, world), http)


def wanted_over_http(call: Call, world: World, persona: str) -> set[str]:
    """The verdicts that are right for this persona's call."""
    if persona == "secret key":
        return {FORBIDDEN}
    if persona in OUTSIDERS:
        return {NOT_TAKEN}
    if persona not in SIGNED_OUT:
        return wanted(call, world, persona)
    return wanted(call, world, "visitor") if call.function in ANYONE else {"RS401", "RS403"}


TABLES = """
select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname in ('study', 'storage') and c.relkind in ('r', 'p')
"""
STATE = "select count(*), md5(coalesce(string_agg(md5(t::text), '' order by md5(t::text)), '')) from {} t"


def state_of(conn: Connection) -> dict[str, tuple[int, str]]:
    """Every table of the record and of the image store: how many rows, and a hash over all of them."""
    found = {}
    for schema, table in conn.execute(TABLES).fetchall():
        row = conn.execute(sql.SQL(STATE).format(sql.Identifier(schema, table))).fetchone()
        assert row
        found[f"{schema}.{table}"] = (row[0], row[1])
    return found
