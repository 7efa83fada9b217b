"""Where a test's studies live. The contract of the record is tested in every home by the same tests: in the box, and on
a Supabase project.

A ``Home`` is a record with what tests alone may do: people come in without a screen, the database is looked into behind
the record's back, and an attempt becomes one of its sessions.

What the box alone has is tested on a box: the wire's own functions ``assume``, ``keep_posts`` and ``ensure_owner``, the
owner's file, the server's life, backups, and commands on a data folder. A Supabase project has none of them: there
PostgREST says who is calling, posts go as calls of their reader, and an administrator names the owner.
"""

from __future__ import annotations

import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any
from uuid import uuid4

import psycopg

from study.codes import new_token, token_hash
from study.database import JSON, Box, Record, StudyError, Wire
from study.database.media import MediaStore
from study.database.server import SUPERUSER

Connection = psycopg.Connection[tuple[Any, ...]]
_ASSUME = """
with caller as materialized (select desk.assume(%s) as role)
select set_config('role', role, true) from caller
"""


class Guest(ABC):
    """Somebody with an invitation's code, in a browser of their own; ``token`` is their session's once they are in."""

    token: str

    @abstractmethod
    def enter(self, code: str) -> dict[str, Any]:
        """Take an invitation up by its code; the record's answer."""

    @abstractmethod
    def elsewhere(self) -> Guest:
        """The same person, who comes in by the same code in another browser."""


class Home(ABC):
    """A record, as its owner and everybody else reaches it, and what tests may do beside."""

    kind: str
    record: Record
    owner_token: str

    @cached_property
    def owner(self) -> Wire:
        """The wire of the owner."""
        return self.record.owner

    @property
    def images(self) -> MediaStore:
        """The evidence images, as the owner may put and read them."""
        return self.record.images

    def wire(self, token: str | None) -> Wire:
        """The wire of a session; None is a visitor."""
        return self.record.wire(token)

    def keep_posts(self, items: Sequence[Mapping[str, JSON]]) -> list[dict[str, Any] | StudyError]:
        """Drafts and telemetry of many sessions, as the app hands them on."""
        return self.record.keep_posts(items)

    @abstractmethod
    def guest(self) -> Guest:
        """Somebody who has never been here."""

    @abstractmethod
    def mailed(self) -> str:
        """The token of a session that a code by mail began, of somebody without a study; its tokens are sealed."""

    @abstractmethod
    def database(self, role: str = SUPERUSER) -> Any:
        """A context: a connection of one's own, past the wire, as whoever may look at everything or as a role."""

    @abstractmethod
    def become(self, conn: Connection, token: str | None) -> None:
        """Within a transaction of ``authenticator``: take the role and claims of this session, as the wire does."""

    def schema_changed(self) -> None:
        """To be called after functions were made or dropped: where something remembers them, it looks again."""
        return

    @abstractmethod
    def losing_an_answer(self, function: str) -> Any:
        """A context: the answer to the next call of this function, which takes a while, is lost on its way."""

    @abstractmethod
    def altered_image(self, study: str, sha256: str, content: bytes | None) -> Any:
        """A context: an image's bytes are others, or gone where ``content`` is None; put right at its end."""


class BoxHome(Home):
    """A box on this machine."""

    kind = "box"

    def __init__(self, box: Box) -> None:
        self.record: Box = box
        self.owner_token = box.owner_token

    def guest(self) -> Guest:
        return BoxGuest(self.record, uuid4().hex)

    def mailed(self) -> str:
        token = new_token()
        with self.database() as conn:
            conn.execute(
                """with somebody as (insert into study.people default values returning person)
                insert into study.sessions (token_hash, person, auth_session, sealed, sealed_at, began)
                select decode(%s, 'hex'), person, gen_random_uuid(), 's', now(), 'mail' from somebody""",
                [token_hash(token)],
            )
        return token

    @contextmanager
    def database(self, role: str = SUPERUSER) -> Iterator[Connection]:
        conninfo = self.record.server.connection_string(role, self.record.embedded.database)
        with psycopg.connect(conninfo, autocommit=True) as conn:
            yield conn

    def become(self, conn: Connection, token: str | None) -> None:
        conn.execute(_ASSUME, [token])

    @contextmanager
    def losing_an_answer(self, function: str) -> Iterator[None]:
        over, cut = threading.Event(), threading.Event()
        cutter = threading.Thread(target=self._cut, args=(function, over, cut))
        cutter.start()
        try:
            yield
        finally:
            over.set()
            cutter.join()
        assert cut.is_set(), f"{function} was over before it was seen to run: nothing was lost"

    def _cut(self, function: str, over: threading.Event, cut: threading.Event) -> None:
        """End the connection of the call, once it is seen to run."""
        ended = "select pg_terminate_backend(pid) from pg_stat_activity where state = 'active' "
        with self.database() as conn:
            while not conn.execute(
                f"{ended} and query like %s and usename = 'authenticator'".encode(), [f"%{function}%"]
            ).fetchall():
                if over.wait(0.01):
                    return
        cut.set()

    @contextmanager
    def altered_image(self, study: str, sha256: str, content: bytes | None) -> Iterator[None]:
        path = self.record.images.path(sha256)
        kept = path.read_bytes()
        path.unlink() if content is None else path.write_bytes(content)
        try:
            yield
        finally:
            path.write_bytes(kept)


class BoxGuest(Guest):
    """A browser at the box's door, which the door knows by ``client``."""

    def __init__(self, box: Box, client: str, code: str = "") -> None:
        self._box, self._client, self._code = box, client, code
        self.token = new_token()

    def enter(self, code: str) -> dict[str, Any]:
        self._code = code
        reply = self._box.wire(None).call("sign_in", code=code, token_hash=token_hash(self.token), client=self._client)
        assert isinstance(reply, dict)
        return reply

    def elsewhere(self) -> Guest:
        guest = BoxGuest(self._box, uuid4().hex)
        assert guest.enter(self._code)["ok"]
        return guest


def claim(conn: Connection, claims: Mapping[str, Any]) -> None:
    """Within a transaction: take the claims of an access token and the role that they name."""
    conn.execute("select set_config('request.jwt.claims', %s, true)", [json.dumps(claims)])
    conn.execute("select set_config('role', %s, true)", [claims["role"]])
