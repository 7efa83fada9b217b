"""Clock, release, sign-in, tab guard, and what holds for all components together."""

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.harness import Harness, locks, runs

pytestmark = pytest.mark.browser

COUNT_LISTENERS = """
const add = EventTarget.prototype.addEventListener;
window.listening = 0;
for (const target of [document, window]) {
  target.addEventListener = function (name, action, options) {
    if (options?.signal && !options.signal.aborted) {
      window.listening += 1;
      add.call(options.signal, "abort", () => { window.listening -= 1; }, { once: true });
    }
    return add.call(this, name, action, options);
  };
}
"""


def test_the_clock_counts_without_a_run_of_the_server(page: Page, harness: Harness) -> None:
    harness.open(page, "clock")
    expect(page.get_by_role("timer")).to_contain_text("01:0")  # opened 65 s ago
    first = page.get_by_role("timer").inner_text()
    expect(page.get_by_role("timer")).not_to_have_text(first)
    assert runs(page) == 1


def test_a_hard_limit_is_told_to_python_once(page: Page, harness: Harness) -> None:
    harness.open(page, "clock", limit=2)
    expect(page.get_by_text("expired 1").first).to_be_visible()
    expect(page.get_by_text("The time limit is reached.").first).to_be_visible()
    page.wait_for_timeout(1500)  # a further tick
    assert runs(page) == 2


def test_a_paused_clock_stands_still(page: Page, harness: Harness) -> None:
    harness.open(page, "clock", paused=1, limit=500)
    expect(page.get_by_role("timer")).to_have_text("Paused")
    assert page.get_by_text("left").count() == 0 or not page.get_by_text("left").is_visible()


def test_the_clock_posts_ready_for_a_step_without_images(page: Page, harness: Harness) -> None:
    harness.open(page, "clock")
    (ready,) = harness.wait_for("ready", bool)
    assert ready["body"] == {"blocks": [], "images": 0}


def test_the_clock_tells_focus_losses_pastes_and_visible_time(page: Page, harness: Harness) -> None:
    harness.open(page, "clock")
    page.evaluate("window.dispatchEvent(new Event('blur'))")
    page.get_by_label("A text field").focus()
    page.evaluate("document.activeElement.dispatchEvent(new ClipboardEvent('paste', {bubbles: true, composed: true}))")
    page.keyboard.type("x")
    page.goto("about:blank")
    post = harness.wait_for("telemetry", bool)[-1]
    body = post["body"]
    assert (body["source"], body["focus_losses"], body["pastes"]) == ("clock", 1, 1)
    assert 0 < body["unfocused_ms"] <= body["visible_ms"] <= post["client_ms"] + 1000
    assert body["first_input_ms"] > 0


def test_the_release_button_has_a_key_which_does_not_work_while_typing(page: Page, harness: Harness) -> None:
    harness.open(page, "release")
    page.get_by_label("A text field").focus()
    page.keyboard.type("n")
    page.get_by_role("heading", name="Components").click()
    assert locks(page) == []
    page.keyboard.press("n")
    expect(page.get_by_text('"step": 3').first).to_be_visible()
    assert len(locks(page)) == 1


def test_a_double_click_releases_once_and_the_next_step_again(page: Page, harness: Harness) -> None:
    harness.open(page, "release", advance=1)
    page.get_by_role("button", name="Show the next block").dblclick()
    expect(page.get_by_text('"step": 3').first).to_be_visible()
    page.wait_for_timeout(300)
    assert [lock["step"] for lock in locks(page)] in ([3], [3, 4])  # a slow second click may be one on the new page
    page.get_by_role("button", name="Show the next block").click()
    expect(page.get_by_text('"step": 4').first).to_be_visible()


def test_sign_in_spends_its_ticket_once_and_leaves_a_cookie_no_script_can_read(page: Page, harness: Harness) -> None:
    harness.open(page, "session", ticket="t-1", rerun=1)
    harness.wait_for("session", bool)
    page.get_by_role("button", name="Run again").click()
    expect(page.get_by_text("runs 2").first).to_be_visible()  # the answer to the post began none
    assert [post["body"] for post in harness.posts("session")] == [{"ticket": "t-1"}]
    (cookie,) = [cookie for cookie in page.context.cookies() if cookie.get("name") == "desk"]
    assert (cookie.get("httpOnly"), cookie.get("sameSite")) == (True, "Lax")
    assert "t-1" not in page.evaluate("document.cookie")


