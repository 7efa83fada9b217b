"""One database behind both wires: a Supabase project on loopback, and the box's own wire into its Postgres.

Both reach the very same rows, so that what differs between two figures is the way to them. The project is the tests'
stand-in, asked without the gateway in which tests inject faults: ``@supabase/lite``, one thread of Node. What a call
takes there is not what it takes in a real project, whose data API is another program on another machine; so figures
stand beside ``about``, which does nothing, asked of the same stand-in by bare HTTP.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.reading_load import used_by
from study.database import Wire
from study.database._http import client
from study.database.embedded import Embedded
from study.database.project import Project as Record
from study.database.project import Settings, open_project
from tests.supabase.home import StandIn, SupabaseHome, supabase_home
from tests.supabase.install import installed
from tests.supabase.project import Project, running
from tests.supabase.record import SEAL

BOX, SUPABASE = "box", "Supabase"


@dataclass(frozen=True)
class BothWires:
    """An open project, its owner signed in: ``home`` sets studies up, ``wires`` are the owner's, by name."""

    project: Project
    home: SupabaseHome
    direct: Settings
    wires: dict[str, Wire]

    @property
    def access(self) -> str:
        """The owner's access token as it is now."""
        return self.home.access(self.home.owner_token)

    @contextmanager
    def bare(self) -> Iterator[Callable[[], object]]:
        """One round trip to the stand-in by HTTP alone: ``about``, as the owner."""
        head = {"apikey": self.direct.key, "Authorization": f"Bearer {self.access}", "Content-Profile": "api"}
        address = f"{self.direct.url}/rest/v1/rpc/about"
        with client() as http:
            yield lambda: http.post(address, json={}, headers=head).raise_for_status()

    @contextmanager
    def straight(self) -> Iterator[Record]:
        """The record as an app on this project opens it."""
        with open_project(self.direct) as record:
            yield record

    def used(self) -> float:
        """Seconds of processor that the stand-in has taken so far."""
        return used_by(psutil.Process(self.project.lite.pid))


def available() -> bool:
    """Whether the stand-in is there, or npm could bring it."""
    try:
        return bool(installed())
    except RuntimeError:
        return False


@contextmanager
def opened(folder: Path) -> Iterator[BothWires]:
    """A project in an empty folder, its disk synced as in earnest."""
    with running(folder, {}) as project, supabase_home(StandIn(project)) as home:
        direct = Settings(project.lite.url, project.key, SEAL)
        embedded = Embedded(project.server)
        with open_project(direct, home.record._session(home.owner_token)) as straight:
            try:
                yield BothWires(project, home, direct, {BOX: embedded.as_(home.owner_token), SUPABASE: straight.owner})
            finally:
                embedded.close()
