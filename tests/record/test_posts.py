"""Posts of many browsers in one transaction: each is kept or refused by itself, as the session that it names."""

from __future__ import annotations

from typing import Any

import pytest

from study.database import Refused, Wire
from tests.home import Home
from tests.record.acts import LINES, at_step, lock, reopen_page, where
from tests.small_study import SmallStudy, small_study


@pytest.fixture
def made(home: Home) -> SmallStudy:
    return small_study(home)


def post(
    made: SmallStudy, wire: Wire, page: dict[str, Any], number: int, kind: str = "draft", **other: Any
) -> dict[str, Any]:
    """A post as the app hands it on, with the token of this wire's session."""
    body = {"lines": [f"draft {number}"]}
    place = where(page) | {"tab": "one", "number": number, "body": body}
    return {"token": made.tokens[made.readers.index(wire)], "kind": kind, **place, **other}


def kept(wire: Wire, page: dict[str, Any]) -> Any:
    return (reopen_page(wire, page["reading"])["draft"] or {}).get("body")


def test_posts_of_two_readers_are_each_filed_under_their_own_reading(made: SmallStudy) -> None:
    one, two = made.add_reader(), made.add_reader()
    here, there = at_step(made, one, 2), at_step(made, two, 2)
    replies: list[Any] = made.home.keep_posts([post(made, one, here, 1), post(made, two, there, 2)])
    assert [reply["state"] for reply in replies] == ["saved", "saved"]
    assert (kept(one, here), kept(two, there)) == ({"lines": ["draft 1"]}, {"lines": ["draft 2"]})


def test_a_post_into_a_foreign_reading_is_refused_and_the_others_are_kept(made: SmallStudy) -> None:
    one, two = made.add_reader(), made.add_reader()
    here, there = at_step(made, one, 2), at_step(made, two, 2)
    foreign, own = made.home.keep_posts([post(made, one, there, 1), post(made, two, there, 2)])
    assert isinstance(foreign, Refused)
    assert foreign.code == "RS404"
    assert not isinstance(own, Exception)
    assert (kept(one, here), kept(two, there)) == (None, {"lines": ["draft 2"]})


def test_without_a_session_a_post_between_a_readers_posts_is_nobodys(made: SmallStudy) -> None:
    wire = made.add_reader()
    page = at_step(made, wire, 2)
    items = [post(made, wire, page, 1), *(post(made, wire, page, 2, token=token) for token in (None, "", "x" * 43))]
    first, *others = made.home.keep_posts(items)
    assert not isinstance(first, Exception)
    assert [getattr(other, "code", "kept") for other in others] == ["RS401"] * 3
    assert kept(wire, page) == {"lines": ["draft 1"]}


def test_stale_locked_and_misshapen_posts_are_told_as_single_calls_tell_them(made: SmallStudy) -> None:
    wire = made.add_reader()
    page = at_step(made, wire, 2)
    items = [
        post(made, wire, page, 5),
        post(made, wire, page, 4),
        post(made, wire, page, 6, reading="none"),
        post(made, wire, page, 7, body=[]),
    ]
    saved, stale, unread, listed = (
        reply.code if isinstance(reply, Refused) else reply["state"]  # type: ignore[index]
        for reply in made.home.keep_posts(items)
    )
    assert (saved, stale, unread, listed) == ("saved", "stale", "RS400", "RS400")
    lock(made, wire, page, LINES)
    (late,) = made.home.keep_posts([post(made, wire, page, 9)])
    assert late["state"] == "locked"  # type: ignore[index]


def test_measurements_beside_drafts_are_stored_and_the_same_again_is_one(made: SmallStudy) -> None:
    wire = made.add_reader()
    page = at_step(made, wire, 2)
    told = post(made, wire, page, 1, "telemetry", body={"source": "clock", "visible_ms": 5})
    replies = made.home.keep_posts([told, told, post(made, wire, page, 1)])
    assert not [reply for reply in replies if isinstance(reply, Exception)]
    with made.home.database() as conn:
        rows = conn.execute("select body from study.telemetry where reading = %s", [page["reading"]]).fetchall()
    assert rows == [({"source": "clock", "visible_ms": 5},)]
    assert kept(wire, page) == {"lines": ["draft 1"]}
