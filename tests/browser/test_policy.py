"""No page of anybody breaks the content security policy, charts included, and nothing comes from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, expect

from study.gap import Gap
from tests.browser.app_process import AppProcess
from tests.browser.reading import new_reader
from tests.browser.staff import choose, settled, sign_in

pytestmark = pytest.mark.browser
BROKEN = """document.addEventListener("securitypolicyviolation", (broken) =>
  console.error(`policy: ${broken.effectiveDirective} ${broken.blockedURI} ${broken.sourceFile}`))"""
# The library by which Streamlit reads its messages asks at its start whether it may compile WebAssembly for 64-bit
# numbers, and does without where it may not: nothing is lost, the console is silent, and the policy stays as it is.
ASKED_AND_DONE_WITHOUT = re.compile(r"policy: script-src wasm-eval \S+/static/js/protobuf\.\S+\.js")


class Watch:
    """A browser in light or dark, and what its console and its requests tell."""

    def __init__(self, context: BrowserContext, app: AppProcess) -> None:
        self.context, self._app = context, app
        self.faults: list[str] = []
        context.add_init_script(BROKEN)
        context.on("console", self._said)
        context.on("request", lambda request: self._asked(request.url))
        context.on("weberror", lambda error: self.faults.append(str(error.error)))

    def _said(self, message: ConsoleMessage) -> None:
        serious = message.type == "error" or "Content Security Policy" in message.text
        if serious and not ASKED_AND_DONE_WITHOUT.fullmatch(message.text):
            self.faults.append(message.text)

    def _asked(self, url: str) -> None:
        if not url.startswith((self._app.url, "data:", "blob:")):
            self.faults.append(f"asked of another machine: {url}")


@pytest.fixture(params=["light", "dark"])
def watch(app: AppProcess, chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Watch]:
    scheme: Literal["light", "dark"] = request.param
    context = chromium.new_context(color_scheme=scheme, viewport={"width": 1280, "height": 900})
    yield Watch(context, app)
    context.close()


def test_what_breaks_the_policy_is_noticed(app: AppProcess, watch: Watch) -> None:
    page = watch.context.new_page()
    page.goto(app.url)
    page.evaluate("() => { setTimeout(() => new Function('return 1')(), 0) }")
    page.evaluate("() => { new WebSocket('ws://127.0.0.2:9/') }")
    page.wait_for_timeout(300)
    told = " ".join(watch.faults)
    assert "policy: script-src eval" in told
    assert "policy: connect-src ws://127.0.0.2:9" in told


def test_a_readers_pages_keep_to_the_policy(app: AppProcess, watch: Watch) -> None:
    page, reader = watch.context.new_page(), new_reader(app)
    page.goto(app.url)
    expect(page.get_by_label("Invitation code")).to_be_visible(timeout=60_000)
    reader.sign_in(watch.context)
    reading = reader.rows()[0]
    for step in ("show", "ddx", "open", "selection", "closing", "end"):
        page.goto("about:blank")  # What an open page posts of a step left behind it is refused, and the console tells.
        reader.walk(reading, step)
        reader.open(page, reading)
    page.goto(app.url)
    expect(page.get_by_role("heading", name="My readings")).to_be_visible(timeout=60_000)
    assert watch.faults == []


def test_a_coordinators_and_a_graders_pages_keep_to_the_policy(app: AppProcess, watch: Watch) -> None:
    page = watch.context.new_page()
    sign_in(app, watch.context, app.invite("coordinator"))
    page.goto(f"{app.url}/?study=reading")
    expect(page.get_by_role("heading", name="Reading for a test")).to_be_visible(timeout=30_000)
    for section in ("Overview", "People", "Progress", "Export"):
        choose(page, section)
    page.goto(f"{app.url}/?study=new")
    expect(page.get_by_role("textbox", name="Folder")).to_be_visible(timeout=30_000)
    sign_in(app, watch.context, app.invite("grader"))
    page.goto(app.url)
    settled(page)
    assert watch.faults == []


def test_an_analysts_charts_keep_to_the_policy(app: AppProcess, watch: Watch, played: tuple[str, Gap]) -> None:
    page = watch.context.new_page()
    sign_in(app, watch.context, app.invite("analyst", played[0]))
    page.goto(app.url)
    charts = page.locator(".js-plotly-plot")
    expect(charts.locator(".main-svg").first).to_be_visible(timeout=60_000)
    settled(page)
    for at in range(charts.count()):
        charts.nth(at).scroll_into_view_if_needed()
        charts.nth(at).hover()
    with page.expect_download() as picture:
        charts.first.locator(".modebar-btn").first.click()
    assert picture.value.suggested_filename.endswith(".png")
    choose(page, "Case by case")
    assert watch.faults == []