def test_a_refused_ticket_is_told(page: Page, harness: Harness) -> None:
    harness.open(page, "session", ticket="bad")
    expect(page.get_by_text("The server could not be reached. Reload the page to try again.").first).to_be_visible()


def test_a_second_tab_says_so_and_sends_nothing_until_the_first_is_closed(page: Page, harness: Harness) -> None:
    harness.open(page, "guard")
    expect(page.get_by_text("role first").first).to_be_visible()
    page.wait_for_timeout(600)  # it now holds the reading
    second = page.context.new_page()
    harness.open(second, "guard")
    expect(second.get_by_text("already open in another tab").first).to_be_visible()
    expect(second.get_by_text("role second").first).to_be_visible()
    second.get_by_label("Diagnosis 1").fill("from the second tab")
    expect(second.get_by_text("Not saved: this case is open in another tab.").first).to_be_visible()
    assert harness.posts("draft") == []
    page.close()
    expect(second.get_by_text("role first").first).to_be_visible()
    assert harness.wait_for("draft", bool)[-1]["body"]["lines"] == ["from the second tab"]


def test_the_reader_may_go_on_in_the_second_tab(page: Page, harness: Harness) -> None:
    harness.open(page, "guard")
    page.wait_for_timeout(600)
    second = page.context.new_page()
    harness.open(second, "guard")
    second.get_by_role("button", name="Go on in this tab").click()
    expect(second.get_by_text("role first").first).to_be_visible()
    expect(page.get_by_text("role second").first).to_be_visible()


def test_going_to_and_fro_leaves_one_set_of_listeners(page: Page, harness: Harness) -> None:
    page.add_init_script(COUNT_LISTENERS)
    harness.open(page, "differential,viewer,clock,release", pages=1)
    expect(page.get_by_role("timer")).to_be_visible()
    once = page.evaluate("listening")
    assert once > 10
    for _ in range(5):
        page.get_by_text("empty", exact=True).click()
        expect(page.get_by_role("timer")).to_have_count(0)
        page.wait_for_function("listening === 0")
        page.get_by_text("component", exact=True).click()
        expect(page.get_by_role("timer")).to_be_visible()
        expect(page.get_by_label("Diagnosis 1")).to_be_visible()
    page.wait_for_function(f"listening === {once}")


def test_typing_survives_a_visit_to_another_page(page: Page, harness: Harness) -> None:
    harness.behave(mode="fail")  # not even saved
    harness.open(page, "differential", pages=1)
    page.get_by_label("Diagnosis 1").fill("gout")
    page.get_by_text("empty", exact=True).click()
    expect(page.get_by_label("Diagnosis 1")).to_have_count(0)
    page.get_by_text("component", exact=True).click()
    expect(page.get_by_label("Diagnosis 1")).to_have_value("gout")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(page: Page, harness: Harness, scheme: Literal["light", "dark"]) -> None:
    page.emulate_media(color_scheme=scheme)
    everything = "differential,single,choice,viewer,clock,release"
    harness.open(page, everything, cap=1, previous=1, cannot_tell=1, limit=30, broken=1)
    page.get_by_role("button", name="Lock answer").first.click()  # shows a fault
    page.get_by_role("radio").first.check()
    expect(page.get_by_text("could not be loaded").first).to_be_attached()
    found = Axe().run(page).response["violations"]
    grave = [(each["id"], each["nodes"]) for each in found if each["impact"] in ("serious", "critical")]
    assert grave == []


def test_the_second_tabs_notice_is_accessible(page: Page, harness: Harness) -> None:
    harness.open(page, "guard")
    page.wait_for_timeout(600)
    second = harness.open(page.context.new_page(), "guard")
    expect(second.get_by_role("button", name="Go on in this tab")).to_be_visible()
    found = Axe().run(second).response["violations"]
    assert [each["id"] for each in found if each["impact"] in ("serious", "critical")] == []


def test_messages_carry_one_line_and_the_browser_fetches_each_module_once(page: Page, harness: Harness) -> None:
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url) if "/parts/" in request.url else None)
    harness.open(page, "release", advance=1)
    for step in (3, 4):
        page.get_by_role("button", name="Show the next block").click()
        expect(page.get_by_text(f'"step": {step}').first).to_be_visible()
    assert len(fetched) == 1
    served = page.request.get(fetched[0])
    assert "immutable" in served.headers["cache-control"]
    assert page.request.get(f"{harness.url}/parts/unknown.js").status == 404
