"""Replicas of the app on a test project, and what their sessions look like from behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any, LiteralString

import pytest

from study.codes import token_hash
from study.database import Refused, Wire
from study.database.project import Project as Record
from study.database.project import open_project
from tests.supabase.project import Project
from tests.supabase.readers import rows
from tests.supabase.record import SEAL, settings

RENEWAL = "POST /auth/v1/token$"
_OF_COOKIE: LiteralString = " where token_hash = decode(%s, 'hex')"


@contextmanager
def replicas(project: Project, many: int = 2, seal: str = SEAL) -> Iterator[list[Record]]:
    """Processes that know nothing yet but the shared key."""
    with ExitStack() as stack:
        yield [stack.enter_context(open_project(replace(settings(project), seal=seal))) for _ in range(many)]


def alter(project: Project, cookie: str, change: LiteralString, *values: Any) -> None:
    """Change the row of a session behind everybody's back."""
    rows(project, "update study.sessions set " + change + _OF_COOKIE, *values, token_hash(cookie))


def age(project: Project, cookie: str, seconds: float = 3600) -> None:
    """The access token of the session is so old."""
    alter(project, cookie, "sealed_at = clock_timestamp() - make_interval(secs => %s)", seconds)


def kept(project: Project, cookie: str, column: LiteralString = "sealed") -> Any:
    """What the record keeps for the session."""
    return rows(project, "select " + column + " from study.sessions" + _OF_COOKIE, token_hash(cookie))[0][0]


def renewals(project: Project) -> int:
    """How often Auth was asked for new tokens."""
    return len([one for one in project.front.seen(RENEWAL) if "refresh_token" in one.query])


def person_of(wire: Wire) -> str:
    """Whose wire it is, by the record."""
    me: Any = wire.call("me")
    return str(me["person"])


def ended(call: Callable[[], object]) -> bool:
    """Whether a call is refused because nobody is signed in."""
    with pytest.raises(Refused) as refusal:
        call()
    return refusal.value.code == "RS401"
