"""What must hold when things go wrong, and what a reader must never reach."""

from __future__ import annotations

import re
import time
from http.client import HTTPResponse
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener, urlopen

import pytest
from playwright.sync_api import Page, expect

from study.database import Refused
from study.desk import VisitorDesk
from tests.browser.app_process import AppProcess
from tests.browser.reading import ANSWERS, COOKIE, lines, new_reader

pytestmark = pytest.mark.browser


def test_a_second_reader_reaches_nothing_of_the_first_by_their_addresses(app: AppProcess, page: Page) -> None:
    first, second = new_reader(app), new_reader(app)
    reading = first.rows()[0]
    shown = first.walk(reading, "ddx")
    image = next(block for block in shown.blocks if block.images).images[0].sha256
    draft = {"reading": reading, "step": shown.step, "attempt": 1, "tab": "t", "kind": "draft", "number": 1}
    draft |= {"body": ANSWERS["ddx"], "client_ms": 1.0}
    assert first.request(f"/evidence/{reading}/{image}")[0] == 200
    assert second.request(f"/evidence/{reading}/{image}")[0] == 404
    assert second.request("/desk", draft, origin=app.url)[0] == 404
    second.sign_in(page.context)
    page.goto(f"{app.url}/?reading={reading}")
    expect(page.get_by_text("There is nothing for you at this address.").first).to_be_visible(timeout=60_000)
    expect(page.get_by_text("A cough of two weeks")).to_have_count(0)
    assert first.page(reading).draft is None


def test_an_image_is_served_only_once_it_is_shown_and_unknown_ones_look_the_same(app: AppProcess) -> None:
    reader = new_reader(app)
    practice, later = reader.rows()[:2]
    image = next(block for block in reader.walk(practice, "ddx").blocks if block.images).images[0].sha256
    unknown = reader.request(f"/evidence/{practice}/{'0' * 64}")
    assert reader.request(f"/evidence/{later}/{image}") == unknown
    assert unknown[0] == 404
    status, body = reader.request(f"/evidence/{practice}/{image}")
    assert (status, body[:4]) == (200, b"\x89PNG")


def test_a_post_from_another_page_is_refused_and_changes_nothing(app: AppProcess) -> None:
    reader = new_reader(app)
    reading = reader.rows()[0]
    shown = reader.walk(reading, "ddx")
    draft = {"reading": reading, "step": shown.step, "attempt": 1, "tab": "t", "kind": "draft", "number": 1}
    draft |= {"body": ANSWERS["ddx"], "client_ms": 1.0}
    assert reader.request("/desk", draft, origin="http://elsewhere.example")[0] == 403
    assert reader.request("/desk", draft)[0] == 403
    assert reader.page(reading).draft is None
    assert reader.request("/desk", {**draft, "kind": "lock"}, origin=app.url)[0] == 400


def test_a_killed_server_that_comes_back_finds_the_reader_and_their_draft(app: AppProcess, page: Page) -> None:
    reader = new_reader(app)
    reading = reader.rows()[0]
    reader.walk(reading, "ddx")
    reader.sign_in(page.context)
    reader.open(page, reading)
    lines(page).first.fill("Sarcoidosis")
    expect(page.get_by_text(re.compile(r"Saved at \d\d:\d\d:\d\d")).first).to_be_visible()
    app.kill()
    lines(page).first.fill("Sarcoidosis of the lung")
    expect(page.get_by_text("Not saved, retrying").first).to_be_visible()
    app.start()
    expect(page.get_by_text(re.compile(r"Saved at \d\d:\d\d:\d\d")).first).to_be_visible(timeout=30_000)
    expect(lines(page).first).to_have_value("Sarcoidosis of the lung", timeout=60_000)
    page.get_by_label("How likely").fill("40")
    page.get_by_role("button", name="Lock answer").click()  # heard or not: the page may still be finding the server
    expect(page.get_by_text("What is your final diagnosis?").first).to_be_visible(timeout=60_000)
    draft = reader.page(reading).answers[-1].answer
    assert draft["lines"] == ["Sarcoidosis of the lung"]


