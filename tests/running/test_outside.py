"""Errands to a model outside of a study: the file is the record, and no reply that it has is asked for again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from baselines.adapters import Said
from baselines.answers import one_object
from baselines.options.asked import differential
from baselines.running import ledger
from baselines.running.errands import Came
from baselines.running.outside import Errandry, ask
from study.answers import AnswerError
from study.case import Case
from study.database import StudyError
from tests.model_server import Fail, ModelServer, Say
from tests.running.runs import model


def question(number: int) -> Any:
    told = {"key": f"case-{number}", "language": "en", "specialty": "surgery", "source": {"licence": "CC0-1.0"}}
    block = {"id": "history", "type": "history", "text": f"Pain of kind {number}."}
    return differential(Case.model_validate(told | {"evidence": [block], "diagnosis": {"name": "Gout"}}), 3)


def read(key: int, sample: int, said: Said) -> str:
    found = one_object(said.text).get("named")
    if not isinstance(found, str):
        raise AnswerError("It names nothing.")
    return found


def run(
    path: Path, server: ModelServer, number: int = 4, budget: float | None = None, **more: Any
) -> Came[tuple[int, int], str]:
    questions = {(n, 1): question(n) for n in range(number)}
    declared = model(server.url, **{"tries": 2, "reasks": 1} | more)
    with ledger.opened(path) as opened:
        return ask(opened, Errandry("options", declared, questions, read, budget=budget, first_wait=0.02))


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def said(text: str) -> Say:
    return Say(text=json.dumps({"named": text}))


def test_each_call_is_in_the_file_before_its_reply_and_none_is_asked_for_twice(
    tmp_path: Path, server: ModelServer
) -> None:
    path = tmp_path / "calls.jsonl"
    server.script = lambda asked: said("Gout" if len(lines(path)) else "sent before it was written")
    first = run(path, server)
    again = run(path, server)
    assert (set(first.answers.values()), first.answers, len(server.asked)) == ({"Gout"}, again.answers, 4)
    assert (first.tally.sent, again.tally.sent, again.tally.taken_up) == (4, 0, 4)
    assert [line["act"] for line in lines(path)].count("start") == 4
    assert run(path, server, model="small-2026-01-31").tally.sent == 4


def test_what_was_in_flight_at_a_kill_is_lost_and_sent_again(tmp_path: Path, server: ModelServer) -> None:
    path = tmp_path / "calls.jsonl"
    server.script = lambda asked: said("Gout")
    run(path, server)
    kept = [line for line in lines(path) if line["act"] == "start"]
    ends = [line for line in lines(path) if line["act"] == "finish" and line["call"] != kept[0]["call"]]
    torn = "".join(json.dumps(line) + "\n" for line in kept + ends) + '{"act":"finish","ca'
    path.write_text(torn, encoding="utf-8")
    came = run(path, server)
    assert (came.tally.sent, came.tally.repeats, len(came.answers)) == (1, 1, 4)
    assert [line["call"] for line in lines(path) if line.get("outcome") == "lost"] == [kept[0]["call"]]


def test_an_answer_that_cannot_be_read_is_asked_for_again_and_then_missing(tmp_path: Path, server: ModelServer) -> None:
    path = tmp_path / "calls.jsonl"
    server.script = lambda asked: Say(text="Gout") if "kind 0" in asked.text else said("Gout")
    came = run(path, server)
    assert (len(came.answers), dict(came.tally.failed), came.ended.why) == (3, {"invalid": 1}, None)
    assert (len(server.asked), run(path, server).tally.sent) == (5, 0)


def test_an_endpoint_that_is_down_ends_the_run_and_says_so(tmp_path: Path, server: ModelServer) -> None:
    server.script = lambda asked: Fail(503)
    came = run(tmp_path / "calls.jsonl", server)
    assert (came.ended.why, came.answers) == ("endpoint", {})
    server.script = lambda asked: said("Gout")
    assert len(run(tmp_path / "calls.jsonl", server).answers) == 4


def test_a_budget_is_not_exceeded(tmp_path: Path, server: ModelServer) -> None:
    server.script = lambda asked: said("Gout")
    prices, limits = {"input": 1000, "output": 1000}, {"max_output_tokens": 50, "concurrency": 1}
    came = run(tmp_path / "calls.jsonl", server, budget=0.7, prices=prices, limits=limits)
    assert (came.ended.why, 0 < len(came.answers) < 4, came.tally.cost <= 0.7) == ("budget", True, True)


def test_another_file_is_refused_and_so_is_one_in_use(tmp_path: Path, server: ModelServer) -> None:
    path = tmp_path / "calls.jsonl"
    path.write_text('{"some": "line"}\n', encoding="utf-8")
    with pytest.raises(StudyError, match="line 1: is no call to a model"):
        run(path, server)
    path.unlink()
    with ledger.opened(path), pytest.raises(StudyError, match="is in use by another run"):
        run(path, server)
