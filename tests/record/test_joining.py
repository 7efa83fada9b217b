"""Signing in by code, and the allotment of cases."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from study.codes import Code, new_code
from study.database import Wire
from tests.home import Guest, Home
from tests.record.acts import as_superuser, at_once, call, new_id, refused
from tests.small_study import SmallStudy, small_study


@pytest.fixture
def made(home: Home) -> SmallStudy:
    return small_study(home, places=3)


def invite(made: SmallStudy) -> tuple[Code, dict[str, Any]]:
    code = new_code()
    return code, made.act("invite", study=made.study, role="reader", code_handle=code.handle, code_hash=code.hash)


def sign_in(made: SmallStudy, code: str) -> dict[str, Any]:
    """Somebody who has never been here comes with a code."""
    return made.home.guest().enter(code)


def wrong(code: Code) -> str:
    """A code with the same handle and another secret."""
    return code.text[:5] + new_code().text[5:]


def consenting(made: SmallStudy) -> Wire:
    _, _, guest = come_in(made)
    wire = made.home.wire(guest.token)
    made.act("consent", wire, study=made.study, decision="given", version="1")
    return wire


def come_in(made: SmallStudy) -> tuple[Code, dict[str, Any], Guest]:
    """Somebody invited who has come in; their code and invitation."""
    code, invited = invite(made)
    guest = made.home.guest()
    assert guest.enter(code.text)["ok"]
    return code, invited, guest


def test_five_wrong_tries_at_a_code_pause_also_the_right_one(made: SmallStudy) -> None:
    code, _ = invite(made)
    left = [sign_in(made, wrong(code))["tries_left"] for _ in range(5)]
    assert left == [4, 3, 2, 1, 0]
    paused = sign_in(made, code.text)
    assert (paused["ok"], paused["reason"]) == (False, "paused")
    as_superuser(made, "update study.tries set paused_until = now() where subject = %s", f"code:{code.handle}")
    assert sign_in(made, code.text)["ok"]


def test_five_wrong_tries_of_one_client_pause_it_for_every_code(made: SmallStudy) -> None:
    code, _ = invite(made)
    guest = made.home.guest()
    for _ in range(5):
        guest.enter(new_code().text)
    assert guest.enter(code.text)["reason"] == "paused"
    assert sign_in(made, code.text)["ok"], "others are not kept out by it"


def test_tries_at_the_same_time_are_counted_one_by_one(made: SmallStudy) -> None:
    code, _ = invite(made)
    guests = [made.home.guest() for _ in range(10)]
    replies = at_once(*(partial(guest.enter, wrong(code)) for guest in guests))
    reasons = [reply["reason"] for reply in replies if isinstance(reply, dict)]
    assert sorted(reasons) == ["paused"] * 5 + ["unknown"] * 5


def test_a_code_and_a_token_are_stored_as_hashes_alone(made: SmallStudy) -> None:
    code, _, guest = come_in(made)
    plain = code.text.replace("-", "")
    for table in ("invitations", "sessions", "requests", "study_events", "tries", "members"):
        found = as_superuser(made, f"select count(*) from study.{table} t where t::text like any (%s)",
                             [f"%{part}%" for part in (plain, code.text, guest.token)])  # fmt: skip
        assert found == [(0,)], table


def test_a_new_code_ends_the_sessions_and_the_old_code(made: SmallStudy) -> None:
    code, invited, guest = come_in(made)
    fresh = new_code()
    made.act("reissue", invitation=invited["invitation"], code_handle=fresh.handle, code_hash=fresh.hash)
    with refused("RS401"):
        made.home.wire(guest.token).call("me")
    assert sign_in(made, code.text)["reason"] == "unknown"
    assert sign_in(made, fresh.text)["ok"]


def test_signing_out_ends_this_session_and_no_other(made: SmallStudy) -> None:
    _, _, here = come_in(made)
    there = here.elsewhere()
    made.home.wire(here.token).call("sign_out")
    with refused("RS401"):
        made.home.wire(here.token).call("me")
    assert call(made.home.wire(there.token), "me")["person"]


def test_consent_can_be_declined_and_given_later_and_reading_needs_it(made: SmallStudy) -> None:
    _, _, guest = come_in(made)
    wire = made.home.wire(guest.token)
    made.act("consent", wire, study=made.study, decision="declined", version="1")
    with refused("RS403", "after the consent"):
        made.act("save_profile", wire, study=made.study, profile={}, languages=["en"])
    with refused("RS403"):
        made.act("instructed", wire, study=made.study)
    made.act("consent", wire, study=made.study, decision="given", version="1")
    made.act("save_profile", wire, study=made.study, profile={}, languages=["en"])
    assert len(made.readings(wire)) == 4


def test_profiles_saved_at_the_same_time_get_different_rows_of_the_plan(made: SmallStudy) -> None:
    wires = [consenting(made) for _ in range(3)]
    jobs = [partial(made.act, "save_profile", w, study=made.study, profile={}, languages=["en"]) for w in wires]
    assert not [reply for reply in at_once(*jobs) if isinstance(reply, BaseException)]
    rows = as_superuser(
        made,
        "select row, count(distinct member) from study.allocations where study = %s and pool = 'en' group by row",
        made.study,
    )
    assert sorted(rows) == [(1, 1), (2, 1), (3, 1)]
    with refused("RS423", "place"):
        made.act("save_profile", consenting(made), study=made.study, profile={}, languages=["en"])


def test_the_same_profile_twice_at_once_takes_one_row(made: SmallStudy) -> None:
    wire = consenting(made)
    job = partial(made.act, "save_profile", wire, study=made.study, profile={}, languages=["en"])
    at_once(job, job, job)
    assert as_superuser(
        made, "select count(*) from study.allocations where study = %s and member is not null", made.study
    ) == [(1,)]


def test_only_the_studys_languages_are_declared_and_they_stay(made: SmallStudy) -> None:
    wire = consenting(made)
    with refused("RS400", "languages"):
        made.act("save_profile", wire, study=made.study, profile={}, languages=["zh"])
    with refused("RS400", "languages"):
        made.act("save_profile", wire, study=made.study, profile={}, languages=[])


def test_a_plan_that_names_what_is_not_there_is_refused_whole(made: SmallStudy) -> None:
    (good,) = as_superuser(
        made, "select plan from study.allocations where study = %s and row = 1 and pool = 'en'", made.study
    )
    entry = good[0][0]
    for change in ({"case": "none"}, {"script": "none"}, {"options": [0, 1, 2, 2]}, {"options": [0, 1]}):
        with refused("RS400", "fits no case"):
            made.act("add_allocation", study=made.study, pool="en", rows=[good[0], [entry | change]], generator={})
    assert made.act("add_allocation", study=made.study, pool="en", rows=[good[0]], generator={})["rows"] == 4


def test_many_acts_in_one_call_stand_each_for_themselves(made: SmallStudy) -> None:
    made.act("enrol_model", study=made.study, name="many", details={}, samples=2)
    models = call(made.home.owner, "model_readings", study=made.study, name="many")
    readings = [row["reading"] for model in models for row in model["readings"]]
    items: list[Any] = [begin(readings[n % 8]) for n in range(199)] + [begin("not a uuid")]
    replies = call(made.home.owner, "turns", items=items)
    kinds = [reply.get("kind", "error") for reply in replies]
    assert (len(replies), kinds.count("begun"), kinds.count("stale"), kinds.count("error")) == (200, 8, 191, 1)
    with refused("RS400", "at most 200"):
        call(made.home.owner, "turns", items=[*items, begin(readings[0])])


def begin(reading: str) -> dict[str, Any]:
    arguments = {"reading": reading, "step": -1, "attempt": 1, "answer": {}, "client": {}, "request_id": new_id()}
    return {"function": "turn", "arguments": arguments}


@pytest.mark.parametrize("item", [None, 5, {}, {"function": "erase", "arguments": {}}, {"function": "turn"}])
def test_an_item_that_is_none_is_refused_and_spoils_no_other(made: SmallStudy, item: Any) -> None:
    made.act("enrol_model", study=made.study, name="one", details={}, samples=1)
    (model,) = call(made.home.owner, "model_readings", study=made.study, name="one")
    replies = call(made.home.owner, "turns", items=[item, begin(model["readings"][0]["reading"])])
    assert "error" in replies[0]
    assert replies[1]["kind"] == "begun"
