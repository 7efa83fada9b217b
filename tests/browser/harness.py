"""The component page's server as a test sees it, and what its page says."""

import json
import time
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Page, expect


class Harness:
    """The component page's server: its address, what was posted to it, how it shall behave."""

    def __init__(self, url: str) -> None:
        self.url = url

    def posts(self, kind: str) -> list[dict[str, Any]]:
        """Returns the messages of one kind that have arrived since the last `behave`."""
        with urllib.request.urlopen(f"{self.url}/told") as reply:
            return [message for message in json.load(reply) if message["kind"] == kind]

    def behave(self, **behaviour: Any) -> None:
        """Sets the server's behaviour and forgets what was posted."""
        body = json.dumps(behaviour).encode()
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/told", data=body, method="POST")).close()

    def wait_for(
        self, kind: str, accepts: Callable[[list[dict[str, Any]]], bool], seconds: float = 60
    ) -> list[dict[str, Any]]:
        """Returns the posts of a kind as soon as `accepts` holds for them; fails with what did arrive."""
        end = time.monotonic() + seconds
        while not accepts(found := self.posts(kind)):
            assert time.monotonic() < end, f"not seen within {seconds} s; {kind} posts so far: {found}"
            time.sleep(0.05)
        return found

    def open(self, page: Page, show: str, **ask: object) -> Page:
        """Opens the component page with the components `show` and waits until they stand there."""
        page.goto(f"{self.url}/?{urlencode({'show': show, **ask})}")
        expect(page.get_by_text("locks [").first).to_be_visible(timeout=60_000)
        for at in range(show.count(",") + 1):
            expect(page.locator(".rs").nth(at).locator("> *").first).to_be_attached()
        return page


def locks(page: Page) -> list[dict[str, Any]]:
    """Returns the locks that have reached Python, in order."""
    found: list[dict[str, Any]] = json.loads(page.get_by_text("locks [").inner_text().removeprefix("locks "))
    return found


def runs(page: Page) -> int:
    """Returns how often the script has run in this session."""
    return int(page.get_by_text("runs ").inner_text().removeprefix("runs "))
