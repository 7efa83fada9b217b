"""The analyst's pages show scoring's numbers with their n, and nothing at all before unblinding."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from study.gap import Gap
from tests.browser.app_process import AppProcess
from tests.browser.staff import choose, serious, sign_in

pytestmark = pytest.mark.browser


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
    expect(page.get_by_text(f"completed readings of {answerers} on this case")).to_be_visible()


def test_before_unblinding_there_is_a_sentence_and_nothing_else(page: Page, app: AppProcess) -> None:
    sign_in(app, page.context, app.invite("analyst"))
    page.goto(app.url)
    expect(page.get_by_text("This study is not unblinded.")).to_be_visible(timeout=30_000)
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
    choose(page, "Case by case")
    assert serious(page) == []
