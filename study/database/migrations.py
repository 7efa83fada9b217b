"""Bring a database to this version's schema: the prelude once, then every migration that is not yet recorded.

The prelude gives plain Postgres what Supabase's has (roles, ``auth``, ``storage``); it runs as the superuser and never
leaves the box. The migrations are the Supabase CLI's own files; they run as ``postgres``, which is no superuser, as
they would there, and are recorded in the table where the CLI would record them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from study.database.server import ROLES, SUPERUSER, Server
from study.database.wire import StudyError, Unreachable

HERE = Path(__file__).parent
PRELUDE = HERE / "prelude.sql"
MIGRATIONS = HERE.parent / "supabase" / "migrations"
_PRELUDE_VERSION = "0"
_ONE_AT_A_TIME = 7_041_776  # an advisory lock's number: two processes may open one box at once


@dataclass(frozen=True)
class Migration:
    """One file of SQL: ``<version>_<name>.sql``."""

    version: str
    name: str
    text: str


def migrations(folder: Path = MIGRATIONS) -> list[Migration]:
    """The folder's migrations in order; raises ``StudyError`` for a file that is not named ``<version>_<name>.sql``."""
    found = []
    for path in sorted(folder.glob("*.sql")):
        version, _, name = path.stem.partition("_")
        if not version.isdigit() or not name:
            raise StudyError(
                f"The migration {path.name} must be named <version>_<name>.sql, with digits as its version."
            )
        found.append(Migration(version, name, path.read_text(encoding="utf-8")))
    return found


def migrate(
    server: Server, prelude: Path = PRELUDE, folder: Path = MIGRATIONS, database: str = "postgres"
) -> list[str]:
    """Apply what is missing and return the versions applied, oldest first.

    Each file is one transaction. Raises ``StudyError`` where a recorded migration is no longer the file's text, is
    unknown to this version, or where a statement fails; nothing of the failing file is kept.
    """
    wanted = migrations(folder)
    with _connect(server, SUPERUSER, database) as conn:
        conn.execute("select pg_advisory_lock(%s)", [_ONE_AT_A_TIME])
        applied = _apply_prelude(conn, prelude)
        _set_passwords(conn, server)
        recorded = _recorded(conn)
        _compare(recorded, wanted)
        missing = [migration for migration in wanted if migration.version not in recorded]
        if missing:
            with _connect(server, "postgres", database) as plain:
                for migration in missing:
                    _apply(plain, migration)
    return applied + [migration.version for migration in missing]


def _connect(server: Server, role: str, database: str) -> psycopg.Connection[tuple[object, ...]]:
    try:
        return psycopg.connect(server.connection_string(role, database), autocommit=True)
    except psycopg.OperationalError as fault:
        raise Unreachable(f"The database in {server.data} takes no connection as {role}: {fault}") from None


def _apply_prelude(conn: psycopg.Connection[tuple[object, ...]], prelude: Path) -> list[str]:
    known = conn.execute("select to_regclass('supabase_migrations.schema_migrations') is not null").fetchone()
    text = prelude.read_text(encoding="utf-8")
    if known == (True,):
        _compare(
            {key: value for key, value in _recorded(conn, everything=True).items() if key == _PRELUDE_VERSION},
            [Migration(_PRELUDE_VERSION, "prelude", text)],
        )
        return []
    _apply(conn, Migration(_PRELUDE_VERSION, "prelude", text))
    return [_PRELUDE_VERSION]


def _apply(conn: psycopg.Connection[tuple[object, ...]], migration: Migration) -> None:
    """Run one file and record it, in one transaction."""
    record = "insert into supabase_migrations.schema_migrations (version, statements, name) values (%s, %s, %s)"
    try:
        with conn.transaction():
            conn.execute(migration.text.encode())
            conn.execute("reset role")
            conn.execute(record, [migration.version, [migration.text], migration.name])
    except psycopg.Error as fault:
        raise StudyError(
            f"The migration {migration.version}_{migration.name} failed{_where(fault, migration.text)}: {fault}"
        ) from fault


def _where(fault: psycopg.Error, text: str) -> str:
    """The line of the failing statement, where Postgres names a position."""
    position = fault.diag.statement_position
    return f" at line {text[: int(position)].count(chr(10)) + 1}" if position else ""


def _set_passwords(conn: psycopg.Connection[tuple[object, ...]], server: Server) -> None:
    """Give the roles that log in the passwords that only this box knows."""
    for role in ROLES[1:]:
        command = sql.SQL("alter role {} with login password {}").format(
            sql.Identifier(role), sql.Literal(server.password(role))
        )
        conn.execute(command)


def _recorded(conn: psycopg.Connection[tuple[object, ...]], everything: bool = False) -> dict[str, str]:
    rows = conn.execute(
        "select version, array_to_string(statements, '') from supabase_migrations.schema_migrations"
    ).fetchall()
    return {str(version): str(text) for version, text in rows if everything or version != _PRELUDE_VERSION}


def _compare(recorded: dict[str, str], wanted: list[Migration]) -> None:
    """Refuse a database that was made by other files than these."""
    files = {migration.version: migration for migration in wanted}
    unknown = sorted(set(recorded) - set(files))
    if unknown:
        raise StudyError(
            f"The data was made by a newer readerstudy (its migration {unknown[-1]} is unknown here). "
            "Install that version or a later one."
        )
    changed = sorted(version for version, text in recorded.items() if files[version].text != text)
    if changed:
        name = f"{changed[0]}_{files[changed[0]].name}"
        raise StudyError(
            f"The migration {name} is not the one that made this data. "
            "Use the version of readerstudy that made it, or another data folder."
        )
