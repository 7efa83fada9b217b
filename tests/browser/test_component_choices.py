"""The open final diagnosis and the selection in a real browser."""

import json

import pytest
from playwright.sync_api import Page, expect

from tests.browser.harness import Harness, locks

pytestmark = pytest.mark.browser


def lock(page: Page, confidence: str | None = "60") -> dict[str, object]:
    if confidence is not None:
        page.get_by_label("How likely is it").fill(confidence)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("runs 2").first).to_be_visible()
    (found,) = locks(page)
    answer: dict[str, object] = found["answer"]
    return answer


def test_a_number_key_chooses_a_line_of_the_own_list(page: Page, harness: Harness) -> None:
    harness.open(page, "single")
    page.get_by_role("radio").first.focus()
    page.keyboard.press("2")
    assert lock(page) == {"diagnosis": "AL amyloidosis", "none": False, "confidence": 60}


def test_another_diagnosis_can_be_typed(page: Page, harness: Harness) -> None:
    harness.open(page, "single")
    page.get_by_role("textbox", name="Another diagnosis").fill("2 gouts")
    assert lock(page) == {"diagnosis": "2 gouts", "none": False, "confidence": 60}


def test_naming_none_needs_no_confidence(page: Page, harness: Harness) -> None:
    harness.open(page, "single")
    page.get_by_label("I can name no diagnosis").check()
    assert lock(page, None) == {"diagnosis": "", "none": True, "confidence": None}


def test_nothing_chosen_is_not_locked(page: Page, harness: Harness) -> None:
    harness.open(page, "single")
    page.get_by_role("button", name="Lock answer").click()
    expect(page.get_by_text("Choose one diagnosis, or write another.").first).to_be_visible()
    assert locks(page) == []


def test_a_letter_chooses_an_option_with_the_focus_nowhere(page: Page, harness: Harness) -> None:
    harness.open(page, "choice")
    page.keyboard.press("c")
    expect(page.get_by_role("radio").nth(2)).to_be_checked()
    assert page.get_by_role("dialog").count() == 0  # Streamlit's own "c" did not hear it
    page.keyboard.press("2")
    assert lock(page) == {"choice": "B", "confidence": 60}


def test_options_stand_in_the_order_and_under_the_labels_given(page: Page, harness: Harness) -> None:
    harness.open(page, "choice")
    assert page.locator(".option .mark").all_inner_texts() == ["A", "B", "C", "D"]
    assert page.get_by_role("radio", checked=True).count() == 0  # no preset
    assert page.get_by_text("I cannot tell").count() == 0  # forced unless allowed


def test_cannot_tell_is_an_answer_where_it_is_allowed(page: Page, harness: Harness) -> None:
    harness.open(page, "choice", cannot_tell=1)
    page.get_by_label("I cannot tell").check()
    harness.wait_for("draft", lambda posts: bool(posts) and posts[-1]["body"].get("cannot_tell") is True)
    assert lock(page, None) == {"choice": None, "confidence": None}


def test_a_choice_is_saved_and_comes_back_as_draft(page: Page, harness: Harness) -> None:
    harness.open(page, "choice")
    page.get_by_text("Fabry disease").click()
    (post,) = harness.wait_for("draft", bool)
    harness.open(page, "choice", draft=json.dumps({"body": post["body"], "saved_at": "2026-11-22T09:00:00Z"}))
    expect(page.get_by_role("radio").nth(2)).to_be_checked()
