"""Hard limits: five seconds of grace, the last draft locked at the deadline, a late answer kept and not counted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from study.database import Wire
from study.protocol import protocol_from
from tests.home import Home
from tests.record.acts import LINES, as_superuser, at_step, call, events, lock, payload, reopen_page, where
from tests.small_study import SmallStudy, small_study

DDX = 2


@pytest.fixture
def made(home: Home) -> SmallStudy:
    return small_study(home, protocol_from({"limits": {"ddx": {"seconds": 60, "kind": "hard"}}}))


def at_the_differential(made: SmallStudy) -> tuple[Wire, dict[str, Any]]:
    wire = made.add_reader()
    return wire, at_step(made, wire, DDX)


def pass_the_deadline(made: SmallStudy, page: dict[str, Any], by: float) -> None:
    """As if the deadline had been so many seconds ago."""
    statement = """update study.readings set deadline = clock_timestamp() - make_interval(secs => %s),
        last_at = clock_timestamp() - interval '1 hour' where reading = %s"""
    as_superuser(made, statement, by, page["reading"])


def draft(wire: Wire, page: dict[str, Any], **body: Any) -> None:
    assert call(wire, "save_draft", **where(page), tab="t", number=1, body=body)["state"] == "saved"


def test_the_deadline_is_the_opening_and_the_limit(made: SmallStudy) -> None:
    _, page = at_the_differential(made)
    opened, deadline = (datetime.fromisoformat(page[name]) for name in ("opened_at", "deadline"))
    assert (page["limit_kind"], (deadline - opened).total_seconds()) == ("hard", 60)


def test_within_the_grace_a_lock_counts(made: SmallStudy) -> None:
    wire, page = at_the_differential(made)
    pass_the_deadline(made, page, by=2)
    assert reopen_page(wire, page["reading"])["step"] == DDX
    assert lock(made, wire, page, LINES)["verdict"]["kind"] == "locked"


def test_after_the_grace_the_last_draft_is_locked_dated_at_the_deadline(made: SmallStudy) -> None:
    wire, page = at_the_differential(made)
    draft(wire, page, lines=["Almost"], none=False, scrolled=True)
    pass_the_deadline(made, page, by=6)
    later = reopen_page(wire, page["reading"])
    (answer,) = later["answers"]
    (timed_out,) = [row for row in events(made, page["reading"]) if row.kind == "timed_out"]
    assert (later["step"], answer["timed_out"], answer["late"]) == (DDX + 1, True, False)
    assert answer["answer"] == {"lines": ["Almost"], "none": False}
    assert timed_out.at == datetime.fromisoformat(payload(timed_out)["deadline"])


def test_without_a_draft_or_with_one_that_is_no_answer_the_step_times_out_empty(made: SmallStudy) -> None:
    wire, page = at_the_differential(made)
    draft(wire, page, lines=["x" * 301])
    pass_the_deadline(made, page, by=6)
    assert reopen_page(wire, page["reading"])["answers"][0]["answer"] == {}


@pytest.mark.parametrize("somebody_looked_first", [True, False])
def test_a_lock_after_the_grace_is_kept_as_late_and_counts_for_nothing(
    made: SmallStudy, somebody_looked_first: bool
) -> None:
    wire, page = at_the_differential(made)
    draft(wire, page, lines=["In time"])
    pass_the_deadline(made, page, by=6)
    if somebody_looked_first:
        reopen_page(wire, page["reading"])
    reply = lock(made, wire, page, LINES)
    assert (reply["verdict"]["ok"], reply["verdict"]["kind"], reply["page"]["step"]) == (False, "late", DDX + 1)
    assert [(a["late"], a["timed_out"]) for a in reply["page"]["answers"]] == [(False, True), (True, False)]
    assert reply["page"]["previous"] == {"lines": ["In time"]}
    assert lock(made, wire, page, LINES)["verdict"]["kind"] == "stale", "one late answer is kept"


def test_no_draft_is_taken_after_the_grace(made: SmallStudy) -> None:
    wire, page = at_the_differential(made)
    pass_the_deadline(made, page, by=6)
    assert call(wire, "save_draft", **where(page), tab="t", number=1, body={})["state"] == "locked"


def test_a_pause_moves_the_deadline_by_as_long_as_it_took(made: SmallStudy) -> None:
    wire, page = at_the_differential(made)
    made.act("pause", wire, reading=page["reading"])
    shift = "update study.readings set paused_at = paused_at - interval '90 seconds' where reading = %s"
    as_superuser(made, shift, page["reading"])
    resumed = made.act("resume", wire, reading=page["reading"])["page"]
    moved = datetime.fromisoformat(resumed["deadline"]) - datetime.fromisoformat(page["deadline"])
    assert 90 <= moved.total_seconds() < 95


def test_a_paused_reading_does_not_run_out(made: SmallStudy) -> None:
    wire, page = at_the_differential(made)
    made.act("pause", wire, reading=page["reading"])
    pass_the_deadline(made, page, by=600)
    assert reopen_page(wire, page["reading"])["step"] == DDX
