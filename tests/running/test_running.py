"""A model reads a study over the loopback server: what is asked, kept, locked, and replayed."""

from __future__ import annotations

import time

import pytest

from tests.home import Home
from tests.model_server import ModelServer, Say
from tests.running.runs import QUESTIONS, answers, calls, model, outcomes, run, states, study_of


def test_a_model_reads_every_case_of_every_sample_and_each_call_is_on_record(home: Home, server: ModelServer) -> None:
    made = study_of(home, cases=3, samples=2)
    ended, tally = run(made, model(server.url))
    assert (ended.why, states(made)) == (None, {"completed": 6})
    assert outcomes(calls(made)) == {"ok": 6 * QUESTIONS}
    assert (tally.completed, tally.calls["ok"], tally.repeats) == (6, 24, 0)
    assert all(len(found) == QUESTIONS for found in answers(made).values())


def test_a_request_is_kept_with_its_images_by_hash_and_a_reply_as_it_came(home: Home, server: ModelServer) -> None:
    made = study_of(home, cases=1, image=True)
    run(made, model(server.url, prices={"input": 10.0, "output": 100.0}))
    first, second = calls(made, brief=False)[:2]
    assert first.request is not None
    assert second.request is not None
    (image,) = [part for part in first.request["messages"][0]["parts"] if isinstance(part, dict)]
    assert (image["native"], image["sent"], "content" in image) == ([1, 1], [1, 1], False)
    assert [message["role"] for message in second.request["messages"]] == ["assistant", "user"]
    assert second.after == first.call
    assert first.told is not None
    assert '"choices"' in (first.told.response or "")
    assert first.told.details["cost"] == pytest.approx((100 * 10 + 20 * 100) / 1e6)
    assert (first.told.details["model"], first.told.details["input_tokens"]) == ("small-2025-01-31", 100)


def test_the_same_question_is_replayed_with_its_latency_and_costs_nothing(home: Home, server: ModelServer) -> None:
    one, other = study_of(home, cases=2), study_of(home, cases=2)
    named = model(server.url, parameters={"seed": time.time_ns() % 10**9}, prices={"input": 1.0, "output": 1.0})
    server.script = lambda _: Say(delay=0.1)
    run(one, named, cache=True)
    asked = len(server.asked)
    assert asked == 2 * QUESTIONS
    ended, tally = run(other, named, cache=True)
    assert (ended.why, tally.cached, len(server.asked)) == (None, asked, asked)
    assert answers(other) == answers(one)
    kept = [row for row in calls(other, brief=False) if row.told and "cached" in row.told.details]
    assert len(kept) == tally.cached
    originals = {row.call for row in calls(one)}
    for row in kept:
        assert row.told is not None
        assert row.told.details["cached"] in originals
        assert row.told.details["milliseconds"] >= 100
        assert row.told.details["cost"] == 0
