"""What goes wrong between the app and Supabase: it is asked again, or told truthfully, and carried out once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from study.database import Refused, Unreachable, _asking, _http
from study.database.project import Project as Record
from study.database.project import open_project
from study.database.wire import TooBusy, Unavailable, repeatable
from tests.small_study import SmallStudy
from tests.supabase import faults
from tests.supabase.faults import Fault
from tests.supabase.project import Project
from tests.supabase.readers import Person, invited, reader, rows, study_on
from tests.supabase.record import owned, settings

TURN = "POST /rest/v1/rpc/turn$"
HOME = "POST /rest/v1/rpc/study_home$"
PASSING = {
    "lost request": faults.LOST_REQUEST,
    "lost reply": faults.LOST_REPLY,
    "half a reply": faults.HALF_REPLY,
    "half a reply as if whole": faults.SHORT_REPLY,
    "nothing as a reply": faults.EMPTY_REPLY,
    "a reply that only looks whole": faults.BROKEN_REPLY,
    "a portal's page": faults.PORTAL,
    "500": faults.failing(500),
    "502 in HTML": faults.failing(502, html=True),
    "503": faults.failing(503),
    "504 in HTML": faults.failing(504, html=True),
    "429": faults.too_many(),
}


@pytest.fixture(scope="module")
def record(supabase_project: Project) -> Iterator[Record]:
    with owned(supabase_project) as opened:
        yield opened


@pytest.fixture(scope="module")
def made(record: Record, supabase_project: Project) -> SmallStudy:
    return study_on(record, supabase_project, places=80)


@pytest.fixture
def person(made: SmallStudy, record: Record, supabase_project: Project) -> Person:
    return reader(made, record, supabase_project)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bound of two seconds instead of twenty-five, for what is given up."""
    monkeypatch.setattr(_asking, "BOUND_SECONDS", 2.0)


def locked(project: Project, page: dict[str, Any]) -> int:
    """How often the page's step is locked in the record."""
    found = "select count(*) from study.events where reading = %s and step = %s and kind = 'locked'"
    return int(rows(project, found, page["reading"], page["step"])[0][0])


def draft_of(person: Person, page: dict[str, Any]) -> dict[str, Any]:
    """A draft as the app keeps it."""
    place = {"reading": page["reading"], "step": page["step"], "attempt": 1, "tab": "t", "number": 1}
    return {"token": person.cookie, "kind": "draft", "body": {"lines": [person.member]}, **place}


def lock(person: Person, page: dict[str, Any]) -> dict[str, Any]:
    """Lock the differential of the page; the next page."""
    return person.study.turn(person.wire, page, {"lines": ["Gout"], "confidence": 70})


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_a_write_is_sent_until_it_is_answered_and_carried_out_once(
    supabase_project: Project, person: Person, fault: Fault
) -> None:
    page = person.at_differential()
    with supabase_project.front.faulty(TURN, fault, times=2) as rule:
        after = lock(person, page)
    assert rule.hits == 2
    assert (after["step"], locked(supabase_project, page)) == (page["step"] + 1, 1)


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_a_read_is_asked_until_it_is_answered(supabase_project: Project, person: Person, fault: Fault) -> None:
    with supabase_project.front.faulty(HOME, fault, times=2) as rule:
        assert person.study.readings(person.wire)
    assert rule.hits == 2


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_a_write_that_is_never_answered_is_told_as_it_is_and_may_be_sent_again(
    supabase_project: Project, person: Person, fault: Fault, short: None
) -> None:
    page, began = person.at_differential(), time.monotonic()
    with supabase_project.front.faulty(TURN, fault, times=99), pytest.raises(Unreachable) as told:
        lock(person, page)
    assert time.monotonic() - began < 12  # the short bound, and not the 25 s of the long one
    written = locked(supabase_project, page)
    assert told.value.maybe_done or written == 0
    assert ("Nothing was carried out." in str(told.value)) is not told.value.maybe_done
    lock(person, page)
    assert locked(supabase_project, page) == 1


def test_a_reply_that_was_lost_before_the_project_was_paused_is_not_called_undone(
    supabase_project: Project, person: Person
) -> None:
    page, front = person.at_differential(), supabase_project.front
    with (
        front.faulty(TURN, faults.PAUSED, times=9),
        front.faulty(TURN, faults.LOST_REPLY),
        pytest.raises(Unavailable) as told,
    ):
        lock(person, page)
    assert locked(supabase_project, page) == 1
    assert "is paused" in str(told.value)
    assert "Whether it arrived is not known; trying again is safe" in str(told.value)


@pytest.mark.parametrize("fault", [faults.LOST_REPLY, faults.failing(503), faults.HALF_REPLY])
def test_what_may_not_be_repeated_is_sent_once(supabase_project: Project, person: Person, fault: Fault) -> None:
    front = supabase_project.front
    with front.faulty("rpc/redeem$", fault, times=9) as rule, pytest.raises(Unreachable, match="is not known") as told:
        person.wire.call("redeem", code="0000-0000-0000-0000")
    assert (rule.hits, told.value.maybe_done) == (1, True)


def test_too_many_requests_wait_as_long_as_they_are_told_to(supabase_project: Project, person: Person) -> None:
    with supabase_project.front.faulty("rpc/redeem$", faults.too_many(2)) as rule:
        began = time.monotonic()
        person.wire.call("redeem", code="0000-0000-0000-0000")
    assert rule.hits == 1
    assert time.monotonic() - began >= 2


def test_a_wait_that_is_too_long_is_told_at_once(supabase_project: Project, person: Person) -> None:
    with (
        supabase_project.front.faulty(HOME, faults.too_many(600)),
        pytest.raises(TooBusy, match="in 600 seconds") as told,
    ):
        person.study.readings(person.wire)
    assert not told.value.maybe_done


