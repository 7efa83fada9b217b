"""A reading's projection is what its events add up to."""

from __future__ import annotations

import pytest

from study.projection import Projection, differences, rebuild
from tests.record_rows import reading_events

WHOLE = (("begun", -1, "{}"), ("shown", 0, "{}"), ("locked", 0, "{}"), ("completed", 1, "{}"))


def test_no_events_make_an_assigned_reading() -> None:
    assert rebuild([]) == Projection(state="assigned", step=-1, attempt=1, count=0)


def test_a_completed_reading_ends_at_its_last_step_with_its_times() -> None:
    events = reading_events(*WHOLE)
    last = events[-1]
    expected = Projection("completed", 1, 1, 1, last.hash, 4, last.at, events[0].at, last.at)
    assert rebuild(events) == expected


def test_a_reopened_reading_starts_again_and_keeps_its_first_completed_attempt() -> None:
    rebuilt = rebuild(reading_events(*WHOLE, ("reopened", 1, "{}")))
    assert (rebuilt.state, rebuilt.step, rebuilt.attempt, rebuilt.completed_attempt) == ("assigned", -1, 2, 1)
    assert rebuilt.locked_at is None
    assert rebuilt.begun_at is not None


@pytest.mark.parametrize(
    ("kind", "payload", "state"),
    [
        ("paused", "{}", "paused"),
        ("resumed", "{}", "reading"),
        ("skipped", "{}", "skipped"),
        ("flagged", "{}", "reading"),
        ("late", "{}", "reading"),
        ("withdrawn", '{"mode": "keep"}', "withdrawn"),
        ("withdrawn", '{"mode": "exclude"}', "excluded"),
    ],
)
def test_each_kind_moves_the_state(kind: str, payload: str, state: str) -> None:
    assert rebuild(reading_events(*WHOLE[:2], (kind, 0, payload))).state == state


def test_a_withdrawal_whose_payload_was_erased_excluded_the_reading() -> None:
    events = reading_events(*WHOLE, ("withdrawn", 1, '{"mode": "erase"}'))
    erased = [event._replace(payload=None, nonce=None) for event in events]
    assert rebuild(erased).state == "excluded"


def test_a_projection_that_differs_is_told_part_by_part() -> None:
    events = reading_events(*WHOLE)
    stored = rebuild(events[:2])
    assert differences(rebuild(events), events) == []
    assert "its stored state is 'reading', its events add up to 'completed'" in differences(stored, events)
    assert "its stored count is 2, its events add up to 4" in differences(stored, events)
