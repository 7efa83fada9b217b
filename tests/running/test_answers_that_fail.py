"""Answers that cannot be read, are cut short or refused: what is asked again, and when a reading has failed."""

from __future__ import annotations

import json

import pytest

from tests.home import Home
from tests.model_server import Act, Asked, ModelServer, Say, Script
from tests.running.runs import QUESTIONS, calls, model, outcomes, run, states, study_of


def once(act: Act) -> Script:
    """Each question meets this the first time that it is asked."""
    return lambda asked: act if asked.nth == 1 else None


def about(asked: Asked, number: int) -> bool:
    """Whether this is asked about the case of that number."""
    return f"number {number}," in str(asked.messages[0]["content"])


@pytest.mark.parametrize(
    ("act", "outcome"),
    [
        (Say("no JSON"), "invalid"),
        (Say('{"lines": ["Gout"', end="length"), "truncated"),
        (Say('{"lines": []}'), "invalid"),
    ],
)
def test_an_answer_that_cannot_be_read_is_asked_for_twice_more_and_then_the_reading_has_failed(
    box_home: Home, server: ModelServer, act: Say, outcome: str
) -> None:
    made = study_of(box_home, cases=2)
    server.script = lambda asked: act if about(asked, 0) else None
    ended, tally = run(made, model(server.url))
    assert (ended.why, states(made), dict(tally.failed)) == (None, {"completed": 1, "failed": 1}, {outcome: 1})
    assert outcomes(calls(made)) == {"ok": QUESTIONS, outcome: 3}
    assert len({row.digest for row in calls(made) if row.outcome == outcome}) == 1, "asked in other words"


def test_an_answer_that_can_be_read_the_second_time_counts(box_home: Home, server: ModelServer) -> None:
    made = study_of(box_home, cases=1)
    server.script = once(Say("no JSON"))
    run(made, model(server.url))
    assert (states(made), outcomes(calls(made))) == ({"completed": 1}, {"ok": QUESTIONS, "invalid": QUESTIONS})
    first = calls(made, brief=False)[0]
    assert [result.outcome for result in first.results] == ["ok", "invalid"]
    assert "no JSON" in str(first.results[0].response)


def test_what_the_record_does_not_take_is_invalid_too(box_home: Home, server: ModelServer) -> None:
    made = study_of(box_home, cases=1)
    line = "\\u0001" * 299 + "a"  # one sign in a text, six in the record
    long = json.dumps({"lines": ["LINE"] * 50, "none": False, "confidence": 1}).replace("LINE", line)
    server.script = lambda asked: Say(long) if asked.number == 1 else None
    run(made, model(server.url))
    assert states(made) == {"completed": 1}
    first = calls(made)[0]
    assert first.outcome == "invalid"
    assert "at most 20,000 characters" in first.results[-1].details["error"]


def test_a_refusal_is_not_asked_again(home: Home, server: ModelServer) -> None:
    made = study_of(home, cases=2)
    server.script = lambda asked: Say(refusal="I will not.") if about(asked, 1) else None
    ended, tally = run(made, model(server.url))
    assert (ended.why, states(made), dict(tally.failed)) == (None, {"completed": 1, "failed": 1}, {"refused": 1})
    assert outcomes(calls(made)) == {"ok": QUESTIONS, "refused": 1}
    assert run(made, model(server.url))[1].calls.total() == 0
