"""A worker in a process of its own, which may be stopped, interrupted or killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from baselines.declared import Declared
from baselines.running.run import Ended
from baselines.running.tally import Tally
from study.database import Box, Record
from study.database.embedded import Embedded
from study.database.project import Fixed, Settings, open_project
from study.database.server import Server
from tests.conftest import FAST
from tests.home import BoxHome, Home
from tests.running.runs import plan_in
from tests.supabase.home import SupabaseHome

WARM = get_context("forkserver")
WARM.set_forkserver_preload(["tests.running.worker"])


@dataclass(frozen=True)
class Door:
    """How another process of this machine reaches the same record as the same owner."""

    box: tuple[Path, str, str, Path] | None = None
    project: tuple[Settings, str] | None = None

    @staticmethod
    def of(home: Home) -> Door:
        """The door of a home of tests."""
        if isinstance(home, BoxHome):
            box = home.record
            return Door(box=(box.server.data, box.embedded.database, box.owner_token, box.media))
        assert isinstance(home, SupabaseHome)
        return Door(project=(home.platform.settings, home.access(home.owner_token)))

    @contextmanager
    def opened(self) -> Iterator[Record]:
        """The record."""
        if self.box is not None:
            data, database, token, media = self.box
            server = Server(data, settings=FAST)
            embedded = Embedded(server, database)
            try:
                yield Box(server, embedded, token, media)
            finally:
                embedded.close()
        elif self.project is not None:
            with open_project(self.project[0], Fixed(self.project[1])) as record:
                yield record


def work(door: Door, study: str, declared: Declared, order: dict[str, Any], told: Connection) -> None:
    """One run; how it ended is told at its end."""
    from baselines.running.session import read_model

    tally = Tally()
    with door.opened() as record:
        told.send((read_model(record, plan_in(record.owner, study, declared, **order), tally), tally))


@dataclass
class Worker:
    """A worker that is running; it is gone when the context ends."""

    process: ForkServerProcess
    told: Connection
    _ended: tuple[Ended, Tally] | None = field(default=None, init=False)

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self.process.pid
        os.kill(self.process.pid, number)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self.process.kill()
        self.process.join()

    def ended(self, seconds: float = 120) -> tuple[Ended, Tally]:
        """How it ended by itself."""
        assert self.told.poll(seconds), "the worker has not come to its end"
        found: tuple[Ended, Tally] = self.told.recv()
        self.process.join(30)
        return found


@contextmanager
def working(home: Home, study: str, declared: Declared, **order: Any) -> Iterator[Worker]:
    """A worker of its own on a study."""
    here, there = WARM.Pipe(duplex=False)
    process = WARM.Process(target=work, args=(Door.of(home), study, declared, order, there))
    process.start()
    there.close()
    try:
        yield Worker(process, here)
    finally:
        process.kill()
        process.join()
        here.close()
