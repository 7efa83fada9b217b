"""An invitation by e-mail is for whoever has that very mailbox, and has shown it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from study.database.accounts import Tokens
from study.database.project import Project as Record
from tests.small_study import SmallStudy
from tests.supabase.project import Project
from tests.supabase.readers import rows, study_on
from tests.supabase.record import owned, tokens_of

UNCONFIRMED = "update auth.users set email_confirmed_at = null where email = %s"


@pytest.fixture(scope="module")
def record(supabase_project: Project) -> Iterator[Record]:
    with owned(supabase_project) as opened:
        yield opened


@pytest.fixture(scope="module")
def made(record: Record, supabase_project: Project) -> SmallStudy:
    return study_on(record, supabase_project)


def invite(study: SmallStudy, email: str) -> None:
    """Invite a reader by e-mail."""
    study.invite(name="A", email=email)


def studies_of(record: Record, tokens: Tokens) -> list[str]:
    """The studies of whoever has just signed in."""
    me: Any = record.wire(record.begin(tokens)).call("me")
    return [membership["study"] for membership in me["memberships"]]


@pytest.fixture
def email() -> str:
    return f"dr.{uuid4().hex[:10]}@example.org"


def test_whoever_signs_in_by_the_invited_address_is_in_the_study(
    supabase_project: Project, record: Record, made: SmallStudy, email: str
) -> None:
    invite(made, email)
    assert studies_of(record, tokens_of(record, supabase_project, email)) == [made.study]


@pytest.mark.parametrize("spell", [str.upper, str.title, lambda email: f"  {email} "], ids=["upper", "title", "spaces"])
def test_letters_and_spaces_of_an_address_are_no_other_address(
    supabase_project: Project, record: Record, made: SmallStudy, email: str, spell: Any
) -> None:
    invite(made, spell(email))
    assert studies_of(record, tokens_of(record, supabase_project, email)) == [made.study]


def test_an_address_that_nobody_confirmed_is_in_no_study_until_it_is(
    supabase_project: Project, record: Record, made: SmallStudy, email: str
) -> None:
    invite(made, email)
    tokens = tokens_of(record, supabase_project, email)
    rows(supabase_project, UNCONFIRMED, email)
    assert studies_of(record, tokens) == []
    assert studies_of(record, tokens_of(record, supabase_project, email)) == [made.study]


@pytest.mark.parametrize("other", ["a{}", "{}.org", "x+{}"])
def test_an_address_that_is_much_like_the_invited_one_is_in_no_study(
    supabase_project: Project, record: Record, made: SmallStudy, email: str, other: str
) -> None:
    invite(made, email)
    assert studies_of(record, tokens_of(record, supabase_project, other.format(email))) == []


def test_an_account_that_took_the_invited_address_later_is_in_no_study_by_an_older_token(
    supabase_project: Project, record: Record, made: SmallStudy, email: str
) -> None:
    invite(made, email)
    tokens = tokens_of(record, supabase_project, f"before.{email}")
    rows(supabase_project, "update auth.users set email = %s where email = %s", email, f"before.{email}")
    assert studies_of(record, tokens) == []


def test_somebody_signed_in_when_they_are_invited_is_in_the_study_at_their_next_sign_in(
    supabase_project: Project, record: Record, made: SmallStudy, email: str
) -> None:
    assert studies_of(record, tokens_of(record, supabase_project, email)) == []
    invite(made, email)
    assert studies_of(record, tokens_of(record, supabase_project, email)) == [made.study]


def test_an_invitation_is_taken_up_by_one_account_only(
    supabase_project: Project, record: Record, made: SmallStudy, email: str
) -> None:
    invite(made, email)
    assert studies_of(record, tokens_of(record, supabase_project, email)) == [made.study]
    rows(supabase_project, "update auth.users set email = %s where email = %s", f"gone.{email}", email)
    assert studies_of(record, tokens_of(record, supabase_project, email)) == []
