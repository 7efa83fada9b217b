"""A clinician reviews proposed options where a study is set up: case by case in the app, or by the list as a file."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import FilePayload, Page, expect

from study.case import Reviewed
from tests.browser.app_process import AppProcess
from tests.browser.staff import serious, settled, sign_in
from tests.options.bundles import cases_of
from tests.options.test_review_list import made

pytestmark = pytest.mark.browser


def checked(page: Page, app: AppProcess, folder: Path) -> None:
    """On the page of a new study, with this bundle checked."""
    sign_in(app, page.context, app.invite("coordinator"))
    page.goto(f"{app.url}/?study=new")
    page.get_by_role("textbox", name="Folder").fill(str(folder))
    page.get_by_role("button", name="Check the bundle").first.click()
    expect(page.get_by_role("heading", name="Review of the options")).to_be_visible(timeout=30_000)
    settled(page)


def decide(page: Page, option: str, verdict: str, block: str | None = None) -> None:
    """One decision in the form."""
    group = page.get_by_role("radiogroup", name=f"Decision about {option}")
    group.get_by_text(verdict, exact=True).click()
    if block:
        box = page.get_by_role("combobox", name=f"Which block rules out {option}")
        box.click()
        box.press("ArrowDown")
        page.get_by_role("option", name=block).click()
        page.keyboard.press("Escape")


def test_options_are_accepted_edited_and_rejected_and_the_case_file_says_by_whom(
    page: Page, app: AppProcess, tmp_path: Path
) -> None:
    folder = made(tmp_path / "bundle")
    checked(page, app, folder)
    expect(page.get_by_text("6 options in 3 cases wait for a review").first).to_be_visible()
    decide(page, "Dengue", "Reject")
    decide(page, "Typhoid fever", "Edit", "laboratory")
    page.get_by_role("textbox", name="New wording of Typhoid fever").fill("Paratyphoid fever")
    save = page.get_by_role("button", name="Save these decisions")
    save.click()
    expect(page.get_by_text("Say who reviews, above.").first).to_be_visible()
    page.get_by_role("textbox", name="Who reviews").fill("Dr. Ada")
    page.get_by_role("textbox", name="Who reviews").press("Tab")
    settled(page)
    save.click()
    expect(page.get_by_text("2 decisions are saved in the bundle.").first).to_be_visible(timeout=30_000)
    expect(page.get_by_text("4 options in 2 cases wait for a review").first).to_be_visible()
    case = cases_of(folder)["chest"]
    assert [(one.text, one.review) for one in case.distractors] == [
        ("Paratyphoid fever", "edited"),
        ("Mumps", "reviewed"),
    ]
    assert case.distractors[0].ruled_out_by == ("laboratory",)
    assert case.rejected[0].reviewed == Reviewed(by="Dr. Ada", on=date.today())


def test_a_decision_without_a_block_is_refused_and_nothing_is_written(
    page: Page, app: AppProcess, tmp_path: Path
) -> None:
    folder = made(tmp_path / "bundle")
    before = (folder / "cases" / "chest" / "case.yaml").read_bytes()
    checked(page, app, folder)
    page.get_by_role("textbox", name="Who reviews").fill("Dr. Ada")
    page.get_by_role("textbox", name="Who reviews").press("Tab")
    settled(page)
    decide(page, "Dengue", "Accept")
    page.get_by_role("button", name="Save these decisions").click()
    expect(page.get_by_text("no block is named that rules 'Dengue' out").first).to_be_visible()
    assert (folder / "cases" / "chest" / "case.yaml").read_bytes() == before


def test_the_list_goes_out_as_a_file_and_a_filled_in_one_comes_in_whole_or_not_at_all(
    page: Page, app: AppProcess, tmp_path: Path
) -> None:
    folder = made(tmp_path / "bundle")
    checked(page, app, folder)
    page.get_by_role("tab", name="By a file").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the list").click()
    text = Path(download.value.path()).read_text("utf-8-sig")
    waits = ",proposed,history; laboratory,,,,,,\n"
    assert text.count(waits) == 6
    good = text.replace(waits, ",proposed,history; laboratory,accept,,history,,Dr. Eve,2026-02-03\n")
    for content, told in (
        (good.replace("accept,,history", "accept,,ct", 1), "line 2: ct is no block"),
        (good, "saved"),
    ):
        page.get_by_role("tab", name="By a file").click()
        file: FilePayload = {"name": "review.csv", "mimeType": "text/csv", "buffer": content.encode()}
        page.locator(".st-key-options-upload input").set_input_files(files=[file])
        settled(page)
        page.get_by_role("button", name="Read the decisions in").click()
        expect(page.get_by_text(told).first).to_be_visible(timeout=30_000)
    expect(page.get_by_text("Every wrong option is reviewed.").first).to_be_visible()
    assert {one.review for case in cases_of(folder).values() for one in case.distractors} == {"accepted", "reviewed"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(
    page: Page, app: AppProcess, tmp_path: Path, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme)
    checked(page, app, made(tmp_path / "bundle"))
    assert serious(page) == []
    page.get_by_role("tab", name="By a file").click()
    settled(page)
    assert serious(page) == []
