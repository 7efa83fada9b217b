"""Bring a database to this version's schema: the preludes, then the migrations, each once and each recorded.

The preludes give plain Postgres what Supabase's has (roles, ``auth``, ``storage``); they run as the superuser and never
leave the box. The migrations are the Supabase CLI's own files; they run as ``postgres``, which is no superuser, as
they would there, and are recorded in the table where the CLI would record them: we record a file as one statement, the
CLI as the list of its statements without what separates them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from study.database.server import ROLES, SUPERUSER, Server
from study.database.wire import StudyError, Unreachable

HERE = Path(__file__).parent
PRELUDES = (HERE / "prelude.sql", HERE / "prelude_1.sql")
MIGRATIONS = HERE.parent / "supabase" / "migrations"
_PRELUDE_VERSIONS = tuple(str(number) for number in range(len(PRELUDES)))
_BETWEEN_STATEMENTS = re.compile(r"[\s;]*")
_ONE_AT_A_TIME = 7_041_776  # an advisory lock's number: two processes may open one box at once


@dataclass(frozen=True)
class Migration:
    """One file of SQL: ``<version>_<name>.sql``."""

    version: str
    name: str
    text: str

    def is_made_of(self, statements: Sequence[str]) -> bool:
        """Whether these statements, in their order, are the whole file but for semicolons and white space."""
        place = 0
        for statement in statements:
            words = statement.replace("\r\n", "\n")
            found = self.text.find(words, place)
            if found < 0 or not _BETWEEN_STATEMENTS.fullmatch(self.text, place, found):
                return False
            place = found + len(words)
        return _BETWEEN_STATEMENTS.fullmatch(self.text, place) is not None


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


def preludes() -> list[Migration]:
    """What a plain Postgres lacks, in order; recorded as versions that no migration has."""
    return [
        Migration(version, path.stem, path.read_text(encoding="utf-8"))
        for version, path in zip(_PRELUDE_VERSIONS, PRELUDES, strict=True)
    ]


def migrate(server: Server, folder: Path = MIGRATIONS, database: str = "postgres") -> list[str]:
    """Apply what is missing and return the versions applied, oldest first.

    Each file is one transaction. Raises ``StudyError`` where a recorded migration is no longer the file's text, is
    unknown to this version, or where a statement fails; nothing of the failing file is kept.
    """
    wanted = migrations(folder)
    with _connect(server, SUPERUSER, database) as conn:
        conn.execute("select pg_advisory_lock(%s)", [_ONE_AT_A_TIME])
        applied = _apply_preludes(conn)
        _set_passwords(conn, server)
        recorded = {version: made for version, made in _recorded(conn).items() if version not in _PRELUDE_VERSIONS}
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


def _apply_preludes(conn: psycopg.Connection[tuple[object, ...]]) -> list[str]:
    known = conn.execute("select to_regclass('supabase_migrations.schema_migrations') is not null").fetchone()
    recorded = _recorded(conn) if known == (True,) else {}
    _compare({version: made for version, made in recorded.items() if version in _PRELUDE_VERSIONS}, preludes())
    missing = [prelude for prelude in preludes() if prelude.version not in recorded]
    for prelude in missing:
        _apply(conn, prelude)
    return [prelude.version for prelude in missing]


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


def _recorded(conn: psycopg.Connection[tuple[object, ...]]) -> dict[str, list[str]]:
    """The statements of each migration that the database has; none for one that was only marked as applied."""
    rows = conn.execute(
        "select version, coalesce(statements, '{}') from supabase_migrations.schema_migrations"
    ).fetchall()
    return {str(version): list(made) for version, made in rows if isinstance(made, list)}


def _compare(recorded: dict[str, list[str]], wanted: list[Migration]) -> None:
    """Refuse a database that was made by other files than these."""
    files = {migration.version: migration for migration in wanted}
    unknown = sorted(set(recorded) - set(files))
    if unknown:
        raise StudyError(
            f"The data was made by a newer readerstudy (its migration {unknown[-1]} is unknown here). "
            "Install that version or a later one."
        )
    changed = sorted(version for version, made in recorded.items() if not files[version].is_made_of(made))
    if changed:
        name = f"{changed[0]}_{files[changed[0]].name}"
        raise StudyError(
            f"The migration {name} is not the one that made this data. "
            "Use the version of readerstudy that made it, or another data folder."
        )
