"""Debian's Postgres 15, the oldest that the schema has to live on, in the place of the box's own."""

from __future__ import annotations

from pathlib import Path

from study.database.server import Server

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
CHECKER = Path("/usr/share/postgresql/15/extension/plpgsql_check.control")
ABSENT = "postgresql-15 and postgresql-15-plpgsql-check are not installed"


def present() -> bool:
    """Whether server and checker are installed."""
    return CHECKER.exists() and (PROGRAMS / "postgres").exists()


class DebianServer(Server):
    """A data folder's server that runs Debian's programs."""

    def _programs(self) -> Path:
        return PROGRAMS
