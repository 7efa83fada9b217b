"""Two replicas behind nginx as documented: a browser stays with one, and goes on at the other when that one dies."""

from __future__ import annotations

import http.client
import re
import socketserver
import ssl
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.app_process import AppProcess, free_port, made_app
from tests.browser.front import DEPLOY, PROGRAM, Asked, Front, front
from tests.browser.reading import Reader, arrives, lines, new_reader
from tests.browser.test_self_test import verdicts

pytestmark = [pytest.mark.browser, pytest.mark.skipif(PROGRAM is None, reason="no nginx: Debian's package is nginx")]
COOKIE = "readerstudy_replica"


@dataclass
class Deployed:
    """Two replicas over one data folder and nginx before them."""

    replicas: dict[int, AppProcess]
    front: Front

    @property
    def first(self) -> AppProcess:
        """One of the replicas, to make readers by."""
        return next(iter(self.replicas.values()))


def unit(app: AppProcess, url: str) -> tuple[str, ...]:
    """The command of the documented systemd unit, with this machine's paths, port and name."""
    text = (DEPLOY / "readerstudy@.service").read_text(encoding="utf-8")
    command = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)[0]
    for documented, here in (
        ("/opt/readerstudy/.venv/bin/readerstudy", f"{sys.executable} -m commands.main"),
        ("/var/lib/readerstudy", str(app.data)),
        ("%i", str(app.port)),
        ("https://study.example.org", url),
    ):
        assert documented in command
        command = command.replace(documented, here)
    return tuple(command.split())


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    with made_app() as one:
        port, two = free_port(), replace(one, port=free_port())
        both = (one, two)
        for app in both:
            app.environment = {"READERSTUDY_SESSION_KEY": "a key of the test, the same for both"}
            app.command = unit(app, f"https://localhost:{port}")
        try:
            for app in both:
                app.start()
            with front(tmp_path_factory.mktemp("front") / "nginx", port, [app.port for app in both]) as nginx:
                yield Deployed({app.port: app for app in both}, nginx)
        finally:
            two.stop()


@pytest.fixture(autouse=True)
def both(deployed: Deployed) -> Iterator[None]:
    """Both replicas run again after a test that killed one."""
    yield
    for replica in deployed.replicas.values():
        if not replica.running:
            replica.start()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    opened = chromium.new_context(ignore_https_errors=True, viewport={"width": 1280, "height": 900})
    yield opened.new_page()
    opened.close()


def ask(port: int, path: str, method: str = "GET", cookie: str = "", **headers: str) -> http.client.HTTPResponse:
    """The answer of nginx to one request that is not a browser's."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection("localhost", port, context=context, timeout=20)
    body = b"{}" if method == "POST" else None
    connection.request(method, path, body=body, headers={**headers, **({"Cookie": cookie} if cookie else {})})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def one_replica(asked: Sequence[Asked]) -> int:
    """The one replica to which all these requests went."""
    tried = {port for one in asked for port in one.tried}
    assert len(tried) == 1, f"the requests of one browser went to {tried}"
    return tried.pop()


def saved(page: Page) -> None:
    """Wait until the draft is kept."""
    expect(page.get_by_text(re.compile(r"Saved at \d\d:\d\d:\d\d")).first).to_be_visible(timeout=30_000)


def to_the_list(page: Page, deployed: Deployed, reader: Reader) -> None:
    """Through the door and the first case to its differential, all by the screen."""
    page.goto(deployed.front.url)
    page.get_by_label("Invitation code").fill(reader.code)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="My readings")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Begin").click()
    for label in ("Begin the case", "Show the next block", "Show the next block", "To the questions"):
        arrives(page, label, seconds=20)
        page.keyboard.press("n")
    expect(page.get_by_text("All 2 images loaded").first).to_be_visible(timeout=60_000)
    lines(page).first.fill("Sarcoidosis")
    saved(page)
    page.wait_for_timeout(300)  # nginx writes its log after the answer


def test_a_reader_whose_replica_is_killed_goes_on_at_the_same_place_on_the_other(
    deployed: Deployed, page: Page
) -> None:
    reader, began = new_reader(deployed.first), len(deployed.front.asked())
    to_the_list(page, deployed, reader)
    asked = deployed.front.asked()[began:]
    mine = one_replica(asked)
    other = next(port for port in deployed.replicas if port != mine)
    assert len(asked) > 30
    assert sum(one.path.startswith("/evidence/") and one.status == 200 for one in asked) == 2

    deployed.replicas[mine].kill()
    killed, began = time.monotonic(), len(deployed.front.asked())
    lines(page).first.fill("Sarcoidosis of the lung")
    saved(page)
    expect(page.get_by_text("Not saved, retrying")).to_have_count(0, timeout=60_000)
    page.get_by_label("How likely").fill("40")
    page.get_by_role("button", name="Lock answer").click()
    expect(page.get_by_text("What is your final diagnosis?").first).to_be_visible(timeout=30_000)
    assert time.monotonic() - killed < 45
    assert {one.tried[-1] for one in deployed.front.asked()[began:] if one.status == 200} == {other}
    assert [answer.answer["lines"] for answer in reader.page(reader.rows()[0]).answers] == [["Sarcoidosis of the lung"]]

    deployed.replicas[mine].start()
    deployed.replicas[other].kill()
    page.reload()
    expect(page.get_by_text("What is your final diagnosis?").first).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Sarcoidosis of the lung").first).to_be_visible()


def test_each_replicas_owner_link_works_by_the_front_and_once(deployed: Deployed) -> None:
    for replica in deployed.replicas.values():
        link = re.findall(rf"{deployed.front.url}(/enter\?ticket=\S+)", told(replica))[-1]
        answer = ask(deployed.front.port, link)
        assert (answer.status, answer.headers["Location"]) == (303, "/")
        assert "__Host-readerstudy=" in str(answer.headers.get_all("Set-Cookie"))
        assert ask(deployed.front.port, link).status == 404


def told(app: AppProcess) -> str:
    """What the replica has printed, once its newest start has told the owner's link."""
    end = time.monotonic() + 20
    while app.log().count("Owner's link") < app.log().count("Starting the app") and time.monotonic() < end:
        time.sleep(0.05)
    return app.log()


