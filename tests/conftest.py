"""What every test may ask for: an open box, a fresh one, a folder that a database can live in."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from filelock import FileLock
from psycopg import sql

from study import demo
from study.database import Box, owner
from study.database.embedded import Embedded
from study.database.migrations import migrate
from study.database.server import SUPERUSER, Server
from study.database.wire import StudyError
from tests.debian import ABSENT, DebianServer, present
from tests.home import BoxHome, Home
from tests.supabase import hosted, project
from tests.supabase.home import StandIn, SupabaseHome, supabase_home
from tests.supabase.install import installed
from tests.supabase.project import Project

IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}
NEVER_SKIPPED = ("browser", "database", "supabase", "debian")
NEEDS_DATABASE = {"box", "fresh_box", "data_folder"}
NEEDS_SUPABASE = {"supabase_project"}
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
HOMES = [
    pytest.param("box_home", id="box", marks=pytest.mark.database),
    pytest.param("stand_in_home", id="supabase", marks=pytest.mark.supabase),
]
if hosted.wanted():
    HOMES.append(pytest.param("hosted_home", id="project"))
SQL_HOMES = [*HOMES, pytest.param("debian_home", id="debian", marks=pytest.mark.debian)]
TEMPLATE = "blank"
PREFIX = "readerstudy-test-"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the database, or Supabase, by what it asks for."""
    for item in items:
        asked = set(getattr(item, "fixturenames", ()))
        if NEEDS_DATABASE & asked:
            item.add_marker("database")
        if NEEDS_SUPABASE & asked:
            item.add_marker("supabase")


@pytest.fixture(autouse=True)
def own_main_module() -> Iterator[None]:
    """Streamlit's tests put a script in the place of the main module, which a process begun later would run."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture(autouse=True)
def no_loop_of_a_browser(request: pytest.FixtureRequest) -> Iterator[None]:
    """Playwright's loop stays with the thread for as long as a browser is open: hidden from tests that use none."""
    loop = None if "chromium" in request.fixturenames else asyncio._get_running_loop()
    if loop is None:
        yield
        return
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(loop)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a skipped test of these kinds has failed: nobody would miss it otherwise."""
    report = yield
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        kinds = [name for name in NEVER_SKIPPED if item.get_closest_marker(name)]
        if kinds:
            report.outcome = "failed"
            report.longrepr = f"A {kinds[0]} test may not be skipped in CI: {report.longrepr}"
    return report


def pytest_configure(config: pytest.Config) -> None:
    """Once a run: clear away what killed runs left."""
    if not hasattr(config, "workerinput"):
        for folder in Path("/tmp").glob(f"{PREFIX}*"):
            with suppress(OSError, StudyError):
                _sweep(folder)


def _sweep(folder: Path) -> None:
    """Join an old run's server so as to be its last member, leave it, and remove the folder if nobody else stayed."""
    if folder.stat().st_mtime > time.time() - 3600:
        return
    server = Server(folder)
    if server.alive():
        server.start()
        server.stop()
    if not server.alive():
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def open_folder() -> Iterator[Path]:
    """A temporary folder whose parents are open: where we are root, Postgres' account must walk into it."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir="/tmp"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def demo_bundle() -> Path:
    """The demo bundle, to be read only: built once for all workers, and kept for later runs while its sources last."""
    kept = Path(tempfile.gettempdir()) / f"readerstudy-demo-{os.getuid()}"
    kept.mkdir(mode=0o755, exist_ok=True)
    with FileLock(kept / "lock"):
        for old in kept.glob("*/"):
            if old.stat().st_mtime < time.time() - 7 * 86_400:
                shutil.rmtree(old)
        return demo.build(kept / demo.fingerprint())


@pytest.fixture
def data_folder() -> Iterator[Path]:
    """An empty data folder. pytest's own tmp_path will not do: as root its parent is closed to Postgres' account."""
    with open_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def test_server() -> Iterator[Server]:
    """One server a worker, with a migrated template; fast, since its data may be lost."""
    with open_folder() as folder:
        server = Server(folder, settings=FAST)
        server.start()
        try:
            migrate(server)
            owner(server)
            _as_superuser(server, f"create database {TEMPLATE} template postgres")
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def box(test_server: Server) -> Iterator[Box]:
    """The worker's shared box. Tests that use it make their own study, and look at nothing else."""
    with _open(test_server, "postgres") as opened:
        yield opened


@pytest.fixture
def fresh_box(test_server: Server) -> Iterator[Box]:
    """A box of one's own with nothing in it but its owner."""
    name = f"test_{uuid4().hex}"
    _as_superuser(test_server, f"create database {name} template {TEMPLATE}")
    with _open(test_server, name) as opened:
        yield opened
    _as_superuser(test_server, f"drop database {name} with (force)")


@pytest.fixture(scope="session")
def supabase_project() -> Iterator[Project]:
    """The worker's Supabase project; ``tests.supabase.project`` says what it offers."""
    try:
        installed()
    except RuntimeError as fault:
        pytest.skip(str(fault))
    with open_folder() as folder, project.running(folder, FAST) as running:
        with supabase_home(StandIn(running)):
            pass  # so that the tests' owner is the project's first, whoever is appointed later
        yield running


@pytest.fixture(scope="session")
def box_home(box: Box) -> Home:
    """The worker's shared box, as a home of tests."""
    return BoxHome(box)


@pytest.fixture(scope="session")
def stand_in_home(supabase_project: Project) -> Iterator[Home]:
    """The worker's Supabase project on loopback, as a home of tests."""
    with supabase_home(StandIn(supabase_project)) as home:
        yield home


@pytest.fixture(scope="session")
def hosted_home() -> Iterator[Home]:
    """A real project that is kept for tests, as a home of theirs; ``tests.supabase.hosted`` says what it needs."""
    try:
        platform = hosted.named()
    except LookupError as fault:
        pytest.skip(str(fault))
    with supabase_home(platform) as home:
        yield home


@pytest.fixture(scope="session")
def debian_home() -> Iterator[Home]:
    """A box whose server is Debian's Postgres 15, as a home of tests."""
    if not present():
        pytest.skip(f"{ABSENT}; .ci/packages installs them.")
    with open_folder() as folder:
        server = DebianServer(folder, settings=FAST)
        server.start()
        try:
            migrate(server)
            with _open(server, "postgres") as opened:
                yield BoxHome(opened)
        finally:
            server.stop()


@pytest.fixture(scope="session", params=SQL_HOMES)
def sql_home(request: pytest.FixtureRequest) -> Home:
    """Each home in turn, and the box on Debian's Postgres: grants and attacks in SQL are tested in all of them."""
    found: Home = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="session", params=HOMES[1:])
def cloud(request: pytest.FixtureRequest) -> SupabaseHome:
    """Each Supabase project in turn: what goes over HTTP is asked here."""
    found: SupabaseHome = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="session", params=HOMES)
def home(request: pytest.FixtureRequest) -> Home:
    """Each home in turn: the contract of the record holds in all of them. A test makes its own study there."""
    found: Home = request.getfixturevalue(request.param)
    return found


@contextmanager
def _open(server: Server, database: str) -> Iterator[Box]:
    media = server.data / "media" / database
    media.mkdir(parents=True)
    embedded = Embedded(server, database)
    try:
        yield Box(server, embedded, owner(server, database), media)
    finally:
        embedded.close()


def _as_superuser(server: Server, statement: str) -> None:
    with psycopg.connect(server.connection_string(SUPERUSER), autocommit=True) as conn:
        conn.execute(sql.SQL(statement))
