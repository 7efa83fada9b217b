"""The project's database: what Supabase puts there first, and the migrations as its CLI pushes them."""

from __future__ import annotations

from pathlib import Path

import psycopg
from psycopg import sql

from study.database.migrations import migrations
from study.database.server import SUPERUSER, Server

PRELUDE = Path(__file__).with_name("prelude.sql")
CLAIMS = Path(__file__).with_name("claims.sql")
LOGINS = ("postgres", "authenticator", "supabase_auth_admin")
_RECORD = "insert into supabase_migrations.schema_migrations (version, name, statements) values (%s, %s, %s)"


def prepare(server: Server) -> None:
    """Apply the prelude, and give those who log in their passwords; the services share ``authenticator``'s."""
    with psycopg.connect(server.connection_string(SUPERUSER), autocommit=True) as conn:
        conn.execute(PRELUDE.read_bytes())
        for role in LOGINS:
            password = server.password("postgres" if role == "postgres" else "authenticator")
            conn.execute(
                sql.SQL("alter role {} password {}").format(sql.Identifier(role), sql.Literal(password)),
            )


def push(server: Server) -> None:
    """Apply every migration as ``postgres``, each in a transaction of its own; raises what Postgres raises."""
    with psycopg.connect(server.connection_string(SUPERUSER), autocommit=True) as conn:
        conn.execute(CLAIMS.read_bytes())
    with psycopg.connect(server.connection_string("postgres"), autocommit=True) as conn:
        for migration in migrations():
            with conn.transaction():
                conn.execute(migration.text.encode())
                conn.execute(_RECORD, [migration.version, migration.name, [migration.text]])
