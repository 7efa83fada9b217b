"""The app on a Supabase project in a real browser: a reader and a coordinator, from their first mail on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from study.codes import token_hash
from tests.browser.app_process import write_bundle
from tests.browser.on_supabase import HostedApp, hosted_app
from tests.browser.reading import COOKIE, kept_by_the_browser, lines, settled
from tests.browser.staff import choose
from tests.browser.test_coordinator import exported
from tests.browser.test_reading_access import faults
from tests.supabase.project import Project
from tests.supabase.readers import rows

pytestmark = [pytest.mark.browser, pytest.mark.supabase]


@pytest.fixture(scope="module")
def hosted(supabase_project: Project) -> Iterator[HostedApp]:
    with hosted_app(supabase_project) as app:
        app.start()
        yield app


@pytest.fixture
def email() -> str:
    return f"dr.{uuid4().hex[:10]}@example.org"


def ask_for_code(page: Page, app: HostedApp, email: str) -> None:
    """From the door to the field for the code that was sent."""
    page.goto(app.url)
    page.get_by_label("E-mail address").first.fill(email, timeout=60_000)
    page.get_by_role("button", name="Send the code").click()
    expect(page.get_by_label("Code from the e-mail")).to_be_visible(timeout=60_000)


def come_in(page: Page, app: HostedApp, email: str) -> None:
    """Through the door by the code from the mail."""
    ask_for_code(page, app, email)
    page.get_by_label("Code from the e-mail").fill(app.project.otp_for(email))
    page.get_by_role("button", name="Sign in").first.click()
    expect(page.get_by_role("button", name="Account")).to_be_visible(timeout=60_000)
    kept_by_the_browser(page)
    settled(page)


def account(page: Page) -> None:
    """Open the account's menu."""
    page.get_by_role("button", name="Account").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def take_up(page: Page, code: str) -> None:
    """Take an invitation up by its code."""
    page.get_by_label("Invitation code").fill(code)
    page.get_by_role("button", name="Take it up").click()


def to_the_list(page: Page) -> None:
    """From the consent to the list of readings."""
    page.get_by_role("button", name="I consent and take part").click(timeout=60_000)
    page.get_by_label("Languages in which you read").fill("Engl")
    page.get_by_role("option", name="English").click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_role("button", name="I have read this").click(timeout=60_000)
    expect(page.get_by_role("heading", name="My readings")).to_be_visible(timeout=60_000)


def to_the_differential(page: Page) -> None:
    """From the list to the differential of the next case, whose images are on the screen."""
    page.get_by_role("button", name="Begin").first.click()
    for label in ("Begin the case", "Show the next block", "Show the next block", "To the questions"):
        page.get_by_role("button", name=label).click(timeout=60_000)
    expect(lines(page).first).to_be_visible(timeout=60_000)
    expect(page.get_by_text("All 2 images loaded").first).to_be_visible(timeout=60_000)


def sure(page: Page, of: int) -> None:
    """Say how likely the answer is, and lock it."""
    page.get_by_label("How likely").fill(str(of))
    page.get_by_role("button", name="Lock answer").click()


def read_case(page: Page) -> None:
    """One whole case, by the pointer."""
    to_the_differential(page)
    lines(page).first.fill("Sarcoidosis")
    sure(page, 40)
    expect(page.get_by_text("What is your final diagnosis?").first).to_be_visible(timeout=60_000)
    page.get_by_role("radio", name="Sarcoidosis").first.check()
    sure(page, 50)
    expect(page.get_by_text("Which of these options").first).to_be_visible(timeout=60_000)
    page.get_by_role("radio", name="Lung abscess").first.check()
    sure(page, 60)
    expect(page.get_by_text("Before you leave this case").first).to_be_visible(timeout=60_000)
    page.get_by_role("radiogroup").get_by_text("No", exact=True).first.click()
    page.get_by_role("button", name="Lock and finish").click()
    expect(page.get_by_text("This case is locked.").first).to_be_visible(timeout=60_000)


def test_a_reader_comes_by_mail_and_invitation_and_reads_a_case_with_images(
    hosted: HostedApp, page: Page, email: str
) -> None:
    come_in(page, hosted, email)
    expect(page.get_by_text(f"You are signed in as {email}.").first).to_be_visible(timeout=60_000)
    take_up(page, hosted.invite())
    to_the_list(page)
    read_case(page)
    done = """select count(*) filter (where e.kind = 'locked'), count(*) filter (where e.kind = 'completed')
        from study.events e join study.members m on m.member = e.reader
        join auth.users u on u.id = m.person where u.email = %s"""
    assert rows(hosted.project, done, email) == [(7, 1)]


def test_a_reload_keeps_the_session_and_a_sign_out_ends_it(hosted: HostedApp, page: Page, email: str) -> None:
    come_in(page, hosted, email)
    take_up(page, hosted.invite())
    expect(page.get_by_role("heading", name="Consent")).to_be_visible(timeout=60_000)
    kept_by_the_browser(page)
    page.reload()
    expect(page.get_by_role("heading", name="Consent")).to_be_visible(timeout=60_000)
    cookie = next(one for one in page.context.cookies() if one["name"] == COOKIE)
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    account(page)
    expect(page.get_by_text(f"Signed in as {email}").first).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out.").first).to_be_visible(timeout=60_000)
    assert [one["name"] for one in page.context.cookies() if one["name"] == COOKIE] == []
    ended = "select ended_at is not null, sealed from study.sessions where token_hash = decode(%s, 'hex')"
    assert rows(hosted.project, ended, token_hash(cookie["value"])) == [(True, None)]
    page.reload()
    expect(page.get_by_role("button", name="Send the code")).to_be_visible(timeout=60_000)


