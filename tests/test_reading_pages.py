"""What the reader's pages reckon: how long it may take, and when a break is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from streamlit_app.pages.readings import minutes_at_it, remaining_minutes
from streamlit_app.session import Tickets
from study.desk import ReadingRow

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def row(position: int, begun: int | None = None, locked: int | None = None, **changes: Any) -> ReadingRow:
    """A reading begun and locked so many minutes after noon."""
    state = "completed" if locked is not None else "assigned"
    times = {"begun_at": begun, "locked_at": locked}
    values = {name: None if at is None else NOON + timedelta(minutes=at) for name, at in times.items()}
    fixed: dict[str, Any] = {"reading": str(position), "position": position, "practice": False, "language": "en"}
    fixed |= {"state": state, "step": 0, "steps": 5, "attempt": 1}
    return ReadingRow(**{**fixed, **values, **changes})


def test_the_estimate_is_ten_minutes_a_case_until_three_cases_tell_the_readers_own_pace() -> None:
    waiting = [row(4), row(5)]
    assert remaining_minutes([row(1, 0, 4), row(2, 4, 8), *waiting]) == (20, False)
    assert remaining_minutes([row(1, 0, 4), row(2, 4, 8), row(3, 8, 20), *waiting]) == (8, True)
    assert remaining_minutes([row(1, 0, 4)]) == (0, False)


def test_a_stretch_of_reading_ends_with_a_gap_of_more_than_a_quarter_of_an_hour() -> None:
    now = NOON + timedelta(minutes=60)
    assert minutes_at_it([row(1, 0, 20), row(2, 22, 40), row(3, 45, 58)], now) == 60
    assert minutes_at_it([row(1, 0, 10), row(2, 30, 58)], now) == 30
    assert minutes_at_it([row(1, 0, 20)], now) == 0


def test_a_ticket_is_good_once_and_not_for_ever() -> None:
    tickets = Tickets()
    ticket = tickets.issue("token")
    assert tickets.redeem(ticket) == "token"
    assert tickets.redeem(ticket) is None
    assert tickets.redeem(tickets.issue("token", seconds=-1)) is None
