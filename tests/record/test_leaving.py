"""Withdrawal: kept, excluded or erased; whoever left reads no more."""

from __future__ import annotations

import pytest

from study.chain import reading_fault, study_fault
from study.database import Wire
from tests.home import Home
from tests.record.acts import acts, as_superuser, at_step, call, events, lock, new_id, refused, where
from tests.small_study import SmallStudy, small_study


@pytest.fixture
def made(home: Home) -> SmallStudy:
    return small_study(home)


def half_read(made: SmallStudy) -> tuple[Wire, str]:
    """A reader with a case behind them and a differential half typed, and the reading it is in."""
    wire = made.add_reader()
    at_step(made, wire, 99)
    page = at_step(made, wire, 2, place=1)
    call(wire, "save_draft", **where(page), tab="t", number=1, body={"lines": ["half"]})
    call(wire, "save_telemetry", **where(page), tab="t", number=1, body={"seen": 1})
    return wire, page["reading"]


def leave(made: SmallStudy, wire: Wire, mode: str) -> dict[str, object]:
    reply: dict[str, object] = made.act("leave_study", wire, study=made.study, mode=mode, reason="my name is Ann")
    return reply


def test_erasure_empties_every_payload_and_is_counted_and_the_chain_holds(made: SmallStudy) -> None:
    wire, _ = half_read(made)
    readings = [row["reading"] for row in made.readings(wire)]
    reply = leave(made, wire, "erase")
    rows = [row for reading in readings for row in events(made, reading)]
    assert reply["payloads_erased"] == len(rows) > 10
    assert {(row.payload, row.nonce) for row in rows} == {(None, None)}
    assert [reading_fault(events(made, reading)) for reading in readings] == [None] * len(readings)


def test_erasure_leaves_no_name_profile_draft_telemetry_or_request(made: SmallStudy) -> None:
    wire, reading = half_read(made)
    person = call(wire, "me")["person"]
    ((member,),) = as_superuser(made, "select member from study.members where handle = %s", made.members[0])
    leave(made, wire, "erase")
    assert call(wire, "study_home", study=made.study)["member"]["profile"] == {}
    for statement, value in (
        ("select * from study.identities where member = %s", member),
        ("select * from study.drafts where reading = %s", reading),
        ("select * from study.telemetry where reading = %s", reading),
        ("select * from study.requests where actor = %s and function <> 'leave_study'", person),
    ):
        assert as_superuser(made, statement, value) == []


def test_the_study_chain_notes_the_withdrawal_without_the_words_of_an_erasure(made: SmallStudy) -> None:
    leave(made, half_read(made)[0], "erase")
    chain = acts(made)
    assert study_fault(chain, made.study) is None
    assert chain[-1].kind == "withdrawn"
    assert "Ann" not in "".join(act.body for act in chain)


@pytest.mark.parametrize(
    ("mode", "first", "second"), [("keep", "completed", "withdrawn"), ("exclude", "excluded", "excluded")]
)
def test_what_was_completed_is_kept_or_excluded_as_asked(made: SmallStudy, mode: str, first: str, second: str) -> None:
    wire, _ = half_read(made)
    assert leave(made, wire, mode)["payloads_erased"] == 0
    assert [row["state"] for row in made.readings(wire)[:2]] == [first, second]
    assert all(row.payload for row in events(made, made.readings(wire)[0]["reading"]))


@pytest.mark.parametrize("mode", ["keep", "exclude", "erase"])
def test_nobody_who_left_reads_on(made: SmallStudy, mode: str) -> None:
    wire, reading = half_read(made)
    leave(made, wire, mode)
    place = {"reading": reading, "step": 2, "attempt": 1}
    with refused("RS423", "left this study"):
        call(wire, "open_reading", reading=reading, visit=None)
    with refused("RS423"):
        call(wire, "turn", **place, answer={}, client={}, request_id=new_id())
    with refused("RS423"):
        call(wire, "save_draft", **place, tab="t", number=9, body={})
    with refused("RS423"):
        made.act("consent", wire, study=made.study, decision="given", version="1")


def test_who_left_is_not_brought_back_by_a_milder_withdrawal_or_a_reopening(made: SmallStudy) -> None:
    wire, _ = half_read(made)
    leave(made, wire, "keep")
    with refused("RS423", "left the study"):
        made.reopen(made.readings(wire)[0]["reading"], "again")
    leave(made, wire, "erase")
    with refused("RS409", "stays so"):
        leave(made, wire, "keep")


def test_a_coordinator_withdraws_a_reader_whose_code_then_opens_nothing(made: SmallStudy) -> None:
    wire, reading = half_read(made)
    made.act("withdraw_reader", member=made.members[0], mode="exclude", reason="asked by telephone")
    with refused("RS423"):
        call(wire, "open_reading", reading=reading, visit=None)
    (person,) = [p for p in call(made.home.owner, "people", study=made.study) if p["member"] == made.members[0]]
    assert (person["state"], person["invitation"]) == ("excluded", None)


def test_an_erasure_of_one_reader_touches_no_other(made: SmallStudy) -> None:
    leaving, _ = half_read(made)
    staying, reading = half_read(made)
    leave(made, leaving, "erase")
    assert all(row.payload for row in events(made, reading))
    lock(made, staying, call(staying, "open_reading", reading=reading, visit=None), {"lines": ["x"], "confidence": 1})
