"""One attempt as somebody: role and claims are set as the wire sets them, then everything is rolled back."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from tests.home import Connection, claim
from tests.record.world import World

DONE = "done"
# Personas without a session: what they are is the role alone.
BARE_ROLES = {"service_role": "service_role", "authenticator": None, "nameless": "authenticated", "nobody": "anon"}


class _Undo(Exception):
    """Ends a transaction without keeping it."""


def take_role(conn: Connection, world: World, persona: str) -> None:
    """Within a transaction: become this persona."""
    if persona in BARE_ROLES:
        role = BARE_ROLES[persona]
        conn.execute("select set_config('request.jwt.claims', '', true)")
        if role:
            conn.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
        return
    if persona == "newcomer":
        claims: dict[str, Any] = {
            "sub": str(uuid4()),
            "session_id": str(uuid4()),
            "role": "authenticated",
            "email": "new@example.org",
        }
        claims["amr"] = [{"method": "otp", "timestamp": 0}]
        claim(conn, claims)
        return
    world.home.become(conn, world.tokens[persona])


def attempt(conn: Connection, world: World, persona: str, statement: sql.Composed, values: list[Any]) -> str:
    """The verdict on one statement: ``done``, or the SQLSTATE of its refusal. Nothing of it stays."""
    try:
        with suppress(_Undo), conn.transaction():
            take_role(conn, world, persona)
            cursor = conn.execute(statement, values)
            row = cursor.fetchone() if cursor.description else None
            verdict = of_reply(row[0] if row else None)
            raise _Undo
    except psycopg.Error as fault:
        return fault.sqlstate or "unknown"
    return verdict


def rows_of(conn: Connection, world: World, persona: str, statement: sql.SQL | sql.Composed, values: list[Any]) -> str:
    """How many rows a statement sees or changes, or the SQLSTATE of its refusal. Nothing of it stays."""
    try:
        with suppress(_Undo), conn.transaction():
            take_role(conn, world, persona)
            touched = conn.execute(statement, values).rowcount
            raise _Undo
    except psycopg.Error as fault:
        return fault.sqlstate or "unknown"
    return f"{touched} rows"


def of_reply(reply: Any) -> str:
    """Done, or the refusal inside the reply of a call that takes many items."""
    if isinstance(reply, list) and reply and isinstance(reply[0], dict) and "error" in reply[0]:
        return str(reply[0]["error"]["code"])
    return DONE


def call_statement(schema: str, function: str, arguments: Mapping[str, Any]) -> tuple[sql.Composed, list[Any]]:
    """``select <schema>.<function>(name => value, ...)`` as the wire sends it."""
    named = sql.SQL(", ").join(sql.SQL("{} => %s").format(sql.Identifier(name)) for name in arguments)
    statement = sql.SQL("select {}({})").format(sql.Identifier(schema, function), named)
    return statement, [Jsonb(value) if isinstance(value, dict | list) else value for value in arguments.values()]
