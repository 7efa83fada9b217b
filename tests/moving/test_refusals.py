"""What is not moved, what is not overwritten, and what nobody can reach before it has arrived."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from study.codes import new_code
from study.database import Box, Refused, StudyError
from study.moving.move import give_up, move, stay
from study.moving.side import Side
from study.verify import verify
from tests.home import BoxHome
from tests.moving.acts import count, graded, half_moved, join, moved, played, quiet, rows
from tests.record.acts import refused
from tests.small_study import small_study

SEALED = ("events", "event_payloads", "study_events", "grades")


def test_an_open_study_is_not_moved_and_leaves_no_trace(here: Box, there: Box) -> None:
    made = small_study(here)
    with pytest.raises(StudyError, match="pause it first"):
        move(here, there, made.study, quiet)
    assert Side(here, made.study).manifest().moved_to is None
    assert count(there, "arrivals") == 0


def test_a_record_that_does_not_hold_is_not_moved(here: Box, there: Box) -> None:
    made = played(here).made
    with BoxHome(here).database() as conn:
        conn.execute("set session_replication_role = replica")
        conn.execute("update study.events set step = 9 where seq = 3")
    with pytest.raises(StudyError, match=r"does not hold as it is .*row 3: its hash does not follow"):
        move(here, there, made.study, quiet)
    assert Side(here, made.study).manifest().moved_to is None


def test_a_study_is_not_moved_onto_itself_or_its_original(here: Box, there: Box) -> None:
    made = played(here).made
    with pytest.raises(Refused, match="is here already\\. Nothing is overwritten"):
        move(here, here, made.study, quiet)
    moved(here, there, made)
    with pytest.raises(Refused, match=r"is here already and was moved to .*\. Nothing is overwritten"):
        move(there, here, made.study, quiet)
    assert Side(there, made.study).manifest().moved_to is None


def test_another_study_of_the_same_short_name_is_not_overwritten(here: Box, there: Box) -> None:
    made, other = played(here).made, small_study(there)
    with BoxHome(there).database() as conn:
        conn.execute("update study.studies set slug = %s", [made.slug])
    with pytest.raises(Refused, match="Another study is named"):
        move(here, there, made.study, quiet)
    assert rows(there, other.study)["cases"]


def test_a_study_that_lives_elsewhere_is_neither_moved_again_nor_written_over(here: Box, there: Box, box: Box) -> None:
    made = played(here).made
    moved(here, there, made)
    with pytest.raises(StudyError, match=r"was moved to .*: it goes on there"):
        move(here, box, made.study, quiet)
    assert move(here, there, made.study, quiet).before
    stay(here, made.study, "the other is gone, they say")
    with pytest.raises(StudyError, match=r"has the study .* already\. Nothing is overwritten"):
        move(here, there, made.study, quiet)


def test_only_an_owner_who_coordinates_the_study_moves_it(here: Box, there: Box) -> None:
    play = played(here)
    with refused("RS404"):
        move(there, here, play.made.study, quiet)
    with refused("RS403", "owner"):
        join_as_coordinator(here, play.made.study).call("moving_manifest", study=play.made.study)


def join_as_coordinator(box: Box, study: str) -> Any:
    code = new_code()
    made = small_study(box)
    made.act("invite", study=study, role="coordinator", code_handle=code.handle, code_hash=code.hash)
    return join(made, box, code)


def test_nobody_reaches_a_study_that_is_still_arriving(here: Box, there: Box) -> None:
    play = played(here)
    half_moved(here, there, play.made)
    assert count(there, "invitations") == count(here, "invitations")
    for code in play.codes.values():
        with refused("RS423", "being moved"):
            join(play.made, there, code)
    assert there.owner.call("studies") == []
    study = play.made.study
    for function in ("study_status", "matrix", "people", "study_home", "export_study"):
        with refused("RS404"):
            there.owner.call(function, study=study)
    with refused("RS404"):
        there.owner.call("open_reading", reading=play.pages["half"]["reading"], visit=None)
    with refused("RS404"):
        there.owner.call("resume_study", study=study, reason="x", request_id=study)


def test_an_address_takes_up_nothing_that_is_still_arriving(here: Box, there: Box) -> None:
    play = played(here)
    half_moved(here, there, play.made)
    assert taken_up(there, "one@example.org") == 0
    moved(here, there, play.made)
    assert taken_up(there, "one@example.org") == 1
    assert taken_up(here, "one@example.org") == 0, "of the original nothing is taken up any more"


def taken_up(box: Box, email: str) -> int:
    """How many invitations somebody with this confirmed address takes up at sign-in; they then leave again."""
    person = "5b1f0d0e-0000-4000-8000-00000000aaaa"
    claims = {"sub": person, "session_id": person, "role": "authenticated", "email": email}
    claims["amr"] = [{"method": "otp", "timestamp": 1}]  # type: ignore[assignment]
    with BoxHome(box).database() as conn, conn.transaction(force_rollback=True):
        conn.execute("insert into auth.users (id, email, email_confirmed_at) values (%s, %s, now())", [person, email])
        conn.execute("select set_config('request.jwt.claims', %s, true)", [json.dumps(claims)])
        row = conn.execute("select desk.enter(%s)", ["ab" * 32]).fetchone()
    assert row is not None
    return int(row[0]["joined"])


def test_a_move_that_is_given_up_leaves_nothing_there_and_the_study_here(here: Box, there: Box) -> None:
    made = played(here).made
    half_moved(here, there, made)
    with refused("RS423", "was moved to"):
        made.act("resume_study", study=made.study, reason="on")
    give_up(here, there, made.study, "the project is too small")
    assert [count(there, table) for table in ("arrivals", "studies", "members", *SEALED)] == [0] * 7
    made.act("resume_study", study=made.study, reason="on")
    made.act("pause_study", study=made.study, reason="again")
    assert verify(here.owner, made.study, here.images).holds
    moved(here, there, made)


def test_what_has_arrived_is_not_given_up(here: Box, there: Box, box: Box) -> None:
    made = played(here).made
    half_moved(here, there, made)
    with pytest.raises(StudyError, match="nothing of it is in"):
        give_up(here, box, made.study, "wrong place")
    moved(here, there, made)
    with pytest.raises(StudyError, match="has arrived: it goes on in"):
        give_up(here, there, made.study, "second thoughts")
    with refused("RS409", "has arrived already"):
        there.owner.call("arrive_forget", study=made.study, wholly=True, amount=10)
    assert verify(there.owner, made.study, there.images).holds


@pytest.mark.parametrize("table", SEALED)
def test_no_row_of_a_study_that_is_here_can_be_forgotten(here: Box, there: Box, table: str) -> None:
    made = played(here).made
    made.close()
    graded(made)
    moved(here, there, made)
    with BoxHome(there).database("postgres") as conn:
        conn.execute("set study.forgetting = 'on'")
        with pytest.raises(psycopg.Error) as fault:
            conn.execute(f"delete from study.{table}".encode())
    assert fault.value.sqlstate == "RS403"


def test_rows_of_another_study_do_not_arrive_with_this_one(here: Box, there: Box) -> None:
    made, other = played(here).made, small_study(there)
    half_moved(here, there, made)
    wire = other.add_reader()
    reading = other.readings(wire)[0]["reading"]
    texts = rows(there, other.study)
    event = json.loads(rows(here, made.study)["events"][0]) | {"reading": reading}
    for part, row in (("cases", texts["cases"][0]), ("members", texts["members"][0]), ("events", json.dumps(event))):
        with refused("RS400", "is not the arriving study's"):
            there.owner.call("arrive_rows", study=made.study, part=part, rows=[row])
    with refused("RS404"):
        there.owner.call("arrive_rows", study=other.study, part="cases", rows=[])
