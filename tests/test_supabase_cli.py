"""Supabase's own command line deploys ``study/supabase``: schema, grants, settings; and its advisors find no fault."""

from __future__ import annotations

import json
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from study.database.migrations import migrate, migrations, preludes
from study.database.server import SUPERUSER, Server
from tests.conftest import FAST, open_folder
from tests.supabase.cli import Cli, needed

pytestmark = pytest.mark.supabase

RIGHTS = """
select 'function', p.oid::regprocedure::text, p.proacl::text, p.prosecdef::text
from pg_proc p where p.pronamespace in (select oid from pg_namespace where nspname in ('api', 'desk', 'study'))
union all
select 'relation', c.oid::regclass::text, c.relacl::text, c.relrowsecurity::text
from pg_class c where c.relnamespace = 'study'::regnamespace
union all select 'schema', nspname, nspacl::text, '' from pg_namespace where nspname in ('api', 'desk', 'study')
union all
select 'default', defaclnamespace::regnamespace::text, defaclacl::text, defaclobjtype::text from pg_default_acl
union all select 'policy', tablename, policyname, qual from pg_policies
"""
WRONG = """
create table api.open (n int);
grant select on api.open to anon;
create function api.loose() returns int language sql security definer as 'select 1';
"""
# Questions of our own for what Supabase's advisors ask of a project by now and its command line does not yet.
NEWER = {
    "definers in the exposed schema": """
        select p.oid::regprocedure from pg_proc p where p.pronamespace = 'api'::regnamespace and p.prosecdef
        and (has_function_privilege('anon', p.oid, 'execute')
        or has_function_privilege('authenticated', p.oid, 'execute'))
    """,
    "relations that GraphQL would describe": """
        select c.oid::regclass from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
        where c.relnamespace in (select oid from pg_namespace where nspname in ('api', 'desk', 'study', 'public'))
        and c.relkind in ('r', 'v', 'm', 'f') and (has_column_privilege('anon', c.oid, a.attnum, 'select')
        or has_column_privilege('authenticated', c.oid, a.attnum, 'select'))
    """,
    "public buckets": "select id from storage.buckets where public",
    "invalid indexes": "select indexrelid::regclass from pg_index where not indisvalid",
}
PRELUDES = [prelude.version for prelude in preludes()]


@dataclass(frozen=True)
class Pushed:
    """A database that the command line pushed to, twice: how ``postgres`` connects, and what was said each time."""

    server: Server
    cli: Cli
    url: str
    said: tuple[str, str]

    def connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        """As the superuser."""
        return psycopg.connect(self.server.connection_string(SUPERUSER), autocommit=True)

    def advice(self) -> list[dict[str, Any]]:
        """Everything that Supabase's advisors find."""
        done = self.cli.run("db", "advisors", f"--remote={self.url}", "--level=info", "--output-format=json")
        assert done.returncode == 0, done.stderr
        found: list[dict[str, Any]] = json.loads(done.stdout)["results"]
        return found


@contextmanager
def before_preludes(server: Server) -> Iterator[None]:
    """Inside, the database knows nothing of our preludes, as a project of Supabase's has none."""
    table = "supabase_migrations.schema_migrations"
    with psycopg.connect(server.connection_string(SUPERUSER), autocommit=True) as conn:
        kept = conn.execute(f"delete from {table} returning version, name, statements".encode()).fetchall()
        yield
        with conn.cursor() as cursor:
            cursor.executemany(f"insert into {table} (version, name, statements) values (%s, %s, %s)".encode(), kept)


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def pushed() -> Iterator[Pushed]:
    """What ``supabase db push`` makes of a database without our schema."""
    needed()
    with open_folder() as folder, open_folder() as work:
        port = free_port()
        server = Server(folder, settings={**FAST, "listen_addresses": "127.0.0.1", "port": str(port)})
        server.start()
        try:
            (work / "none").mkdir()
            assert migrate(server, work / "none") == PRELUDES
            cli = Cli(work)
            url = f"postgresql://postgres:{server.password('postgres')}@127.0.0.1:{port}/postgres"
            with before_preludes(server):
                pushes = [cli.run("db", "push", "--yes", f"--remote={url}") for _ in range(2)]
            assert [push.returncode for push in pushes] == [0, 0], pushes[0].stderr + pushes[1].stderr
            yield Pushed(server, cli, url, (pushes[0].stdout + pushes[0].stderr, pushes[1].stdout + pushes[1].stderr))
        finally:
            server.stop()


def test_db_push_applies_every_migration_once(pushed: Pushed) -> None:
    first, second = pushed.said
    assert first.count("Applying migration") == len(migrations())
    assert "up to date" in second
    assert "Applying migration" not in second


def test_what_db_push_recorded_is_what_our_own_migrations_are(pushed: Pushed) -> None:
    with pushed.connect() as conn:
        rows = conn.execute("select version, name from supabase_migrations.schema_migrations order by 1").fetchall()
    assert [row for row in rows if row[0] not in PRELUDES] == [(m.version, m.name) for m in migrations()]
    assert migrate(pushed.server) == []


def test_db_push_grants_what_our_own_migrations_grant(pushed: Pushed, test_server: Server) -> None:
    with pushed.connect() as there, psycopg.connect(test_server.connection_string(SUPERUSER)) as here:
        rights = sorted(map(str, there.execute(RIGHTS).fetchall()))
        assert rights == sorted(map(str, here.execute(RIGHTS).fetchall()))
    assert len(rights) > 100


def test_advisors_find_no_error_and_nothing_to_warn_of(pushed: Pushed) -> None:
    advice = pushed.advice()
    print(f"Advisors: {len(advice)} findings: {dict(Counter((a['level'], a['name']) for a in advice))}")
    assert [a["detail"] for a in advice if a["level"] != "INFO"] == []


def test_advisors_would_have_said_what_is_wrong(pushed: Pushed) -> None:
    with pushed.connect() as conn:
        conn.execute(WRONG)
        try:
            found = {(a["level"], a["name"]) for a in pushed.advice()}
        finally:
            conn.execute("drop table api.open; drop function api.loose()")
    assert {("ERROR", "rls_disabled_in_public"), ("WARN", "function_search_path_mutable")} <= found


@pytest.mark.parametrize("question", NEWER.values(), ids=NEWER)
def test_what_newer_advisors_look_for_is_not_there_either(pushed: Pushed, question: str) -> None:
    with pushed.connect() as conn:
        assert conn.execute(question.encode()).fetchall() == []
