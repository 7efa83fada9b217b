"""The analyst's pages show scoring's numbers with their n, and nothing at all before unblinding."""

from __future__ import annotations

import csv
import stat
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from study.gap import Gap
from tests.browser.app_process import AppProcess
from tests.browser.staff import choose, serious, settled, sign_in

pytestmark = pytest.mark.browser
SECTIONS = (
    "Humans and models",
    "Tests",
    "Case by case",
    "Lists",
    "Trajectories",
    "Evidence",
    "Agreement",
    "Calibration",
    "Advice",
    "Time",
    "Plan",
)


def test_the_gap_is_shown_with_n_and_the_interval_that_scoring_gives(
    page: Page, app: AppProcess, played: tuple[str, Gap]
) -> None:
    study, gap = played
    sign_in(app, page.context, app.invite("analyst", study))
    page.goto(app.url)
    row = page.get_by_role("row", name="Humans (3)")
    expect(row).to_be_visible(timeout=60_000)
    score = gap.of("selection_gap", "human")
    assert score is not None
    assert score.interval is not None
    assert score.estimate is not None
    low, high = score.interval
    expect(row).to_contain_text(f"{100 * score.estimate:.1f} [{100 * low:.1f}, {100 * high:.1f}]")
    assert row.get_by_role("cell").first.inner_text() == str(score.n)
    chart = page.locator(".js-plotly-plot").first
    expect(chart).to_contain_text(f"n={score.n}", timeout=30_000)
    expect(chart).to_contain_text("Synthetic cases")
    expect(chart).to_contain_text("simulated grades")


def test_a_case_stands_side_by_side_with_its_truth_and_every_answerer(
    page: Page, app: AppProcess, played: tuple[str, Gap]
) -> None:
    study, gap = played
    sign_in(app, page.context, app.invite("analyst", study))
    page.goto(app.url)
    expect(page.get_by_role("row", name="Humans (3)")).to_be_visible(timeout=60_000)
    choose(page, "Case by case")
    expect(page.get_by_role("heading", name="Acute pericarditis")).to_be_visible()
    answerers = sum(gap.readers.values())
    expect(page.locator(".rs-case tbody tr")).to_have_count(answerers)
    expect(page.get_by_text(f"completed readings of {answerers} on this case").first).to_be_visible()


def test_before_unblinding_there_is_a_sentence_and_nothing_else(page: Page, app: AppProcess) -> None:
    sign_in(app, page.context, app.invite("analyst"))
    page.goto(app.url)
    expect(page.get_by_text("This study is not unblinded.").first).to_be_visible(timeout=30_000)
    expect(page.get_by_role("table")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_results_and_grading(
    page: Page, app: AppProcess, played: tuple[str, Gap], scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme)
    sign_in(app, page.context, app.invite("analyst", played[0]))
    page.goto(app.url)
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible(timeout=60_000)
    assert serious(page) == []
    for name in SECTIONS:
        choose(page, name)
        expect(page.locator("[data-stale='true']")).to_have_count(0)  # what is on its way out is drawn faint
        assert page.get_by_test_id("stException").count() == 0
        assert serious(page) == [], name


def test_the_plan_from_this_study_says_how_many_readings_the_target_needs(
    page: Page, app: AppProcess, played: tuple[str, Gap]
) -> None:
    study, gap = played
    sign_in(app, page.context, app.invite("analyst", study))
    page.goto(app.url)
    expect(page.get_by_role("row", name="Humans (3)")).to_be_visible(timeout=60_000)
    choose(page, "Plan")
    told = f"Variances from {gap.readers['human']} readers, {gap.readers['model']} models and {gap.cases} cases"
    expect(page.get_by_text(told).first).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Fewest readings for the target").first).to_be_visible(timeout=60_000)
    expect(page.locator(".js-plotly-plot")).to_have_count(2)


def test_humans_and_models_stand_in_one_order_with_the_file_behind_the_figure(
    page: Page, app: AppProcess, played: tuple[str, Gap]
) -> None:
    study, gap = played
    sign_in(app, page.context, app.invite("analyst", study))
    page.goto(app.url)
    expect(page.get_by_role("row", name="Humans (3)")).to_be_visible(timeout=60_000)
    choose(page, "Humans and models")
    expect(page.get_by_text("Humans minus models in every measure").first).to_be_visible(timeout=60_000)
    with page.expect_download() as download:
        page.get_by_role("button", name="Numbers as CSV").first.click()
    rows = list(csv.DictReader(download.value.path().read_text(encoding="utf-8-sig").splitlines()))
    covered = [one for one in gap.scores if one.measure == "coverage"]
    assert {(row["reader"], float(row["estimate"])) for row in rows} == {(s.reader or "", s.estimate) for s in covered}


def test_a_coordinator_sees_no_results_before_unblinding(page: Page, app: AppProcess) -> None:
    sign_in(app, page.context, app.invite("coordinator"))
    page.goto(f"{app.url}/results")
    expect(page.get_by_role("button", name="Account")).to_be_visible(timeout=30_000)
    settled(page)
    expect(page.get_by_text("Results")).to_have_count(0)
    expect(page.locator(".js-plotly-plot")).to_have_count(0)


def test_results_are_kept_in_the_data_folder_for_the_account_of_the_app_alone(
    page: Page, app: AppProcess, played: tuple[str, Gap]
) -> None:
    sign_in(app, page.context, app.invite("analyst", played[0]))
    page.goto(app.url)
    expect(page.get_by_role("row", name="Humans (3)")).to_be_visible(timeout=60_000)
    kept = [path for path in (app.data / "results" / played[0]).rglob("*.json") if path.is_file()]
    assert kept
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}
