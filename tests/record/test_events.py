"""Stamps, request ids, and what can never be changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import psycopg
import pytest
from psycopg import sql

from study.chain import reading_fault
from tests.home import Home
from tests.record.acts import as_superuser, at_once, at_step, call, events, lock, new_id, payload, refused, where
from tests.small_study import small_study

SEALED = ("events", "study_events", "event_payloads", "grades")


def test_stamps_rise_and_the_chain_holds_from_begun_to_completed(home: Home) -> None:
    made = small_study(home)
    page = at_step(made, made.add_reader(), 99)
    rows = events(made, page["reading"])
    stamps = [row.at for row in rows]
    assert stamps == sorted(stamps)
    assert reading_fault(rows) is None
    assert [row.kind for row in rows[:3]] == ["begun", "shown", "locked"]
    assert rows[-1].kind == "completed"


def test_a_stamp_never_goes_back_behind_the_one_before(home: Home) -> None:
    made = small_study(home)
    wire = made.add_reader()
    page = at_step(made, wire, 0)
    ahead = datetime.now(UTC) + timedelta(hours=1)
    as_superuser(made, "update study.readings set last_at = %s where reading = %s", ahead, page["reading"])
    lock(made, wire, page)
    assert [row.at for row in events(made, page["reading"])[2:]] == [ahead, ahead]


def test_shown_names_the_evidence_and_its_form_and_never_its_content(home: Home) -> None:
    made = small_study(home)
    page = at_step(made, made.add_reader(), 1)
    shown = [payload(row) for row in events(made, page["reading"]) if row.kind == "shown"]
    assert [step["evidence"] for step in shown] == [
        [{"id": "history", "form": "text"}],
        [{"id": "picture", "form": "image"}],
    ]


def test_a_repeated_request_is_carried_out_once_and_answered_the_same(home: Home) -> None:
    made = small_study(home)
    wire = made.add_reader()
    page = at_step(made, wire, 2)
    request = {"answer": {"lines": ["Gout"], "confidence": 1}, "client": {"ms": 3}, "request_id": new_id()}
    first = call(wire, "turn", **where(page), **request)
    again = call(wire, "turn", **where(page), **request)
    assert (first["verdict"]["kind"], again["verdict"]) == ("locked", first["verdict"])
    assert sum(row.kind == "locked" and row.step == 2 for row in events(made, page["reading"])) == 1


def test_a_request_id_used_for_something_else_is_refused(home: Home) -> None:
    made = small_study(home)
    wire = made.add_reader()
    page = at_step(made, wire, 2)
    request = {"client": {}, "request_id": new_id()}
    call(wire, "turn", **where(page), answer={"lines": ["Gout"], "confidence": 1}, **request)
    with refused("RS409", "something else"):
        call(wire, "turn", **where(page), answer={"lines": ["Gout"], "confidence": 2}, **request)
    with refused("RS409", "something else"):
        call(wire, "pause", reading=page["reading"], request_id=request["request_id"])


@pytest.mark.parametrize("same_id", [True, False])
def test_twins_at_the_same_time_write_once(home: Home, same_id: bool) -> None:
    made = small_study(home)
    wire = made.add_reader()
    page = at_step(made, wire, 2)
    shared = new_id()
    ids = [shared if same_id else new_id() for _ in range(6)]
    turn = partial(call, wire, "turn", **where(page), answer={"lines": ["Gout"], "confidence": 1}, client={})
    replies: list[Any] = at_once(*(partial(turn, request_id=one) for one in ids))
    kinds = [reply["verdict"]["kind"] for reply in replies]
    assert kinds.count("locked") == (6 if same_id else 1)
    assert kinds.count("stale") == (0 if same_id else 5)
    assert sum(row.kind == "locked" and row.step == 2 for row in events(made, page["reading"])) == 1


@pytest.mark.parametrize("table", SEALED)
@pytest.mark.parametrize("verb", ["update {0} set {1} = {1}", "delete from {0}", "truncate {0} cascade"])
def test_what_is_sealed_stays_even_for_the_tables_owner(home: Home, table: str, verb: str) -> None:
    made = small_study(home)
    at_step(made, made.add_reader(), 0)
    statement = sql.SQL(verb).format(
        sql.Identifier("study", table), sql.Identifier("study" if table == "grades" else "seq")
    )
    with home.database("postgres") as conn, pytest.raises(psycopg.Error) as fault:
        conn.execute(statement)
    assert fault.value.sqlstate == "RS403"


def test_readings_that_have_events_cannot_be_removed_from_under_them(home: Home) -> None:
    made = small_study(home)
    at_step(made, made.add_reader(), 0)
    for statement in ("delete from study.readings where count > 0", "truncate study.readings cascade"):
        with home.database("postgres") as conn, pytest.raises(psycopg.Error) as fault:
            conn.execute(statement.encode())
        assert fault.value.sqlstate in {"RS403", "23503"}


def test_what_the_browser_tells_of_itself_is_short(home: Home) -> None:
    made = small_study(home)
    wire = made.add_reader()
    page = at_step(made, wire, 0)
    for client in ({"words": "x" * 2000}, ["words"]):
        with refused("RS400", "client"):
            call(wire, "turn", **where(page), answer={}, client=client, request_id=new_id())


def test_a_model_reading_names_the_runner_as_actor_and_the_model_as_reader(home: Home) -> None:
    made = small_study(home)
    made.add_model("a model", ["Gout"])
    model = call(home.owner, "model_readings", study=made.study, name="a model")[0]
    me = call(home.owner, "me")["person"]
    rows = events(made, model["readings"][0]["reading"])
    assert {(row.actor, row.reader) for row in rows} == {(me, model["member"])}
