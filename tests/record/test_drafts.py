"""Drafts: the newer wins, a lock ends them, notes may be taken while evidence is shown."""

from __future__ import annotations

from typing import Any

import pytest

from study.database import Wire
from tests.home import Home
from tests.record.acts import LINES, as_superuser, at_step, call, lock, refused, reopen_page, where
from tests.small_study import SmallStudy, small_study


@pytest.fixture
def made(home: Home) -> SmallStudy:
    return small_study(home)


def save(wire: Wire, page: dict[str, Any], number: int, tab: str = "one", **place: Any) -> str:
    """The state that a draft with this number is told."""
    body = {"lines": [f"draft {number} of {tab}"]}
    return str(call(wire, "save_draft", **where(page) | place, tab=tab, number=number, body=body)["state"])


def test_a_newer_draft_replaces_and_an_older_one_does_not(made: SmallStudy) -> None:
    wire = made.add_reader()
    page = at_step(made, wire, 2)
    assert [save(wire, page, number) for number in (1, 3, 2, 3)] == ["saved", "saved", "stale", "stale"]
    assert reopen_page(wire, page["reading"])["draft"]["body"] == {"lines": ["draft 3 of one"]}


def test_an_older_draft_from_another_tab_is_told_so(made: SmallStudy) -> None:
    wire = made.add_reader()
    page = at_step(made, wire, 2)
    assert [save(wire, page, 5), save(wire, page, 4, "two"), save(wire, page, 6, "two")] == [
        "saved",
        "other-tab",
        "saved",
    ]


def test_no_draft_is_kept_after_the_lock(made: SmallStudy) -> None:
    wire = made.add_reader()
    page = at_step(made, wire, 2)
    save(wire, page, 1)
    assert lock(made, wire, page, LINES)["page"]["draft"] is None
    assert save(wire, page, 99) == "locked"
    assert reopen_page(wire, page["reading"])["draft"] is None


def test_a_draft_that_comes_just_after_a_pause_is_kept_and_a_later_one_is_told_to_wait(made: SmallStudy) -> None:
    wire = made.add_reader()
    page = at_step(made, wire, 2)
    made.act("pause", wire, reading=page["reading"])
    assert save(wire, page, 1) == "saved"
    shift = "update study.readings set paused_at = paused_at - interval '6 seconds' where reading = %s"
    as_superuser(made, shift, page["reading"])
    assert save(wire, page, 2) == "paused"
    resumed = made.act("resume", wire, reading=page["reading"])["page"]
    assert resumed["draft"]["body"] == {"lines": ["draft 1 of one"]}
    assert save(wire, page, 2) == "saved"


def test_a_lock_carries_its_own_answer_and_not_the_draft(made: SmallStudy) -> None:
    wire = made.add_reader()
    page = at_step(made, wire, 2)
    save(wire, page, 1)
    assert lock(made, wire, page, LINES)["page"]["answers"][0]["answer"] == LINES


def test_notes_for_the_differential_are_kept_while_evidence_is_shown(made: SmallStudy) -> None:
    wire = made.add_reader()
    page = at_step(made, wire, 0)
    assert save(wire, page, 1, step=2) == "saved"
    assert save(wire, page, 2, step=3) == "locked", "the open diagnosis comes after the differential is locked"
    later = at_step(made, wire, 2)
    assert later["draft"]["body"] == {"lines": ["draft 1 of one"]}


def test_a_draft_is_an_object_of_bounded_size(made: SmallStudy) -> None:
    wire = made.add_reader()
    page = at_step(made, wire, 2)
    unfit: list[Any] = [[], {"lines": ["x" * 20_000]}]
    for body in unfit:
        with refused("RS400", "draft"):
            call(wire, "save_draft", **where(page), tab="t", number=1, body=body)
