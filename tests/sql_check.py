"""The SQL check: the schema applies to an empty database, and plpgsql_check finds nothing in its functions.

The first half runs on the embedded Postgres. The second needs Debian's postgresql-15 and postgresql-15-plpgsql-check,
since the embedded one has no such extension; where they are absent it says so and is left out.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from rich.console import Console

from study.database._account import account
from study.database.migrations import migrate, migrations, preludes
from study.database.server import Server
from tests.conftest import FAST, open_folder

DEBIAN = Path("/usr/lib/postgresql/15/bin")
EXTENSION = Path("/usr/share/postgresql/15/extension/plpgsql_check.control")
FINDINGS = """
select f.oid::regprocedure::text, found.lineno, found.level, found.message
from pg_proc f
join pg_language l on l.oid = f.prolang and l.lanname = 'plpgsql'
left join lateral (select tgrelid from pg_trigger where tgfoid = f.oid limit 1) trigger on true,
lateral plpgsql_check_function_tb(f.oid, coalesce(trigger.tgrelid, 0), extra_warnings => false,
                                  performance_warnings => false) found
where found.sqlstate not like 'RS%'  -- the checker plans calls, and a refusal that this meets is no fault
and f.pronamespace in (select oid from pg_namespace where nspname in ('desk', 'study', 'api'))
order by 1, 2
"""


def check_embedded(console: Console) -> None:
    """Apply everything to a new embedded server, twice."""
    with open_folder() as folder:
        server = Server(folder, settings=FAST)
        server.start()
        try:
            applied = migrate(server)
            again = migrate(server)
        finally:
            server.stop()
    if again:
        raise SystemExit(f"Migrations were applied twice: {', '.join(again)}")
    console.print(f"SQL: the preludes and {len(applied) - len(preludes())} migrations apply to an empty database.")


@contextmanager
def debian_server() -> Iterator[str]:
    """A throw-away server of Debian's Postgres; gives its connection string."""
    runner = account()
    with open_folder() as folder:
        runner.own(folder)
        data = folder / "data"
        for command in (
            ("initdb", "-D", data, "-U", "supabase_admin", "--auth=trust", "--encoding=UTF8", "--locale=C"),
            ("pg_ctl", "-D", data, "-l", folder / "log", "-w", "-o", f"-c listen_addresses= -k {folder} -F", "start"),
        ):
            done = runner.run(DEBIAN / command[0], *command[1:])
            if done.returncode != 0:
                raise SystemExit(f"{command[0]} of Debian's Postgres failed: {done.stdout}{done.stderr}")
        try:
            yield f"host={folder} user=supabase_admin dbname=postgres"
        finally:
            runner.run(DEBIAN / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


def check_functions(console: Console) -> None:
    """Run plpgsql_check over every plpgsql function of ours."""
    with debian_server() as conninfo, psycopg.connect(conninfo, autocommit=True) as conn:
        for prelude in preludes():
            conn.execute(prelude.text.encode())
        conn.execute("create extension plpgsql_check")
        for migration in migrations():
            with conn.transaction():
                conn.execute("set local role postgres")
                conn.execute(migration.text.encode())
        findings = conn.execute(FINDINGS).fetchall()
    for function, line, level, message in findings:
        console.print(f"{function} line {line}: {level}: {message}", markup=False, soft_wrap=True)
    if findings:
        raise SystemExit(f"SQL: plpgsql_check found {len(findings)} faults.")
    console.print("SQL: plpgsql_check finds nothing.")


def main() -> None:
    """Run both halves; exit 1 with the findings where there are any."""
    console = Console(file=sys.stdout)
    check_embedded(console)
    if EXTENSION.exists() and (DEBIAN / "postgres").exists():
        check_functions(console)
    else:
        console.print(
            "SQL: plpgsql_check was left out: postgresql-15 and postgresql-15-plpgsql-check are not installed."
        )


if __name__ == "__main__":
    main()
