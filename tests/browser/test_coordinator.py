"""A coordinator runs a whole study in the browser: from a bundle to its export, blind until it is unblinded."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Literal
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from baselines.bots.bot import Bot
from baselines.bots.manner import MANNERS
from study.bundle import Bundle, read
from study.codes import new_token
from study.database import open_box
from study.desk import VisitorDesk
from tests.browser.app_process import AppProcess
from tests.browser.staff import choose, serious, settled, sign_in
from tests.synthetic_bundle import synthetic_bundle

pytestmark = pytest.mark.browser


def make(page: Page, folder: Path, slug: str) -> None:
    """From the list of studies to the desk of a new draft."""
    page.get_by_role("button", name="New study").click()
    page.get_by_role("textbox", name="Folder").fill(str(folder))
    page.get_by_role("button", name="Check the bundle").first.click()
    page.get_by_role("textbox", name="Short name").fill(slug)
    page.get_by_role("button", name="Make the study").click()
    expect(page.get_by_text("draft", exact=True).first).to_be_visible(timeout=60_000)


def act(page: Page, name: str, sure: str) -> None:
    """One act in the study's life, with its reason and its confirmation."""
    page.get_by_role("button", name=name, exact=True).first.click()
    page.get_by_role("textbox", name="Reason").fill("as planned")
    page.get_by_text(sure).click()
    page.get_by_test_id("stPopoverBody").get_by_role("button", name=name, exact=True).click()


def read_by_bot(app: AppProcess, code: str, bundle: Bundle) -> None:
    """The person with this code reads every case."""
    with open_box(app.data) as box:
        token = new_token()
        VisitorDesk(box.wire(None)).sign_in(code, token, uuid4().hex)
        study = VisitorDesk(box.wire(token)).me().memberships[0].study
        bot = Bot(box.wire, study, code, MANNERS[0], "7", bundle)
        bot.join()
        bot.read_all()


def test_a_study_from_bundle_to_export(page: Page, app: AppProcess, tmp_path: Path) -> None:
    slug, folder = f"staff-{uuid4().hex[:6]}", synthetic_bundle(tmp_path / "bundle", 2)
    sign_in(app, page.context, app.invite("coordinator"))
    page.goto(app.url)
    make(page, folder, slug)

    page.get_by_text("I have checked cases and rules").click()
    page.get_by_role("button", name="Open the study").click()
    expect(page.get_by_text("The study is open. Invite your readers.").first).to_be_visible()

    choose(page, "People")
    page.get_by_label("Name (optional)").fill("Dr. Ada")
    page.get_by_role("button", name="Make a code").click()
    code = page.locator(".st-key-new-code code").inner_text().strip()
    read_by_bot(app, code, read(folder))
    page.reload()
    settled(page)
    choose(page, "People")
    expect(page.get_by_role("row", name="R01").get_by_text("used").first).to_be_visible()
    expect(page.get_by_text(code)).to_have_count(0)

    choose(page, "Progress")
    expect(page.get_by_role("row", name="R01").get_by_text("2 / 2").first).to_be_visible()
    assert "Acute pericarditis" not in page.content(), "a blinded desk tells no diagnosis"

    choose(page, "Overview")
    act(page, "Close", "Close the study for good")
    expect(page.get_by_text("The study is closed. Results stay blinded.").first).to_be_visible()
    assert "truth.csv" not in exported(page, tmp_path)
    choose(page, "Overview")
    before = kept(app)
    act(page, "Unblind", "Unblind the study for good")
    expect(page.get_by_text("The study is unblinded.").first).to_be_visible()
    assert "truth.csv" in exported(page, tmp_path)
    assert begun(page, app, before), "whoever made the study may see its results: they are begun before anybody asks"


def kept(app: AppProcess) -> set[Path]:
    """The studies of which the app keeps results."""
    return set((app.data / "results").glob("*"))


def begun(page: Page, app: AppProcess, before: set[Path]) -> bool:
    """Whether results of a further study come to be kept within a minute."""
    for _ in range(600):
        if kept(app) - before:
            return True
        page.wait_for_timeout(100)
    return False


def exported(page: Page, folder: Path) -> set[str]:
    """The names in the .zip that the export offers."""
    choose(page, "Export")
    page.get_by_role("button", name="Prepare the export").click()
    expect(page.get_by_text("The export is ready").first).to_be_visible(timeout=60_000)
    settled(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    path = folder / f"{uuid4().hex}.zip"
    download.value.save_as(path)
    with zipfile.ZipFile(path) as archive:
        return {Path(name).name for name in archive.namelist()}


def test_a_bundle_with_faults_is_refused_with_each_fault_by_file_and_field(
    page: Page, app: AppProcess, tmp_path: Path
) -> None:
    folder = synthetic_bundle(tmp_path / "bundle", 2)
    case = folder / "cases" / "case-01" / "case.yaml"
    case.write_text(case.read_text("utf-8").replace("right: true", "right: false"), "utf-8")
    sign_in(app, page.context, app.invite("coordinator"))
    page.goto(f"{app.url}/?study=new")
    page.get_by_role("textbox", name="Folder").fill(str(folder))
    page.get_by_role("button", name="Check the bundle").first.click()
    expect(page.get_by_role("cell", name="cases/case-01/case.yaml").first).to_be_visible(timeout=30_000)
    expect(page.get_by_role("button", name="Make the study")).to_have_count(0)


def test_a_study_of_somebody_else_does_not_exist(page: Page, app: AppProcess) -> None:
    other = app.make_study(f"other-{uuid4().hex[:6]}")
    sign_in(app, page.context, app.invite("coordinator"))
    page.goto(f"{app.url}/?study={other}")
    expect(page.get_by_text("There is no such study for you.").first).to_be_visible(timeout=30_000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_any_section(
    page: Page, app: AppProcess, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme)
    sign_in(app, page.context, app.invite("coordinator"))
    page.goto(f"{app.url}/?study=reading")
    expect(page.get_by_role("heading", name="Reading for a test")).to_be_visible(timeout=30_000)
    for section in ("Overview", "People", "Progress", "Export"):
        choose(page, section)
        assert serious(page) == [], section


def test_a_grader_is_removed_with_a_reason_and_a_confirmation_and_comes_in_no_more(
    page: Page, app: AppProcess, chromium: Browser
) -> None:
    study, grader = app.make_study(f"leaving-{uuid4().hex[:6]}"), chromium.new_context()
    token = sign_in(app, grader, app.invite("grader", study))
    sign_in(app, page.context, app.invite("coordinator", study))
    page.goto(f"{app.url}/?study={study}")
    choose(page, "People")
    remove = page.get_by_test_id("stForm").filter(has=page.get_by_role("button", name="Remove"))
    remove.get_by_role("combobox").fill("G02")
    remove.get_by_role("combobox").press("ArrowDown")
    page.get_by_role("option", name="G02 (Grader)").click()
    remove.get_by_role("textbox", name="Reason").fill("left the clinic")
    remove.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Tick the box first, to confirm.").first).to_be_visible()
    assert app.box.wire(token).call("study_status", study=study)
    remove.get_by_text("I am sure").click()
    remove.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("G02 is removed.").first).to_be_visible()
    expect(page.get_by_role("row", name="G02").get_by_text("removed").first).to_be_visible()
    theirs = grader.new_page()
    theirs.goto(app.url)
    expect(theirs.get_by_role("textbox", name="Invitation code")).to_be_visible(timeout=30_000)
    grader.close()
