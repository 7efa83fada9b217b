"""A model's answer: the form that is asked for, and nothing taken that is not exactly in it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from baselines.answers import CANNOT_TELL, answer_schema, label_text, one_object, output_text, parse
from study.answers import AnswerError, parse_answer
from study.texts import LANGUAGES, TextsError

LABELS = ("A", "B", "C")
DDX = {"kind": "ddx", "cap": 5, "min_lines": 1, "cannot_name": True, "confidence": True}
OPEN = {"kind": "open", "cannot_name": True, "confidence": True}
SELECTION = {"kind": "selection", "cannot_tell": False, "confidence": True}
CLOSING = {"kind": "closing"}
GIVEN: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (DDX, {"lines": ["Gout", "Sepsis"], "none": False, "confidence": 80}),
    (OPEN, {"diagnosis": "Gout", "none": False, "confidence": 0}),
    (SELECTION, {"choice": "B", "confidence": 100}),
    (CLOSING, {"seen_before": "unsure", "looked_up": False, "comment": ""}),
]


@pytest.mark.parametrize(("step", "answer"), GIVEN)
def test_an_answer_in_the_form_is_taken_as_the_record_takes_it(step: dict[str, Any], answer: dict[str, Any]) -> None:
    assert set(answer_schema(step, LABELS)["properties"]) == set(answer)
    assert parse(step, json.dumps(answer), LABELS) == parse_answer(step, answer, LABELS).wire()


@pytest.mark.parametrize(("step", "answer"), GIVEN)
def test_every_part_is_required_and_no_other_is_allowed(step: dict[str, Any], answer: dict[str, Any]) -> None:
    schema = answer_schema(step, LABELS)
    assert schema["required"] == list(schema["properties"])
    assert schema["additionalProperties"] is False
    with pytest.raises(AnswerError, match="not asked for: why"):
        parse(step, json.dumps(answer | {"why": "because"}), LABELS)


def test_the_steps_rules_shape_the_form() -> None:
    assert list(answer_schema(DDX | {"cannot_name": False, "confidence": False})["properties"]) == ["lines"]
    assert list(answer_schema(OPEN | {"confidence": False})["properties"]) == ["diagnosis", "none"]
    told = answer_schema(SELECTION | {"cannot_tell": True}, LABELS)
    assert told["properties"]["choice"]["enum"] == ["A", "B", "C", CANNOT_TELL]
    with pytest.raises(AnswerError, match="takes no answer"):
        answer_schema({"kind": "show"})


def test_no_schema_has_a_union_or_a_bound_that_some_endpoint_refuses() -> None:
    text = json.dumps([answer_schema(step | {"cannot_tell": True}, LABELS) for step, _ in GIVEN])
    assert not [word for word in ("anyOf", "oneOf", "null", "minimum", "maxItems", "pattern") if word in text]


@pytest.mark.parametrize(
    "text",
    [
        '{"choice": "B", "confidence": 70}',
        '\n  {"choice": "B",\n "confidence": 70}  \n',
        '```json\n{"choice": "B", "confidence": 70}\n```',
        '```\n{"choice": "B", "confidence": 70}\n```',
        'Here it is:\n\n```json\n{"choice": "B", "confidence": 70}\n```\nI hope that helps.',
        '<think>Perhaps {"choice": "A"}?\n```json\n{}\n```</think>\n{"choice": "B", "confidence": 70}',
        '{"choice": "B", "confidence": 70.0}',
    ],
)
def test_one_object_is_taken_bare_or_in_its_only_fence(text: str) -> None:
    assert parse(SELECTION, text, LABELS) == {"choice": "B", "confidence": 70}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "B",
        '"B"',
        '["B"]',
        "null",
        'The answer is {"choice": "B", "confidence": 70}',
        '{"choice": "B", "confidence": 70} {"choice": "A", "confidence": 70}',
        '```\n{"choice": "B", "confidence": 70}\n```\n```\n{"choice": "A", "confidence": 70}\n```',
        '```\n{"choice": "B", "confidence": 70}',
        '{"choice": "B", "choice": "A", "confidence": 70}',
        '{"choice": "B", "confidence": 70',
        "{'choice': 'B', 'confidence': 70}",
        '{"choice": "b", "confidence": 70}',
        '{"choice": "D", "confidence": 70}',
        '{"choice": "B"}',
        '{"confidence": 70}',
        '{"choice": "B", "confidence": "70"}',
        '{"choice": "B", "confidence": 70.5}',
        '{"choice": "B", "confidence": 101}',
        '{"choice": "B", "confidence": NaN}',
        '{"choice": "B", "confidence": true}',
        '{"choice": null, "confidence": 70}',
        '{"choice": "cannot tell", "confidence": 70}',
        '{"choice": "B\\u0000", "confidence": 70}',
        '{"choice": "\\ud800", "confidence": 70}',
        "[" * 100_000,
    ],
)
def test_anything_else_is_invalid(text: str) -> None:
    with pytest.raises(AnswerError):
        parse(SELECTION, text, LABELS)


def test_cannot_tell_is_no_choice_and_has_no_confidence() -> None:
    step = SELECTION | {"cannot_tell": True}
    wanted = {"choice": None, "confidence": None}
    assert parse(step, '{"choice": "cannot tell", "confidence": 0}', LABELS) == wanted
    assert parse(step, '{"choice": null}', LABELS) == wanted


def test_no_diagnosis_is_an_answer_and_has_no_confidence() -> None:
    found = parse(DDX, '{"lines": [], "none": true, "confidence": 0}')
    assert (found["lines"], found["none"], found["confidence"]) == ([], True, None)
    with pytest.raises(AnswerError, match="not both"):
        parse(OPEN, '{"diagnosis": "Gout", "none": true, "confidence": 0}')
    with pytest.raises(AnswerError, match="not asked for: none"):
        parse(OPEN | {"cannot_name": False}, '{"diagnosis": "", "none": true, "confidence": 0}')


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_name_every_part_once_in_each_language_and_have_a_version_and_a_hash(language: str) -> None:
    for step, _ in GIVEN:
        words = output_text(step, language, LABELS)
        for part in answer_schema(step, LABELS)["properties"]:
            assert words.text.count(f'"{part}"') == 1
        assert "{" not in words.text
        assert (words.version, words.hash) == ("1", hashlib.sha256(words.text.encode()).hexdigest())
    assert "A, B, C" in output_text(SELECTION, language, LABELS).text
    assert f'"{CANNOT_TELL}"' in output_text(SELECTION | {"cannot_tell": True}, language, LABELS).text
    assert "A, B, C" in label_text(language, LABELS).text


def test_a_language_takes_the_words_of_its_base_and_an_unknown_one_is_told() -> None:
    assert output_text(DDX, "zh-Hans") == output_text(DDX, "zh")
    with pytest.raises(TextsError, match="'fr'"):
        output_text(DDX, "fr")


def test_a_fence_inside_a_bare_objects_text_is_text() -> None:
    assert one_object('{"comment": "```"}') == {"comment": "```"}
