"""A coordinator, grader or analyst of a browser test: signed in without the door, on one page of their own."""

from __future__ import annotations

from uuid import uuid4

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from study.codes import new_token
from study.database import open_box
from study.desk import VisitorDesk
from tests.browser.app_process import AppProcess


def sign_in(app: AppProcess, context: BrowserContext, code: str) -> str:
    """Give the browser the cookie of whoever holds the code; returns the session's token."""
    token = new_token()
    with open_box(app.data) as box:
        assert VisitorDesk(box.wire(None)).sign_in(code, token, uuid4().hex).ok
    context.add_cookies([{"name": "readerstudy", "value": token, "url": app.url}])
    return token


def choose(page: Page, name: str) -> None:
    """Go to a section of the page, and wait until the run is over."""
    page.get_by_role("radio", name=name, exact=True).or_(page.get_by_role("button", name=name, exact=True)).click()
    settled(page)


def settled(page: Page) -> None:
    """Wait until no script runs."""
    page.wait_for_timeout(150)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=60_000)


def serious(page: Page) -> list[str]:
    """What axe finds that is serious or critical, each with the element it is about."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found if one["impact"] in ("serious", "critical")
    ]
