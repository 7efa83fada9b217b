"""A run that is broken: killed, stalled, interrupted, shared with another. Nothing is asked twice unsaid."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from typing import Any

import pytest

from baselines.running.session import read_model
from baselines.running.tally import Tally
from study.desk.calls import CallRow
from tests.home import Home
from tests.model_server import Asked, ModelServer, Say
from tests.running.losing import Losing
from tests.running.runs import QUESTIONS, answers, calls, model, outcomes, planned, run, states, study_of, wait_for
from tests.running.worker import working
from tests.small_study import SmallStudy

SAMPLES = 5


def slow(seconds: float) -> Any:
    return lambda asked: Say(delay=seconds)


def settled(made: SmallStudy) -> list[CallRow]:
    """The calls, once what a killed worker had sent to the record has arrived there or never will."""
    before: list[CallRow] = []
    while (now := calls(made)) != before:
        before = now
        time.sleep(0.7)
    return now


def in_flight(rows: list[CallRow]) -> list[CallRow]:
    return [row for row in rows if row.outcome is None]


def test_a_run_killed_in_the_middle_goes_on_to_the_same_answers_and_asks_again_for_what_was_in_flight_alone(
    home: Home, server: ModelServer
) -> None:
    cases = 25 if home.kind == "box" else 6
    total = cases * SAMPLES * QUESTIONS
    unbroken, broken = study_of(home, cases, SAMPLES), study_of(home, cases, SAMPLES)
    declared = model(server.url, parameters={"seed": 7})
    run(unbroken, declared)
    server.forget()
    server.script = slow(0.1)
    with working(home, broken.study, declared) as worker:
        wait_for(lambda: len(server.asked) > total // 2)
        worker.kill()
    left = settled(broken)
    sent = len(server.asked)
    flying = in_flight(left)
    assert 0 < len(flying) <= 8 + 8  # at the endpoint, and on their way into the record
    ended, tally = run(broken, declared)
    after = calls(broken)
    assert (ended.why, states(broken)) == (None, {"completed": cases * SAMPLES})
    assert answers(broken) == answers(unbroken)
    assert tally.repeats == len(flying) == outcomes(after)["lost"]
    assert {row.call for row in after if row.outcome == "lost"} == {row.call for row in flying}
    assert outcomes(after)["ok"] == total
    assert len(server.asked) == sent + total - (len(left) - len(flying))
    asked = Counter((row.reading, row.digest) for row in after if row.outcome == "ok")
    assert set(asked.values()) == {1}


def test_two_workers_at_once_read_no_reading_twice(home: Home, server: ModelServer) -> None:
    made = study_of(home, cases=6, samples=4)
    server.script = slow(0.05)
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(run(made, model(server.url)))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [ended.why for ended, _ in found] == [None, None]
    assert [tally.completed > 0 for _, tally in found] == [True, True]
    rows = calls(made)
    assert (states(made), outcomes(rows)) == ({"completed": 24}, {"ok": 24 * QUESTIONS})
    assert len({row.worker for row in rows}) == 2
    by_reading = {row.reading: {one.worker for one in rows if one.reading == row.reading} for row in rows}
    assert all(len(workers) == 1 for workers in by_reading.values())


def test_a_stalled_worker_that_wakes_up_is_fenced_and_its_reply_is_the_one_that_counts(
    home: Home, server: ModelServer
) -> None:
    made = study_of(home, cases=1)

    def first_slow(asked: Asked) -> Say:
        """Whoever asks first is answered soon, whoever asks again late, and in other words."""
        return Say(delay=0.5) if asked.nth == 1 else Say('{"lines": ["late"], "none": false, "confidence": 1}', 6.0)

    server.script = first_slow
    with working(home, made.study, model(server.url), lease_seconds=3) as stalled:
        wait_for(lambda: len(server.asked) == 1)
        stalled.signal(signal.SIGSTOP)

        def wake() -> None:
            wait_for(lambda: len(server.asked) == 2)
            stalled.signal(signal.SIGCONT)

        waking = threading.Thread(target=wake)
        waking.start()
        ended, tally = run(made, model(server.url))
        waking.join()
        theirs, fenced = stalled.ended()
    assert (ended.why, theirs.why, fenced.fenced, fenced.completed) == (None, None, 1, 0)
    assert (tally.completed, tally.repeats, states(made)) == (1, 1, {"completed": 1})
    early, late = calls(made)[:2]
    assert [result.outcome for result in early.results] == ["lost", "ok"]
    assert (late.outcome, late.worker != early.worker) == ("ok", True)
    locked = answers(made)["main", "case-000", 1][0][1]["lines"]
    assert locked != ["late"]


def test_ctrl_c_lets_what_is_in_flight_come_to_its_end_and_loses_nothing(home: Home, server: ModelServer) -> None:
    made = study_of(home, cases=6, samples=2)
    server.script = slow(1.0)
    with working(home, made.study, model(server.url), lease_seconds=60) as worker:
        wait_for(lambda: len(server.asked) >= 8)
        worker.signal(signal.SIGINT)
        ended, _ = worker.ended()
    sent = len(server.asked)
    assert ended.why == "interrupted"
    assert outcomes(calls(made)) == {"ok": sent}
    server.script = None
    again, tally = run(made, model(server.url))  # no lease is in the way, though they were given for a minute
    assert (again.why, states(made), tally.repeats) == (None, {"completed": 12}, 0)
    assert len(server.asked) == 12 * QUESTIONS


def test_ctrl_c_twice_waits_for_nothing_and_says_what_may_have_been_paid(home: Home, server: ModelServer) -> None:
    made = study_of(home, cases=6)
    server.script = slow(60.0)
    with working(home, made.study, model(server.url, timeout=90.0), lease_seconds=60) as worker:
        wait_for(lambda: len(server.asked) == 6)
        worker.signal(signal.SIGINT)
        time.sleep(0.3)
        worker.signal(signal.SIGINT)
        ended, tally = worker.ended(20)
    rows = calls(made)
    assert (ended.why, tally.calls["lost"], outcomes(rows)) == ("interrupted", 6, {"lost": 6})
    assert "was not waited for, and is perhaps paid" in ended.sentence
    assert {row.results[-1].details["paid"] for row in rows} == {"perhaps"}
    server.script = None
    again, tally = run(made, model(server.url))
    assert (again.why, tally.repeats, states(made)) == (None, 6, {"completed": 6})


def test_an_answer_of_the_record_that_is_lost_on_its_way_changes_nothing(home: Home, server: ModelServer) -> None:
    made = study_of(home, cases=2)
    with home.losing_an_answer("work"):
        ended, _ = run(made, model(server.url))
    assert (ended.why, states(made), outcomes(calls(made))) == (None, {"completed": 2}, {"ok": 2 * QUESTIONS})
    assert len(server.asked) == 2 * QUESTIONS


@pytest.mark.timeout(60)
def test_readings_claimed_by_a_call_whose_answer_was_lost_are_read_once_they_come_free(
    home: Home, server: ModelServer
) -> None:
    made = study_of(home, cases=2)
    losing, tally = Losing(home.record, "claim_readings"), Tally()
    ended = read_model(losing, planned(made, model(server.url), lease_seconds=5), tally)
    assert (losing.lost, ended.why, tally.completed, states(made)) == (1, None, 2, {"completed": 2})
    assert (tally.fenced, len(server.asked)) == (0, 2 * QUESTIONS)


def test_a_study_that_is_paused_meanwhile_ends_the_run_and_keeps_what_came(home: Home, server: ModelServer) -> None:
    made = study_of(home, cases=4)
    server.script = slow(0.5)

    def pause() -> None:
        wait_for(lambda: len(server.asked) >= 4)
        made.act("pause_study", study=made.study, reason="lunch")

    pausing = threading.Thread(target=pause)
    pausing.start()
    ended, _ = run(made, model(server.url))
    pausing.join()
    assert (ended.why, ended.sentence) == ("study", "The study is not open; models read while it is.")
    assert outcomes(calls(made)) == {"ok": len(calls(made))}
    made.act("resume_study", study=made.study, reason="after lunch")
    assert run(made, model(server.url))[0].why is None
    assert (states(made), len(server.asked)) == ({"completed": 4}, 4 * QUESTIONS)
