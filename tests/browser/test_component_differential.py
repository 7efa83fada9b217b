"""The differential editor in a real browser: keys, drafts that tell the truth, one lock."""

import json

import pytest
from playwright.sync_api import Page, expect

from tests.browser.harness import Harness, locks, runs

pytestmark = pytest.mark.browser


def lines(page: Page) -> list[str]:
    return [field.input_value() for field in page.locator(".lines input").all()]


def write(page: Page, *diagnoses: str) -> None:
    page.get_by_label("Diagnosis 1").focus()
    for at, text in enumerate(diagnoses):
        if at:
            page.keyboard.press("Enter")
        page.keyboard.type(text)


def sure(page: Page, per_cent: str = "70") -> None:
    page.get_by_label("How likely is it").fill(per_cent)


def status(page: Page) -> str:
    return str(page.locator(".editor .status").get_attribute("data-state"))


def test_a_whole_answer_is_given_by_keyboard_alone(page: Page, harness: Harness) -> None:
    harness.open(page, "differential")
    write(page, "porphyria", "rheumatic fever", "lead poisoning")
    page.keyboard.press("Alt+ArrowUp")
    for _ in range(20):  # Tab alone reaches the confidence field
        if page.evaluate("document.activeElement.shadowRoot?.activeElement?.className") == "percent":
            break
        page.keyboard.press("Tab")
    page.keyboard.type("70")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Locking…").first).to_be_visible()
    expect(page.get_by_text("runs 2").first).to_be_visible()
    (lock,) = locks(page)
    ranked = ["porphyria", "lead poisoning", "rheumatic fever"]
    assert lock["answer"] == {"lines": ranked, "none": False, "confidence": 70, "unchanged": False}
    assert lock["client"]["inputs"] == len("".join(ranked)) + 1 + 2  # each letter, one move, two digits
    assert 0 < lock["client"]["first_input_ms"] < lock["client"]["client_ms"]


def test_typing_runs_nothing_on_the_server_not_even_streamlits_own_keys(page: Page, harness: Harness) -> None:
    harness.open(page, "differential")
    write(page, "rrr ccc", "acute porphyria")
    wanted = ["rrr ccc", "acute porphyria"]
    harness.wait_for("draft", lambda posts: bool(posts) and posts[-1]["body"]["lines"] == wanted)
    assert runs(page) == 1
    assert page.get_by_role("dialog").count() == 0  # "c" is Streamlit's "clear caches"


def test_alt_arrows_and_touch_buttons_reorder_and_backspace_removes(page: Page, harness: Harness) -> None:
    harness.open(page, "differential")
    write(page, "a1", "b2", "c3")
    page.keyboard.press("Alt+ArrowUp")
    page.keyboard.press("Alt+ArrowUp")
    assert lines(page) == ["c3", "a1", "b2"]
    page.get_by_role("button", name="Move down").first.click()
    assert lines(page) == ["a1", "c3", "b2"]
    page.get_by_role("button", name="Remove this line").nth(1).click()
    assert lines(page) == ["a1", "b2"]
    page.get_by_label("Diagnosis 2").focus()
    for _ in range(3):  # two letters, then the empty line
        page.keyboard.press("Backspace")
    assert lines(page) == ["a1"]


def test_enter_that_ends_an_input_method_word_adds_no_line(page: Page, harness: Harness) -> None:
    harness.open(page, "differential")
    field = page.get_by_label("Diagnosis 1")
    field.fill("痛风")
    field.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True, "composed": True})
    assert lines(page) == ["痛风"]


def test_lines_past_the_cap_can_be_typed_and_are_marked(page: Page, harness: Harness) -> None:
    harness.open(page, "differential", cap=2)
    write(page, "one", "two", "three")
    expect(page.get_by_text("3 of at most 2").first).to_be_visible()
    expect(page.locator(".beyond:visible")).to_have_count(1)


def test_fields_offer_no_suggestions(page: Page, harness: Harness) -> None:
    harness.open(page, "differential")
    field = page.get_by_label("Diagnosis 1")
    wanted = {"autocomplete": "off", "autocorrect": "off", "spellcheck": "false", "autocapitalize": "none"}
    assert {name: field.get_attribute(name) for name in wanted} == wanted


def test_a_draft_is_saved_by_itself_under_rising_numbers(page: Page, harness: Harness) -> None:
    harness.open(page, "differential")
    write(page, "gout")
    harness.wait_for("draft", lambda posts: bool(posts) and posts[-1]["body"]["lines"] == ["gout"])
    expect(page.get_by_text("Saved at ").first).to_be_visible()
    page.keyboard.type("y")
    posts = harness.wait_for("draft", lambda posts: posts[-1]["body"]["lines"] == ["gouty"])
    numbers = [post["number"] for post in posts]
    assert numbers == sorted(set(numbers))
    assert {(post["step"], post["attempt"]) for post in posts} == {(3, 1)}


def test_numbers_rise_and_the_tab_stays_the_same_over_a_reload(page: Page, harness: Harness) -> None:
    harness.open(page, "differential")
    write(page, "one")
    first = harness.wait_for("draft", bool)[-1]
    page.reload()
    expect(page.get_by_label("Diagnosis 1")).to_have_value("", timeout=60_000)
    write(page, "two")
    last = harness.wait_for("draft", lambda posts: posts[-1]["body"]["lines"] == ["two"])[-1]
    assert last["tab"] == first["tab"]
    assert last["number"] > first["number"]


