"""Answers made elsewhere: read as they were written, refused whole, told as if just given."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from baselines.adapters import Ask
from baselines.adapters.faults import Rejected
from baselines.adapters.replay import Place, ReplayRefused, read_answers
from baselines.answers import parse
from baselines.declared import Declared, heard, replay_of
from study.answers import AnswerError

DDX: Place = ("main", "case-1", 1, "ddx", 1)
LINE = {"model": "m", "case": "case-1", "kind": "ddx", "provenance": "Table 2 of a paper"}
GIVEN: dict[str, Any] = {"lines": ["Gout"], "confidence": 80}


def file(folder: Path, *lines: dict[str, Any] | str) -> Path:
    path = folder / "answers.jsonl"
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def test_an_answer_is_told_with_its_times_and_tokens_and_its_line_as_it_came(tmp_path: Path) -> None:
    more = {"answer": GIVEN, "milliseconds": 1200, "input_tokens": 9, "output_tokens": 4, "version": "m-2025"}
    path = file(tmp_path, LINE | more)
    told = read_answers(path).said("m", DDX)
    assert parse({"kind": "ddx", "confidence": True}, told.text)["lines"] == ["Gout"]
    assert (told.outcome, told.model, told.milliseconds, told.input_tokens, told.output_tokens) == (
        "ok",
        "m-2025",
        1200.0,
        9,
        4,
    )
    assert told.raw == path.read_text("utf-8").strip()


def test_the_models_own_words_are_kept_as_they_are(tmp_path: Path) -> None:
    assert read_answers(file(tmp_path, LINE | {"text": "It is gout."})).said("m", DDX).text == "It is gout."


def test_an_option_is_named_by_its_words_and_gets_the_label_that_the_reading_shows(tmp_path: Path) -> None:
    place: Place = ("main", "case-1", 1, "selection", 1)
    step = {"kind": "selection", "confidence": True}
    found = read_answers(file(tmp_path, LINE | {"kind": "selection", "answer": {"option": "Gout", "confidence": 5}}))
    told = found.said("m", place, {"A": "Malaria", "B": "Gout"})
    assert parse(step, told.text, ("A", "B")) == {"choice": "B", "confidence": 5}
    with pytest.raises(AnswerError, match="There is no option 'Gout'"):
        parse(step, found.said("m", place, {"A": "Malaria"}).text, ("A",))


def test_places_are_told_apart_by_condition_case_sample_kind_and_number(tmp_path: Path) -> None:
    others: list[dict[str, Any]] = [{}, {"sample": 2}, {"condition": "findings"}, {"number": 2}, {"case": "case-2"}]
    lines = [LINE | other | {"text": str(n)} for n, other in enumerate(others)]
    found = read_answers(file(tmp_path, *lines, LINE | {"model": "n", "text": "x"}))
    assert [found.said("m", place).text for place in found.places("m")] == ["0", "1", "2", "3", "4"]
    assert found.models == ["m", "n"]


def test_every_fault_of_a_file_is_told_by_its_line(tmp_path: Path) -> None:
    path = file(
        tmp_path,
        LINE | {"answer": GIVEN, "text": "both"},
        "{",
        "[1]",
        LINE | {"colour": "blue", "text": "x", "sample": 0},
        {"model": "m"},
        LINE,
        LINE | {"case": "twice", "text": "x"},
        LINE | {"case": "twice", "text": "y"},
        LINE | {"outcome": "failed", "text": "x"},
    )
    with pytest.raises(ReplayRefused) as refusal:
        read_answers(path)
    begun = {fault.split(": ")[0] + ": " + fault.split(": ")[1] for fault in refusal.value.faults}
    assert begun >= {"line 4: colour", "line 4: sample", "line 5: case", "line 5: kind", "line 5: provenance"}
    assert {fault.split(":")[0] for fault in begun} == {f"line {n}" for n in range(1, 10)}


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xff\xfe"])
def test_a_file_without_an_answer_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "answers.jsonl").write_bytes(content)
    with pytest.raises(ReplayRefused):
        read_answers(tmp_path / "answers.jsonl")


def test_an_answer_that_is_not_there_or_failed_is_rejected(tmp_path: Path) -> None:
    found = read_answers(file(tmp_path, LINE | {"outcome": "failed"}, LINE | {"kind": "open", "outcome": "refused"}))
    with pytest.raises(Rejected, match="gave no answer"):
        found.said("m", DDX)
    assert found.said("m", ("main", "case-1", 1, "open", 1)).outcome == "refused"
    with pytest.raises(Rejected, match=r"has no answer of m for case-1, findings, sample 1, ddx 1\."):
        found.said("m", ("findings", *DDX[1:]))


def test_a_declared_replay_reads_its_file_and_lines_that_were_kept(tmp_path: Path) -> None:
    path = file(tmp_path, LINE | {"answer": GIVEN})
    told = {"name": "m", "adapter": "replay", "model": "m-2025-01-31", "answers": path}
    model = Declared.model_validate(told)
    one = replay_of(model).said("m", DDX)
    assert heard(model, Ask(()), one.raw, one.milliseconds) == one
