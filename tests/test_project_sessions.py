"""Sessions on Supabase: any replica takes one up by its cookie alone, and one at a time renews it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import jwt
import psycopg
import pytest

from study.codes import token_hash
from study.database import Refused, _asking
from study.database.accounts import Tokens
from study.database.project import Project as Record
from study.database.sessions import Seal
from study.database.wire import Unreachable, Wire
from tests.supabase import faults
from tests.supabase.project import Project
from tests.supabase.readers import rows
from tests.supabase.record import SEAL, owned, tokens_of
from tests.supabase.replicas import RENEWAL, age, alter, ended, kept, person_of, renewals, replicas


@pytest.fixture(scope="module")
def record(supabase_project: Project) -> Iterator[Record]:
    with owned(supabase_project) as opened:
        yield opened


@pytest.fixture
def cookie(record: Record, supabase_project: Project) -> str:
    """The cookie of somebody's session."""
    return record.begin(tokens_of(record, supabase_project))


def test_another_process_takes_a_session_up_by_its_cookie_alone(
    supabase_project: Project, record: Record, cookie: str
) -> None:
    before = len(supabase_project.front.seen("auth/v1/"))
    with replicas(supabase_project) as (one, two):
        assert person_of(one.wire(cookie)) == person_of(two.wire(cookie)) == person_of(record.wire(cookie))
    assert len(supabase_project.front.seen("auth/v1/")) == before


def test_replicas_that_find_the_token_spent_renew_it_once(supabase_project: Project, cookie: str) -> None:
    age(supabase_project, cookie)
    before = renewals(supabase_project)
    with replicas(supabase_project, 4) as all_of_them, ThreadPoolExecutor(12) as threads:
        wires = [one.wire(cookie) for one in all_of_them for _ in range(3)]
        assert len(set(threads.map(person_of, wires))) == 1
    assert renewals(supabase_project) == before + 1


def test_a_token_that_has_really_run_out_is_renewed_once_though_its_age_tells_another_story(
    supabase_project: Project, record: Record
) -> None:
    tokens = tokens_of(record, supabase_project)
    cookie = record.begin(tokens)
    claims = supabase_project.front.tokens.read(tokens.access)
    old = jwt.encode({**claims, "exp": int(time.time()) - 120}, supabase_project.lite.jwt_secret)
    kept = Seal(SEAL).close(Tokens(old, tokens.refresh, 3600), cookie)
    rows(
        supabase_project,
        "update study.sessions set sealed = %s where token_hash = decode(%s, 'hex')",
        kept,
        token_hash(cookie),
    )
    before = renewals(supabase_project)
    with replicas(supabase_project) as pair, ThreadPoolExecutor(6) as threads:
        assert len(set(threads.map(person_of, [one.wire(cookie) for one in pair for _ in range(3)]))) == 1
    assert renewals(supabase_project) == before + 1


def test_a_replica_that_died_with_the_lease_is_overtaken_after_its_time(supabase_project: Project, cookie: str) -> None:
    age(supabase_project, cookie)
    alter(supabase_project, cookie, "lease = %s, leased_until = clock_timestamp() + interval '3 s'", uuid4())
    before, began = renewals(supabase_project), time.monotonic()
    with replicas(supabase_project) as pair, ThreadPoolExecutor(2) as threads:
        assert len(set(threads.map(person_of, [one.wire(cookie) for one in pair]))) == 1
    assert 2.8 <= time.monotonic() - began < 13  # the lease, and less than one of its own of 15 s
    assert renewals(supabase_project) == before + 1


def test_a_lease_is_fifteen_seconds_long(supabase_project: Project, record: Record, cookie: str) -> None:
    record.wire(None).call("session_tokens", token=cookie, lease=str(uuid4()))
    assert 13 < kept(supabase_project, cookie, "extract(epoch from leased_until - clock_timestamp())") <= 15
    other: Any = record.wire(None).call("session_tokens", token=cookie, lease=str(uuid4()))
    assert other["held"] is False


def test_whoever_is_overtaken_can_keep_nothing_any_more(supabase_project: Project, record: Record, cookie: str) -> None:
    slow, quick = str(uuid4()), str(uuid4())
    visitor = record.wire(None)
    visitor.call("session_tokens", token=cookie, lease=slow)
    rows(
        supabase_project,
        "update study.sessions set leased_until = now() where token_hash = decode(%s, 'hex')",
        token_hash(cookie),
    )
    visitor.call("session_tokens", token=cookie, lease=quick)
    with pytest.raises(Refused, match="Another process has taken"):
        visitor.call("renew_session", token=cookie, lease=slow, sealed="late")
    visitor.call("renew_session", token=cookie, lease=quick, sealed="in time")
    assert kept(supabase_project, cookie) == "in time"


def test_a_replica_that_died_between_auths_answer_and_the_record_does_no_harm(
    supabase_project: Project, record: Record
) -> None:
    tokens = tokens_of(record, supabase_project)
    cookie = record.begin(tokens)
    record.accounts.renew(tokens.refresh)  # and the new ones die with it
    for _ in range(2):
        age(supabase_project, cookie)
        with replicas(supabase_project, 1) as (other,):
            assert person_of(other.wire(cookie)) == person_of(record.wire(cookie))
    age(supabase_project, cookie)
    assert person_of(record.wire(cookie))


