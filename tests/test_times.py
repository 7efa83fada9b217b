"""Stage times: server times rule, client offsets are bounded, what is missing stays missing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from study.times import StageTimes, stage_times

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def at(second: float) -> str:
    return (START + timedelta(seconds=second)).isoformat()


def event(kind: str, second: float, **client: Any) -> dict[str, Any]:
    return {"kind": kind, "step": 0, "attempt": 1, "at": at(second), "client": client}


def clock(number: int, second: float, tab: str = "a", **totals: Any) -> dict[str, Any]:
    return {"step": 0, "attempt": 1, "tab": tab, "number": number, "at": at(second), "body": totals}


def only(events: list[dict[str, Any]], telemetry: list[dict[str, Any]] | None = None) -> StageTimes:
    (stage,) = stage_times(events, telemetry or [])
    return stage


def test_elapsed_runs_from_ready_to_lock_and_visible_leaves_out_hidden_and_paused() -> None:
    events = [event("shown", 0), event("ready", 3, client_ms=2000), event("paused", 10), event("resumed", 30)]
    stage = only([*events, event("locked", 102)], [clock(1, 100, hidden_ms=15_000, idle_ms=5_000)])
    assert stage.elapsed == 100  # 102 - 2
    assert (stage.paused, stage.hidden) == (20, 15)
    assert stage.visible == 65  # 100 - 15 - 20
    assert stage.active == 60  # 65 - 5


def test_without_ready_elapsed_is_missing() -> None:
    stage = only([event("shown", 0), event("locked", 50)], [clock(1, 50, hidden_ms=0, idle_ms=0)])
    assert (stage.elapsed, stage.visible, stage.active) == (None, None, None)


def test_without_telemetry_visible_time_is_missing_and_elapsed_is_known() -> None:
    stage = only([event("shown", 0), event("ready", 1), event("locked", 50)])
    assert (stage.elapsed, stage.visible) == (49, None)


def test_a_client_offset_past_its_arrival_is_cut_there() -> None:
    stage = only([event("shown", 0), event("ready", 3, client_ms=90_000), event("locked", 50, first_input_ms=10**9)])
    assert stage.t_ready == START + timedelta(seconds=3)
    assert stage.t_first == START + timedelta(seconds=50)


def test_nonsense_offsets_are_no_times() -> None:
    for offset in (-5, "7", None, True):
        assert only([event("shown", 0), event("locked", 9, first_input_ms=offset)]).t_first is None


def test_totals_of_page_loads_add_up_and_those_within_a_load_do_not() -> None:
    sent = [clock(1, 10, hidden_ms=1000), clock(2, 20, hidden_ms=4000), clock(3, 40, hidden_ms=500)]
    stage = only([event("shown", 0), event("ready", 0), event("locked", 60)], sent)
    assert stage.hidden == 4.5  # 4.0 of the first load, 0.5 of the second


def test_time_away_until_a_return_counts_as_hidden() -> None:
    events = [event("shown", 0), event("ready", 0), event("revisited", 3600), event("locked", 3610)]
    stage = only(events, [clock(1, 20, hidden_ms=0, idle_ms=0)])
    assert stage.hidden == 3580  # from the last sign of life at 20 to the return at 3600
    assert (stage.visible, stage.visits) == (30, 1)


def test_a_step_that_timed_out_ends_at_its_deadline() -> None:
    stage = only([event("shown", 0), event("ready", 2), event("timed_out", 60)])
    assert stage.elapsed == 58


def test_another_attempt_is_a_stage_of_its_own() -> None:
    again = [{**event("shown", 500), "attempt": 2}, {**event("ready", 501), "attempt": 2}]
    stages = stage_times([event("shown", 0), event("ready", 0), event("locked", 9), *again])
    assert [(s.attempt, s.elapsed) for s in stages] == [(1, 9), (2, None)]
