"""Where studies live: ``open_box`` opens a data folder, ``study.database.project.open_project`` a Supabase project."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from study.database.embedded import Embedded
from study.database.media import MediaFolder
from study.database.migrations import migrate
from study.database.record import Record
from study.database.server import SUPERUSER, Server
from study.database.wire import JSON, Refused, StudyError, TimedOut, Unreachable, Wire

__all__ = ["JSON", "Box", "Record", "Refused", "StudyError", "TimedOut", "Unreachable", "Wire", "open_box"]


@dataclass(frozen=True)
class Box:
    """An open data folder: its server, its wires, its owner's session token, its media folder."""

    server: Server
    embedded: Embedded
    owner_token: str
    media: Path

    def wire(self, token: str | None) -> Wire:
        """The wire of the session whose token this is; None is a visitor."""
        return self.embedded.as_(token)

    @property
    def owner(self) -> Wire:
        """The wire of the box's owner, as whom the command line acts."""
        return self.wire(self.owner_token)

    @property
    def name(self) -> str:
        """The data folder."""
        return f"the data folder {self.server.data}"

    @property
    def drafts(self) -> Path:
        """A folder beside the data."""
        return self.server.data / "drafts"

    @property
    def images(self) -> MediaFolder:
        """The folder of evidence images."""
        return MediaFolder(self.media)

    def images_of(self, token: str | None) -> MediaFolder:
        """The same folder for everybody: who may see an image is asked of the record before."""
        return self.images

    def end(self, token: str) -> None:
        """End the session whose token this is; one that has ended already is no fault."""
        with suppress(Refused):
            self.wire(token).call("sign_out")

    def keep_posts(self, items: Sequence[Mapping[str, JSON]]) -> list[dict[str, Any] | StudyError]:
        """Store drafts and telemetry of many sessions in one transaction; each item's own reply or refusal."""
        return self.embedded.keep_posts(items)


@contextmanager
def open_box(data: Path) -> Iterator[Box]:
    """Open a data folder: start or join its server, migrate, see that the owner exists. Leaves the server at the end.

    Raises ``StudyError`` with a sentence where the folder cannot be used or was made by another version.
    """
    server = Server(data)
    server.start()
    try:
        migrate(server)
        token = owner(server)
        media = server.data / "media"
        media.mkdir(exist_ok=True, mode=0o700)
        embedded = Embedded(server)
        try:
            yield Box(server, embedded, token, media)
        finally:
            embedded.close()
    finally:
        server.stop()


def owner(server: Server, database: str = "postgres") -> str:
    """The owner's session token, made once and kept in the data folder (0600); the record holds its hash alone."""
    path = server.data / "owner"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32))
    except FileExistsError:
        pass
    token = path.read_text()
    with psycopg.connect(server.connection_string(SUPERUSER, database), autocommit=True) as conn:
        conn.execute("select desk.ensure_owner(%s)", [hashlib.sha256(token.encode()).digest()])
    return token
