"""The grader's page: a guess of who wrote a line is asked where the plan asks, and kept with its grade."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest
from playwright.sync_api import Page, expect

from study.database.server import SUPERUSER
from study.desk import GraderDesk
from tests.browser.app_process import AppProcess
from tests.browser.reading import new_reader
from tests.browser.staff import serious, settled, sign_in

pytestmark = pytest.mark.browser


def read_one(app: AppProcess, study: str) -> None:
    """A reader has named one diagnosis of a case that counts, which waits for a grade."""
    reader = new_reader(app, study)
    for row in reader.desk.home(study).readings:
        reader.walk(row.reading, "nothing")
        if not row.practice:
            return


def test_a_guess_is_asked_where_the_plan_asks_and_is_kept_with_the_grade_alone(app: AppProcess, page: Page) -> None:
    study = app.make_study(f"guess-{uuid4().hex[:6]}", plan={"guess_source": True})
    read_one(app, study)
    token = sign_in(app, page.context, app.invite("grader", study))
    page.goto(app.url)
    form = page.get_by_test_id("stForm")
    expect(form.get_by_text("Who wrote this line?").first).to_be_visible(timeout=30_000)
    expect(form.get_by_text("Lung abscess").first).to_be_visible()
    form.get_by_text("a model", exact=True).click()
    page.get_by_role("button", name="Save these grades").click()
    expect(page.get_by_text("A guess is kept with a grade.").first).to_be_visible()
    settled(page)
    assert serious(page) == []
    form.get_by_text("3", exact=True).click()
    page.get_by_role("button", name="Save these grades").click()
    expect(page.get_by_text("No line waits for a grade.").first).to_be_visible()
    assert len(GraderDesk(app.box.wire(token)).queue(study).grades) == 1
    with psycopg.connect(app.box.server.connection_string(SUPERUSER)) as conn:
        row = conn.execute("select grade, guess from study.grades where study = %s", [study]).fetchone()
    assert row == (3, "model")


def test_no_guess_is_asked_where_the_plan_does_not_ask(app: AppProcess, page: Page) -> None:
    study = app.make_study(f"plain-{uuid4().hex[:6]}")
    read_one(app, study)
    sign_in(app, page.context, app.invite("grader", study))
    page.goto(app.url)
    expect(page.get_by_role("button", name="Save these grades")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("Who wrote this line?")).to_have_count(0)