@pytest.mark.parametrize(
    "fault", [faults.failing(500), faults.too_many(), faults.LOST_REPLY, faults.PORTAL, faults.slow(1)]
)
def test_a_renewal_that_gets_no_answer_is_asked_again_under_the_same_lease(
    supabase_project: Project, cookie: str, fault: faults.Fault
) -> None:
    age(supabase_project, cookie)
    began = time.monotonic()
    with supabase_project.front.faulty(RENEWAL, fault, times=2) as rule, replicas(supabase_project, 1) as (other,):
        assert person_of(other.wire(cookie))
    assert rule.hits >= 1
    assert time.monotonic() - began < 13  # the lease of 15 s did not have to run out


def test_a_session_outlives_its_renewals_failing_as_long_as_the_token_lives(
    supabase_project: Project, cookie: str
) -> None:
    age(supabase_project, cookie, 3570)
    with (
        supabase_project.front.faulty(RENEWAL, faults.failing(500), times=99),
        replicas(supabase_project, 1) as (other,),
    ):
        assert person_of(other.wire(cookie))
        assert person_of(other.wire(cookie))


def test_nobody_waits_for_another_replicas_renewal_while_the_token_lives(
    supabase_project: Project, record: Record, cookie: str
) -> None:
    age(supabase_project, cookie, 3570)
    record.wire(None).call("session_tokens", token=cookie, lease=str(uuid4()))
    before, began = renewals(supabase_project), time.monotonic()
    with replicas(supabase_project, 1) as (other,):
        assert person_of(other.wire(cookie))
    assert time.monotonic() - began < 10  # and not the 15 s of the other's lease
    assert renewals(supabase_project) == before


def test_a_renewal_that_never_comes_is_told_within_the_bound(
    supabase_project: Project, cookie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_asking, "BOUND_SECONDS", 2.0)
    age(supabase_project, cookie)
    began, late = time.monotonic(), supabase_project.front.faulty(RENEWAL, faults.slow(30), times=99)
    with late, replicas(supabase_project, 1) as (other,), ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(person_of, other.wire(cookie)) for _ in range(4)]
        told = [one.exception() for one in asked]
    assert time.monotonic() - began < 12  # and not the 30 s of the answer, nor the lease's 15
    assert all(isinstance(fault, Unreachable) and not fault.maybe_done for fault in told), told


def test_what_is_sealed_opens_under_no_other_key_and_for_no_other_cookie(
    supabase_project: Project, record: Record
) -> None:
    mine, theirs = (record.begin(tokens_of(record, supabase_project)) for _ in range(2))
    with replicas(supabase_project, 1, "another secret of at least 32 characters") as (stranger,):
        assert ended(lambda: stranger.wire(mine).call("me"))
    alter(supabase_project, mine, "sealed = %s", kept(supabase_project, theirs))
    with replicas(supabase_project, 1) as (other,):
        assert ended(lambda: other.wire(mine).call("me"))
        assert person_of(other.wire(theirs))


def test_the_key_can_be_changed_without_a_new_sign_in(supabase_project: Project, cookie: str) -> None:
    new = "the secret that comes after it and is long enough"
    with replicas(supabase_project, 1, f"{new},{SEAL}") as (both,):
        assert person_of(both.wire(cookie))
    age(supabase_project, cookie)
    with replicas(supabase_project, 1, f"{new}, {SEAL}") as (both,):
        assert person_of(both.wire(cookie))
    with replicas(supabase_project, 1, new) as (after,), replicas(supabase_project, 1) as (before,):
        assert person_of(after.wire(cookie))
        assert ended(lambda: before.wire(cookie).call("me"))


def test_the_database_never_holds_the_cookie_or_a_token_in_the_clear(supabase_project: Project, record: Record) -> None:
    tokens = tokens_of(record, supabase_project)
    cookie = record.begin(tokens)
    age(supabase_project, cookie)
    with replicas(supabase_project, 1) as (other,):
        assert person_of(other.wire(cookie))
    renewed = Seal(SEAL).open(kept(supabase_project, cookie), cookie)
    assert renewed.refresh != tokens.refresh
    tables = [row[0] for row in rows(supabase_project, "select tablename from pg_tables where schemaname = 'study'")]
    secrets = [cookie, tokens.access, tokens.refresh, renewed.access, renewed.refresh, SEAL]
    with psycopg.connect(supabase_project.database) as conn:
        copies = {table: conn.execute(f"select t::text from study.{table} t").fetchall() for table in tables}
    assert len(copies["sessions"]) > 1
    assert [(table, secret) for table, text in copies.items() for secret in secrets if secret in str(text)] == []
    assert token_hash(cookie) in str(copies["sessions"])


@pytest.mark.parametrize("hours", [2, -2])
def test_a_clock_that_is_wrong_neither_loops_nor_ends_a_session(
    supabase_project: Project, cookie: str, hours: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = time.time
    monkeypatch.setattr(time, "time", lambda: right() + hours * 3600)
    before = renewals(supabase_project)
    with replicas(supabase_project, 1) as (other,):
        assert len({person_of(other.wire(cookie)) for _ in range(5)}) == 1
        assert renewals(supabase_project) == before
    age(supabase_project, cookie)
    with replicas(supabase_project, 1) as (other,):
        assert len({person_of(other.wire(cookie)) for _ in range(5)}) == 1
        fresh = other.begin(tokens_of(other, supabase_project))
        assert person_of(other.wire(fresh))
    assert renewals(supabase_project) == before + 1


def test_threads_of_one_process_renew_once(supabase_project: Project, cookie: str) -> None:
    age(supabase_project, cookie)
    before, start = renewals(supabase_project), threading.Barrier(8)

    def ask(wire: Wire) -> str:
        start.wait(5)
        return person_of(wire)

    with replicas(supabase_project, 1) as (other,), ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(ask, [other.wire(cookie) for _ in range(8)]))) == 1
    assert renewals(supabase_project) == before + 1
