"""Answers are checked before they are sent, with sentences for whoever answers."""

from __future__ import annotations

from typing import Any

import pytest

from study.answers import AnswerError, parse_answer

DDX = {"kind": "ddx", "cap": 5, "min_lines": 1, "cannot_name": True, "confidence": True}
OPEN = {"kind": "open", "cannot_name": True, "confidence": True}
SELECTION = {"kind": "selection", "cannot_tell": False, "confidence": True}
CLOSING = {"kind": "closing"}
LABELS = ("A", "B", "C")


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        ({"kind": "show"}, {}),
        (DDX, {"lines": ["gout"], "confidence": 0}),
        (DDX, {"lines": [], "none": True}),
        (DDX, {"lines": [str(n) for n in range(9)], "confidence": 100}),
        (OPEN, {"diagnosis": "gout", "confidence": 5}),
        (OPEN, {"none": True}),
        (SELECTION, {"choice": "C", "confidence": 50}),
        (SELECTION | {"cannot_tell": True}, {"choice": None}),
        (CLOSING, {"seen_before": "unsure", "looked_up": False}),
    ],
)
def test_a_good_answer_is_taken_whole(step: dict[str, Any], answer: dict[str, Any]) -> None:
    sent = parse_answer(step, answer, LABELS).wire()
    assert {key: sent[key] for key in answer} == answer


@pytest.mark.parametrize(
    ("step", "answer", "sentence"),
    [
        ({"kind": "show"}, {"lines": []}, "Evidence takes no answer"),
        (DDX, {"lines": ["  "], "confidence": 5}, "Name at least one"),
        (DDX, {"lines": ["gout"], "none": True, "confidence": 5}, "not both"),
        (DDX, {"lines": ["gout"]}, "Give the confidence"),
        (DDX, {"lines": ["gout"], "confidence": 101}, "whole per cent"),
        (DDX, {"lines": ["gout"], "confidence": 50.5}, "whole per cent"),
        (DDX, {"lines": ["gout"], "confidence": True}, "whole per cent"),
        (DDX, {"lines": ["x" * 301], "confidence": 5}, "Line 1 is longer than 300"),
        (DDX, {"lines": ["x"] * 51, "confidence": 5}, "at most 50 lines"),
        (DDX | {"min_lines": 3}, {"lines": ["x", "y"], "confidence": 5}, "at least 3"),
        (DDX | {"cannot_name": False}, {"none": True}, "must be named"),
        (OPEN, {"diagnosis": "", "confidence": 5}, "Name the one diagnosis"),
        (SELECTION, {"choice": None}, "Choose one of the options"),
        (SELECTION, {"choice": "D", "confidence": 5}, "choose A, B, C"),
        (CLOSING, {"looked_up": False}, "seen the case before"),
        (CLOSING, {"seen_before": "no", "looked_up": "no"}, "true or false"),
        ({"kind": "dance"}, {}, "no kind of step"),
        (OPEN, {"diagnosis": "gout", "confidence": 5, "extra": 1}, "unknown part 'extra'"),
    ],
)
def test_a_bad_answer_is_refused_with_what_to_change(step: dict[str, Any], answer: Any, sentence: str) -> None:
    with pytest.raises(AnswerError, match=sentence):
        parse_answer(step, answer, LABELS)
