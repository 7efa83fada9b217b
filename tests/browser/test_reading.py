"""Reading a case in a real browser: by keyboard, over reloads, double clicks, tabs and the back button."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.app_process import AppProcess
from tests.browser.reading import arrives, lines, new_reader, tab_to

pytestmark = pytest.mark.browser


def test_a_click_in_the_moment_after_a_sign_in_counts_although_the_cookie_is_still_under_way(
    app: AppProcess, page: Page
) -> None:
    waiting: list[Route] = []
    page.route("**/session", lambda route: waiting.append(route))
    page.goto(app.url)
    page.get_by_label("Invitation code").fill(app.invite())
    page.get_by_role("button", name="Sign in").first.click()
    expect(page.get_by_role("heading", name="Consent")).to_be_visible(timeout=60_000)
    while not waiting:
        page.wait_for_timeout(20)
    page.get_by_role("button", name="I consent and take part").click()
    waiting[0].continue_()
    expect(page.get_by_role("heading", name="About you")).to_be_visible()
    assert len(waiting) == 1


def test_a_whole_reading_by_keyboard_from_the_code_to_the_next_case(app: AppProcess, page: Page) -> None:
    page.goto(app.url)
    expect(page.get_by_label("Invitation code")).to_be_visible(timeout=60_000)
    tab_to(page, "Invitation code")
    page.keyboard.type(app.invite())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Consent")).to_be_visible()
    tab_to(page, "I consent and take part")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="About you")).to_be_visible()
    tab_to(page, "Languages in which you read")
    page.keyboard.type("Engl")
    expect(page.get_by_role("option", name="English")).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    tab_to(page, "Save and go on")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="How you read")).to_be_visible()
    tab_to(page, "I have read this")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="My readings")).to_be_visible()
    tab_to(page, "Begin")
    page.keyboard.press("Enter")
    _read_by_keyboard(page)


def _read_by_keyboard(page: Page) -> None:
    for label in ("Begin the case", "Show the next block", "Show the next block", "To the questions"):
        arrives(page, label)
        page.keyboard.press("n")
    arrives(page, "Diagnosis 1")
    page.keyboard.type("Sarcoidosis")
    page.keyboard.press("Enter")
    page.keyboard.type("Pulmonary tuberculosis")
    page.keyboard.press("Alt+ArrowUp")
    tab_to(page, "How likely")
    page.keyboard.type("70")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("What is your final diagnosis?").first).to_be_visible()
    arrives(page, "Pulmonary tuberculosis")
    page.keyboard.press("1")
    tab_to(page, "How likely")
    page.keyboard.type("60")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Which of these options").first).to_be_visible()
    arrives(page, "A")
    page.keyboard.press("a")
    tab_to(page, "How likely")
    page.keyboard.type("55")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Before you leave this case").first).to_be_visible()
    arrives(page, "No")
    page.keyboard.press("Space")
    tab_to(page, "Lock and finish")
    page.keyboard.press("Enter")
    expect(page.get_by_text("This case is locked.").first).to_be_visible()
    arrives(page, "Next case")


def test_a_reload_in_the_middle_of_a_draft_brings_it_back(app: AppProcess, page: Page) -> None:
    reader = new_reader(app)
    reading = reader.rows()[0]
    reader.walk(reading, "ddx")
    reader.sign_in(page.context)
    reader.open(page, reading)
    lines(page).first.fill("Sarcoidosis")
    expect(page.get_by_text(re.compile(r"Saved at \d\d:\d\d:\d\d")).first).to_be_visible()
    page.reload()
    expect(lines(page).first).to_have_value("Sarcoidosis", timeout=60_000)


def test_a_double_click_on_lock_locks_once(app: AppProcess, page: Page) -> None:
    reader = new_reader(app)
    reading = reader.rows()[0]
    before = reader.walk(reading, "ddx").step
    reader.sign_in(page.context)
    reader.open(page, reading)
    lines(page).first.fill("Sarcoidosis")
    page.get_by_label("How likely").fill("40")
    page.get_by_role("button", name="Lock answer").dblclick()
    expect(page.get_by_text("What is your final diagnosis?").first).to_be_visible()
    after = reader.page(reading)
    assert after.step == before + 1
    assert [answer.kind for answer in after.answers].count("ddx") == 1


def test_the_back_button_leads_to_the_list_and_never_back_to_an_earlier_page(app: AppProcess, page: Page) -> None:
    reader = new_reader(app)
    reader.sign_in(page.context)
    page.goto(app.url)
    page.get_by_role("button", name="Begin").click(timeout=60_000)
    page.get_by_role("button", name="Begin the case").click()
    expect(page.get_by_text("A cough of two weeks").first).to_be_visible()
    expect(page.get_by_text("Saved")).to_have_count(0)
    page.wait_for_timeout(1600)  # the address settles
    page.go_back()
    expect(page.get_by_role("heading", name="My readings")).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("A cough of two weeks").first).to_be_visible()
    assert reader.page(reader.rows()[0]).step == 0


def test_a_second_tab_says_that_it_is_one_and_can_take_over(app: AppProcess, page: Page) -> None:
    reader = new_reader(app)
    reading = reader.rows()[0]
    reader.walk(reading, "ddx")
    reader.sign_in(page.context)
    reader.open(page, reading)
    second = page.context.new_page()
    reader.open(second, reading)
    expect(second.get_by_text("already open in another tab").first).to_be_visible()
    expect(second.get_by_role("button", name="Lock answer")).to_be_hidden()
    second.get_by_role("button", name="Go on in this tab").click()
    expect(second.get_by_role("button", name="Lock answer")).to_be_visible()
    expect(page.get_by_text("already open in another tab").first).to_be_visible()


def test_a_pause_covers_the_evidence(app: AppProcess, page: Page) -> None:
    reader = new_reader(app)
    reading = reader.rows()[0]
    reader.walk(reading, "ddx")
    reader.sign_in(page.context)
    reader.open(page, reading)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("The evidence is covered").first).to_be_visible()
    expect(page.get_by_text("A cough of two weeks")).to_have_count(0)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("A cough of two weeks").first).to_be_visible()


def test_a_hard_limit_locks_the_last_draft(app: AppProcess, page: Page) -> None:
    study = app.make_study("hard-limit", limits={"ddx": {"seconds": 5, "kind": "hard"}})
    reader = new_reader(app, study)
    reading = reader.rows()[0]
    reader.sign_in(page.context)
    reader.open(page, reading)
    reader.walk(reading, "ddx")
    page.reload()
    lines(page).first.fill("Sarcoidosis", timeout=60_000)
    expect(page.get_by_text("What is your final diagnosis?").first).to_be_visible(timeout=25_000)
    answer = next(answer for answer in reader.page(reading).answers if answer.kind == "ddx")
    assert answer.timed_out
    assert answer.answer["lines"] == ["Sarcoidosis"]


def test_what_the_record_refuses_is_told_in_its_words(app: AppProcess, page: Page) -> None:
    study = app.make_study("paused-study")
    reader = new_reader(app, study)
    reading = reader.rows()[0]
    reader.walk(reading, "ddx")
    reader.sign_in(page.context)
    reader.open(page, reading)
    app.coordinator.pause(study, "a test")
    lines(page).first.fill("Sarcoidosis")
    page.get_by_label("How likely").fill("40")
    page.get_by_role("button", name="Lock answer").click()
    expect(page.get_by_text("The study is paused; your answers so far are kept").first).to_be_visible()
    expect(page.get_by_role("button", name="Lock answer")).to_be_enabled()
    app.coordinator.resume(study, "a test")
    page.get_by_role("button", name="Lock answer").click()
    expect(page.get_by_text("What is your final diagnosis?").first).to_be_visible()


def test_the_interface_speaks_chinese_where_the_browser_does(app: AppProcess, page: Page) -> None:
    reader = new_reader(app)
    context: BrowserContext | None = None
    assert page.context.browser is not None
    context = page.context.browser.new_context(locale="zh-CN")
    try:
        reader.sign_in(context)
        screen = context.new_page()
        screen.goto(app.url)
        expect(screen.get_by_role("heading", name="我的阅读")).to_be_visible(timeout=60_000)
    finally:
        context.close()


def test_a_case_that_is_done_can_be_opened_again_and_flagged(app: AppProcess, page: Page) -> None:
    reader = new_reader(app)
    readings = reader.rows()
    for reading in readings:
        reader.walk(reading, "end")
    reader.sign_in(page.context)
    page.goto(app.url)
    expect(page.get_by_text("All your cases are done")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("minutes remain")).to_have_count(0)
    reader.open(page, readings[-1])
    page.get_by_role("button", name="Flag").click()
    page.get_by_label("What is it?").click()
    page.get_by_role("option", name="Ambiguous").click()
    page.get_by_role("button", name="Send the flag").click()
    expect(page.get_by_text("The flag is noted.").first).to_be_visible()
    assert [flag.kind for flag in reader.page(readings[-1]).flags] == ["ambiguous"]


def test_a_study_closed_in_the_middle_of_a_case_says_so_and_takes_no_answer(app: AppProcess, page: Page) -> None:
    study = app.make_study("closed-study")
    reader = new_reader(app, study)
    reading = reader.rows()[0]
    before = reader.walk(reading, "ddx").step
    reader.sign_in(page.context)
    reader.open(page, reading)
    app.coordinator.close(study, "a test")
    lines(page).first.fill("Sarcoidosis")
    page.get_by_label("How likely").fill("40")
    page.get_by_role("button", name="Lock answer").click()
    expect(page.get_by_text("The study is closed").first).to_be_visible()
    assert reader.page(reading).step == before
