"""What a page covers, what may be done when, and in which order cases are read."""

from __future__ import annotations

import pytest

from study.database import Wire
from tests.home import Home
from tests.record.acts import LINES, at_once, at_step, call, events, lock, new_id, refused, reopen_page, where
from tests.small_study import IMAGE, SmallStudy, small_study

DDX, OPEN, SELECTION = 2, 3, 4


@pytest.fixture
def made(home: Home) -> SmallStudy:
    return small_study(home)


@pytest.fixture
def wire(made: SmallStudy) -> Wire:
    return made.add_reader()


def test_an_unbegun_reading_shows_nothing(made: SmallStudy, wire: Wire) -> None:
    page = reopen_page(wire, made.readings(wire)[0]["reading"])
    assert (page["state"], page["step"], page["blocks"], page["options"], page["current"]) == (
        "assigned",
        -1,
        [],
        None,
        None,
    )


def test_blocks_and_options_come_one_step_at_a_time(made: SmallStudy, wire: Wire) -> None:
    seen = []
    page = at_step(made, wire, 0)
    for answer in ({}, {}, LINES, {"diagnosis": "Gout", "confidence": 1}):
        seen.append((len(page["blocks"]), page["options"] is not None))
        page = lock(made, wire, page, answer)["page"]
    seen.append((len(page["blocks"]), page["options"] is not None))
    assert seen == [(1, False), (2, False), (2, False), (2, False), (2, True)]


def test_a_pause_covers_the_evidence_and_its_images(made: SmallStudy, wire: Wire) -> None:
    page = at_step(made, wire, 1)
    assert call(wire, "evidence_image", reading=page["reading"], sha256=IMAGE)["mime"] == "image/png"
    assert made.act("pause", wire, reading=page["reading"])["page"]["blocks"] == []
    with refused("RS404"):
        call(wire, "evidence_image", reading=page["reading"], sha256=IMAGE)
    assert lock(made, wire, page)["verdict"]["kind"] == "stale"
    assert len(made.act("resume", wire, reading=page["reading"])["page"]["blocks"]) == 2


def test_not_shown_unknown_and_foreign_images_are_one_and_the_same_refusal(made: SmallStudy, wire: Wire) -> None:
    shown, foreign = at_step(made, wire, 1), at_step(made, made.add_reader(), 1)
    told = set()
    unshown = made.readings(wire)[1]["reading"]
    for reading, sha256 in (
        (shown["reading"], "0" * 64),
        (foreign["reading"], IMAGE),
        (unshown, IMAGE),
        (new_id(), IMAGE),
    ):
        with refused("RS404", "no such reading for you"):
            call(wire, "evidence_image", reading=reading, sha256=sha256)
        told.add("refused")
    assert told == {"refused"}


def test_a_case_is_skipped_with_a_reason_and_only_before_the_options(made: SmallStudy, wire: Wire) -> None:
    page = at_step(made, wire, OPEN)
    with refused("RS400", "reason"):
        made.act("skip_case", wire, reading=page["reading"], step=OPEN, reason=" ")
    later = lock(made, wire, page, {"diagnosis": "Gout", "confidence": 1})["page"]
    with refused("RS409", "options have been shown"):
        made.act("skip_case", wire, reading=page["reading"], step=SELECTION, reason="I know the patient")
    at_step(made, wire, 99)
    second = at_step(made, wire, 0, place=1)
    assert (
        made.act("skip_case", wire, reading=second["reading"], step=0, reason="no time")["page"]["state"] == "skipped"
    )
    assert later["step"] == SELECTION


def test_flags_are_taken_also_after_the_lock_and_only_on_what_was_shown(made: SmallStudy, wire: Wire) -> None:
    page = at_step(made, wire, 99)
    flag = {"reading": page["reading"], "kind": "ambiguous", "words": "both fit"}
    assert made.act("flag", wire, **flag, step=DDX)["page"]["flags"] == [{"kind": "ambiguous", "step": DDX}]
    with refused("RS409", "not been shown"):
        made.act("flag", wire, **flag, step=99)