def test_a_password_is_set_after_a_code_and_signs_in_from_then_on(hosted: HostedApp, page: Page, email: str) -> None:
    come_in(page, hosted, email)
    account(page)
    page.get_by_label("New password").fill("short")
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_text("too easy to guess").first).to_be_visible(timeout=60_000)
    page.get_by_label("New password").fill("A password of mine 1")
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_text("The password is set.").first).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("tab", name="Password").click(timeout=60_000)
    page.get_by_label("E-mail address").last.fill(email)
    page.get_by_role("textbox", name="Password").fill("another one 1A")
    page.get_by_role("button", name="Sign in").last.click()
    expect(page.get_by_text("No account has this address and this password").first).to_be_visible(timeout=60_000)
    page.get_by_role("textbox", name="Password").fill("A password of mine 1")
    page.get_by_role("button", name="Sign in").last.click()
    expect(page.get_by_text(f"You are signed in as {email}.").first).to_be_visible(timeout=60_000)


def test_a_wrong_code_is_told_and_the_right_one_still_signs_in(hosted: HostedApp, page: Page, email: str) -> None:
    ask_for_code(page, hosted, email)
    page.get_by_label("Code from the e-mail").fill("00000000")
    page.get_by_role("button", name="Sign in").first.click()
    expect(page.get_by_text("The code is wrong or too old.").first).to_be_visible(timeout=60_000)
    page.get_by_label("Code from the e-mail").fill(hosted.project.otp_for(email))
    page.get_by_role("button", name="Sign in").first.click()
    expect(page.get_by_text(f"You are signed in as {email}.").first).to_be_visible(timeout=60_000)


def test_a_coordinator_makes_a_study_invites_by_mail_and_exports_it(
    hosted: HostedApp, page: Page, email: str, tmp_path: Path
) -> None:
    packed = shutil.make_archive(str(tmp_path / "bundle"), "zip", write_bundle(tmp_path / "bundle"))
    reader, slug = f"reader.{email}", f"mailed-{uuid4().hex[:6]}"
    come_in(page, hosted, email)
    take_up(page, hosted.invite("coordinator"))
    page.get_by_role("button", name="New study").click(timeout=60_000)  # The first of the staff loads their pages.
    page.locator("input[type=file]").set_input_files(packed)
    page.get_by_role("button", name="Check the bundle").click()
    page.get_by_role("textbox", name="Short name").fill(slug, timeout=30_000)
    page.get_by_role("button", name="Make the study").click()
    expect(page.get_by_text("draft", exact=True).first).to_be_visible(timeout=60_000)
    put = """select count(*) from storage.objects o join study.studies s on o.name like s.study || '/%%'
        where s.slug = %s"""
    assert rows(hosted.project, put, slug) == [(6,)]  # eight files, of which two pairs are the same

    page.get_by_text("I have checked cases and rules").click()
    page.get_by_role("button", name="Open the study").click()
    expect(page.get_by_text("The study is open. Invite your readers.").first).to_be_visible(timeout=30_000)
    choose(page, "People")
    page.get_by_label("E-mail").first.fill(reader)
    page.get_by_role("button", name="Make a code").click()
    expect(page.locator(".st-key-new-code code")).to_be_visible(timeout=30_000)

    second = page.context.browser.new_context() if page.context.browser else None
    assert second is not None
    screen = second.new_page()
    come_in(screen, hosted, reader.upper())
    to_the_list(screen)
    to_the_differential(screen)
    second.close()
    assert {"readings.csv", "events.csv"} & exported(page, tmp_path)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_the_door_has_a_serious_fault(
    hosted: HostedApp, chromium: Browser, scheme: Literal["light", "dark"], email: str
) -> None:
    context = chromium.new_context(color_scheme=scheme, reduced_motion="reduce")
    try:
        page = context.new_page()
        page.goto(hosted.url)
        expect(page.get_by_role("button", name="Send the code")).to_be_visible(timeout=60_000)
        found = {"door": faults(page)}
        page.get_by_role("tab", name="Password").click()
        found["password"] = faults(page)
        ask_for_code(page, hosted, email)
        found["code"] = faults(page)
        page.get_by_label("Code from the e-mail").fill("00000000")
        page.get_by_role("button", name="Sign in").first.click()
        expect(page.get_by_text("The code is wrong or too old.").first).to_be_visible(timeout=60_000)
        found["wrong code"] = faults(page)
        come_in(page, hosted, email)
        found["invitation"] = faults(page)
        take_up(page, "0000-0000-0000-0000")
        expect(page.get_by_text("This code is not known.").first).to_be_visible(timeout=60_000)
        found["wrong invitation"] = faults(page)
        account(page)
        found["account"] = faults(page)
        assert {name: faults for name, faults in found.items() if faults} == {}
    finally:
        context.close()
