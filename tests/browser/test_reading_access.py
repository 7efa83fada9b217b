"""Every page of a reader under axe, in light and dark, and on a phone."""

from __future__ import annotations

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.app_process import AppProcess
from tests.browser.reading import new_reader, settled

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
TABLET = {"width": 820, "height": 1180}
STEPS = ("show", "ddx", "open", "selection", "closing", "end")
# Half-faded words are too pale for a moment; an animation without end (a spinner) is not waited for.
FADED_IN = """() => Promise.all(document.getAnimations()
  .filter((one) => one.effect.getComputedTiming().endTime < 5000).map((one) => one.finished.catch(() => null)))
  .then(() => true)"""
WIDER = """() => [...document.querySelectorAll("body *")]
  .filter((node) => node.getBoundingClientRect().right > innerWidth + 1)
  .slice(0, 5).map((node) => node.outerHTML.slice(0, 160))"""


def faults(page: Page) -> list[str]:
    """Axe's serious and critical findings on the page as it stands."""
    settled(page)
    page.wait_for_selector(".stHtml style", state="attached")  # page.css comes a moment after the first words
    page.evaluate(FADED_IN)
    found = Axe().run(page).response["violations"]
    worst = [(one["id"], one["nodes"][0]) for one in found if one["impact"] in ("serious", "critical")]
    return [f"{name}: {node['target']} {node['html'][:200]}" for name, node in worst]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_a_reader_has_a_serious_fault(
    app: AppProcess, chromium: Browser, scheme: Literal["light", "dark"]
) -> None:
    reader = new_reader(app)
    context = chromium.new_context(color_scheme=scheme, reduced_motion="reduce")
    try:
        page = context.new_page()
        page.goto(app.url)
        expect(page.get_by_label("Invitation code")).to_be_visible(timeout=60_000)
        found = {"sign-in": faults(page)}
        reader.sign_in(context)
        page.goto(app.url)
        expect(page.get_by_role("heading", name="My readings")).to_be_visible(timeout=60_000)
        found["list"] = faults(page)
        reading = reader.rows()[0]
        for step in STEPS:
            reader.walk(reading, step)
            reader.open(page, reading)
            found[step] = faults(page)
        assert {step: faults for step, faults in found.items() if faults} == {}
    finally:
        context.close()


@pytest.mark.parametrize("size", [PHONE, TABLET], ids=["phone", "tablet"])
def test_no_page_of_a_reader_is_wider_than_the_screen(app: AppProcess, page: Page, size: dict[str, int]) -> None:
    reader = new_reader(app)
    reader.sign_in(page.context)
    page.set_viewport_size({"width": size["width"], "height": size["height"]})
    page.goto(app.url)
    expect(page.get_by_role("heading", name="My readings")).to_be_visible(timeout=60_000)
    assert page.evaluate(WIDER) == []
    reading = reader.rows()[0]
    for step in STEPS:
        reader.walk(reading, step)
        reader.open(page, reading)
        assert page.evaluate(WIDER) == [], step