def test_the_saved_time_is_the_servers_in_the_readers_zone(page: Page, harness: Harness) -> None:
    harness.open(page, "differential")
    write(page, "gout")
    local = page.evaluate("new Date('2026-11-22T10:11:12Z').toTimeString().slice(0, 8)")
    expect(page.get_by_text(f"Saved at {local}").first).to_be_visible()


def test_a_server_that_fails_shows_not_saved_until_it_takes_the_draft(page: Page, harness: Harness) -> None:
    harness.behave(mode="fail")
    harness.open(page, "differential")
    write(page, "gout")
    expect(page.get_by_text("Not saved, retrying").first).to_be_visible()
    harness.wait_for("draft", lambda posts: len(posts) >= 2)  # it tries again by itself
    page.keyboard.type("y arthritis")
    assert status(page) == "unsaved"
    harness.behave(mode="ok")
    expect(page.get_by_text("Saved at ").first).to_be_visible()
    assert harness.posts("draft")[-1]["body"]["lines"] == ["gouty arthritis"]


def test_a_server_that_hangs_is_never_called_saved(page: Page, harness: Harness) -> None:
    harness.behave(mode="hang")
    harness.open(page, "differential")
    write(page, "gout")
    harness.wait_for("draft", bool)
    assert status(page) == "saving"


def test_a_draft_that_another_tab_owns_says_so(page: Page, harness: Harness) -> None:
    harness.behave(state="other-tab")
    harness.open(page, "differential")
    write(page, "gout")
    expect(page.get_by_text("another tab or device").first).to_be_visible()


def test_the_editor_starts_from_the_draft(page: Page, harness: Harness) -> None:
    body = {"lines": ["one", "two"], "none": False, "confidence": 55, "unchanged": False}
    harness.open(page, "differential", draft=json.dumps({"body": body, "saved_at": "2026-11-22T09:00:00Z"}))
    assert lines(page) == ["one", "two"]
    expect(page.get_by_label("How likely is it")).to_have_value("55")
    assert status(page) == "saved"


def test_confidence_has_no_preset_and_must_be_a_whole_per_cent(page: Page, harness: Harness) -> None:
    harness.open(page, "differential")
    write(page, "gout")
    expect(page.get_by_label("How likely is it")).to_have_value("")
    for wrong in ("", "101", "7.5", "-1"):
        sure(page, wrong)
        page.keyboard.press("Control+Enter")
        expect(page.locator(".editor > .fault")).to_contain_text("from 0 to 100")
    assert locks(page) == []


def test_an_empty_list_is_not_locked_but_no_diagnosis_is_an_answer(page: Page, harness: Harness) -> None:
    harness.open(page, "differential")
    page.get_by_role("button", name="Lock answer").click()
    expect(page.get_by_text("Name at least one diagnosis").first).to_be_visible()
    page.get_by_label("I can name no diagnosis").check()
    page.get_by_role("button", name="Lock answer").click()
    expect(page.get_by_text("runs 2").first).to_be_visible()
    assert locks(page)[0]["answer"] == {"lines": [], "none": True, "confidence": None, "unchanged": False}


def test_a_double_click_locks_once(page: Page, harness: Harness) -> None:
    harness.open(page, "differential")
    write(page, "gout")
    sure(page)
    page.get_by_role("button", name="Lock answer").dblclick()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("runs 2").first).to_be_visible()
    page.wait_for_timeout(300)  # a second trigger would have run the script again
    assert len(locks(page)) == 1


def test_a_refused_lock_gives_the_answer_back_and_keeps_its_id(page: Page, harness: Harness) -> None:
    harness.open(page, "differential", refuse=1)
    write(page, "gout")
    sure(page)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("The study is paused; try again later.").first).to_be_visible()
    assert lines(page) == ["gout"]
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("runs 5").first).to_be_visible()
    first, second = locks(page)
    assert first["id"] == second["id"]
    expect(page.get_by_text("The study is paused; try again later.").first).to_be_visible()
    expect(page.get_by_role("button", name="Lock answer")).to_be_enabled()


def test_a_new_step_starts_an_empty_editor(page: Page, harness: Harness) -> None:
    harness.open(page, "differential", advance=1)
    write(page, "gout")
    sure(page)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_label("Diagnosis 1")).to_have_value("")
    expect(page.get_by_role("button", name="Lock answer")).to_be_enabled()


def test_a_rerun_of_the_script_leaves_the_typing_and_the_cursor(page: Page, harness: Harness) -> None:
    harness.open(page, "differential", rerun=1)
    write(page, "gout", "pseudogout")
    page.get_by_role("button", name="Run again").click()
    expect(page.get_by_text("runs 2").first).to_be_visible()
    assert lines(page) == ["gout", "pseudogout"]


def test_a_later_list_opens_with_the_last_and_no_change_is_one_key(page: Page, harness: Harness) -> None:
    harness.open(page, "differential", previous=1)
    kept = lines(page)
    assert len(kept) == 3
    page.get_by_label("Diagnosis 1").fill("something else")
    page.keyboard.press("Alt+n")
    assert lines(page) == kept
    page.keyboard.type("40")  # the key has moved the focus to the confidence
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("runs 2").first).to_be_visible()
    assert locks(page)[0]["answer"] == {"lines": kept, "none": False, "confidence": 40, "unchanged": True}


def test_hostile_text_stays_text(page: Page, harness: Harness) -> None:
    hostile = "<img src=x onerror=document.title='pwned'>"
    harness.open(page, "differential", draft=json.dumps({"body": {"lines": [hostile]}, "saved_at": hostile}))
    assert lines(page) == [hostile]
    assert "pwned" not in page.title()
