"""Every wire: one transaction a call, nobody's claims left behind, and every fault one of ours."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from study.database import JSON, Refused, StudyError, TimedOut, Unreachable
from study.database.wire import error_of
from tests.home import Home

PROBES = """
create function api.whoami() returns jsonb language sql as $$ select jsonb_build_object('role', current_user,
    'claims', current_setting('request.jwt.claims', true), 'limit', current_setting('statement_timeout')) $$;
create function api.nap(seconds integer, request_id text default null) returns jsonb language sql
    as $$ select to_jsonb(count(*)) from pg_sleep(seconds) $$;
create function api.echo(given jsonb) returns jsonb language sql as $$ select given $$;
create function api.refuse(code text) returns jsonb language plpgsql
    as $$ begin raise exception 'not this way' using errcode = code; end $$;
create function api.half(subject text) returns jsonb language plpgsql security definer
    as $$ begin insert into study.tries (subject) values (subject); perform study.refuse('RS409', 'only half'); end $$;
grant execute on function api.whoami(), api.nap(integer, text), api.echo(jsonb), api.refuse(text), api.half(text)
    to anon, authenticated;
"""
NO_PROBES = """
drop function if exists api.whoami(), api.nap(integer, text), api.echo(jsonb), api.refuse(text), api.half(text)
"""


@pytest.fixture
def probed(home: Home) -> Iterator[Home]:
    """A home with functions that show what a call runs as."""
    with home.database() as conn:
        conn.execute(NO_PROBES.encode())
        conn.execute(PROBES.encode())
        home.schema_changed()
        yield home
        conn.execute(NO_PROBES.encode())
        home.schema_changed()


def fields(reply: JSON) -> dict[str, JSON]:
    assert isinstance(reply, dict)
    return reply


def test_a_visitor_can_ask_what_is_here(home: Home) -> None:
    told = fields(home.wire(None).call("about"))
    assert (bool(told["now"]), told["home"]) == (True, home.kind)


def test_the_owner_is_known(home: Home) -> None:
    assert fields(home.owner.call("me"))["owner"] is True


def test_a_token_that_nobody_has_is_not_signed_in(home: Home) -> None:
    with pytest.raises(Refused) as refusal:
        home.wire("x" * 43).call("me")
    assert refusal.value.code == "RS401"
    assert "Sign in" in refusal.value.message


def test_each_call_runs_in_its_callers_role_and_limit_and_leaves_nothing_behind(probed: Home) -> None:
    signed_in = fields(probed.owner.call("whoami"))
    visitor = fields(probed.wire(None).call("whoami"))
    assert (signed_in["role"], signed_in["limit"]) == ("authenticated", "8s")
    assert (visitor["role"], visitor["limit"]) == ("anon", "3s")
    assert "sub" in str(signed_in["claims"])
    assert "sub" not in str(visitor["claims"])


def test_a_call_past_its_time_limit_is_given_up(probed: Home) -> None:
    began = time.monotonic()
    with pytest.raises(TimedOut):
        probed.wire(None).call("nap", seconds=20)
    assert 2.5 < time.monotonic() - began < 15


def test_json_goes_through_unchanged(probed: Home) -> None:
    given: Any = {"lines": ["Sjögren's", "100 %s", "'; drop table x"], "none": False, "n": 1.5, "deep": [None, {}]}
    given |= {"large": 9007199254740993, "small": -1e-7, "one": 1.0, "text": '\u2028 "quoted" \\ \U0001f480', "": ""}
    reply: Any = probed.owner.call("echo", given=given)
    assert reply == given
    assert [type(reply[name]) for name in ("large", "small", "one")] == [int, float, float]
    assert probed.owner.call("echo", given=[]) == []


def test_a_refusal_keeps_its_code_and_its_sentence(probed: Home) -> None:
    with pytest.raises(Refused, match="not this way") as refusal:
        probed.owner.call("refuse", code="RS423")
    assert refusal.value.code == "RS423"
    assert fields(probed.owner.call("whoami"))["role"] == "authenticated"


def test_what_a_refused_call_had_written_is_taken_back(probed: Home) -> None:
    subject = uuid4().hex
    with pytest.raises(Refused, match="only half"):
        probed.owner.call("half", subject=subject)
    with probed.database() as conn:
        assert conn.execute("select count(*) from study.tries where subject = %s", [subject]).fetchone() == (0,)


@pytest.mark.parametrize("name", ["drop table", "a;b", "Nap", "nap--", "", "study.people", "nap\n"])
def test_a_name_that_is_none_is_refused_before_it_is_sent(home: Home, name: str) -> None:
    with pytest.raises(Refused, match="cannot be a function"):
        home.wire(None).call(name)
    with pytest.raises(Refused, match="cannot be a function"):
        home.wire(None).call("about", **{name: 1})


def test_a_function_that_is_not_there_or_not_granted_is_refused(home: Home) -> None:
    with pytest.raises(Refused) as missing:
        home.owner.call("no_such_function")
    with pytest.raises(Refused) as forbidden:
        home.wire(None).call("create_study", slug="x", request_id=str(uuid4()))
    assert missing.value.code == "RS404"
    assert forbidden.value.code in {"RS401", "RS404"}


def test_a_session_that_has_ended_is_told_to_sign_in_and_one_that_runs_is_not(probed: Home) -> None:
    token = probed.mailed()
    with probed.database() as conn:
        conn.execute("revoke all on function api.echo(jsonb) from public, anon, authenticated")
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


def test_a_reply_lost_on_the_way_is_asked_for_again_only_with_a_request_id(probed: Home) -> None:
    with probed.losing_an_answer("nap"), pytest.raises(Unreachable):
        probed.owner.call("nap", seconds=1)
    with probed.losing_an_answer("nap"):
        assert probed.owner.call("nap", seconds=1, request_id=str(uuid4())) == 1


def test_ten_threads_never_see_each_others_claims(probed: Home) -> None:
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
