"""The app where a host serves it below a path of its own, as Streamlit Community Cloud does."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.app_process import AppProcess
from tests.browser.below import below_a_path
from tests.browser.reading import arrives, kept_by_the_browser, new_reader

pytestmark = pytest.mark.browser


def test_a_reader_signs_in_and_stays_signed_in(app: AppProcess, page: Page) -> None:
    with below_a_path(app.port) as address:
        page.goto(f"{address}/")
        expect(page.get_by_label("Invitation code")).to_be_visible(timeout=30_000)
        page.get_by_label("Invitation code").fill(app.invite())
        with page.expect_response(f"{address}/session"):  # The cookie, without which a reload is a visitor's.
            page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="Consent")).to_be_visible(timeout=60_000)
        kept_by_the_browser(page)
        page.reload()
        expect(page.get_by_role("heading", name="Consent")).to_be_visible(timeout=60_000)


def test_a_case_shows_its_images_and_keeps_its_drafts(app: AppProcess, page: Page) -> None:
    reader = new_reader(app)
    reading = reader.rows()[0]
    reader.walk(reading, "ddx")
    reader.sign_in(page.context)
    with below_a_path(app.port) as address:
        page.goto(f"{address}/?reading={reading}")
        arrives(page, "Diagnosis 1")
        expect(page.locator(".pane[data-state=loaded]")).to_have_count(2)
        with page.expect_response(f"{address}/desk") as kept:
            page.get_by_label("Diagnosis 1").fill("Sarcoidosis")
        assert kept.value.ok
