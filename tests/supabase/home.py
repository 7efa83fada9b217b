"""A Supabase project as the home of tests: the stand-in on loopback, or a real project kept for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol
from uuid import uuid4

import httpx
import jwt
import psycopg

from study.database.accounts import Tokens
from study.database.bucket import BUCKET
from study.database.project import Project as Record
from study.database.project import Settings, open_project
from study.database.server import SUPERUSER
from tests.home import Connection, Guest, Home, claim
from tests.supabase.faults import LOST_REPLY
from tests.supabase.project import Project
from tests.supabase.record import settings, tokens_of

OWNER = "owner.of.the.tests@example.org"
_APPOINT = "select study.appoint_owner(%s)"
_NO_KEY = {"role": "anon"}


class Platform(Protocol):
    """What a home needs of a project, beside the record that everybody reaches."""

    @property
    def settings(self) -> Settings:
        """What an app on it is given."""
        ...

    @property
    def secret_key(self) -> str:
        """The key that no app has."""
        ...

    def tokens(self, record: Record, email: str) -> Tokens:
        """A new sign-in of whoever has this address; an account is made where there is none."""
        ...

    def conninfo(self, role: str) -> str:
        """How a role connects to its database, past the data API."""
        ...

    def reload(self) -> None:
        """Have the data API look at the schema again."""
        ...

    def losing_an_answer(self, function: str) -> AbstractContextManager[object]:
        """Inside, the next answer to this call is lost."""
        ...


class StandIn:
    """The worker's project on loopback, where people sign in by the code that is sent to them."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.settings = settings(project)
        self.secret_key = project.secret_key

    def tokens(self, record: Record, email: str) -> Tokens:
        """The code is in the mail that it sent."""
        return tokens_of(record, self.project, email)

    def conninfo(self, role: str) -> str:
        """Every role that logs in there logs in here."""
        return self.project.server.connection_string(role)

    def reload(self) -> None:
        """At once."""
        self.project.reload()

    def losing_an_answer(self, function: str) -> AbstractContextManager[object]:
        """Its gateway loses it."""
        return self.project.front.faulty(f"/rpc/{function}$", LOST_REPLY)


class SupabaseHome(Home):
    """A project with an owner; made by ``supabase_home``."""

    kind = "supabase"

    def __init__(self, platform: Platform, record: Record, owner_token: str) -> None:
        self.platform = platform
        self.record: Record = record
        self.owner_token = owner_token

    def guest(self) -> Guest:
        return SupabaseGuest(self, f"{uuid4().hex[:12]}@example.org")

    def mailed(self) -> str:
        return self.guest().token

    @contextmanager
    def database(self, role: str = SUPERUSER) -> Iterator[Connection]:
        with psycopg.connect(self.platform.conninfo(role), autocommit=True) as conn:
            yield conn

    def become(self, conn: Connection, token: str | None) -> None:
        claim(conn, _NO_KEY if token is None else claims_of(self.access(token)))

    def sign_up(self) -> str:
        """The access token of somebody whom Auth has just signed in, and who is nobody here yet."""
        return self.platform.tokens(self.record, f"{uuid4().hex[:12]}@example.org").access

    def access(self, token: str) -> str:
        """The access token of a session, as its next call would carry it."""
        return self.record._session(token).access()

    def schema_changed(self) -> None:
        self.platform.reload()

    def losing_an_answer(self, function: str) -> AbstractContextManager[object]:
        return self.platform.losing_an_answer(function)

    @contextmanager
    def altered_image(self, study: str, sha256: str, content: bytes | None) -> Iterator[None]:
        path = f"/storage/v1/object/{BUCKET}/{study}/{sha256}"
        key = {"apikey": self.platform.secret_key, "authorization": f"Bearer {self.platform.secret_key}"}
        with httpx.Client(base_url=self.platform.settings.url, headers=key) as admin:
            kept = admin.get(path).raise_for_status()

            def put(other: bytes) -> None:
                headers = {"content-type": kept.headers["content-type"], "x-upsert": "true"}
                admin.post(path, content=other, headers=headers).raise_for_status()

            if content is None:
                admin.request("DELETE", f"/storage/v1/object/{BUCKET}", json={"prefixes": [f"{study}/{sha256}"]})
            else:
                put(content)
            try:
                yield
            finally:
                put(kept.content)


class SupabaseGuest(Guest):
    """Somebody with an account, signed in."""

    def __init__(self, home: SupabaseHome, email: str) -> None:
        self._home, self._email = home, email
        self.token = home.record.begin(home.platform.tokens(home.record, email))

    def enter(self, code: str) -> dict[str, Any]:
        reply = self._home.wire(self.token).call("redeem", code=code)
        assert isinstance(reply, dict)
        return reply

    def elsewhere(self) -> Guest:
        return SupabaseGuest(self._home, self._email)


def claims_of(access: str) -> dict[str, Any]:
    """The claims of an access token, unproven."""
    claims: dict[str, Any] = jwt.decode(access, options={"verify_signature": False})
    return claims


@contextmanager
def supabase_home(platform: Platform) -> Iterator[SupabaseHome]:
    """A project's home for tests; the tests' owner is appointed and signs in."""
    with psycopg.connect(platform.conninfo(SUPERUSER), autocommit=True) as conn:
        conn.execute(_APPOINT, [OWNER])
    with open_project(platform.settings) as visitor:
        token = visitor.begin(platform.tokens(visitor, OWNER))
        with open_project(platform.settings, visitor._session(token)) as record:
            yield SupabaseHome(platform, record, token)
