"""Before a model reads: what it cannot do, what it may not be shown, how often it reads, and whether there is room."""

from __future__ import annotations

from typing import Any

import pytest

from baselines.running.preparing import enrol, plan
from study.codes import new_code
from study.database import StudyError, Wire
from study.verify import verify
from tests.home import Home
from tests.model_server import ModelServer
from tests.running.runs import answers, contents, model, plan_in, planned, run, states, study_of
from tests.small_study import SmallStudy, small_study


def member(made: SmallStudy, role: str) -> Wire:
    """Somebody who has this role in the study, and no other."""
    code, guest = new_code(), made.home.guest()
    made.act("invite", study=made.study, role=role, code_handle=code.handle, code_hash=code.hash)
    assert guest.enter(code.text)["ok"]
    return made.home.wire(guest.token)


def permitting(home: Home, *allowed: bool) -> SmallStudy:
    """A study of as many cases, each with its author's permission."""
    cases = contents(len(allowed))
    for content, permission in zip(cases, allowed, strict=True):
        content["permissions"] = {"external_models": permission}
    return small_study(home, contents=cases, places=8)


def test_a_model_outside_is_refused_a_study_that_may_not_leave(home: Home, server: ModelServer) -> None:
    made = permitting(home, True, False)
    with pytest.raises(StudyError, match=r"outside the institution \(127.0.0.1\), and 1 of 2 cases .* case-001"):
        planned(made, model(server.url, local=False))
    assert server.asked == []


def test_a_model_outside_reads_the_permitted_cases_alone_where_that_is_asked_for(
    home: Home, server: ModelServer
) -> None:
    made = permitting(home, True, False, True)
    ended, tally = run(made, model(server.url, local=False), permitted_only=True)
    read = answers(made)
    assert (ended.why, tally.completed, tally.left_unread % 5) == (None, 10, 0)
    assert {case for (_, case, _), given in read.items() if given} == {"case-000", "case-002"}
    assert "number 1," not in str([asked.messages for asked in server.asked])
    assert set(states(made)) == {"completed", "assigned"}
    assert run(made, model(server.url, "inside"))[1].completed == 15


@pytest.mark.parametrize(
    ("declared", "order", "words"),
    [
        ({"can": {"images": False}}, {}, "cannot be shown images"),
        ({"can": {"logprobs": False}}, {"distribution": "logprobs"}, "gives no log-probabilities"),
        ({}, {"samples": 9}, "fixes 1 sample of each model"),
        ({}, {"condition": "without-ct"}, "no condition 'without-ct'"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_written(
    box_home: Home, server: ModelServer, declared: dict[str, Any], order: dict[str, Any], words: str
) -> None:
    made = study_of(box_home, cases=1, image=True)
    with pytest.raises(StudyError, match=words):
        planned(made, model(server.url, **declared), **order)
    assert states(made) == {}


def test_fewer_samples_are_said_and_can_be_completed_later(home: Home, server: ModelServer) -> None:
    made = study_of(home, cases=2, samples=3)
    few = planned(made, model(server.url), samples=1)
    assert "a model: 1 sample, fewer than the 3 that the protocol fixes" in few.warnings
    run(made, model(server.url), samples=1)
    assert states(made) == {"completed": 2}
    _, tally = run(made, model(server.url))
    assert (states(made), tally.readings, tally.before, tally.completed) == ({"completed": 6}, 6, 2, 4)
    with pytest.raises(StudyError, match="takes part with 3 samples already"):
        planned(made, model(server.url), samples=1)


def test_another_version_under_the_same_name_is_refused(box_home: Home, server: ModelServer) -> None:
    made = study_of(box_home, cases=1)
    run(made, model(server.url))
    for changed in ({"model": "small-2026-01-31"}, {"parameters": {"temperature": 1.0}}):
        with pytest.raises(StudyError, match="version, endpoint or parameters were others"):
            planned(made, model(server.url, **changed))
    with pytest.raises(StudyError, match="its distribution was asked for as 'none'"):
        planned(made, model(server.url), distribution="elicited")
    assert planned(made, model(server.url, prices={"input": 1.0, "output": 2.0}, timeout=9.0)).missing == 0


def test_places_are_added_as_they_are_needed_and_drawn_as_all_others_are(home: Home, server: ModelServer) -> None:
    made = study_of(home, cases=3, samples=3, image=True, conditions={"findings": {"visual": "finding"}})
    for name in ("first", "second"):
        for condition in ("main", "findings"):
            run(made, model(server.url, name), condition=condition)
        assert states(made, name) == {"completed": 18}
    assert verify(made.home.owner, made.study).holds


def test_whoever_only_runs_models_is_told_to_ask_for_places(home: Home, server: ModelServer) -> None:
    made = study_of(home, cases=1, samples=5, conditions={"fresh": {"context": "fresh"}})
    runner = member(made, "runner")
    for condition, count in (("main", 5), ("fresh", 5)):
        first = plan_in(runner, made.study, model(server.url, "first"), condition=condition)
        assert len(enrol(runner, first)) == count
    second = plan_in(runner, made.study, model(server.url, "second"), condition="fresh")
    with pytest.raises(StudyError, match="0 places left for models in the condition fresh, and 5 are needed"):
        enrol(runner, second)


def test_nobody_else_may_plan_a_run(home: Home, server: ModelServer) -> None:
    made = study_of(home, cases=1)
    with pytest.raises(StudyError, match="it needs runner"):
        plan(member(made, "grader"), planned(made, model(server.url)).order)