def test_browsers_are_spread_over_the_replicas_and_each_stays_with_one(deployed: Deployed) -> None:
    homes = set()
    for _ in range(24):
        began = len(deployed.front.asked())
        first = ask(deployed.front.port, "/self-test")
        cookie = (first.headers["Set-Cookie"] or "").split(";")[0]
        assert cookie.startswith(f"{COOKIE}=")
        for path in ("/", "/self-test/clock", "/_stcore/health"):
            again = ask(deployed.front.port, path, cookie=cookie).headers.get_all("Set-Cookie") or []
            assert not [one for one in again if one.startswith(COOKIE)]
        homes.add(one_replica(deployed.front.asked(began + 4)[began:]))
    assert homes == set(deployed.replicas)


def test_what_was_sent_to_a_replica_that_died_is_asked_again_only_where_that_is_safe(
    deployed: Deployed, tmp_path: Path
) -> None:
    with dying() as dead, front(tmp_path / "dying", free_port(), [dead, deployed.first.port]) as nginx:
        for number in range(60):  # until both have been somebody's replica
            cookie = f"{COOKIE}={number:032x}"
            assert ask(nginx.port, "/self-test/clock", cookie=cookie).status == 200
            ask(nginx.port, "/self-test/post", "POST", cookie)
        told = {(one.method, one.tried, one.status) for one in nginx.asked(120)}
    alive = deployed.first.port
    safe = {("GET", (alive,), 200), ("GET", (dead, alive), 200)}
    assert told == safe | {("POST", (alive,), 200), ("POST", (dead,), 502)}


@contextmanager
def dying() -> Iterator[int]:
    """The port of a server that takes each request and hangs up."""

    class HangUp(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(65_536)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), HangUp) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield int(server.server_address[1])
        server.shutdown()


def test_the_front_lets_nothing_by_that_it_should_keep(deployed: Deployed) -> None:
    plain = http.client.HTTPConnection("127.0.0.1", deployed.front.plain_port, timeout=30)
    plain.request("GET", "/enter?ticket=x", headers={"Host": "localhost"})
    redirect = plain.getresponse()
    assert (redirect.status, redirect.headers["Location"]) == (301, "https://localhost/enter?ticket=x")
    plain.close()
    port = deployed.front.port
    assert ask(port, "/_stcore/metrics").status == 404
    assert ask(port, "/", Host="another.example").status == 403
    page = ask(port, "/", **{"X-Forwarded-Proto": "http", "X-Forwarded-For": "127.0.0.1"})
    assert page.status == 200
    assert page.headers["Content-Security-Policy"].endswith(f"connect-src 'self' wss://localhost:{port}")
    cookies = page.headers.get_all("Set-Cookie") or []
    assert [one for one in cookies if not {"Secure", "HttpOnly", "SameSite=Lax"} <= set(one.split("; "))] == []
    assert "ticket" not in (deployed.front.folder / "access.log").read_text(encoding="utf-8")


def test_the_self_test_is_good_behind_the_documented_front_and_names_blocked_websockets(
    deployed: Deployed, page: Page, tmp_path: Path
) -> None:
    page.goto(f"{deployed.front.url}/self-test")
    assert set(verdicts(page).values()) == {"good"}
    with front(tmp_path / "no", free_port(), [*deployed.replicas], without="proxy_set_header Upgrade") as blocking:
        page.goto(f"{blocking.url}/self-test")
        found = verdicts(page)
        assert [name for name, verdict in found.items() if verdict != "good"] == ["echo", "stream"]
        expect(page.get_by_text("WebSockets are blocked").first).to_be_visible()
