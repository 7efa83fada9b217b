"""A report's page in a browser: it fetches nothing, fits a telephone, and axe finds nothing serious in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from study.reporting.drawing import drawing, text
from study.reporting.page import page
from study.reporting.parts import Bullets, Figure, Heading, Paragraph, Report, Section, Table, count, share
from tests.browser.staff import serious

WIDE = Table(
    "A wide table",
    tuple(f"column {n}" for n in range(12)),
    ((("row",), *(share(f"n{n}", 0.5, (0.25, 0.75)) for n in range(11))),),
)
FIGURE = Figure("one", "A figure.", "One point, n = 3.", drawing("A figure", "n = 3", 900, 120, [text(9, 60, "n = 3")]))
BLOCKS = (Heading("Within"), Paragraph(("Hash ", "a" * 64, ".")), Bullets((("Once ", *count("c", 3)),)), WIDE, FIGURE)
REPORT = Report("Report of a study", ("Synthetic cases: not patients.",), (Section("s", "Results", BLOCKS),))


@pytest.mark.parametrize("width", [1200, 360])
def test_a_report_fetches_nothing_fits_its_screen_and_has_no_serious_finding(
    chromium: Browser, tmp_path: Path, width: int
) -> None:
    (tmp_path / "report.html").write_text(page(REPORT), "utf-8")
    shown = chromium.new_page(viewport={"width": width, "height": 800})
    asked: list[str] = []
    shown.on("request", lambda request: asked.append(request.url))
    shown.goto((tmp_path / "report.html").as_uri())
    assert len(asked) == 1
    assert shown.evaluate("document.documentElement.scrollWidth") == width
    assert shown.locator("data[data-number='n3']").inner_text() == "50.0"
    assert serious(shown) == []
    shown.close()
