"""The end of a session on Supabase is its end everywhere, at the next call."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from study.codes import new_code, token_hash
from study.database import Refused, _asking
from study.database.project import Fixed
from study.database.project import Project as Record
from study.database.supabase import SupabaseWire
from study.database.wire import Unreachable
from tests.small_study import IMAGE, SmallStudy
from tests.supabase import faults
from tests.supabase.project import Project
from tests.supabase.readers import Person, invited, reader, study_on
from tests.supabase.record import owned, tokens_of
from tests.supabase.replicas import ended, kept, person_of, replicas


@pytest.fixture(scope="module")
def record(supabase_project: Project) -> Iterator[Record]:
    with owned(supabase_project) as opened:
        yield opened


@pytest.fixture(scope="module")
def made(record: Record, supabase_project: Project) -> SmallStudy:
    return study_on(record, supabase_project, places=20)


@pytest.fixture
def cookie(record: Record, supabase_project: Project) -> str:
    """The cookie of somebody's session."""
    return record.begin(tokens_of(record, supabase_project))


def test_a_sign_out_ends_the_session_everywhere_at_once(supabase_project: Project, record: Record) -> None:
    tokens = tokens_of(record, supabase_project)
    cookie = record.begin(tokens)
    with replicas(supabase_project) as (one, two):
        assert person_of(one.wire(cookie)) == person_of(two.wire(cookie))
        one.end(cookie)
        assert ended(lambda: two.wire(cookie).call("me"))
        assert ended(lambda: one.wire(cookie).call("me"))
        assert ended(lambda: two.accounts.renew(tokens.refresh))
    assert kept(supabase_project, cookie) is None


def test_a_sign_out_that_did_not_reach_the_record_is_not_called_one(
    supabase_project: Project, record: Record, cookie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_asking, "BOUND_SECONDS", 1.0)
    with supabase_project.front.faulty("rpc/sign_out$", faults.failing(503), times=99), pytest.raises(Unreachable):
        record.end(cookie)
    assert person_of(record.wire(cookie))
    with supabase_project.front.faulty("auth/v1/logout", faults.failing(503), times=99):
        record.end(cookie)
    assert ended(lambda: record.wire(cookie).call("me"))


def test_an_access_token_that_outlives_its_session_opens_nothing_of_ours(
    supabase_project: Project, record: Record, made: SmallStudy
) -> None:
    someone = reader(made, record, supabase_project)
    access = record._session(someone.cookie).access()
    page = someone.at_differential()
    assert record.images_of(someone.cookie).read(made.study, IMAGE)
    record.end(someone.cookie)
    assert supabase_project.front.tokens.read(access)["exp"] > time.time()
    late = SupabaseWire(supabase_project.url, supabase_project.key, record._http, Fixed(access))
    assert ended(lambda: late.call("me"))
    assert ended(lambda: late.call("study_home", study=made.study))
    assert ended(lambda: late.call("open_reading", reading=page["reading"], visit=None))
    assert ended(lambda: late.call("enter", token_hash=token_hash("another cookie")))
    headers = {"apikey": supabase_project.key, "authorization": f"Bearer {access}"}
    image = record._http.get(f"{supabase_project.url}/storage/v1/object/evidence/{made.study}/{IMAGE}", headers=headers)
    assert image.status_code == 400


def reissue(study: SmallStudy, person: Person) -> None:
    code = new_code()
    study.act("reissue", invitation=person.invitation, code_handle=code.handle, code_hash=code.hash)


def remove(study: SmallStudy, person: Person) -> None:
    study.act("remove_member", member=person.member, reason="has left")


@pytest.mark.parametrize(("role", "act"), [("reader", reissue), ("grader", remove)])
def test_a_new_code_or_a_removal_ends_every_session_of_that_person(
    supabase_project: Project, record: Record, made: SmallStudy, role: str, act: Callable[[SmallStudy, Person], None]
) -> None:
    someone = invited(made, record, supabase_project, role)
    record.accounts.send_code(someone.email)
    second = record.begin(record.accounts.with_code(someone.email, supabase_project.otp_for(someone.email)))
    with replicas(supabase_project) as (one, two):
        assert person_of(one.wire(someone.cookie)) == person_of(two.wire(second))
        act(made, someone)
        assert ended(lambda: one.wire(someone.cookie).call("me"))
        assert ended(lambda: two.wire(second).call("me"))


def test_a_reader_who_was_withdrawn_turns_no_page_on_any_replica(
    supabase_project: Project, record: Record, made: SmallStudy
) -> None:
    someone = reader(made, record, supabase_project)
    page = someone.at_differential()
    with replicas(supabase_project, 1) as (other,):
        wire = other.wire(someone.cookie)
        assert person_of(wire)
        made.act("withdraw_reader", member=someone.member, mode="keep", reason="asked for it")
        with pytest.raises(Refused):
            made.turn(wire, page, {"lines": ["Gout"], "confidence": 70})
