"""A test project as the doctor sees it: its findings by name, and changes to its database that are taken back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg

from study.database.examination import Finding
from study.database.examiner import Wishes, examine_project
from study.database.project import Settings
from tests.supabase.project import Project
from tests.supabase.record import settings

NO_MANAGER = Wishes(environment={})


def examined(project: Project, wishes: Wishes = NO_MANAGER, **changes: str) -> dict[str, Finding]:
    """The findings on the project, with the usual settings but for ``changes``."""
    return by_name(replace(settings(project), **changes), wishes)


def by_name(given: Settings, wishes: Wishes = NO_MANAGER) -> dict[str, Finding]:
    """The findings by what they are about."""
    return {finding.check: finding for finding in examine_project(given, wishes)}


def to_mend(findings: dict[str, Finding]) -> set[str]:
    """What must be mended."""
    return {name for name, finding in findings.items() if finding.state == "mend"}


@contextmanager
def changed(project: Project, change: str, back: str) -> Iterator[None]:
    """Inside, somebody has changed the project's database."""
    with psycopg.connect(project.database, autocommit=True) as conn:
        conn.execute(change.encode())
        project.reload()
        try:
            yield
        finally:
            conn.execute(back.encode())
            project.reload()
