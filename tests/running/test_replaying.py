"""Answers made elsewhere are read into the same record: the same pages, calls with their lines as they came."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from baselines.declared import Declared
from study.database import StudyError
from tests.home import Home
from tests.running.runs import answers, calls, outcomes, run, states, study_of
from tests.small_study import TRUTHS

ANSWERS: dict[str, dict[str, Any]] = {
    "ddx": {"lines": ["Pneumonia", "Gout"], "none": False, "confidence": 70},
    "open": {"diagnosis": "Pneumonia", "none": False, "confidence": 60},
    "selection": {"option": TRUTHS["alpha"], "confidence": 50},
}


def lines(cases: int = 1, sample: int = 1, **changed: dict[str, Any] | None) -> list[dict[str, Any]]:
    """A model's answers to so many cases; those of a kind that is given are changed, or left out."""
    found = []
    for number in range(cases):
        where = {"model": "o3", "case": f"case-{number:03d}", "sample": sample, "provenance": "a table"}
        told = {"version": "o3-2025-04-16", "milliseconds": 8200.0, "input_tokens": 2100, "output_tokens": 310}
        for kind, answer in ANSWERS.items():
            line = where | {"kind": kind, "answer": answer} | told | (changed.get(kind) or {})
            if kind not in changed or changed[kind] is not None:
                found.append({name: value for name, value in line.items() if value is not None})
    return found


def replay(folder: Path, told: list[dict[str, Any]]) -> Declared:
    file = folder / "answers.jsonl"
    file.write_text("\n".join(json.dumps(line) for line in told), encoding="utf-8")
    named = {"name": "o3", "adapter": "replay", "model": "o3-2025-04-16", "answers": file}
    return Declared.model_validate(named)


def test_answers_made_elsewhere_are_locked_and_their_lines_kept(home: Home, tmp_path: Path) -> None:
    made = study_of(home, cases=2, samples=2)
    told = lines(cases=2) + lines(cases=2, sample=2)
    ended, tally = run(made, replay(tmp_path, told))
    assert (ended.why, tally.completed, states(made, "o3")) == (None, 4, {"completed": 4})
    read = answers(made, "o3")
    assert [kind for kind, _ in read["main", "case-001", 2]] == ["ddx", "open", "selection", "closing"]
    assert read["main", "case-000", 1][0][1]["lines"] == ["Pneumonia", "Gout"]
    first = calls(made, brief=False)[0]
    assert first.told is not None
    assert json.loads(first.told.response or "") in told
    assert (first.told.details["milliseconds"], first.told.details["input_tokens"]) == (8200.0, 2100)
    made.close(unblind=True)


def test_an_option_is_chosen_by_its_words_whatever_the_order(home: Home, tmp_path: Path) -> None:
    made = study_of(home, cases=2, samples=3)
    told = [line for sample in (1, 2, 3) for line in lines(cases=2, sample=sample)]
    run(made, replay(tmp_path, told))
    chosen = {read[2][1]["choice"] for read in answers(made, "o3").values()}
    assert len(chosen) > 1, "the right option stood under different labels"


def test_what_was_no_answer_there_fails_the_reading_here(box_home: Home, tmp_path: Path) -> None:
    made = study_of(box_home, cases=3)
    told = lines(cases=3)
    told[3] |= {"outcome": "refused"}
    told[6] = {**{n: told[6][n] for n in ("model", "case", "kind", "sample", "provenance")}, "outcome": "failed"}
    ended, tally = run(made, replay(tmp_path, told))
    assert (ended.why, dict(tally.failed), tally.completed) == (None, {"refused": 1, "failed": 1}, 1)
    assert outcomes(calls(made)) == {"ok": 4, "refused": 1, "failed": 1}


def test_an_answer_in_another_form_is_invalid_at_once(box_home: Home, tmp_path: Path) -> None:
    made = study_of(box_home, cases=1)
    _, tally = run(made, replay(tmp_path, lines(open={"answer": None, "text": "It is pneumonia."})))
    assert dict(tally.failed) == {"invalid": 1}


def test_readings_that_the_file_does_not_answer_are_left_as_they_are(box_home: Home, tmp_path: Path) -> None:
    made = study_of(box_home, cases=3)
    ended, tally = run(made, replay(tmp_path, lines(cases=2)))
    assert (ended.why, tally.completed, tally.left_unread) == (None, 2, 1)
    assert states(made, "o3") == {"completed": 2, "assigned": 1}


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (lines(cases=4), "answers for cases that main does not read: case-003"),
        (lines(cases=1, open=None), "lacks answers that the protocol asks for: case-000, sample 1: open 1"),
        (
            lines(cases=2, open={"answer": {"diagnosis": "Pneumonia", "none": False}}),
            r"case-000, sample 1: open 1: .*confidence.*case-001, sample 1: open 1: .* Nothing was read",
        ),
        (lines(cases=1, selection={"answer": {"option": "Gout", "sure": 3}}), "selection 1: .* not asked for: sure"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_whole(
    box_home: Home, tmp_path: Path, told: list[dict[str, Any]], words: str
) -> None:
    made = study_of(box_home, cases=3)
    with pytest.raises(StudyError, match=words):
        run(made, replay(tmp_path, told))
    assert states(made, "o3") == {}
