"""A study read in batches: the same answers as one by one, and a killed worker's batches are not sent anew."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest

from baselines.adapters.batch import Handle
from baselines.declared import Declared
from baselines.running.batches import Handles
from study.canonical import digest
from study.conditions import MAIN
from tests.home import Home
from tests.model_server import Fail, ModelServer
from tests.running.runs import QUESTIONS, answers, calls, model, outcomes, run, states, study_of, wait_for
from tests.running.worker import working

SOON = {"batch_seconds": (0.3, 0.1)}


def batched(url: str, **more: Any) -> Declared:
    return model(url, adapter="batch", **({"endpoint": "chat"} | more))


@pytest.fixture
def asked_in_batches(server: ModelServer) -> ModelServer:
    server.batches.looks, server.batches.batches, server.batches.files = 2, {}, {}
    return server


def test_batches_bring_the_answers_that_single_questions_bring(home: Home, asked_in_batches: ModelServer) -> None:
    server = asked_in_batches
    one, other = study_of(home, cases=3, samples=2), study_of(home, cases=3, samples=2)
    run(one, model(server.url, parameters={"seed": 5}))
    ended, tally = run(other, batched(server.url, parameters={"seed": 5}), **SOON)
    assert (ended.why, tally.completed, states(other)) == (None, 6, {"completed": 6})
    assert answers(one) == answers(other)
    assert outcomes(calls(other)) == {"ok": 6 * QUESTIONS}
    assert QUESTIONS <= len(server.batches.batches) < 6 * QUESTIONS


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_batch_outlives_the_worker_that_sent_it(
    box_home: Home, asked_in_batches: ModelServer, how: signal.Signals
) -> None:
    server = asked_in_batches
    made = study_of(box_home, cases=4)
    server.batches.looks = 10**9
    with working(box_home, made.study, batched(server.url), **SOON) as worker:
        wait_for(lambda: len(server.batches.batches) == 1)
        worker.signal(how)
        worker.process.join(20)
    assert set(outcomes(calls(made))) == {"None"}
    server.batches.looks = 1
    ended, tally = run(made, batched(server.url), **SOON)
    assert (ended.why, states(made), tally.repeats) == (None, {"completed": 4}, 0)
    assert outcomes(calls(made)) == {"ok": 4 * QUESTIONS}
    assert sum(asked.in_batch for asked in server.asked) == 4 * QUESTIONS


def test_a_line_that_failed_is_asked_again_in_another_batch(box_home: Home, asked_in_batches: ModelServer) -> None:
    server = asked_in_batches
    made = study_of(box_home, cases=2)
    server.script = lambda asked: Fail(500) if asked.number == 1 else None
    ended, _ = run(made, batched(server.url), **SOON)
    assert (ended.why, states(made)) == (None, {"completed": 2})
    assert outcomes(calls(made)) == {"ok": 2 * QUESTIONS, "failed": 1}


def test_log_probabilities_come_by_batch_too(box_home: Home, asked_in_batches: ModelServer) -> None:
    made = study_of(box_home, cases=1)
    _, tally = run(made, batched(asked_in_batches.url), distribution="logprobs", **SOON)
    assert (tally.completed, tally.no_distribution) == (1, 0)


def test_batches_that_fail_as_a_whole_end_the_run(box_home: Home, asked_in_batches: ModelServer) -> None:
    server = asked_in_batches
    made = study_of(box_home, cases=2)
    server.batches.ending = "failed"
    try:
        ended, tally = run(made, batched(server.url), **SOON)
    finally:
        server.batches.ending = "completed"
    assert (ended.why, tally.ended) == ("endpoint", 0)


def test_a_batch_of_which_nothing_is_heard_ends_the_run_and_waits_for_the_next(
    box_home: Home, asked_in_batches: ModelServer
) -> None:
    server = asked_in_batches
    made = study_of(box_home, cases=2)
    server.batches.broken = '{"id": "batch_1", "stat'
    ended, tally = run(made, batched(server.url), batch_seconds=(0.3, 0.01))
    assert (ended.why, "no reply of this API" in ended.sentence, tally.open) == ("endpoint", True, 2)
    assert set(outcomes(calls(made))) == {"None"}
    server.batches.broken, server.batches.looks = None, 1
    ended, tally = run(made, batched(server.url), **SOON)
    assert (ended.why, states(made), tally.repeats) == (None, {"completed": 2}, 0)


def test_a_batch_whose_id_cannot_be_kept_is_told_and_not_waited_for(
    box_home: Home, asked_in_batches: ModelServer
) -> None:
    made = study_of(box_home, cases=1)
    name = digest([made.study, "a model", MAIN])[:32]
    in_the_way = box_home.record.drafts / f"batches-{name}.new"
    in_the_way.mkdir(parents=True)
    with pytest.raises(IsADirectoryError, match=name):
        run(made, batched(asked_in_batches.url), **SOON)


def test_two_workers_on_one_machine_keep_each_others_batches(tmp_path: Path) -> None:
    path = tmp_path / "batches.json"
    one, other = Handles(path), Handles(path)
    one.add(Handle(("batch-1",)), ["call-1", "call-2"])
    other.add(Handle(("batch-2",)), ["call-3"])
    later = Handles(path)
    assert later.of("call-2") == (Handle(("batch-1",)), ["call-1", "call-2"])
    assert later.of("call-3") == (Handle(("batch-2",)), ["call-3"])
