"""The app over its own TLS, in a real browser."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.app_process import AppProcess, made_app
from tests.browser.reading import settled
from tests.certificate import write_certificate

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def over_tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppProcess]:
    certificate, key = write_certificate(tmp_path_factory.mktemp("tls"))
    with made_app() as app:
        app.environment = {"READERSTUDY_CERTIFICATE": str(certificate), "READERSTUDY_PRIVATE_KEY": str(key)}
        app.start()
        yield app


def cookies_with(context: BrowserContext, name: str) -> dict[str, Any]:
    """The browser's cookies by name, as soon as one of this name is among them."""
    end = time.monotonic() + 10
    while True:
        found: dict[str, Any] = {str(cookie.get("name")): cookie for cookie in context.cookies()}
        if name in found or time.monotonic() > end:
            return found
        time.sleep(0.05)


def test_a_reader_signs_in_over_https_and_every_cookie_is_secure(over_tls: AppProcess, chromium: Browser) -> None:
    context = chromium.new_context(ignore_https_errors=True)
    try:
        faults: list[str] = []
        context.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page = context.new_page()
        page.goto(over_tls.url)
        page.get_by_label("Invitation code").fill(over_tls.invite())
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="Consent")).to_be_visible(timeout=60_000)
        settled(page)
        cookies = cookies_with(context, "__Host-readerstudy")
        assert "__Host-readerstudy" in cookies
        assert "readerstudy" not in cookies
        assert [name for name, cookie in cookies.items() if not cookie["secure"]] == []
        page.reload()
        expect(page.get_by_role("heading", name="Consent")).to_be_visible(timeout=60_000)
        page.get_by_role("button", name="Account").click()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_text("You are signed out.").first).to_be_visible()
        assert "__Host-readerstudy" not in {cookie["name"] for cookie in context.cookies()}
        assert faults == []
    finally:
        context.close()


def test_the_owners_link_opens_by_https(over_tls: AppProcess, chromium: Browser) -> None:
    end = time.monotonic() + 20
    while "Owner's link" not in over_tls.log() and time.monotonic() < end:
        time.sleep(0.05)
    context = chromium.new_context(ignore_https_errors=True)
    try:
        page = context.new_page()
        page.goto(re.findall(r"https://\S+/enter\?ticket=\S+", over_tls.log())[-1])
        expect(page.get_by_role("button", name="Account")).to_be_visible(timeout=60_000)
        assert page.url.startswith("https://")
    finally:
        context.close()
