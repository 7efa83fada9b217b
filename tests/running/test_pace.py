"""How many questions an endpoint gets at once, in a minute, and for how much money."""

from __future__ import annotations

import pytest

from baselines.running.session import read_model
from baselines.running.tally import Tally
from baselines.running.workplace import Workplace
from study.database import StudyError
from tests.home import Home
from tests.model_server import Act, Asked, Fail, ModelServer, Say
from tests.running.runs import QUESTIONS, model, planned, run, states, study_of
from tests.small_study import SmallStudy


def test_an_endpoint_that_says_wait_is_left_alone_for_so_long(box_made: SmallStudy, server: ModelServer) -> None:
    server.script = lambda asked: Fail(429, retry_after="1") if asked.number == 1 else None
    run(box_made, model(server.url, "waits", limits={"concurrency": 1}))
    first, second = server.asked[:2]
    assert 1.0 <= second.at - first.at < 3.0


def test_fewer_are_asked_at_once_after_a_429_and_more_again_later(box_home: Home, server: ModelServer) -> None:
    made = study_of(box_home, cases=24)
    seen: list[float] = []
    workplaces: list[Workplace] = []
    tally = Tally()

    def script(asked: Asked) -> Act:
        seen.append(workplaces[0].gate.limit)
        return Fail(429) if 9 <= asked.number <= 12 else Say(delay=0.05)

    server.script = script
    ended = read_model(box_home.record, planned(made, model(server.url)), tally, workplaces.append)
    assert (ended.why, tally.completed, tally.busy) == (None, 24, 4)
    assert seen[0] == 8
    assert 2 <= min(seen) <= 4
    assert seen[-1] > 2 * min(seen)


def test_no_more_questions_a_minute_than_declared(box_home: Home, server: ModelServer) -> None:
    made = study_of(box_home, cases=2)
    run(made, model(server.url, limits={"concurrency": 8, "rpm": 600}))
    assert len(server.asked) == 2 * QUESTIONS
    assert server.asked[-1].at - server.asked[0].at >= 0.1 * (len(server.asked) - 1) - 0.05


def test_a_budget_is_never_exceeded_and_says_what_is_spent(box_home: Home, server: ModelServer) -> None:
    made = study_of(box_home, cases=6)
    limits = {"concurrency": 4, "max_output_tokens": 100}
    priced = model(server.url, prices={"input": 100.0, "output": 100.0}, limits=limits)
    server.script = lambda _: Say(delay=0.05)
    ended, tally = run(made, priced, budget=0.2)
    assert ended.why == "budget"
    assert ended.sentence.startswith("The budget of $0.2 does not reach for the next question")
    assert 0 < tally.cost <= 0.2
    assert tally.cost == pytest.approx(len(server.asked) * 0.012)
    assert set(states(made)) <= {"assigned", "reading", "completed"}
    assert run(made, priced, budget=100)[0].why is None


def test_a_budget_needs_prices_and_a_bound(box_made: SmallStudy, server: ModelServer) -> None:
    with pytest.raises(StudyError, match=r"declares no limits\.max_output_tokens"):
        run(box_made, model(server.url, "priced", prices={"input": 1.0, "output": 1.0}), budget=1.0)
    with pytest.raises(StudyError, match="declares no prices"):
        run(box_made, model("https://models.example/v1", "free", local=False), budget=1.0)
