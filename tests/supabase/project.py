"""A whole Supabase project on loopback, as the fixture ``supabase_project`` gives it: one for each test worker.

    def test_...(supabase_project: Project) -> None:
        client = create_client(supabase_project.url, supabase_project.key)

- ``url``, ``key``: what an app gets as SUPABASE_URL and SUPABASE_KEY (the publishable key).
- ``database``: how the superuser connects, to look at what was written. Its only database holds our migrations.
- ``new_user(email)``: somebody signed up, with id, e-mail address and password; ``sign_in(user)``: a session's tokens.
- ``otp_for(email)``: the code in the newest mail to that address, after the app asked for one.
- ``front.faulty(pattern, fault, times)``: a context in which requests go wrong (``tests.supabase.faults`` lists how);
  ``front.seen(pattern)``: the requests that came, with headers and bodies.
- ``reload()``: after a test made or dropped a function or a table, as ``notify pgrst, 'reload schema'`` does there.

The project lives as long as the worker, so a test makes its own users and studies and looks at nothing else's. What is
real: Postgres, roles, grants, row-level security, our migrations. What stands in: auth and the data API
(``@supabase/lite``), the gateway (``front``), and Storage's front door (``storage``; its tables and policies are real).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from study.database.server import SUPERUSER, Server
from tests.supabase import database
from tests.supabase.front import Front
from tests.supabase.lite import Lite
from tests.supabase.objects import Objects
from tests.supabase.storage import Storage

_CODE = re.compile(r"(?<!\d)\d{6,10}(?!\d)")


@dataclass(frozen=True)
class User:
    """Somebody who has signed up."""

    id: str
    email: str
    password: str


@dataclass(frozen=True)
class Session:
    """A session's two tokens."""

    access_token: str
    refresh_token: str


@dataclass(frozen=True)
class Project:
    """A running project."""

    server: Server
    lite: Lite
    front: Front

    @property
    def url(self) -> str:
        """SUPABASE_URL."""
        return self.front.url

    @property
    def key(self) -> str:
        """SUPABASE_KEY: the publishable one."""
        return self.lite.publishable_key

    @property
    def secret_key(self) -> str:
        """The key that no app should have."""
        return self.lite.secret_key

    @property
    def database(self) -> str:
        """How the superuser connects."""
        return self.server.connection_string(SUPERUSER)

    def new_user(self, email: str | None = None) -> User:
        """Sign somebody up and confirm their address by the code that they are sent."""
        email, password = email or f"{uuid4().hex[:12]}@example.org", uuid4().hex
        signed_up = self._auth("/signup", email=email, password=password)
        self._auth("/verify", type="signup", email=email, token=self.otp_for(email))
        return User(signed_up["id"], email, password)

    def sign_in(self, user: User) -> Session:
        """A new session of theirs, by password."""
        reply = self._auth("/token?grant_type=password", email=user.email, password=user.password)
        return Session(reply["access_token"], reply["refresh_token"])

    def otp_for(self, email: str) -> str:
        """The code in the newest mail to ``email``; raises ``LookupError`` where none was sent."""
        mails = self.lite.mails(email)
        if not mails:
            raise LookupError(f"No mail was sent to {email}.")
        found = _CODE.search(mails[-1]["text"] or re.sub("<[^>]*>", " ", mails[-1]["html"]))
        if not found:
            raise LookupError(f"The newest mail to {email} carries no code.")
        return found.group()

    def reload(self) -> None:
        """Have the data API look at the schema again."""
        httpx.post(f"{self.lite.url}/reload").raise_for_status()

    def _auth(self, path: str, **content: str) -> Any:
        reply = httpx.post(f"{self.url}/auth/v1{path}", json=content, headers={"apikey": self.key})
        return reply.raise_for_status().json()


@contextmanager
def running(folder: Path, settings: dict[str, str]) -> Iterator[Project]:
    """A project in an empty folder that Postgres' account can reach, ended at the end."""
    server = Server(folder, settings=settings)
    server.start()
    try:
        database.prepare(server)
        lite = Lite(server, folder / "lite.log")
        try:
            database.push(server)  # after auth has made its tables, as there
            objects = Objects(server.connection_string("authenticator"))
            front = Front(lite, Storage(objects, lite.publishable_key, lite.secret_key, lite.jwt_secret))
            try:
                yield Project(server, lite, front)
            finally:
                front.close()
                objects.close()
        finally:
            lite.close()
    finally:
        server.stop()
