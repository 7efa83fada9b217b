"""A reader of a browser test: who is let in without the door, and what is done on the screen."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from playwright.sync_api import BrowserContext, Locator, Page, expect

from study.codes import new_token
from study.desk import Page as DeskPage
from study.desk import ReaderDesk
from tests.browser.app_process import AppProcess

COOKIE = "readerstudy"
ANSWERS: Mapping[str, Mapping[str, Any]] = {
    "show": {},
    "ddx": {"lines": ["Lung abscess"], "none": False, "confidence": 50},
    "open": {"diagnosis": "Lung abscess", "none": False, "confidence": 50},
    "selection": {"choice": "A", "confidence": 50},
    "closing": {"seen_before": "no", "looked_up": False, "comment": ""},
}
FOCUSED = """() => {
  let node = document.activeElement;
  while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
  if (!node?.matches("button, input, textarea, select, a[href]")) return "";
  const label = node.labels?.[0]?.textContent;
  return (node.getAttribute("aria-label") || label || node.textContent || node.tagName).trim();
}"""


@dataclass
class Reader:
    """A reader who has consented and been instructed: their code, their session, their study."""

    app: AppProcess
    code: str
    token: str
    study: str

    def sign_in(self, context: BrowserContext) -> None:
        """Give the browser this reader's cookie."""
        context.add_cookies([{"name": COOKIE, "value": self.token, "url": self.app.url}])

    def rows(self) -> list[str]:
        """The ids of this reader's readings, practice first."""
        return [row.reading for row in self.desk.home(self.study).readings]

    @property
    def desk(self) -> ReaderDesk:
        """The desk of this reader's session."""
        return ReaderDesk(self.app.box.wire(self.token))

    def page(self, reading: str) -> DeskPage:
        """The reading as the record has it."""
        return self.desk.open_reading(reading, str(uuid4()))

    def walk(self, reading: str, to: str) -> DeskPage:
        """Turn pages behind the screen until the step asks for ``to``, or to the end."""
        page = self.page(reading)
        while page.state in ("assigned", "reading") and (page.current is None or page.current.kind != to):
            kind = page.current.kind if page.current else "show"
            page = self.desk.turn(reading, page.step, page.attempt, ANSWERS[kind]).page
        return page

    def open(self, screen: Page, reading: str) -> None:
        """Open the reading's address and wait until the desk stands there."""
        screen.goto(f"{self.app.url}/?reading={reading}")
        expect(screen.locator(".st-key-ask, .st-key-next").first).to_be_visible(timeout=60_000)
        settled(screen)

    def request(self, path: str, body: Mapping[str, Any] | None = None, origin: str | None = None) -> tuple[int, bytes]:
        """Status and body of a plain request with this reader's cookie, a POST where there is a body."""
        headers = {"Cookie": f"{COOKIE}={self.token}", "Content-Type": "application/json"}
        headers |= {} if origin is None else {"Origin": origin}
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(self.app.url + path, data=data, headers=headers)
        try:
            with urllib.request.urlopen(asked) as reply:
                return reply.status, reply.read()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read()


def new_reader(app: AppProcess, study: str | None = None) -> Reader:
    """Invite a reader and bring them to their list of readings."""
    reader = Reader(app, app.invite(study=study), new_token(), study or app.study)
    assert reader.desk.sign_in(reader.code, reader.token, uuid4().hex).ok
    reader.desk.consent(reader.study, "given", "1")
    reader.desk.save_profile(reader.study, {}, ["en"])
    reader.desk.instructed(reader.study)
    return reader


def kept_by_the_browser(screen: Page) -> None:
    """Wait until the browser has the session's cookie, which comes a moment after the first page."""
    end = time.monotonic() + 60
    while not any(cookie["name"].endswith(COOKIE) for cookie in screen.context.cookies()):
        assert time.monotonic() < end, "no cookie came"
        time.sleep(0.02)


def settled(screen: Page) -> None:
    """Wait until the script has run to its end, and nothing on the screen is of an earlier run."""
    expect(screen.locator('.stApp[data-test-script-state="notRunning"]')).to_be_attached(timeout=60_000)
    expect(screen.locator('[data-stale="true"]')).to_have_count(0)


def focused(screen: Page) -> str:
    """What the focus is on, by its label or its words."""
    return str(screen.evaluate(FOCUSED))


def tab_to(screen: Page, name: str, limit: int = 60) -> None:
    """Press Tab until the focus is on the control of this name."""
    for _ in range(limit):
        if name in focused(screen):
            return
        screen.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {name!r}; the focus is on {focused(screen)!r}")


def arrives(screen: Page, name: str, seconds: float = 60) -> None:
    """Wait until the focus has come to the control of this name by itself."""
    end = time.monotonic() + seconds
    while name not in focused(screen):
        assert time.monotonic() < end, f"the focus is on {focused(screen)!r}, not on {name!r}"
        time.sleep(0.05)


def lines(screen: Page) -> Locator:
    """The lines of the differential."""
    return screen.get_by_role("list", name="Differential diagnosis").get_by_role("textbox")
