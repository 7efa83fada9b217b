"""Trajectories of the truth over the lists of a reading, and the times of its stages."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from study.findings import Findings, findings_of
from tests.test_findings_lists import GRADES
from tests.test_results import answer, row

START = datetime(2026, 1, 2, 9, tzinfo=UTC)
STEPS = [
    {"kind": "show", "evidence": [{"id": "h", "form": "text"}]},
    {"kind": "ddx", "evidence": []},
    {"kind": "show", "evidence": [{"id": "x", "form": "image"}]},
    {"kind": "ddx", "evidence": []},
    {"kind": "show", "evidence": [{"id": "l", "form": "text"}, {"id": "c", "form": "image"}]},
    {"kind": "ddx", "evidence": []},
]
TYPES = {"h": "history", "x": "x-ray", "l": "laboratory", "c": "ct"}


def path(reader: str, case: str, *lists: tuple[tuple[str, ...], int], **more: Any) -> Any:
    """A reading whose lists, each with its confidence, were locked at steps 1, 3 and 5."""
    answers = [
        answer("ddx", {"lines": list(lines), "confidence": confidence}, 2 * n + 1) | {"step": 2 * n + 1}
        for n, (lines, confidence) in enumerate(lists)
    ]
    return row(reader, case, answers=answers, reading=f"{reader}/{case}", **more)


def told(rows: list[Any]) -> list[Any]:
    return [{"reading": one["reading"], "steps": STEPS, "types": TYPES, "events": [], "telemetry": []} for one in rows]


def found(subject: str, rows: list[Any], stages: list[Any] | None = None) -> Any:
    all_of: Findings = findings_of(rows, GRADES, None, stages=stages, only={subject})
    return getattr(all_of, subject)


def test_the_truth_has_its_rank_and_probability_after_each_list() -> None:
    rows = [path("R", "alpha", (("Gout", "Typhus"), 60), (("Gout", "Malaria"), 50), (("Malaria",), 90))]
    stands = [one for one in found("trajectories", rows).stands if one.case is None]
    assert [(one.covered, one.rank, one.reciprocal_rank) for one in stands] == [(0, None, 0), (1, 2, 0.5), (1, 1, 1)]
    # What 60 % leaves is shared by the other line and something else.
    assert [one.probability for one in stands] == pytest.approx([0.2, 0.25, 0.9])


def test_evidence_that_came_alone_is_credited_and_evidence_that_came_together_is_not() -> None:
    rows = []
    for case in ("alpha", "beta", "gamma"):
        rows.append(path("R", case, (("Gout", "Typhus"), 60), (("Malaria",), 80), (("Malaria",), 90)))
        rows.append(path("S", case, (("Malaria", "Gout"), 50), (("Gout", "Malaria"), 50), (("Gout",), 90)))
    (gain,) = found("trajectories", rows, told(rows)).gains
    assert (gain.type, gain.group, gain.n, gain.entered, gain.left) == ("x-ray", "human", 6, 3, 0)
    assert gain.reciprocal_rank.estimate == pytest.approx((1.0 - 0.5) / 2)
    assert gain.bits.estimate == pytest.approx((math.log2(0.8 / 0.2) + math.log2(0.25 / 0.5)) / 2)


def test_it_is_counted_when_the_truth_enters_leaves_and_comes_back() -> None:
    wrong, right = (("Gout",), 50), (("Malaria",), 50)
    rows = [
        path("R", "alpha", right, wrong, right),
        path("R", "beta", wrong, right, wrong),
        path("R", "gamma", wrong, wrong, wrong),
    ]
    (passage,) = found("trajectories", rows).passages
    assert (passage.n, passage.entered, passage.never) == (3, {1: 1, 2: 1}, 1)
    assert (passage.left, passage.returned) == ({2: 1, 3: 1}, 1)


def test_closure_is_premature_where_a_wrong_first_line_stays_first_and_confidence_never_falls() -> None:
    rows = [
        path("R", "alpha", (("Gout", "Malaria"), 50), (("gout",), 50), (("Gout", "Typhus"), 70)),
        path("R", "beta", (("Gout",), 50), (("Gout",), 30), (("Gout",), 70)),
        path("R", "gamma", (("Gout",), 50), (("Malaria",), 60), (("Malaria",), 70)),
        path("S", "alpha", (("Malaria",), 50), (("Malaria",), 60), (("Malaria",), 70)),
    ]
    (closure,) = found("trajectories", rows).closures
    assert (closure.closed, closure.share.n) == (1, 3)


def test_a_reading_with_one_list_or_an_open_grade_has_no_path_and_is_counted() -> None:
    rows = [row("R"), path("S", "alpha", (("Marsh fever", "Malaria"), 50), (("Malaria",), 60))]
    own = found("trajectories", rows)
    assert (own.n, own.stands) == (0, ())
    assert [(one.n, one.why) for one in own.left_out] == [
        (1, "one list alone was asked for"),
        (1, "a line that matters waits for a grade"),
    ]
    assert own.why


def timed(reader: str, case: str, minutes: float, begun: float, position: int) -> tuple[Any, Any]:
    """A reading of one step that was visible for so many minutes, begun so many minutes after the start."""
    opened = START + timedelta(minutes=begun)
    locked = opened + timedelta(minutes=minutes)
    events = [
        {"kind": kind, "step": 0, "attempt": 1, "at": at.isoformat(), "client": {"client_ms": 0}}
        for kind, at in (("shown", opened), ("ready", opened), ("locked", locked))
    ]
    body = {"source": "clock", "visible_ms": 0, "hidden_ms": 0, "unfocused_ms": 0, "idle_ms": 0, "writing_ms": 0}
    sent = [{"step": 0, "attempt": 1, "tab": "t", "number": 1, "at": locked.isoformat(), "body": body}]
    stage = {"reading": f"{reader}/{case}", "steps": [{"kind": "ddx", "evidence": []}], "types": {}}
    reading = row(reader, case, reading=f"{reader}/{case}", position=position)
    return reading, stage | {"events": events, "telemetry": sent}


def test_times_are_geometric_means_with_an_interval_over_readers_and_cases() -> None:
    minutes = {("R", "alpha"): 1.0, ("R", "beta"): 4.0, ("S", "alpha"): 2.0, ("S", "beta"): 16.0}
    pairs = [timed(r, c, m, 100 * n, 1 + n % 2) for n, ((r, c), m) in enumerate(minutes.items())]
    own = found("times", [one for one, _ in pairs], [stage for _, stage in pairs])
    visible = {(one.kind, one.measure): one for one in own.stages}["ddx", "visible"]
    assert visible.mean.estimate == pytest.approx((1 * 4 * 2 * 16) ** 0.25)
    assert (visible.median, visible.missing, visible.mean.n) == (3.0, 0, 4)
    assert visible.mean.ci is not None
    assert visible.mean.ci[0] < visible.mean.estimate < visible.mean.ci[1]


def test_a_long_pause_begins_a_new_session_and_a_reader_is_held_against_their_own_mean() -> None:
    plan = (("alpha", 8.0, 0.0), ("beta", 2.0, 10.0), ("gamma", 4.0, 100.0))
    pairs = [timed("R", case, minutes, begun, n) for n, (case, minutes, begun) in enumerate(plan, 1)]
    own = found("times", [one for one, _ in pairs], [stage for _, stage in pairs])
    session = {one.position: one for one in own.positions if one.within == "session"}
    assert {place: one.n for place, one in session.items()} == {1: 2, 2: 1}
    assert session[1].ratio == pytest.approx(math.sqrt(8 * 4) / 4)
    assert session[2].ratio == pytest.approx(2 / 4)
    assert [one.n for one in own.positions if one.within == "order"] == [1, 1, 1]


def test_times_that_were_not_told_are_missing_and_never_guessed() -> None:
    assert found("times", [row("R")]).why == "the times of the stages were not told"
    reading, stage = timed("R", "alpha", 5.0, 0.0, 1)
    stage["events"] = [event for event in stage["events"] if event["kind"] != "ready"]
    own = found("times", [reading], [stage])
    assert own.stages == ()
    assert own.positions[0].visible.estimate is None
