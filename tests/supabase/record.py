"""The record of a test project, with whatever the tests of the record ask of a box: the same tests run against both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg

from study.codes import new_token, token_hash
from study.database.accounts import Tokens
from study.database.project import Fixed, Settings, open_project
from study.database.project import Project as Record
from study.database.supabase import SupabaseWire
from tests.supabase.project import Project

SEAL = "a secret of the tests that all replicas share"


def settings(project: Project) -> Settings:
    """What an app on this project is given."""
    return Settings(project.url, project.key, SEAL)


def tokens_of(record: Record, project: Project, email: str | None = None) -> Tokens:
    """A new account's first sign-in, by the code that was sent to its address."""
    email = email or f"{uuid4().hex[:12]}@example.org"
    record.accounts.send_code(email)
    return record.accounts.with_code(email, project.otp_for(email))


def join(record: Record, project: Project, code: str | None = None, email: str | None = None) -> str:
    """Somebody signs up, begins a session and takes up an invitation by its code; the session's cookie."""
    cookie = record.begin(tokens_of(record, project, email))
    if code is not None:
        reply = record.wire(cookie).call("redeem", code=code)
        assert isinstance(reply, dict)
        assert reply["ok"], reply
    return cookie


@contextmanager
def owned(project: Project) -> Iterator[Record]:
    """The project's record, as an owner whom its administrator appointed."""
    with open_project(settings(project)) as visitor:
        email = f"{uuid4().hex[:12]}@example.org"
        with psycopg.connect(project.database, autocommit=True) as conn:
            conn.execute("select study.appoint_owner(%s)", [email])
        tokens = tokens_of(visitor, project, email)
        login = Fixed(tokens.access)
        enter = SupabaseWire(project.url, project.key, visitor._http, login)
        enter.call("enter", token_hash=token_hash(new_token()))
        with open_project(settings(project), login) as record:
            yield record