def test_practice_comes_first_and_cases_in_their_order_one_at_a_time(made: SmallStudy, wire: Wire) -> None:
    practice, first, second = (row["reading"] for row in made.readings(wire)[:3])
    start = {"step": -1, "attempt": 1, "answer": {}, "client": {}}
    with refused("RS409", "in their order"):
        made.act("turn", wire, reading=first, **start)
    at_step(made, wire, 0)
    with refused("RS409", "still open"):
        made.act("turn", wire, reading=first, **start)
    made.read(wire, practice, ["Gout"])
    with refused("RS409", "in their order"):
        made.act("turn", wire, reading=second, **start)
    assert made.act("turn", wire, reading=first, **start)["verdict"]["kind"] == "begun"


def test_two_tabs_cannot_begin_two_cases_at_once(made: SmallStudy, wire: Wire) -> None:
    done = at_step(made, wire, 99)
    made.reopen(done["reading"], "a technical fault")
    following = made.readings(wire)[1]["reading"]
    start = {"step": -1, "answer": {}, "client": {}}
    outcomes = at_once(
        lambda: made.act("turn", wire, reading=done["reading"], attempt=2, **start),
        lambda: made.act("turn", wire, reading=following, attempt=1, **start),
    )
    assert sum(isinstance(outcome, BaseException) for outcome in outcomes) == 1


def test_a_reopened_reading_has_a_second_attempt_beside_the_first(made: SmallStudy, wire: Wire) -> None:
    done = at_step(made, wire, 99)
    made.reopen(done["reading"], "a technical fault")
    fresh = reopen_page(wire, done["reading"])
    assert (fresh["state"], fresh["attempt"], fresh["step"], fresh["answers"]) == ("assigned", 2, -1, [])
    assert lock(made, wire, done)["verdict"]["kind"] == "stale", "attempt 1 takes nothing any more"
    made.read(wire, done["reading"], ["Sepsis"])
    kept = [
        (row.attempt, row.step) for row in events(made, done["reading"]) if row.kind == "locked" and row.step == DDX
    ]
    assert kept == [(1, DDX), (2, DDX)]


def test_a_locked_answer_is_not_changed_by_another_lock(made: SmallStudy, wire: Wire) -> None:
    page = at_step(made, wire, DDX)
    lock(made, wire, page, LINES)
    again = lock(made, wire, page, {"lines": ["Sepsis"], "confidence": 1})
    assert again["verdict"]["kind"] == "stale"
    assert again["page"]["answers"][0]["answer"] == LINES
    assert lock(made, wire, page | {"step": 4}, {"choice": "A", "confidence": 1})["verdict"]["kind"] == "stale"


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        (DDX, {"lines": ["x" * 301], "confidence": 1}),
        (DDX, {"lines": ["x"] * 51, "confidence": 1}),
        (DDX, {"lines": [1], "confidence": 1}),
        (DDX, {"lines": ["Gout"], "confidence": 101}),
        (DDX, {"lines": ["Gout"], "confidence": 0.5}),
        (DDX, {"lines": ["Gout"]}),
        (DDX, {"lines": [], "none": False}),
        (DDX, {"lines": ["Gout"], "none": True, "confidence": 1}),
        (DDX, {"lines": ["Gout"], "confidence": 1, "grade": 5}),
        (OPEN, {"diagnosis": {"name": "Gout"}, "confidence": 1}),
        (OPEN, {"diagnosis": " ", "confidence": 1}),
        (SELECTION, {"choice": "E", "confidence": 1}),
        (SELECTION, {"choice": "AB", "confidence": 1}),
        (SELECTION, {"choice": None}),
        (5, {"seen_before": "perhaps", "looked_up": False}),
        (5, {"seen_before": "no", "looked_up": False, "comment": "x" * 5001}),
        (0, {"lines": ["Gout"]}),
    ],
)
def test_an_answer_of_the_wrong_shape_is_refused_and_the_step_stays_open(
    made: SmallStudy, wire: Wire, step: int, answer: dict[str, object]
) -> None:
    page = at_step(made, wire, step)
    with refused("RS400"):
        lock(made, wire, page, answer)
    assert reopen_page(wire, page["reading"])["step"] == step


def test_ready_is_noted_once(made: SmallStudy, wire: Wire) -> None:
    page = at_step(made, wire, 1)
    replies = [made.act("mark_ready", wire, **where(page), client={"ms": n}) for n in (1, 2)]
    assert [reply["first"] for reply in replies] == [True, False]
    assert replies[0]["at"] == replies[1]["at"]
