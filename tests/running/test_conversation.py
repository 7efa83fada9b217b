"""From a page to a model's messages: what was shown stands before what is asked, in the readers' own words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from baselines.adapters import Message, Picture
from baselines.conversation import Question, Rules, asked, asked_label, asked_probabilities, images
from study.conditions import Condition
from study.database import StudyError
from study.desk import Page, PageImage
from study.desk.pages import StudyText
from study.protocol import Protocol
from study.script import question
from study.texts import study_texts

PROTOCOL = Protocol.model_validate({"ddx": {"asked": "every-step"}, "fdx": {"cannot_tell": True}})
KINDS = ("show", "ddx", "show", "ddx", "open", "selection", "closing")
BLOCKS: list[dict[str, Any]] = [
    {"id": "history", "type": "history", "form": "text", "step": 0, "time": "day 1", "text": "Sudden pain."},
    {"id": "film", "type": "x-ray", "form": "image", "step": 2, "title": "Left foot",
     "images": [{"sha256": sha, "mime": "image/png", "width": 9, "height": 9, "alt": "hidden words", "caption": words}
                for sha, words in (("a" * 64, "frontal"), ("b" * 64, None))]},
]  # fmt: skip
ANSWERS: list[tuple[int, dict[str, Any]]] = [
    (1, {"lines": ["Gout"], "none": False, "unchanged": False, "confidence": 60}),
    (3, {"lines": [], "none": True, "unchanged": False, "confidence": None}),
    (4, {"diagnosis": "Gout", "none": False, "confidence": 55}),
    (5, {"choice": None, "confidence": None}),
]


def rules(language: str = "en", **condition: Any) -> Rules:
    texts = {
        kind: {tongue: StudyText(**text) for tongue, text in tongues.items()}
        for kind, tongues in study_texts(PROTOCOL, [language]).items()
    }
    return Rules(PROTOCOL, texts, Condition.model_validate(condition))


def page(step: int, language: str = "en") -> Page:
    """The page at a step of the script, with what was shown and answered until then."""
    kind: Any = KINDS[step]
    case = {"position": 1, "of": 3, "language": language, "synthetic": True, "practice": False}
    there = {"reading": "r", "study": "s", "state": "reading", "script": "x", "now": "2026-11-22T12:00:00Z"}
    options = [{"label": "A", "text": "Malaria"}, {"label": "B", "text": "Gout"}] if step >= 5 else None
    parts = {
        "blocks": [block | {"shown_at": None} for block in BLOCKS if block["step"] <= step],
        "current": question(PROTOCOL, kind, language),
        "answers": [
            {"step": at, "kind": KINDS[at], "answer": answer, "at": "2026-11-22T12:00:00Z"}
            for at, answer in ANSWERS
            if at < step
        ],
    }
    empty = dict.fromkeys(["opened_at", "deadline", "limit_kind", "draft", "previous"])
    more = {"attempt": 1, "remaining": 1, "paused": False, "flags": (), "steps": len(KINDS), "kinds": KINDS}
    return Page.model_validate({"case": case, "step": step, "options": options, **there, **parts, **empty, **more})


def picture(image: PageImage) -> Picture:
    return Picture(image.sha256, (9, 9), (9, 9), "image/png", b"bytes")


def at(step: int, language: str = "en", **condition: Any) -> Question:
    return asked(page(step, language), rules(language, **condition), picture)


def words(message: Message) -> str:
    return "\n".join(part if isinstance(part, str) else f"<{part.sha256[0]}>" for part in message.parts)


def test_the_first_question_follows_the_evidence_shown_so_far_in_the_readers_own_words() -> None:
    (message,) = at(1).messages
    assert message.role == "user"
    assert words(message).startswith("History · day 1\n\nSudden pain.\nWhat diagnoses best explain")
    assert rules().text("ddx", "en").text in words(message)


def test_what_was_shown_since_the_last_question_stands_before_the_next_and_the_own_answer_between() -> None:
    first, own, second = at(3).messages
    assert first == at(1).messages[0]
    assert (own.role, words(own)) == ("assistant", '{"lines": ["Gout"], "none": false, "confidence": 60}')
    assert words(second).startswith("Left foot · X-ray\n<a>\nfrontal\n<b>\nWhat diagnoses")


def test_the_conversation_grows_and_is_never_rewritten() -> None:
    for earlier, later in ((1, 3), (3, 4), (4, 5), (5, 6)):
        before, now = at(earlier).messages, at(later).messages
        assert now[: len(before)] == before
        assert [message.role for message in now[len(before) :]] == ["assistant", "user"]


def test_no_alternative_text_and_no_word_beside_task_and_format_is_sent() -> None:
    everything = "\n".join(words(message) for message in at(6).messages)
    assert "hidden words" not in everything
    assert not [word for word in ("You are", "expert", "step by step", "physician", "Example") if word in everything]


def test_options_are_shown_under_their_labels_at_the_selection_alone() -> None:
    assert "A. Malaria\nB. Gout" in words(at(5).messages[-1])
    assert "Malaria" not in "".join(words(message) for message in at(4).messages)
    assert "A. Malaria" not in words(at(6).messages[-1])
    assert at(5).labels == ("A", "B")


def test_answers_stand_in_the_form_that_was_asked_for_also_where_nothing_was_named_or_chosen() -> None:
    said = [words(message) for message in at(6).messages if message.role == "assistant"]
    assert said[1] == '{"lines": [], "none": true, "confidence": 0}'
    assert said[3] == '{"choice": "cannot tell", "confidence": 0}'


def test_a_fresh_context_has_one_message_with_all_evidence_and_what_the_reader_has_in_view() -> None:
    (message,) = at(5, context="fresh").messages
    text = words(message)
    assert text.startswith("History · day 1\n\nSudden pain.\nLeft foot · X-ray\n<a>\nfrontal\n<b>\nYour list:\nnone")
    assert "Your final diagnosis: Gout" in text
    assert "Your choice: none" in words(at(6, context="fresh").messages[-1])


def test_a_refined_instruction_names_the_type_of_evidence_in_every_question() -> None:
    sentence = "In particular, take into account the evidence of this type: X-ray."
    asks = [words(message) for message in at(6, refine="x-ray").messages if message.role == "user"]
    assert [sentence in text for text in asks] == [True] * 5
    assert sentence not in words(at(6).messages[-1])


def test_chinese_cases_are_asked_in_chinese() -> None:
    text = "\n".join(words(message) for message in at(5, "zh", refine="x-ray").messages)
    assert rules("zh").text("selection", "zh").text in text
    assert "请特别考虑以下类型的证据：X 线。" in text
    assert "选项：" in text


def test_a_text_that_the_script_does_not_name_is_not_asked() -> None:
    changed = rules()
    texts = {**changed.texts, "ddx": {"en": StudyText(version="1", hash="0" * 64, text="Guess.")}}
    with pytest.raises(StudyError, match="not the one that its scripts name"):
        asked(page(1), replace(changed, texts=texts), picture)


def test_probabilities_and_labels_are_asked_in_the_place_of_the_selection() -> None:
    stated, label = asked_probabilities(page(5), rules(), picture), asked_label(page(5), rules(), picture)
    assert stated.messages[:-1] == label.messages[:-1] == at(5).messages[:-1]
    assert stated.schema is not None
    assert list(stated.schema["properties"]["probabilities"]["properties"]) == ["A", "B"]
    assert (label.schema, label.distribution) == (None, ("A", "B"))
    assert words(label.messages[-1]).endswith("Write the label of one option and nothing else: A, B.")
    assert "A. Malaria\nB. Gout" in words(stated.messages[-1])


def test_the_images_of_a_page_are_those_shown_so_far_in_order() -> None:
    assert [image.sha256[0] for image in images(page(5))] == ["a", "b"]
    assert images(page(1)) == []
