"""The wire in the box: psycopg as ``authenticator``, one transaction a call, role and claims set inside it.

The caller names no user. It passes the session token, and ``desk.assume`` turns that into claims and a role within the
very transaction in which the function then runs, so a pooled connection carries nothing from one caller to the next.
"""

from __future__ import annotations

import select
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool, PoolTimeout

from study.database.server import Server
from study.database.wire import (
    FORBIDDEN,
    JSON,
    NOT_SIGNED_IN,
    SIGN_IN_FIRST,
    Refused,
    StudyError,
    Unreachable,
    Wire,
    check_names,
    error_of,
    repeatable,
)

ANONYMOUS_LIMIT = "3s"
SIGNED_IN_LIMIT = "8s"
TRANSACTION_LIMIT = (
    "12s"  # more than both statements of a call may take: a client that stands still holds nobody up longer
)
WAIT_SECONDS = 15.0
_ASSUME = f"""
with caller as materialized (select desk.assume(%s) as role)
select set_config('statement_timeout',
                  case role when 'anon' then '{ANONYMOUS_LIMIT}' else '{SIGNED_IN_LIMIT}' end, true),
       set_config('role', role, true)
from caller
"""
_POSTS = "select desk.keep_posts(%s)"


class Embedded:
    """The wires of one embedded server: ``as_(token)`` gives the wire of a session; all share one pool."""

    def __init__(self, server: Server, database: str = "postgres", connections: int = 12) -> None:
        self._server = server
        self.database = database
        self._pool = ConnectionPool(
            self._conninfo,
            kwargs={"autocommit": True, "prepare_threshold": 1, "options": f"-c statement_timeout={ANONYMOUS_LIMIT}"},
            configure=_limit,
            min_size=1,
            max_size=connections,
            check=_check,
            timeout=WAIT_SECONDS,
            open=True,
        )

    def as_(self, token: str | None) -> Wire:
        """The wire of the session whose token this is; None is a visitor who has not signed in."""
        return _Session(self, token)

    def keep_posts(self, items: Sequence[Mapping[str, JSON]]) -> list[dict[str, Any] | StudyError]:
        """Store drafts and telemetry of many sessions in one transaction; each item's own reply or refusal, in order.

        An item has token, kind (``draft`` or ``telemetry``), reading, step, attempt, tab, number and body. All of them
        may be sent again: a number that is not newer replaces nothing. Raises what a single call raises.
        """
        try:
            with self._pool.connection() as conn:
                row = conn.execute(_POSTS, [Jsonb(list(items))]).fetchone()
        except PoolTimeout:
            raise Unreachable(f"The database gave no connection in {WAIT_SECONDS:.0f} s. Try again.") from None
        except psycopg.Error as fault:
            raise error_of(fault.sqlstate, fault.diag.message_primary or str(fault), "keep_posts") from fault
        return [_reply(one, item["kind"]) for one, item in zip(row[0] if row else (), items, strict=True)]

    def check(self) -> None:
        """Let go of the connections that the server has left, which one lost reply tells of."""
        self._pool.check()

    def close(self) -> None:
        """Close the pool; the server is not this object's to stop."""
        self._pool.close()

    def _conninfo(self) -> str:
        """Asked for each new connection: a server that has gone is started again first."""
        self._server.ensure()
        return self._server.connection_string("authenticator", self.database)

    def _run(self, token: str | None, function: str, arguments: Mapping[str, JSON]) -> JSON:
        """One call in one transaction and one round trip."""
        query = _query(function, tuple(arguments))
        values = [Jsonb(value) if isinstance(value, dict | list) else value for value in arguments.values()]
        with self._pool.connection() as conn:
            with conn.pipeline(), conn.transaction():
                conn.execute(_ASSUME, [token])
                cursor = conn.execute(query, values)
            row = cursor.fetchone()
        reply: JSON = row[0] if row else None
        return reply


@dataclass(frozen=True)
class _Session:
    """The wire of one session."""

    box: Embedded
    token: str | None

    def call(self, function: str, /, **arguments: JSON) -> JSON:
        """Call ``api.<function>``; one whose reply was lost is repeated once where a request id makes that safe."""
        check_names(function, arguments)
        try:
            return self._once(function, arguments)
        except Unreachable:
            if not repeatable(function, arguments):
                raise
            self.box.check()
            return self._once(function, arguments)

    def _once(self, function: str, arguments: Mapping[str, JSON]) -> JSON:
        try:
            return self.box._run(self.token, function, arguments)
        except PoolTimeout:
            raise Unreachable(
                f"The database gave no connection for {function} in {WAIT_SECONDS:.0f} s. Try again."
            ) from None
        except psycopg.Error as fault:
            if fault.sqlstate == FORBIDDEN and self._nobody():
                raise Refused(NOT_SIGNED_IN, SIGN_IN_FIRST) from fault
            raise error_of(fault.sqlstate, fault.diag.message_primary or str(fault), function) from fault

    def _nobody(self) -> bool:
        """Whether this session is a visitor's, or has ended: then what was refused may be theirs after signing in."""
        if self.token is None:
            return True
        try:
            self.box._run(self.token, "me", {})
        except psycopg.Error as fault:
            return fault.sqlstate == FORBIDDEN
        return False


def _limit(conn: psycopg.Connection[Any]) -> None:
    """Bound every transaction of the connection, where the server can: Postgres 17 was the first."""
    if conn.info.server_version >= 170000:
        conn.execute(sql.SQL("set transaction_timeout = {}").format(sql.Literal(TRANSACTION_LIMIT)))


def _query(function: str, names: tuple[str, ...]) -> sql.Composed:
    """``select api.<function>(name => value, ...)``."""
    arguments = sql.SQL(", ").join(sql.SQL("{} => %s").format(sql.Identifier(name)) for name in names)
    return sql.SQL("select api.{}({})").format(sql.Identifier(function), arguments)


def _reply(given: dict[str, Any], kind: JSON) -> dict[str, Any] | StudyError:
    """What was stored, or the exception that a call by itself would have raised."""
    fault = given.get("error")
    return error_of(fault["code"], fault["message"], f"save_{kind}") if fault else given


def _check(conn: psycopg.Connection[Any]) -> None:
    """Ask for a sign of life only where the idle socket has something to say: mostly that the server went."""
    if select.select([conn.fileno()], [], [], 0)[0]:
        ConnectionPool.check_connection(conn)
