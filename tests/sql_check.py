"""The SQL check: the schema applies to an empty database, and plpgsql_check finds nothing in its functions.

The first half runs on the embedded Postgres. The second needs Debian's postgresql-15 and postgresql-15-plpgsql-check,
since the embedded one has no such extension; where they are absent it says so and is left out, but not in CI.
"""

from __future__ import annotations

import sys

import psycopg
from rich.console import Console

from study.database.migrations import migrate, preludes
from study.database.server import SUPERUSER, Server
from tests.conftest import FAST, IN_CI, open_folder
from tests.debian import ABSENT, DebianServer, present

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


def check_functions(console: Console) -> None:
    """Apply everything on Debian's Postgres, and run plpgsql_check over every plpgsql function of ours."""
    with open_folder() as folder:
        server = DebianServer(folder, settings=FAST)
        server.start()
        try:
            migrate(server)
            with psycopg.connect(server.connection_string(SUPERUSER), autocommit=True) as conn:
                conn.execute("create extension plpgsql_check")
                findings = conn.execute(FINDINGS).fetchall()
        finally:
            server.stop()
    for function, line, level, message in findings:
        console.print(f"{function} line {line}: {level}: {message}", markup=False, soft_wrap=True)
    if findings:
        raise SystemExit(f"SQL: plpgsql_check found {len(findings)} faults.")
    console.print("SQL: plpgsql_check finds nothing.")


def main() -> None:
    """Run both halves; exit 1 with the findings where there are any."""
    console = Console(file=sys.stdout)
    check_embedded(console)
    if present():
        check_functions(console)
    elif IN_CI:
        raise SystemExit(f"SQL: in CI plpgsql_check may not be left out, and {ABSENT}.")
    else:
        console.print(f"SQL: plpgsql_check was left out: {ABSENT}.")


if __name__ == "__main__":
    main()
