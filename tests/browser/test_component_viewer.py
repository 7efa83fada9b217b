"""The evidence viewer in a real browser: what is on the screen, and what is reported."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.harness import Harness

pytestmark = pytest.mark.browser


def opened(page: Page, harness: Harness, **ask: object) -> Page:
    harness.open(page, "viewer", **ask)
    expect(page.locator(".under .status").first).to_have_attribute("data-state", "loaded", timeout=30_000)
    return page


def picture(page: Page) -> bytes:
    """What the reader sees of the stage, two frames after the last change."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page.locator(".stage").first.screenshot()


def changes(page: Page, *keys: str) -> bool:
    before = picture(page)
    for key in keys:
        page.keyboard.press(key)
    return picture(page) != before


def zoom(page: Page) -> int:
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return int(page.locator(".zoom").inner_text().removesuffix(" %"))


def test_keys_zoom_pan_window_and_reset_change_the_pixels(page: Page, harness: Harness) -> None:
    opened(page, harness, images=1)
    page.locator(".stage").focus()
    first = picture(page)
    assert changes(page, "+", "+")
    assert changes(page, "ArrowRight", "ArrowDown")
    assert changes(page, "b")
    assert changes(page, "Shift+C")
    page.keyboard.press("r")
    assert picture(page) == first


def test_one_to_one_shows_each_original_pixel(page: Page, harness: Harness) -> None:
    opened(page, harness, images=1)
    page.locator(".stage").focus()
    assert zoom(page) < 100  # 1600 pixels do not fit
    page.keyboard.press("1")
    assert zoom(page) == 100
    page.keyboard.press("0")
    assert zoom(page) < 100


def test_the_wheel_zooms_only_once_the_image_has_the_focus(page: Page, harness: Harness) -> None:
    opened(page, harness, images=1)
    fit = zoom(page)
    page.locator(".stage").hover()
    page.mouse.wheel(0, -300)
    assert zoom(page) == fit  # the page scrolls instead
    page.locator(".stage").click()
    page.mouse.wheel(0, -300)
    expect(page.locator(".zoom")).not_to_have_text(f"{fit} %")


def test_mouse_drags_pan_and_right_drags_change_the_window(page: Page, harness: Harness) -> None:
    opened(page, harness, images=1)
    page.locator(".stage").dblclick()
    zoomed = picture(page)
    box = page.locator(".stage").bounding_box()
    assert box is not None
    for button in ("left", "right"):
        page.mouse.move(box["x"] + 200, box["y"] + 200)
        page.mouse.down(button=button)
        page.mouse.move(box["x"] + 320, box["y"] + 130, steps=4)
        page.mouse.up(button=button)
        after = picture(page)
        assert after != zoomed
        zoomed = after
    assert float(page.get_by_role("slider", name="Brightness").input_value()) == pytest.approx(1 + 70 * 0.005)
    assert float(page.get_by_role("slider", name="Contrast").input_value()) == pytest.approx(1 + 120 * 0.005)


def test_two_fingers_zoom(page: Page, harness: Harness) -> None:
    opened(page, harness, images=1)
    fit = zoom(page)
    cdp = page.context.new_cdp_session(page)
    box = page.locator(".stage").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + 150
    for kind, apart in (("touchStart", 40), ("touchMove", 80), ("touchMove", 120)):
        points = [{"x": x - apart, "y": y, "id": 0}, {"x": x + apart, "y": y, "id": 1}]
        cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    cdp.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert zoom(page) >= 2 * fit


def test_a_stack_turns_by_button_and_key_and_stops_at_its_ends(page: Page, harness: Harness) -> None:
    opened(page, harness, images=3)
    expect(page.get_by_text("1 of 3").first).to_be_visible()
    page.get_by_role("button", name="Next image").click()
    expect(page.get_by_text("2 of 3").first).to_be_visible()
    expect(page.get_by_text("Caption of slice2.png").first).to_be_visible()
    page.locator(".stage").focus()
    assert changes(page, "PageDown", "PageDown")
    expect(page.get_by_text("3 of 3").first).to_be_visible()


def test_side_by_side_shows_every_image_with_its_alternative_text(page: Page, harness: Harness) -> None:
    opened(page, harness, images=3)
    assert page.locator("canvas:visible").count() == 1
    page.get_by_role("button", name="Side by side").click()
    expect(page.locator("canvas:visible")).to_have_count(3)
    assert page.get_by_role("img", name="Test image slice3.png").is_visible()


def test_it_says_when_everything_has_loaded_and_posts_ready_once(page: Page, harness: Harness) -> None:
    opened(page, harness, images=3, rerun=1)
    expect(page.get_by_text("All 3 images loaded").first).to_be_visible()
    (ready,) = harness.wait_for("ready", bool)
    assert ready["body"] == {"blocks": ["ct"], "images": 3}
    page.get_by_role("button", name="Run again").click()
    expect(page.get_by_text("runs 2").first).to_be_visible()
    assert len(harness.posts("ready")) == 1


def test_ready_waits_for_every_block_of_the_step(page: Page, harness: Harness) -> None:
    opened(page, harness, images=2, awaits="ct,mri")
    (ready,) = harness.wait_for("ready", bool)
    assert ready["body"] == {"blocks": ["ct", "mri"], "images": 3}


def test_a_block_that_only_stays_in_view_posts_no_ready(page: Page, harness: Harness) -> None:
    opened(page, harness, images=1, awaits="")
    page.wait_for_timeout(300)
    assert harness.posts("ready") == []


def test_a_failed_image_is_named_and_can_be_tried_again(page: Page, harness: Harness) -> None:
    harness.open(page, "viewer", images=1, broken=1)
    expect(page.get_by_text("1 of 2 images could not be loaded").first).to_be_visible()
    assert harness.posts("ready") == []
    page.get_by_role("button", name="Next image").click()
    harness.behave(broken=False)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("All 2 images loaded").first).to_be_visible()
    assert harness.wait_for("ready", bool)[0]["body"]["images"] == 2


def test_ready_is_sent_again_until_the_server_takes_it(page: Page, harness: Harness) -> None:
    harness.behave(mode="fail")
    opened(page, harness, images=1)
    harness.wait_for("ready", lambda posts: len(posts) >= 2)
    harness.behave(mode="ok")
    harness.wait_for("ready", lambda posts: len(posts) == 1)


def test_a_rerun_keeps_zoom_image_and_window(page: Page, harness: Harness) -> None:
    opened(page, harness, images=2, rerun=1)
    page.locator(".stage").focus()
    page.keyboard.press("PageDown")
    page.keyboard.press("+")
    before = zoom(page)
    page.get_by_role("button", name="Run again").click()
    expect(page.get_by_text("runs 2").first).to_be_visible()
    assert zoom(page) == before
    expect(page.get_by_text("2 of 2").first).to_be_visible()


def test_telemetry_tells_images_opened_largest_zoom_and_viewport(page: Page, harness: Harness) -> None:
    opened(page, harness, images=3)
    page.get_by_role("button", name="Next image").click()
    page.locator(".stage").focus()
    page.keyboard.press("+")
    page.keyboard.press("+")
    page.keyboard.press("0")
    zoom(page)
    page.goto("about:blank")  # leaving sends what is not yet told
    (post,) = harness.wait_for("telemetry", bool)
    body = post["body"]
    assert (body["block"], body["opened"], body["image"]) == ("ct", [0, 1], 1)
    assert body["largest_zoom"] == pytest.approx(1.25**2, abs=0.01)
    assert body["viewport"] == [0, 0, 1600, 1200]  # back at fit: the whole image
