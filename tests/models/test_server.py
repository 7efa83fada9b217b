"""The tests' own server of models: it answers by the request alone, and counts what it was asked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from baselines.answers import answer_schema, label_text, output_text, parse
from tests.model_server import Fail, model_server
from tests.models.asking import OPTIONS, asked, declared, picture, question, said

ROOT = Path(__file__).parents[2]


def test_two_servers_answer_alike_whatever_they_were_asked_before() -> None:
    with model_server() as one, model_server() as other:
        said(declared(other.url), question("Something else"))
        assert said(declared(one.url)).raw == said(declared(other.url)).raw


def test_an_answer_fits_the_form_that_the_words_or_the_schema_ask_for() -> None:
    with model_server() as server:
        for kind in ("ddx", "open", "selection", "closing"):
            step, labels = {"kind": kind, "cannot_name": False, "confidence": True}, ("A", "B", "C")
            words = output_text(step, "en", labels).text
            plain = said(declared(server.url, "chat"), question(OPTIONS, words, schema=None))
            formed = said(declared(server.url, "chat"), question(OPTIONS, schema=answer_schema(step, labels)))
            assert parse(step, plain.text, labels)
            assert parse(step, formed.text, labels)
        label = question(OPTIONS, label_text("en", ("A", "B", "C")).text, schema=None)
        assert said(declared(server.url), label).text in ("A", "B", "C")


def test_a_script_is_told_which_request_it_is_and_of_how_many_images() -> None:
    with model_server(lambda one: Fail(500) if one.nth == 1 else None) as server:
        kinds = [type(asked(declared(server.url), question("See", picture()))).__name__ for _ in range(2)]
        asked(declared(server.url))
        assert kinds == ["Away", "Said"]
        assert [(one.number, one.nth, one.images) for one in server.asked] == [(1, 1, 1), (2, 2, 1), (3, 1, 0)]
        assert server.asked[0].at <= server.asked[1].at


def test_it_runs_in_a_process_of_its_own_until_its_input_ends() -> None:
    command = [sys.executable, "-m", "tests.model_server"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert said(declared(url)).outcome == "ok"
        process.stdin.close()
        assert process.wait(60) == 0
