"""What an endpoint does wrong is on record and asked again, as long as that may help."""

from __future__ import annotations

import pytest

from baselines.running.run import Ended
from tests.home import Home
from tests.model_server import Act, Asked, Broken, Cut, Dribble, Fail, Hang, ModelServer, Reset, Script
from tests.running.runs import QUESTIONS, calls, model, outcomes, run, states, study_of
from tests.small_study import SmallStudy


def once(act: Act) -> Script:
    """Each question meets this the first time that it is asked."""
    return lambda asked: act if asked.nth == 1 else None


def about(asked: Asked, number: int) -> bool:
    """Whether this is asked about the case of that number."""
    return f"number {number}," in str(asked.messages[0]["content"])


@pytest.mark.parametrize(
    "act",
    [Fail(500), Fail(429), Fail(429, retry_after="0.2"), Reset(), Cut(), Hang(), Broken("<html>"), Broken("{}")],
    ids=lambda act: f"{type(act).__name__}{getattr(act, 'status', '')}{getattr(act, 'retry_after', None) or ''}",
)
def test_what_brings_no_answer_is_on_record_and_asked_again(
    box_made: SmallStudy, server: ModelServer, act: Act
) -> None:
    name = f"meets {sum(map(ord, repr(act)))}"
    server.script = once(act)
    ended, tally = run(box_made, model(server.url, name, timeout=1.0))
    assert (ended.why, states(box_made, name)) == (None, {"completed": 2})
    rows = [row for row in calls(box_made) if row.model == name]
    assert outcomes(rows) == {"ok": 2 * QUESTIONS, "failed": 2 * QUESTIONS}
    assert tally.tried_again == 2 * QUESTIONS
    assert all(row.results[-1].details["error"] for row in rows if row.outcome == "failed")


def test_a_slow_answer_is_waited_for(box_made: SmallStudy, server: ModelServer) -> None:
    server.script = lambda _: Dribble(0.5)
    assert run(box_made, model(server.url, "slow"))[1].completed == 2


@pytest.mark.parametrize("status", [400, 500])
def test_one_question_that_is_never_answered_fails_its_reading_alone(
    box_home: Home, server: ModelServer, status: int
) -> None:
    made = study_of(box_home, cases=4)
    server.script = lambda asked: Fail(status) if about(asked, 0) else None
    ended, tally = run(made, model(server.url, tries=3, limits={"concurrency": 1}))
    assert (ended.why, states(made), dict(tally.failed)) == (None, {"completed": 3, "failed": 1}, {"failed": 1})


@pytest.mark.parametrize("act", [Fail(500), Fail(401), Fail(404), Fail(400), Hang()], ids=repr)
def test_an_endpoint_that_is_down_ends_the_run_and_fails_no_reading(
    box_home: Home, server: ModelServer, act: Act
) -> None:
    made = study_of(box_home, cases=5)
    server.script = lambda _: act
    ended, tally = run(made, model(server.url, tries=2, timeout=1.0, limits={"concurrency": 2}))
    assert (ended.why, tally.ended) == ("endpoint", 0)
    assert ended.sentence.startswith("a model ")
    assert set(states(made)) <= {"assigned", "reading"}
    assert len(server.asked) <= 12
    server.script = None
    assert run(made, model(server.url))[0] == Ended(None, "")
    assert states(made) == {"completed": 5}


def test_nobody_at_the_address_ends_the_run_too(home: Home) -> None:
    made = study_of(home, cases=2)
    ended, _ = run(made, model("http://127.0.0.1:1/v1", tries=2))
    assert (ended.why, states(made)) == ("endpoint", {"reading": 2})
