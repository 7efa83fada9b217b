"""The box's Postgres: who starts it, who stops it, and what it survives."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from study.database import StudyError, open_box
from study.database import _account as accounts
from study.database.server import SUPERUSER, Server
from tests.conftest import FAST, open_folder

STARTER = """
import sys, pathlib
from study.database.server import Server
server = Server(pathlib.Path(sys.argv[1]))
server.start()
print("up", flush=True)
sys.stdin.readline()
server.stop()
print("left", flush=True)
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Path]:
    """A data folder that has been initialised, to be copied: quicker than making one for each test."""
    with open_folder() as folder:
        server = Server(folder, settings=FAST)
        server.start()
        server.stop()
        yield folder


@pytest.fixture
def initialised(cluster: Path, data_folder: Path) -> Path:
    for name in ("lock", "members", "secrets.json", "postgres"):
        subprocess.run(["cp", "-a", cluster / name, data_folder], check=True)
    return data_folder


@pytest.fixture
def server(initialised: Path) -> Iterator[Server]:
    server = Server(initialised)
    server.start()
    yield server
    server.start()
    server.stop()


@pytest.fixture
def process(data_folder: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Start other processes that use the data folder until a line is written to them."""
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        command = [sys.executable, "-c", STARTER, str(data_folder)]
        started.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for one in started:
        one.kill()
        one.communicate()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def dismiss(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()
    assert said(process) == "left"
    process.wait()


def postmaster(data: Path) -> int:
    return int((data / "postgres" / "postmaster.pid").read_text().split()[0])


def kill_postmaster(data: Path) -> int:
    """Kill the server as a power cut would, and wait until it is gone."""
    pid = postmaster(data)
    os.kill(pid, signal.SIGKILL)
    with suppress(ProcessLookupError, ChildProcessError):
        while True:
            os.kill(pid, 0)
            time.sleep(0.01)
    return pid


def write(server: Server, statement: str) -> None:
    with psycopg.connect(server.connection_string(SUPERUSER), autocommit=True) as conn:
        conn.execute(statement.encode())


def test_a_server_is_left_stopped_by_the_one_who_started_it(data_folder: Path) -> None:
    server = Server(data_folder)
    server.start()
    assert server.alive()
    server.stop()
    assert not server.alive()
    assert not (data_folder / "postgres" / "postmaster.pid").exists()


def test_an_acknowledged_row_outlives_a_killed_server(server: Server) -> None:
    write(server, "create table kept as select 7 as n")
    killed = kill_postmaster(server.data)
    server.ensure()
    assert postmaster(server.data) != killed
    with psycopg.connect(server.connection_string(SUPERUSER)) as conn:
        assert conn.execute("select n from kept").fetchone() == (7,)


def test_a_pid_file_of_a_process_long_gone_does_not_keep_it_from_starting(server: Server) -> None:
    server.stop()
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    (server.folder / "postmaster.pid").write_text(
        f"{gone.pid}\n{server.folder}\n1700000000\n5432\n\n\n 0 0\nready   \n"
    )
    server.start()
    assert server.alive()


def test_a_pid_file_whose_number_is_now_another_process_does_not_either(server: Server) -> None:
    kill_postmaster(server.data)
    # Postgres takes the file's process for a running server when it may signal it: so one of its own account.
    lent: dict[str, object] = (
        {} if os.geteuid() else {"user": server._account.uid, "group": server._account.gid, "extra_groups": []}
    )
    other = subprocess.Popen(["sleep", "600"], cwd="/", **lent)  # type: ignore[call-overload]
    try:
        lines = (server.folder / "postmaster.pid").read_text().splitlines()
        (server.folder / "postmaster.pid").write_text("\n".join([str(other.pid), *lines[1:]]) + "\n")
        server.start()
        assert server.alive()
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_two_processes_that_start_at_once_share_one_server(
    data_folder: Path, process: Callable[[], subprocess.Popen[str]]
) -> None:
    first, second = process(), process()
    assert [said(first), said(second)] == ["up", "up"]
    dismiss(first)
    assert Server(data_folder).alive()
    dismiss(second)
    assert not Server(data_folder).alive()


def test_the_server_of_a_killed_process_is_joined_and_then_stopped_by_the_last(
    initialised: Path, process: Callable[[], subprocess.Popen[str]]
) -> None:
    starter = process()
    assert said(starter) == "up"
    pid = postmaster(initialised)
    starter.kill()
    starter.wait()
    server = Server(initialised)
    server.start()
    assert postmaster(initialised) == pid
    server.stop()
    assert not server.alive()


def test_the_server_of_a_process_killed_while_it_starts_it_is_stopped_by_the_last_too(
    initialised: Path, process: Callable[[], subprocess.Popen[str]]
) -> None:
    starter = process()
    while not (initialised / "postgres" / "postmaster.pid").exists():
        time.sleep(0.002)
    starter.kill()  # it has launched the server, and has not noted so
    server = Server(initialised)
    server.start()
    server.stop()
    assert not server.alive()
    assert not (initialised / "postgres" / "postmaster.pid").exists()


def test_a_server_that_none_of_us_started_is_left_running(server: Server) -> None:
    note = server.data / "server.json"
    kept = note.read_text()
    note.write_text(kept.replace('"started": "', '"started": "1'))
    server.stop()
    assert server.alive()
    note.write_text(kept)


def test_one_folder_is_nothing_to_another(server: Server) -> None:
    with open_folder() as folder:
        other = Server(folder)
        other.start()
        write(other, "create table here as select 1 as n")
        other.stop()
    assert server.alive()
    with psycopg.connect(server.connection_string(SUPERUSER)) as conn:
        assert conn.execute("select to_regclass('here')").fetchone() == (None,)


def test_no_folder_above_the_data_is_opened_and_no_secret_is_readable_by_others() -> None:
    with open_folder() as parent:
        parent.chmod(0o711)
        before = [stat.S_IMODE(folder.stat().st_mode) for folder in (parent, parent.parent, Path("/"))]
        with open_box(parent / "data") as box:
            assert [stat.S_IMODE(folder.stat().st_mode) for folder in (parent, parent.parent, Path("/"))] == before
            for name in ("secrets.json", "owner", "server.json", "members"):
                assert stat.S_IMODE((box.server.data / name).stat().st_mode) == 0o600, name
            assert stat.S_IMODE((box.server.data).stat().st_mode) & 0o066 == 0
            assert stat.S_IMODE((box.server.data / "run").stat().st_mode) & 0o066 == 0


def test_a_password_is_asked_for_and_no_port_is_open(server: Server) -> None:
    given = server.connection_string(SUPERUSER)
    with psycopg.connect(given) as conn:
        assert conn.execute("show listen_addresses").fetchone() == ("",)
        assert conn.execute("show fsync").fetchone() == ("on",)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(given, password="guess")


def test_a_path_too_long_for_a_socket_gets_a_short_one_and_spaces_do_no_harm() -> None:
    with open_folder() as parent:
        parent.chmod(0o711)
        server = Server(parent / ("a long name with spaces " * 5))
        server.start()
        try:
            assert server.alive()
        finally:
            server.stop()


def test_a_half_made_cluster_is_made_anew(data_folder: Path) -> None:
    (data_folder / "postgres.new-half" / "cluster").mkdir(parents=True)
    (data_folder / "lock").touch()
    server = Server(data_folder)
    server.start()
    assert server.alive()
    server.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends Postgres another account")
def test_root_is_told_about_a_closed_parent_and_it_stays_closed() -> None:
    with open_folder() as parent:
        parent.chmod(0o700)
        with pytest.raises(StudyError, match="closed to others"):
            Server(parent / "data").start()
        assert stat.S_IMODE(parent.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends Postgres another account")
def test_programs_out_of_the_accounts_reach_are_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    runner = accounts.account()
    reaches = accounts.Account.reaches
    monkeypatch.setattr(accounts.Account, "reaches", lambda self, path: "cache" in str(path) and reaches(self, path))
    with open_folder() as folder:
        folder.chmod(0o755)
        programs = accounts.binaries(runner, folder / "cache")
        assert programs.is_relative_to(folder / "cache")
        assert "PostgreSQL" in runner.run(programs / "initdb", "--version").stdout
