"""The task texts hold task, cap, ranking, resources, forced choice and confidence, in every language alike."""

from __future__ import annotations

import hashlib

import pytest

from study.protocol import preset, protocol_from
from study.script import Block, Outline, compile_script
from study.texts import LANGUAGES, TEXT_IDS, TextsError, render, study_texts, task_text

STAGED = preset("medsyn-staged")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_there_without_an_unfilled_field(language: str) -> None:
    for text_id in TEXT_IDS:
        text = task_text(STAGED, text_id, language, {"title": "T"})
        assert text.text
        assert "{" not in text.text
        assert text.hash == hashlib.sha256(text.text.encode()).hexdigest()


def test_languages_have_the_same_lines() -> None:
    for text_id in TEXT_IDS:
        lines = {len(task_text(STAGED, text_id, language).text.splitlines()) for language in LANGUAGES}
        assert len(lines) == 1


def test_the_differential_states_cap_ranking_resources_and_confidence() -> None:
    text = task_text(protocol_from({"ddx": {"max_lines": 3}, "resources": ["books"]}), "ddx", "en").text
    for words in ("1 to 3 diagnoses", "most probable to the least", "first 3 count", "may use books"):
        assert words in text
    assert "How likely is it that this is the patient's diagnosis?" in text


def test_the_selection_is_forced_unless_cannot_tell_is_allowed() -> None:
    assert "even if you are unsure" in task_text(STAGED, "selection", "en").text
    free = task_text(protocol_from({"fdx": {"cannot_tell": True}}), "selection", "en").text
    assert "cannot tell" in free
    assert "even if" not in free


def test_a_limit_is_told_only_where_there_is_one() -> None:
    limited = protocol_from({"limits": {"open": {"seconds": 90, "kind": "hard"}}})
    assert "90 seconds" in task_text(limited, "open", "en").text
    assert "90 seconds" not in task_text(limited, "ddx", "en").text


def test_what_a_script_names_is_what_the_study_stores() -> None:
    case = Outline("c", "h", "zh", (Block("history", "history", False, True),), 4)
    stored = study_texts(STAGED, ["en", "zh"], {"title": "T"})
    refs = [step["text"] for step in compile_script(STAGED, case, "images").steps if "text" in step]
    assert [ref["id"] for ref in refs] == ["ddx", "open", "selection", "closing"]
    for ref in refs:
        assert stored[ref["id"]]["zh"]["hash"] == ref["hash"]


def test_the_consent_names_the_studys_particulars_and_says_what_is_not_stated() -> None:
    text = task_text(STAGED, "consent", "en", {"title": "T {x}", "contact": "a@b"}).text
    assert "T {x}" in text
    assert "a@b" in text
    assert "Payment: not stated" in text


def test_a_language_or_version_without_texts_is_refused() -> None:
    with pytest.raises(TextsError, match="no task texts in 'fr'"):
        task_text(STAGED, "ddx", "fr")
    with pytest.raises(TextsError, match="version '2'"):
        task_text(protocol_from({"texts_version": "2"}), "ddx", "en")


def test_rendering_drops_empty_lines_and_refuses_unknown_fields() -> None:
    assert render(["a {x}", "{y}", "b"], {"x": "1", "y": ""}) == "a 1\nb"
    with pytest.raises(KeyError):
        render(["{z}"], {})
