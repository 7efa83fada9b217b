"""What only the wire in the box has: a server that it starts again, and migrations that it applies itself."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from study.database import Box, StudyError, TimedOut, open_box
from study.database.migrations import migrate, migrations
from study.database.server import SUPERUSER, Server
from study.database.wire import error_of


def superuser(box: Box) -> str:
    return box.server.connection_string(SUPERUSER, box.embedded.database)


def test_the_owner_is_known_by_the_secret_of_the_data_folder(box: Box) -> None:
    me = box.wire((box.server.data / "owner").read_text()).call("me")
    assert isinstance(me, dict)
    assert me["owner"] is True


def test_the_wire_outlives_a_killed_server(data_folder: Path) -> None:
    with open_box(data_folder) as box:
        wires = [box.owner, box.wire(None)]
        for wire in wires:
            wire.call("about")
        pid = int((box.server.folder / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        while box.server.alive():
            time.sleep(0.01)
        assert [bool(wire.call("about")) for wire in wires] == [True, True]


def test_one_lost_reply_is_enough_to_let_go_of_every_connection_that_dies_with_it(data_folder: Path) -> None:
    with open_box(data_folder) as box:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: box.owner.call("about"), range(64)))
        idle = "select pid from pg_stat_activity where usename = 'authenticator' order by state_change"
        with psycopg.connect(box.server.connection_string(SUPERUSER), autocommit=True) as conn:
            pids = [row[0] for row in conn.execute(idle)]
            for pid in pids:  # Stopped, so that each is still there when asked and dies only after: one by one.
                os.kill(pid, signal.SIGSTOP)
                conn.execute("select pg_terminate_backend(%s)", [pid])
        for place, pid in enumerate(pids):
            threading.Timer(0.3 * (place + 1), os.kill, [pid, signal.SIGCONT]).start()
        assert len(pids) > 1
        assert box.owner.call("about")


def test_a_process_that_stands_still_in_the_middle_of_a_call_holds_its_locks_no_longer_than_the_limit(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("study.database.embedded.TRANSACTION_LIMIT", "500ms")
    with open_box(data_folder) as box:
        with psycopg.connect(box.server.connection_string(SUPERUSER), autocommit=True) as conn:
            conn.execute("create table held as select 1 as one; grant all on held to authenticator")
            still = box.embedded._pool.getconn()  # as a stopped worker leaves it: begun, and neither kept nor undone
            still.execute("begin; update held set one = 2")
            began = time.monotonic()
            conn.execute("set statement_timeout = '10s'; update held set one = 3")
            assert (time.monotonic() - began < 10, conn.execute("select one from held").fetchone()) == (True, (3,))
        with pytest.raises(psycopg.Error) as fault:
            still.execute("commit")
        assert isinstance(error_of(fault.value.sqlstate, "", "claim_readings"), TimedOut)
        box.embedded._pool.putconn(still)
        assert box.owner.call("about")


def test_a_port_in_the_environment_is_not_the_boxs(test_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPORT", "1")
    assert test_server.alive()


def test_migrations_are_recorded_and_a_second_run_applies_none(test_server: Server) -> None:
    assert migrate(test_server) == []
    with psycopg.connect(test_server.connection_string(SUPERUSER)) as conn:
        rows = conn.execute("select version, name, statements[1] from supabase_migrations.schema_migrations").fetchall()
    assert {(m.version, m.name, m.text) for m in migrations()} < set(rows)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A copy of the migrations, to be changed."""
    for migration in migrations():
        (tmp_path / f"{migration.version}_{migration.name}.sql").write_text(migration.text)
    return tmp_path


def test_a_migration_that_fails_leaves_nothing_and_is_named_with_its_line(fresh_box: Box, files: Path) -> None:
    server, database = fresh_box.server, fresh_box.embedded.database
    (files / "20990101_first.sql").write_text("create table study.half (n int);\nselect nothing_here;")
    with pytest.raises(StudyError, match="20990101_first failed at line 2"):
        migrate(server, files, database)
    with psycopg.connect(superuser(fresh_box)) as conn:
        assert conn.execute("select to_regclass('study.half')").fetchone() == (None,)


def test_data_made_by_other_migrations_is_refused(fresh_box: Box, files: Path) -> None:
    first, last = sorted(files.iterdir())[0], sorted(files.iterdir())[-1]
    first.write_text(first.read_text() + "-- changed")
    with pytest.raises(StudyError, match=f"{first.stem} is not the one"):
        migrate(fresh_box.server, files, fresh_box.embedded.database)
    last.unlink()
    with pytest.raises(StudyError, match="made by a newer readerstudy"):
        migrate(fresh_box.server, files, fresh_box.embedded.database)
