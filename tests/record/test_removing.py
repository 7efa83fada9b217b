"""Removing one of the staff: their way in ends at once, what they did stays, and somebody always runs the study."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from study.codes import new_code, token_hash
from study.database import Refused
from study.desk import CoordinatorDesk
from tests.home import Connection, Home
from tests.record.acts import acts, as_superuser, at_once, call, refused
from tests.record.attempts import DONE, attempt, call_statement
from tests.record.call import ANYONE, SIGNED_IN
from tests.record.calls import CALLS
from tests.record.world import World, make_world
from tests.small_study import SmallStudy, small_study

SIGNED_OUT = {"RS401", "42501"}  # the wire makes RS401 of both
ELSEWHERE = {"create_study"}  # a coordinator of another study may make one


@pytest.fixture
def wire_role(home: Home) -> Iterator[Connection]:
    with home.database("authenticator") as conn:
        yield conn


def remove(world: World, persona: str) -> None:
    CoordinatorDesk(world.home.owner).remove(world.members[persona], "left the clinic")


@pytest.mark.parametrize("persona", ["coordinator", "grader", "runner", "analyst"])
@pytest.mark.parametrize("elsewhere", [True, False])
def test_whoever_is_removed_is_refused_at_once_on_every_function_of_the_study(
    home: Home, wire_role: Connection, persona: str, elsewhere: bool
) -> None:
    world = make_world(home, "open")
    calls = [one for one in CALLS if one.stage == "open" and persona in one.allowed and one.allowed != SIGNED_IN]
    calls = [one for one in calls if one.function not in ANYONE | ELSEWHERE]
    if elsewhere:
        _also_in(world, persona)
    statements = {one.name: call_statement("api", one.function, one.build(world)) for one in calls}
    assert {attempt(wire_role, world, persona, *given) for given in statements.values()} == {DONE}
    remove(world, persona)
    found = {name: attempt(wire_role, world, persona, *given) for name, given in statements.items()}
    assert set(found.values()) <= ({"RS403", "RS404"} if elsewhere else SIGNED_OUT), found


def _also_in(world: World, persona: str) -> None:
    """The same person coordinates the other study too."""
    as_superuser(
        world.made,
        "update study.members set person = (select person from study.sessions where token_hash = decode(%s, 'hex')) "
        "where handle = %s",
        token_hash(world.tokens[persona] or ""),
        world.members["foreign coordinator"],
    )


@pytest.fixture
def made(home: Home) -> SmallStudy:
    return small_study(home)


def join(made: SmallStudy, role: str) -> tuple[str, str, str]:
    """A new member who has signed in; their handle, their code, their session's token."""
    (reply, code), guest = made.invite(role), made.home.guest()
    assert guest.enter(code.text)["ok"]
    return reply.member, code.text, guest.token


def test_a_removed_members_code_opens_nothing_and_the_chain_says_why(made: SmallStudy) -> None:
    member, code, _ = join(made, "grader")
    made.act("remove_member", member=member, reason="left the clinic")
    assert made.home.guest().enter(code)["reason"] == "unknown"
    assert (acts(made)[-1].kind, "left the clinic" in acts(made)[-1].body) == ("removed", True)
    (person,) = [p for p in call(made.home.owner, "people", study=made.study) if p["member"] == member]
    assert (person["state"], person["invitation"]) == ("removed", None)


def test_the_owner_who_is_removed_from_a_study_stays_signed_in(made: SmallStudy, home: Home) -> None:
    _, _, token = join(made, "coordinator")
    made.act("remove_member", home.wire(token), member=first_coordinator(made), reason="runs other studies")
    assert call(home.owner, "me")["owner"]
    with refused("RS403"):  # they still run models, grade and analyse there
        call(home.owner, "people", study=made.study)


def first_coordinator(made: SmallStudy) -> str:
    people = call(made.home.owner, "people", study=made.study)
    return str(next(p for p in people if p["pseudonym"] == "C01")["member"])


def test_the_only_coordinator_stays_even_where_two_remove_each_other_at_once(made: SmallStudy, home: Home) -> None:
    first = first_coordinator(made)
    with refused("RS409", "only coordinator"):
        made.act("remove_member", member=first, reason="all leave")
    second, _, token = join(made, "coordinator")
    outcomes = at_once(
        lambda: made.act("remove_member", member=second, reason="you go"),
        lambda: made.act("remove_member", made.home.wire(token), member=first, reason="no, you"),
    )
    assert sum(isinstance(one, Refused) for one in outcomes) == 1
    left = as_superuser(
        made,
        "select 1 from study.members where study = %s and role = 'coordinator' and person is not null",
        made.study,
    )
    assert len(left) == 1


def test_what_a_removed_grader_graded_stays(made: SmallStudy, home: Home) -> None:
    member, _, token = join(made, "grader")
    grade = {"case": "alpha", "line": "Gout", "scale": "six", "version": "1", "grade": 5}
    made.act("save_grades", home.wire(token), study=made.study, items=[grade])
    made.act("remove_member", member=member, reason="left")
    assert as_superuser(made, "select count(*) from study.grades where study = %s", made.study) == [(1,)]


@pytest.mark.parametrize(("persona", "act"), [("grader", "removed"), ("left", "withdrawn")])
def test_no_code_lets_in_again_whoever_was_removed_or_left(home: Home, persona: str, act: str) -> None:
    world = make_world(home, "open")
    if persona == "grader":
        remove(world, persona)
    code = new_code()
    with refused("RS409", f"is {act}"):
        world.made.act("reissue", invitation=world.invitations[persona], code_handle=code.handle, code_hash=code.hash)