def test_the_bound_holds_though_every_answer_is_late(
    supabase_project: Project, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_asking, "BOUND_SECONDS", 3.0)
    began = time.monotonic()
    with supabase_project.front.faulty(HOME, faults.slow(15), times=99), pytest.raises(Unreachable):
        person.study.readings(person.wire)
    assert 2.5 <= time.monotonic() - began < 10


def test_a_late_answer_is_waited_for(supabase_project: Project, person: Person) -> None:
    with supabase_project.front.faulty(HOME, faults.slow(3)) as rule:
        assert person.study.readings(person.wire)
    assert rule.hits == 1


def test_the_time_outs_are_those_that_are_stated() -> None:
    with _http.client() as client:
        assert (client.timeout.connect, client.timeout.read, client.timeout.write) == (4.0, 12.0, 12.0)
    assert _asking.BOUND_SECONDS == 25.0


def test_an_answer_that_does_not_come_is_given_up_after_twelve_seconds(
    supabase_project: Project, record: Record
) -> None:
    began = time.monotonic()
    with supabase_project.front.faulty("auth/v1/otp$", faults.slow(20)), pytest.raises(Unreachable):
        record.accounts.send_code("somebody@example.org")
    assert 11 <= time.monotonic() - began < 19


@pytest.mark.parametrize("fault", [faults.EXPIRED_TOKEN, faults.BAD_TOKEN], ids=["expired", "signed by another key"])
def test_a_spent_token_is_renewed_and_the_write_is_carried_out_once(
    supabase_project: Project, person: Person, fault: Fault
) -> None:
    page, front = person.at_differential(), supabase_project.front
    before = len(front.seen("auth/v1/token"))
    with front.faulty(TURN, fault) as rule:
        lock(person, page)
    assert rule.hits == 1
    assert locked(supabase_project, page) == 1
    assert len(front.seen("auth/v1/token")) == before + 1


def test_a_token_that_is_never_taken_ends_in_a_sentence_not_in_a_loop(
    supabase_project: Project, person: Person
) -> None:
    front = supabase_project.front
    before = len(front.seen("auth/v1/token"))
    with front.faulty(HOME, faults.BAD_TOKEN, times=99) as rule, pytest.raises(Refused, match="Sign in again") as told:
        person.study.readings(person.wire)
    assert (told.value.code, rule.hits) == ("RS401", 2)
    assert len(front.seen("auth/v1/token")) == before + 1


def test_whoever_answers_a_cookie_gets_none_back(supabase_project: Project, record: Record, person: Person) -> None:
    with supabase_project.front.faulty("", Fault(headers={"set-cookie": "who=you; Path=/"}), times=99):
        person.study.readings(person.wire)
        record.wire(None).call("about")
    assert not [request for request in supabase_project.front.seen() if "cookie" in request.headers]
    assert not list(record._http.cookies.jar)


def test_it_speaks_http_1_1_and_leaves_no_thread_running(supabase_project: Project, person: Person) -> None:
    def ours() -> set[str]:
        return {one.name for one in threading.enumerate() if "process_request_thread" not in one.name}  # the front's

    before = ours()
    with open_project(settings(supabase_project)) as again:
        assert again._http.get(f"{supabase_project.url}/auth/v1/settings").http_version == "HTTP/1.1"
        for _ in range(3):
            again.wire(person.cookie).call("me")
        assert ours() == before
        again.keep_posts([draft_of(person, person.at_differential())])
    assert ours() == before


def test_the_clients_refresh_nothing_by_themselves(supabase_project: Project) -> None:
    with open_project(settings(supabase_project)) as again:
        client = again._visitor._client(None)
    assert not client.auth._auto_refresh_token
    assert client.auth._refresh_token_timer is None


def test_every_reading_function_may_be_asked_twice(supabase_project: Project) -> None:
    names = "select proname from pg_proc where pronamespace = 'desk'::regnamespace and provolatile <> 'v'"
    published = "select proname from pg_proc where pronamespace = 'api'::regnamespace"
    reading = {row[0] for row in rows(supabase_project, names)} & {row[0] for row in rows(supabase_project, published)}
    assert reading
    assert {name for name in reading if not repeatable(name, {})} == set()


def test_posts_of_many_are_each_answered_for_themselves(
    supabase_project: Project, record: Record, made: SmallStudy, short: None
) -> None:
    people = [reader(made, record, supabase_project) for _ in range(3)]
    items = [draft_of(one, one.at_differential()) for one in people]
    items[1]["reading"] = str(uuid4())
    with supabase_project.front.faulty("rpc/turns$", faults.LOST_REPLY, times=2):
        first, foreign, third = record.keep_posts(items)
    assert isinstance(foreign, Refused)
    assert not isinstance(first, Exception)
    assert not isinstance(third, Exception)
    drafts = "select body -> 'lines' ->> 0 from study.drafts where body -> 'lines' ->> 0 = any (%s)"
    kept = {row[0] for row in rows(supabase_project, drafts, [one.member for one in people])}
    assert kept == {people[0].member, people[2].member}
    with supabase_project.front.faulty("rpc/turns$", faults.failing(503), times=99):
        assert all(isinstance(reply, Unreachable) for reply in record.keep_posts(items))


def test_somebody_who_is_no_member_is_refused_not_asked_again(
    supabase_project: Project, record: Record, made: SmallStudy
) -> None:
    stranger = invited(study_on(record, supabase_project), record, supabase_project)
    before = len(supabase_project.front.seen(HOME))
    with pytest.raises(Refused):
        made.readings(stranger.wire)
    assert len(supabase_project.front.seen(HOME)) == before + 1
