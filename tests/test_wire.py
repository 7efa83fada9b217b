"""The wire in the box: one transaction a call, nobody's claims left behind, and every fault one of ours."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from study.codes import new_token, token_hash
from study.database import JSON, Box, Refused, StudyError, TimedOut, Unreachable, open_box
from study.database.migrations import migrate, migrations
from study.database.server import SUPERUSER, Server
from study.database.wire import error_of

PROBES = """
create function api.whoami() returns jsonb language sql as $$ select jsonb_build_object('role', current_user,
    'claims', current_setting('request.jwt.claims', true), 'limit', current_setting('statement_timeout')) $$;
create function api.nap(seconds integer, request_id text default null) returns jsonb language sql
    as $$ select to_jsonb(count(*)) from pg_sleep(seconds) $$;
create function api.echo(given jsonb) returns jsonb language sql as $$ select given $$;
create function api.refuse(code text) returns jsonb language plpgsql
    as $$ begin raise exception 'not this way' using errcode = code; end $$;
grant execute on all functions in schema api to anon, authenticated;
"""


@pytest.fixture
def probed(fresh_box: Box) -> Box:
    """A fresh box with functions that show what a call runs as."""
    with psycopg.connect(superuser(fresh_box), autocommit=True) as conn:
        conn.execute(PROBES.encode())
    return fresh_box


def superuser(box: Box) -> str:
    return box.server.connection_string(SUPERUSER, box.embedded.database)


def fields(reply: JSON) -> dict[str, JSON]:
    assert isinstance(reply, dict)
    return reply


def test_a_visitor_can_ask_about_the_box(box: Box) -> None:
    assert fields(box.wire(None).call("about"))["now"]


def test_the_owner_is_known_by_the_secret_of_the_data_folder(box: Box) -> None:
    assert fields(box.owner.call("me"))["owner"] is True


def test_a_token_that_nobody_has_is_not_signed_in(box: Box) -> None:
    with pytest.raises(Refused) as refusal:
        box.wire("x" * 43).call("me")
    assert refusal.value.code == "RS401"
    assert "Sign in" in refusal.value.message


def test_each_call_runs_in_its_callers_role_and_limit_and_leaves_nothing_behind(probed: Box) -> None:
    signed_in = fields(probed.owner.call("whoami"))
    visitor = fields(probed.wire(None).call("whoami"))
    assert (signed_in["role"], signed_in["limit"]) == ("authenticated", "8s")
    assert (visitor["role"], visitor["limit"]) == ("anon", "3s")
    assert "sub" in str(signed_in["claims"])
    assert "sub" not in str(visitor["claims"])


def test_a_call_past_its_time_limit_is_given_up(probed: Box) -> None:
    began = time.monotonic()
    with pytest.raises(TimedOut):
        probed.wire(None).call("nap", seconds=6)
    assert 2.5 < time.monotonic() - began < 6


def test_json_goes_through_unchanged(probed: Box) -> None:
    given: JSON = {"lines": ["Sjögren's", "100 %s", "'; drop table x"], "none": False, "n": 1.5, "deep": [None, {}]}
    assert probed.owner.call("echo", given=given) == given
    assert probed.owner.call("echo", given=[]) == []


def test_a_refusal_keeps_its_code_and_its_sentence(probed: Box) -> None:
    with pytest.raises(Refused, match="not this way") as refusal:
        probed.owner.call("refuse", code="RS423")
    assert refusal.value.code == "RS423"
    assert fields(probed.owner.call("whoami"))["role"] == "authenticated"


@pytest.mark.parametrize("name", ["drop table", "a;b", "Nap", "nap--", "", "study.people", "nap\n"])
def test_a_name_that_is_none_is_refused_before_it_is_sent(box: Box, name: str) -> None:
    with pytest.raises(Refused, match="cannot be a function"):
        box.wire(None).call(name)
    with pytest.raises(Refused, match="cannot be a function"):
        box.wire(None).call("about", **{name: 1})


def test_a_function_that_is_not_there_or_not_granted_is_refused(box: Box) -> None:
    with pytest.raises(Refused) as missing:
        box.owner.call("no_such_function")
    with pytest.raises(Refused) as forbidden:
        box.wire(None).call("create_study", slug="x", request_id=str(uuid4()))
    assert missing.value.code == "RS404"
    assert forbidden.value.code in {"RS401", "RS404"}


def test_a_session_that_has_ended_is_told_to_sign_in_and_one_that_runs_is_not(probed: Box) -> None:
    with psycopg.connect(superuser(probed), autocommit=True) as conn:
        conn.execute("revoke all on function api.echo(jsonb) from public, anon, authenticated")
    token = new_token()
    probed.owner.call("another_session", token_hash=token_hash(token))
    for end, code in ((False, "RS403"), (True, "RS401")):
        if end:
            probed.wire(token).call("sign_out")
        with pytest.raises(Refused) as refusal:
            probed.wire(token).call("echo", given={})
        assert refusal.value.code == code


@pytest.mark.parametrize(
    ("state", "kind", "code"),
    [
        (None, Unreachable, None),
        ("08006", Unreachable, None),
        ("57P01", Unreachable, None),
        ("53300", Unreachable, None),
        ("57014", TimedOut, None),
        ("RS409", Refused, "RS409"),
        ("22P02", Refused, "RS400"),
        ("23505", Refused, "RS409"),
        ("42501", Refused, "RS403"),
        ("XX000", StudyError, None),
    ],
)
def test_every_state_of_postgres_becomes_one_of_our_errors(state: str | None, kind: type, code: str | None) -> None:
    error = error_of(state, "words", "turn")
    assert type(error) is kind
    assert getattr(error, "code", None) == code


def cut_while_napping(box: Box) -> None:
    """End the connection of the next call of ``nap``, once it is seen to run."""
    with psycopg.connect(superuser(box), autocommit=True) as conn:
        ended = (
            "select pg_terminate_backend(pid) from pg_stat_activity where query like '%%nap%%' and state = 'active' "
        )
        while not conn.execute(ended + "and usename = 'authenticator'").fetchall():
            time.sleep(0.01)


def test_a_reply_lost_on_the_way_is_asked_for_again_only_with_a_request_id(probed: Box) -> None:
    for arguments, outcome in (({}, Unreachable), ({"request_id": str(uuid4())}, None)):
        cutter = threading.Thread(target=cut_while_napping, args=(probed,))
        cutter.start()
        if outcome:
            with pytest.raises(outcome):
                probed.owner.call("nap", seconds=1, **arguments)
        else:
            assert probed.owner.call("nap", seconds=1, **arguments) == 1
        cutter.join()


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


def test_ten_threads_never_see_each_others_claims(probed: Box) -> None:
    wrong: list[JSON] = []

    def ask(token: str | None, role: str) -> None:
        for _ in range(30):
            if (found := fields(probed.wire(token).call("whoami"))["role"]) != role:
                wrong.append(found)

    callers = [(probed.owner_token, "authenticated"), (None, "anon")] * 5
    threads = [threading.Thread(target=ask, args=caller) for caller in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


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
