"""Where the app finds its studies in a benchmark: in a box, or in the Supabase project; and the app on either."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

from baselines.bots.simulation import invite, prepare
from benchmarks.both_wires import BOX, SUPABASE, BothWires
from benchmarks.reading_load import Seat
from commands._opener import answers
from study.bundle import Bundle
from study.database import Box, Wire
from study.database.project import KEY_NAME, URL_NAME
from study.database.sessions import KEY
from study.protocol import preset
from tests.home import BoxHome, Home
from tests.supabase.record import SEAL

DATA = "READERSTUDY_DATA"


@dataclass(frozen=True)
class Served:
    """A home with the environment of an app on it, and the wire of a session past that app."""

    name: str
    home: Home
    environment: Mapping[str, str]
    wire: Callable[[str], Wire]


def box_served(box: Box) -> Served:
    """A data folder."""
    return Served(BOX, BoxHome(box), {DATA: str(box.server.data)}, box.wire)


@contextmanager
def project_served(both: BothWires) -> Iterator[Served]:
    """The project, asked straight."""
    environment = {URL_NAME: both.direct.url, KEY_NAME: both.direct.key, KEY: SEAL}
    with both.straight() as record:
        yield Served(SUPABASE, both.home, environment, record.wire)


def seated(served: Served, bundle: Bundle, readers: int, slug: str) -> list[Seat]:
    """Readers who have joined the study, with the readings that wait for each."""
    study = prepare(served.home.record, bundle, preset("medsyn-staged"), slug, readers, 1)
    seats = []
    for bot in invite(served.home.record, study, bundle, readers, 1):
        guest = served.home.guest()
        guest.enter(bot.code)
        bot.token, bot.languages = guest.token, bundle.study.languages[:1]
        bot.settle()
        waiting = tuple(row.reading for row in bot.desk.home(study).readings if row.state == "assigned")
        seats.append(Seat(bot.token, waiting, bot.desk))
    return seats


@contextmanager
def running(served: Served) -> Iterator[tuple[int, psutil.Process]]:
    """The app as a process of its own on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    ours = {name: value for name, value in os.environ.items() if name not in (DATA, URL_NAME, KEY_NAME, KEY)}
    environment = {**ours, **served.environment, "PORT": str(port)}
    app = subprocess.Popen([sys.executable, "-m", "streamlit_app"], env=environment, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while not answers(port):
            if time.monotonic() > until or app.poll() is not None:
                raise RuntimeError("the app did not start")
            time.sleep(0.1)
        yield port, psutil.Process(app.pid)
    finally:
        app.send_signal(signal.SIGTERM)
        app.wait(30)
