"""The self-test page: what it says on a good network and on bad ones."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from streamlit_app.catalogue import LANGUAGES, catalogue
from tests.browser.app_process import AppProcess
from tests.browser.below import below_a_path
from tests.browser.staff import serious

pytestmark = pytest.mark.browser
CHECKS = ("secure", "cookies", "post", "echo", "stream", "download", "delay", "clock", "screen")


def verdicts(page: Page) -> dict[str, str]:
    """Each check's verdict, once the test is over."""
    expect(page.get_by_role("button", name="Run again")).to_be_enabled(timeout=60_000)
    return {name: str(page.locator(f"#check-{name}").get_attribute("data-verdict")) for name in CHECKS}


def test_every_check_is_good_on_the_plain_app_and_the_report_can_be_copied(app: AppProcess, chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    try:
        page, faults = context.new_page(), list[str]()
        page.on("console", lambda message: faults.append(message.text))
        page.goto(f"{app.url}/self-test")
        assert verdicts(page) == dict.fromkeys(CHECKS, "good")
        expect(page.locator("#summary")).to_have_text("Everything that reading needs works here.")
        page.get_by_role("button", name="Copy the report").click()
        expect(page.get_by_text("The report is copied.").first).to_be_visible()
        report = str(page.evaluate("navigator.clipboard.readText()"))
        assert "A lasting connection (WebSocket): works. 12 messages went and came back" in report
        assert "Mbit/s" in report
        assert [cookie.get("name") for cookie in context.cookies() if cookie.get("path") == "/"] == []
        assert faults == []
    finally:
        context.close()


def test_the_sign_in_page_leads_to_it(app: AppProcess, page: Page) -> None:
    page.goto(app.url)
    link = page.get_by_role("link", name="Try this network.")
    expect(link).to_be_visible(timeout=60_000)
    with page.context.expect_page() as opened:
        link.click()
    assert opened.value.url == f"{app.url}/self-test"


def test_every_check_is_good_where_a_host_serves_the_app_below_a_path(app: AppProcess, page: Page) -> None:
    with below_a_path(app.port) as address:
        page.goto(f"{address}/self-test?lang=en")
        assert verdicts(page) == dict.fromkeys(CHECKS, "good")
        expect(page.get_by_role("link", name="To the sign-in")).to_have_attribute("href", "./")


def test_where_websockets_are_refused_it_says_so_and_what_to_ask_for(app: AppProcess, page: Page) -> None:
    page.route_web_socket("**/*", lambda socket: socket.close(code=1011))
    page.goto(f"{app.url}/self-test")
    found = verdicts(page)
    assert (found["echo"], found["download"]) == ("bad", "good")
    expect(page.locator("#summary")).to_have_text("Reading will not work here as it is. See below what to ask for.")
    expect(page.locator("#check-echo .ask")).to_contain_text(f"wss://127.0.0.1:{app.port}")


def test_what_is_cut_slow_or_dropped_on_the_way_is_named(app: AppProcess, page: Page) -> None:
    page.route("**/self-test/post", lambda route: route.abort())
    page.route("**/self-test/picture", lambda route: route.fulfill(status=403, body="blocked by policy"))
    page.set_viewport_size({"width": 600, "height": 500})
    page.clock.set_fixed_time("2030-01-01T00:00:00Z")
    page.goto(f"{app.url}/self-test")
    expect(page.locator("#check-post")).to_contain_text("Answers could not be saved", timeout=60_000)
    expect(page.locator("#check-download")).to_contain_text("HTTP 403", timeout=60_000)
    expect(page.locator("#check-clock")).to_contain_text("away from the server's. Times in the record", timeout=60_000)
    found = verdicts(page)
    assert (found["post"], found["download"], found["clock"], found["screen"]) == ("bad", "bad", "fair", "fair")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_either_language(
    app: AppProcess, chromium: Browser, scheme: Literal["light", "dark"]
) -> None:
    context = chromium.new_context(color_scheme=scheme, locale="zh-CN", viewport={"width": 390, "height": 844})
    try:
        page = context.new_page()
        page.goto(f"{app.url}/self-test")
        expect(page.get_by_role("heading", level=1)).to_have_text("本网络能否使用本应用？")
        expect(page.get_by_role("button", name="重新检查")).to_be_enabled(timeout=60_000)
        assert serious(page) == []
        page.get_by_role("link", name="English").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Does this network carry the app?")
        verdicts(page)
        assert serious(page) == []
    finally:
        context.close()


def test_each_language_has_every_sentence() -> None:
    def keys(texts: Any) -> Any:
        return {name: keys(text) for name, text in texts.items()} if isinstance(texts, dict) else str

    first, *others = (keys(catalogue(language)["self_test"]) for language in LANGUAGES)
    assert others == [first] * len(others)
    assert set(first["checks"]) == set(CHECKS)
