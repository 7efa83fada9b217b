"""Whose address it is: nobody takes another's place by opening an account under their address first."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from study.database.project import Project as Record
from study.database.project import open_project
from study.database.wire import Refused
from tests.supabase.project import Project
from tests.supabase.record import settings, tokens_of


@pytest.fixture
def record(supabase_project: Project) -> Iterator[Record]:
    with open_project(settings(supabase_project)) as opened:
        yield opened


def test_a_password_given_before_the_address_was_shown_to_be_ones_own_signs_nobody_in(
    record: Record, supabase_project: Project
) -> None:
    taken = supabase_project.new_user(f"{uuid4().hex[:12]}@example.org")
    record.begin(tokens_of(record, supabase_project, taken.email))
    stranger = record.accounts.with_password(taken.email, taken.password)
    with pytest.raises(Refused, match="never set here") as refusal:
        record.begin(stranger)
    assert refusal.value.code == "RS403"


def test_a_password_set_after_a_code_signs_in_and_the_strangers_does_not_any_more(
    record: Record, supabase_project: Project
) -> None:
    taken = supabase_project.new_user(f"{uuid4().hex[:12]}@example.org")
    cookie = record.begin(tokens_of(record, supabase_project, taken.email))
    record.set_password(cookie, "a password of their own 1")
    again = record.begin(record.accounts.with_password(taken.email, "a password of their own 1"))
    assert record.wire(again).call("me")["person"] == record.wire(cookie).call("me")["person"]  # type: ignore[index, call-overload]
    with pytest.raises(Refused):
        record.accounts.with_password(taken.email, taken.password)


def test_a_session_begun_by_password_sets_no_other(record: Record, supabase_project: Project) -> None:
    email = f"{uuid4().hex[:12]}@example.org"
    record.set_password(record.begin(tokens_of(record, supabase_project, email)), "the first password 1")
    cookie = record.begin(record.accounts.with_password(email, "the first password 1"))
    with pytest.raises(Refused, match="Sign in again with a code"):
        record.wire(cookie).call("password_set")
