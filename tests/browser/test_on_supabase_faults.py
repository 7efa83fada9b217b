"""A reader on Supabase while requests are lost: what the screen says of a lock or a draft is what the record has."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.on_supabase import HostedApp, hosted_app
from tests.browser.reading import Reader, lines, settled
from tests.browser.staff import serious
from tests.browser.test_reading_access import faults as in_page
from tests.supabase import faults
from tests.supabase.faults import Fault
from tests.supabase.project import Project
from tests.supabase.readers import rows
from tests.supabase.replicas import kept

pytestmark = [pytest.mark.browser, pytest.mark.supabase]
TURN = "rpc/turn$"
NEXT = re.compile("What is your final diagnosis")
UNKNOWN = re.compile("whether this answer is locked is not known yet")
UNDONE = re.compile("This answer is not locked")
ONCE = {
    "lost request": faults.LOST_REQUEST,
    "lost reply": faults.LOST_REPLY,
    "half a reply": faults.HALF_REPLY,
    "500": faults.failing(500, html=True),
    "503": faults.failing(503, html=True),
    "five seconds late": faults.slow(5),
    "expired token": faults.EXPIRED_TOKEN,
    "too many": faults.too_many(1),
}
FOR_EVER = float("inf")


@pytest.fixture(scope="module")
def hosted(supabase_project: Project) -> Iterator[HostedApp]:
    with hosted_app(supabase_project) as app:
        app.start()
        yield app


@pytest.fixture
def reader(hosted: HostedApp) -> Reader:
    return hosted.new_reader()


def at(page: Page, reader: Reader, step: str) -> str:
    """Bring the reader to a step of their first case on the screen; the reading."""
    reading = reader.rows()[0]
    reader.walk(reading, step)
    reader.sign_in(page.context)
    reader.open(page, reading)
    return reading


def listed(page: Page, line: str = "Sarcoidosis", sure: str = "40") -> None:
    """Fill the differential."""
    lines(page).first.fill(line)
    page.get_by_label("How likely").fill(sure)


def lock(page: Page) -> None:
    """Press the button that locks."""
    page.get_by_role("button", name="Lock answer").click()


@contextmanager
def heard(hosted: HostedApp, page: Page, call: str) -> Iterator[None]:
    """At the end wait until the run of the click that was made inside has asked the project, and that is over."""
    before, until = len(hosted.project.front.seen(call, answered=True)), time.monotonic() + 60
    yield
    while len(hosted.project.front.seen(call, answered=True)) == before:
        assert time.monotonic() < until, "nothing was asked"
        page.wait_for_timeout(20)


def locked(hosted: HostedApp, reading: str) -> list[tuple[int, int]]:
    """Each step of the reading that is locked, and how often."""
    found = "select step, count(*)::int from study.events where reading = %s and kind = 'locked' group by 1 order by 1"
    return [(step, times) for step, times in rows(hosted.project, found, reading)]


def turned(hosted: HostedApp, reading: str) -> int:
    """How many turns of the script the record has of the reading: its beginning, and each lock."""
    found = "select count(*)::int from study.events where reading = %s and kind in ('begun', 'locked')"
    return int(rows(hosted.project, found, reading)[0][0])


@pytest.mark.parametrize("fault", ONCE.values(), ids=ONCE)
def test_a_lock_whose_request_goes_wrong_once_is_locked_once_and_the_next_page_comes(
    hosted: HostedApp, page: Page, reader: Reader, fault: Fault
) -> None:
    reading = at(page, reader, "ddx")
    before = locked(hosted, reading)
    listed(page)
    with hosted.project.front.faulty(TURN, fault) as rule:
        lock(page)
        expect(page.get_by_text(NEXT).first).to_be_visible(timeout=60_000)
    assert rule.hits == 1
    assert locked(hosted, reading) == [*before, (3, 1)]
    assert reader.page(reading).answers[0].answer["lines"] == ["Sarcoidosis"]


def test_a_lock_that_waits_says_so_and_a_lock_that_nobody_answered_says_that_it_is_not_known(
    hosted: HostedApp, page: Page, reader: Reader
) -> None:
    reading = at(page, reader, "ddx")
    listed(page)
    with hosted.project.front.faulty(TURN, faults.LOST_REPLY, FOR_EVER):
        lock(page)
        expect(page.get_by_text("Still waiting for the server").first).to_be_visible()
        expect(page.get_by_role("button", name="Locking…")).to_be_disabled()
        expect(page.get_by_text("A cough of two weeks").first).to_be_visible()
        expect(page.get_by_text(UNKNOWN).first).to_be_visible(timeout=32_000)
        expect(page.get_by_text(NEXT)).to_have_count(0)
    assert locked(hosted, reading) == [(0, 1), (1, 1), (2, 1), (3, 1)]
    expect(lines(page).first).to_have_value("Sarcoidosis")
    lock(page)
    expect(page.get_by_text(NEXT).first).to_be_visible(timeout=60_000)
    assert locked(hosted, reading)[-1] == (3, 1)


def test_an_answer_changed_after_a_lost_reply_is_told_to_come_too_late(
    hosted: HostedApp, page: Page, reader: Reader
) -> None:
    reading = at(page, reader, "ddx")
    listed(page)
    front = hosted.project.front
    with front.faulty(TURN, faults.PAUSED, FOR_EVER), front.faulty(TURN, faults.LOST_REPLY):
        lock(page)
        expect(page.get_by_text(UNKNOWN).first).to_be_visible(timeout=60_000)
    listed(page, "Lung abscess", "90")
    lock(page)
    expect(
        page.get_by_text("This page was locked already with the answer that you sent before").first
    ).to_be_in_viewport()
    assert locked(hosted, reading)[-1] == (3, 1)
    assert reader.page(reading).answers[0].answer["lines"] == ["Sarcoidosis"]


def test_a_paused_project_locks_nothing_says_so_and_goes_on_when_it_is_back(
    hosted: HostedApp, page: Page, reader: Reader
) -> None:
    reading = at(page, reader, "ddx")
    before = locked(hosted, reading)
    listed(page)
    with hosted.project.front.faulty("", faults.PAUSED, FOR_EVER):
        lock(page)
        expect(page.get_by_text(UNDONE).first).to_be_visible()
        expect(page.get_by_text("If this lasts, tell your coordinator.").first).to_be_visible()
        expect(page.get_by_text("A cough of two weeks").first).to_be_visible()
        with heard(hosted, page, TURN):
            lock(page)
        settled(page)
        expect(page.get_by_text(UNDONE).first).to_be_visible()
    assert locked(hosted, reading) == before
    lock(page)
    expect(page.get_by_text(NEXT).first).to_be_visible(timeout=60_000)
    assert locked(hosted, reading) == [*before, (3, 1)]


def test_a_page_loaded_while_the_project_is_away_says_so_and_comes_when_it_is_back(
    hosted: HostedApp, page: Page, reader: Reader
) -> None:
    at(page, reader, "ddx")
    listed(page)
    expect(page.get_by_text(re.compile(r"Saved at \d\d:\d\d:\d\d")).first).to_be_visible()
    with hosted.project.front.faulty("rpc/me$", faults.PAUSED, FOR_EVER):
        page.reload()
        expect(page.get_by_text("The study's database cannot be reached for the moment.").first).to_be_visible(
            timeout=60_000
        )
        expect(page.get_by_text("is paused; nothing in it is lost. Restore it in its dashboard").first).to_be_visible()
        with heard(hosted, page, "rpc/me$"):
            page.get_by_role("button", name="Try again").click()
        settled(page)
        expect(page.get_by_role("button", name="Try again")).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    expect(lines(page).first).to_have_value("Sarcoidosis", timeout=60_000)


@pytest.mark.parametrize(
    "fault", [faults.failing(503), faults.LOST_REQUEST, faults.PAUSED], ids=["503", "lost", "paused"]
)
def test_a_draft_that_is_not_kept_is_never_called_saved(
    hosted: HostedApp, page: Page, reader: Reader, fault: Fault
) -> None:
    reading = at(page, reader, "ddx")
    with hosted.project.front.faulty("rpc/turns$", fault, FOR_EVER):
        lines(page).first.fill("Sarcoidosis")
        expect(page.get_by_text("Not saved, retrying").first).to_be_visible(timeout=60_000)
        expect(page.get_by_text("Saved at")).to_have_count(0)
        assert reader.page(reading).draft is None
    expect(page.get_by_text(re.compile(r"Saved at \d\d:\d\d:\d\d")).first).to_be_visible(timeout=60_000)
    draft = reader.page(reading).draft
    assert draft is not None
    assert draft.body["lines"] == ["Sarcoidosis"]


def test_one_readers_lost_drafts_hold_up_nobody_elses(hosted: HostedApp, reader: Reader) -> None:
    posts = []
    for one in (reader, hosted.new_reader()):
        shown = one.walk(one.rows()[0], "ddx")
        post = {"reading": shown.reading, "step": shown.step, "attempt": 1, "tab": "t", "kind": "draft", "number": 1}
        posts.append((one, post | {"client_ms": 1.0, "body": {"lines": ["Gout"]}}))
    (slow, late), (quick, soon) = posts
    with hosted.project.front.faulty("rpc/turns$", faults.slow(20)) as rule, ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(slow.request, "/desk", late, hosted.url)
        while not rule.hits:
            time.sleep(0.02)
        began = time.monotonic()
        assert quick.request("/desk", soon, hosted.url)[0] == 200
        assert time.monotonic() - began < 5
        assert waiting.result()[0] == 503
        assert 5 < time.monotonic() - began < 15


def test_a_pause_that_was_not_recorded_is_told_and_the_desk_stays(
    hosted: HostedApp, page: Page, reader: Reader
) -> None:
    reading = at(page, reader, "ddx")
    listed(page)
    with hosted.project.front.faulty("rpc/pause$", faults.PAUSED, FOR_EVER):
        page.get_by_role("button", name="Pause").click()
        expect(page.get_by_text("Your last click was not recorded").first).to_be_in_viewport()
        expect(lines(page).first).to_have_value("Sarcoidosis")
    assert reader.page(reading).state == "reading"
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("The evidence is covered").first).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    expect(lines(page).first).to_have_value("Sarcoidosis", timeout=60_000)


def test_a_sign_out_that_the_record_did_not_hear_is_not_called_one(
    hosted: HostedApp, page: Page, reader: Reader
) -> None:
    at(page, reader, "ddx")
    with hosted.project.front.faulty("rpc/sign_out$", faults.PAUSED, FOR_EVER):
        page.get_by_role("button", name="Account").click()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_text("The study's database cannot be reached for the moment.").first).to_be_visible()
        expect(page.get_by_text("You are signed out.")).to_have_count(0)
        assert kept(hosted.project, reader.token, "ended_at") is None
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("You are signed out.").first).to_be_visible(timeout=60_000)
    assert kept(hosted.project, reader.token, "ended_at") is not None


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_that_waits_or_tells_of_a_fault_has_a_serious_fault_itself(
    hosted: HostedApp, chromium: Browser, reader: Reader, scheme: Literal["light", "dark"]
) -> None:
    context = chromium.new_context(color_scheme=scheme, reduced_motion="reduce")
    try:
        page, front = context.new_page(), hosted.project.front
        at(page, reader, "ddx")
        listed(page)
        with front.faulty(TURN, faults.slow(9)):
            lock(page)
            expect(page.get_by_text("Still waiting for the server").first).to_be_visible()
            found = {"waiting": serious(page)}
            expect(page.get_by_text(NEXT).first).to_be_visible(timeout=60_000)
        with front.faulty("", faults.PAUSED, FOR_EVER):
            page.get_by_role("button", name="Pause").click()
            expect(page.get_by_text("Your last click was not recorded").first).to_be_visible()
            found["said"] = in_page(page)
            page.reload()
            expect(page.get_by_role("button", name="Try again")).to_be_visible(timeout=60_000)
            found["away"] = in_page(page)
        assert {name: faults for name, faults in found.items() if faults} == {}
    finally:
        context.close()


@dataclass
class Turn:
    """One turn of the script: what a reader does, and by what the page after it is known."""

    does: Callable[[Page, int], None]
    then: str

    def came(self, page: Page) -> bool:
        """Whether the page after it is there, or that nothing was heard of the database; waits for one of them."""
        settled(page)
        then, told = page.get_by_text(self.then), page.get_by_text("study's database")
        expect(then.or_(told).first).to_be_visible(timeout=32_000)
        return then.count() > 0


def press(label: str) -> Callable[[Page, int], None]:
    """Press the button that turns the page."""
    return lambda page, _: page.get_by_role("button", name=label).click()


def write(page: Page, number: int) -> None:
    listed(page, f"Sarcoidosis {number}")
    lock(page)


def choose(option: str) -> Callable[[Page, int], None]:
    """Choose an option, and lock it."""

    def does(page: Page, number: int) -> None:
        page.get_by_role("radio", name=option).first.check()
        page.get_by_label("How likely").fill(str(50 + number))
        lock(page)

    return does


def finish(page: Page, _: int) -> None:
    page.get_by_role("radiogroup").get_by_text("No", exact=True).first.click()
    page.get_by_role("button", name="Lock and finish").click()


SCRIPT = [
    Turn(press("Begin the case"), "A cough of two weeks"),
    Turn(press("Show the next block"), "Chest scan"),
    Turn(press("Show the next block"), "C-reactive protein"),
    Turn(press("To the questions"), "What diagnoses best explain"),
    Turn(write, "What is your final diagnosis"),
    Turn(choose("Sarcoidosis"), "Which of these options"),
    Turn(choose("Lung abscess"), "Before you leave this case"),
    Turn(finish, "This case is locked."),
]
BAD = [*ONCE.values(), faults.PORTAL, faults.SHORT_REPLY, faults.PAUSED, faults.PAUSED, faults.PAUSED]


def test_whole_cases_over_a_bad_line_are_in_the_record_as_they_were_clicked(
    hosted: HostedApp, page: Page, reader: Reader
) -> None:
    draws, hits, told = random.Random(20261125), 0, 0
    reader.sign_in(page.context)
    for number, reading in enumerate(reader.rows()):
        reader.open(page, reading)
        for place, turn in enumerate(SCRIPT):
            fault = draws.choice(BAD)
            times = 1 if fault is faults.EXPIRED_TOKEN else 2  # a second one would be the end of the session
            with hosted.project.front.faulty("rpc/(turn|open_reading|me|study_home)$", fault, times) as rule:
                for _ in range(5):
                    with heard(hosted, page, TURN):
                        turn.does(page, number)
                    if turn.came(page):
                        break
                    told += 1
                    if turned(hosted, reading) == place + 1:  # what was told before may still be there for a moment
                        expect(page.get_by_text(turn.then).first, "told as not locked, and is").to_be_visible(
                            timeout=60_000
                        )
                        break
                    assert turned(hosted, reading) == place
                    settled(page)
            assert turn.came(page)
            assert locked(hosted, reading) == [(step, 1) for step in range(place)]
            hits += rule.hits
        answers = {one.kind: one.answer for one in reader.page(reading).answers}
        assert answers["ddx"]["lines"] == [f"Sarcoidosis {number}"]
        assert answers["open"]["confidence"] == answers["selection"]["confidence"] == 50 + number
    assert hits > 20
    assert told > 3