def test_what_is_typed_while_the_case_is_paused_elsewhere_is_kept_until_the_reader_goes_on(
    app: AppProcess, page: Page
) -> None:
    reader = new_reader(app)
    reading = reader.rows()[0]
    shown = reader.walk(reading, "ddx")
    reader.sign_in(page.context)
    reader.open(page, reading)
    reader.desk.pause(shown)
    page.wait_for_timeout(5_500)  # beyond the grace within which the record takes it all the same
    lines(page).first.fill("Sarcoidosis")
    expect(page.get_by_text("Not saved, retrying").first).to_be_visible()
    reader.desk.resume(shown)
    expect(page.get_by_text(re.compile(r"Saved at \d\d:\d\d:\d\d")).first).to_be_visible(timeout=60_000)
    draft = reader.page(reading).draft
    assert draft is not None
    assert draft.body["lines"] == ["Sarcoidosis"]


def test_a_code_issued_anew_ends_the_session_with_a_sentence(app: AppProcess, page: Page) -> None:
    reader = new_reader(app)
    reader.sign_in(page.context)
    page.goto(app.url)
    expect(page.get_by_role("heading", name="My readings")).to_be_visible(timeout=60_000)
    newest = max(
        (one for one in app.coordinator.people(app.study) if one.invited_at), key=lambda one: str(one.invited_at)
    )
    assert newest.invitation is not None
    app.coordinator.reissue(newest.invitation)
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_text("You were signed out, or your code was issued anew").first).to_be_visible()


def test_signing_out_ends_the_session_and_clears_the_cookie(app: AppProcess, page: Page) -> None:
    reader = new_reader(app)
    reader.sign_in(page.context)
    page.goto(app.url)
    page.get_by_role("button", name="Account").click(timeout=60_000)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out.").first).to_be_visible()
    assert [cookie["name"] for cookie in page.context.cookies() if cookie["name"] == COOKIE] == []
    with pytest.raises(Refused) as refusal:
        reader.desk.me()
    assert refusal.value.code == "RS401"


def test_nothing_is_asked_of_any_other_machine(app: AppProcess, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    reader = new_reader(app)
    reading = reader.rows()[0]
    reader.walk(reading, "ddx")
    reader.sign_in(page.context)
    reader.open(page, reading)
    expect(page.get_by_text("All 2 images loaded").first).to_be_visible()
    assert [url for url in asked if not url.startswith((app.url, "data:", "blob:"))] == []
    assert faults == []


def test_every_page_forbids_framing_sniffing_and_foreign_content(app: AppProcess) -> None:
    with urlopen(app.url) as page:
        headers = page.headers
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe-eval" not in headers["Content-Security-Policy"]


def _soon(app: AppProcess) -> str:
    """What the app has printed, once its newest start has told the owner's link."""
    starts = app.log().count("URL:")
    end = time.monotonic() + 20
    while app.log().count("Owner's link") < starts and time.monotonic() < end:
        time.sleep(0.05)
    return app.log()


def test_the_owners_link_signs_in_once(app: AppProcess) -> None:
    app.kill()
    app.start()  # A link is good for ten minutes only: take a new one.
    link = re.findall(r"http://127\.0\.0\.1:\d+/enter\?ticket=\S+", _soon(app))[-1]

    class Stay(HTTPRedirectHandler):
        def redirect_request(self, *_: object) -> None:
            return None

        def http_error_303(self, _: object, answer: HTTPResponse, *__: object) -> HTTPResponse:  # type: ignore[override]
            return answer

    opener = build_opener(Stay)
    first = opener.open(Request(link)).headers["Set-Cookie"]
    token = re.search(rf"{COOKIE}=([^;]+)", first)
    assert token is not None
    assert "HttpOnly" in first
    with pytest.raises(HTTPError) as again:
        opener.open(Request(link))
    assert (again.value.code, again.value.headers["Set-Cookie"]) == (404, None)
    assert b"This link was used before" in again.value.read()
    assert VisitorDesk(app.box.wire(token[1])).me().owner
    assert token[1] != app.box.owner_token
