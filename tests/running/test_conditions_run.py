"""What models read beside the main reading, and the distributions that are asked for at the selection."""

from __future__ import annotations

import math
from typing import Any

import pytest

from study.conditions import medsyn
from study.desk import AnalystDesk
from tests.home import Home
from tests.model_server import ModelServer, Say
from tests.running.runs import QUESTIONS, answers, calls, model, outcomes, run, states, study_of

CONDITIONS = {name: rule.model_dump(mode="json") for name, rule in medsyn(["x-ray"]).items()}


def asked_words(server: ModelServer) -> str:
    return "\n".join(str(asked.messages) for asked in server.asked)


def test_each_condition_shows_what_it_says_to_models(home: Home, server: ModelServer) -> None:
    made = study_of(home, cases=2, image=True, conditions=CONDITIONS)
    seen: dict[str, tuple[bool, bool, bool]] = {}
    for name in CONDITIONS:
        if name == "random-text":  # its words are drawn where a study is made of a bundle
            continue
        server.forget()
        ended, tally = run(made, model(server.url), condition=name)
        assert (name, ended.why, tally.completed) == (name, None, 2)
        words = asked_words(server)
        seen[name] = ("A patient of number" in words, "data:image/png" in words, "A shadow." in words)
    image, finding, neither, no_text = (
        (True, True, False),
        (True, False, True),
        (True, False, False),
        (False, True, False),
    )
    assert seen == {
        "findings": finding,
        "remove-text": no_text,
        "fresh": image,
        "without-x-ray": neither,
        "without-x-ray-findings": neither,
        "finding-x-ray": finding,
        "refine-x-ray": image,
    }
    assert {condition for condition, _, _ in answers(made)} == set(seen)


def test_a_fresh_context_sends_one_message_a_question(box_home: Home, server: ModelServer) -> None:
    made = study_of(box_home, cases=1, conditions={"fresh": {"context": "fresh"}})
    run(made, model(server.url), condition="fresh")
    assert [len(asked.messages) for asked in server.asked] == [1] * QUESTIONS
    assert {row.after for row in calls(made)} == {None}


def test_a_text_only_model_reads_findings_in_the_place_of_images(box_home: Home, server: ModelServer) -> None:
    made = study_of(box_home, cases=1, image=True, conditions={"findings": {"visual": "finding"}})
    blind = model(server.url, can={"images": False})
    assert run(made, blind, condition="findings")[1].completed == 1


@pytest.mark.parametrize("kind", ["elicited", "logprobs"])
def test_a_distribution_is_asked_beside_the_choice_and_told_to_the_analyst(
    home: Home, server: ModelServer, kind: Any
) -> None:
    made = study_of(home, cases=2)
    ended, tally = run(made, model(server.url), distribution=kind)
    assert (ended.why, tally.completed, tally.no_distribution) == (None, 2, 0)
    assert outcomes(calls(made)) == {"ok": 2 * (QUESTIONS + 1)}
    made.close(unblind=True)
    for row in AnalystDesk(made.home.owner).readings(made.study):
        (kept,) = row["distribution"]
        assert kept["estimator"] == kind
        p = kept["p"]
        assert set(p) == {option["label"] for option in row["options"]}
        assert all(0 <= one <= 100 for one in p.values())
        assert kind == "elicited" or math.isclose(sum(p.values()), 1, rel_tol=1e-3)


def test_the_conversation_is_the_same_with_and_without_a_distribution(box_home: Home, server: ModelServer) -> None:
    found = []
    for kind in ("none", "elicited"):
        made = study_of(box_home, cases=1)
        run(made, model(server.url), distribution=kind)
        found.append(answers(made))
    assert found[0] == found[1]


def test_a_distribution_that_cannot_be_had_is_missing_and_fails_no_reading(box_home: Home, server: ModelServer) -> None:
    made = study_of(box_home, cases=1)
    server.script = lambda asked: Say('{"probabilities": {"A": 100}}') if "probabilities" in asked.text else None
    ended, tally = run(made, model(server.url), distribution="elicited")
    assert (ended.why, states(made), tally.no_distribution) == (None, {"completed": 1}, 1)
    assert outcomes(calls(made)) == {"ok": QUESTIONS, "invalid": 3}
