"""A study on a test project and the people who read in it, each signed in by a code from their mail."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, LiteralString
from uuid import uuid4

import psycopg

from study.database import Wire
from study.database.project import Project as Record
from study.desk import ReaderDesk
from tests.small_study import SmallStudy, small_study
from tests.supabase.home import StandIn, SupabaseHome
from tests.supabase.project import Project
from tests.supabase.record import join


@dataclass(frozen=True)
class Person:
    """Somebody in a study: their cookie, their invitation, and how they are called in it."""

    study: SmallStudy
    record: Record
    cookie: str
    invitation: str
    member: str
    email: str
    readings: list[str] = field(default_factory=list)

    @property
    def wire(self) -> Wire:
        """Their wire."""
        return self.record.wire(self.cookie)

    @property
    def desk(self) -> ReaderDesk:
        """Their desk."""
        return ReaderDesk(self.wire)

    def at_differential(self, number: int = 0) -> dict[str, Any]:
        """The page of one of their readings where it asks for a differential."""
        page: Any = self.wire.call("open_reading", reading=self.readings[number], visit=str(uuid4()))
        while page["current"] is None or page["current"]["kind"] == "show":
            page = self.study.turn(self.wire, page, {})
        return dict(page)


def study_on(record: Record, project: Project, places: int = 4) -> SmallStudy:
    """An open study of the small study's cases, made by the project's owner, who is signed in to the record."""
    return small_study(SupabaseHome(StandIn(project), record, ""), places=places)


def invited(study: SmallStudy, record: Record, project: Project, role: str = "reader") -> Person:
    """Invite somebody and have them join by mail and code."""
    (made, code), email = study.invite(role), f"{uuid4().hex[:12]}@example.org"
    cookie = join(record, project, code.text, email)
    return Person(study, record, cookie, made.invitation, made.member, email)


def reader(study: SmallStudy, record: Record, project: Project) -> Person:
    """A reader who has consented, whose readings are allotted."""
    person = invited(study, record, project)
    study.act("consent", person.wire, study=study.study, decision="given", version="1")
    study.act("save_profile", person.wire, study=study.study, profile={}, languages=["en"])
    person.readings.extend(row["reading"] for row in study.readings(person.wire))
    return person


def rows(project: Project, query: LiteralString, *values: Any) -> list[tuple[Any, ...]]:
    """What the superuser finds, or does."""
    with psycopg.connect(project.database, autocommit=True) as conn:
        found = conn.execute(query, values)
        return found.fetchall() if found.description else []
