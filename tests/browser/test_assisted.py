"""An assisted study on the screens: a coordinator gives the model's answers, a clinician sees them after a lock."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from study.advice import Answered
from study.bundle import read
from study.desk import CoordinatorDesk, SetupDesk
from study.protocol import preset, protocol_from
from study.setup import create_study
from tests.browser.app_process import AppProcess
from tests.browser.reading import arrives, lines, new_reader, tab_to
from tests.browser.staff import serious, settled, sign_in
from tests.synthetic_bundle import synthetic_bundle

pytestmark = pytest.mark.browser
SAID = "Silicosis of the lung"


def assisted_study(app: AppProcess) -> str:
    """An open study of the app's bundle in which a model has said the same wrong thing of every case; its id."""
    bundle = read(app.data / "bundle")
    protocol = protocol_from({**preset("assisted").model_dump(mode="json"), "advice": {"model": "Model 7"}})
    answered = [
        Answered(
            "Model 7",
            case.key,
            1,
            {
                "ddx": {"lines": [SAID, "Lymphoma"], "confidence": 65},
                "open": {"diagnosis": SAID, "confidence": 60},
                "selection": {"option": case.options[0].text if case.options else None, "confidence": 55},
            },
        )
        for case in bundle.cases
    ]
    slug = f"assisted-{uuid4().hex[:6]}"
    study = create_study(
        SetupDesk(app.box.owner), app.box.images, bundle, protocol, slug, 1, readers=20, answered=answered
    )
    warnings = bundle.report.warning_counts()
    CoordinatorDesk(app.box.owner).open(study, warnings, dict.fromkeys(warnings, "a test"))
    return study


def test_a_clinician_sees_the_models_answer_only_after_their_own_is_locked(app: AppProcess, page: Page) -> None:
    reader = new_reader(app, assisted_study(app))
    rows = reader.desk.home(reader.study).readings
    for row in rows:
        if row.practice:
            reader.walk(row.reading, "nothing")
    reading = next(row.reading for row in rows if not row.practice)
    reader.walk(reading, "selection")
    reader.sign_in(page.context)
    reader.open(page, reading)
    assert SAID not in page.content()
    arrives(page, "A")
    page.keyboard.press("b")
    tab_to(page, "How likely")
    page.keyboard.type("40")
    page.keyboard.press("Control+Enter")
    advice = page.get_by_label("Answer of the model Model 7")
    expect(advice).to_contain_text("It may be right or wrong.")
    expect(advice).to_contain_text(SAID)
    expect(page.get_by_text("Your own answers are locked and stay as they are").first).to_be_visible()
    arrives(page, "Answer once more")
    page.keyboard.press("n")
    arrives(page, "Diagnosis 1")
    expect(lines(page).first).to_have_value("Lung abscess")
    expect(advice).to_be_visible()
    lines(page).first.fill(SAID)
    page.get_by_label("How likely").fill("70")
    page.get_by_role("button", name="Lock answer").click()
    expect(page.get_by_text("What is your final diagnosis?").first).to_be_visible()
    settled(page)
    assert serious(page) == []
    given = {one.kind: one.answer for one in reader.page(reading).answers}
    assert given["ddx"]["lines"] == ["Lung abscess"]
    assert given["assisted-ddx"]["lines"][0] == SAID


def test_a_coordinator_makes_an_assisted_study_of_a_file_of_answers(
    app: AppProcess, page: Page, tmp_path: Path
) -> None:
    folder, slug = synthetic_bundle(tmp_path / "bundle", 2), f"file-{uuid4().hex[:6]}"
    sign_in(app, page.context, app.invite("coordinator"))
    page.goto(f"{app.url}/?study=new")
    page.get_by_role("textbox", name="Folder").fill(str(folder))
    page.get_by_role("button", name="Check the bundle").first.click()
    page.get_by_role("textbox", name="Short name").fill(slug)
    page.get_by_text("assisted", exact=True).click()
    page.get_by_role("button", name="Make the study").click()
    expect(page.get_by_text("give the file of its answers").first).to_be_visible()
    page.get_by_text("A model's answers to show").click()
    answers = [
        {"model": "Model 7", "case": case.key, "kind": kind, "answer": answer, "provenance": "a test"}
        for case in read(folder).cases
        for kind, answer in (
            ("ddx", {"lines": [SAID], "confidence": 50}),
            ("open", {"diagnosis": SAID}),
            ("selection", {"option": case.options[0].text}),
        )
    ]
    file = tmp_path / "answers.jsonl"
    file.write_text("\n".join(json.dumps(answer) for answer in answers), encoding="utf-8")
    page.locator('input[type="file"]').last.set_input_files(file)
    expect(page.get_by_text("answers.jsonl").first).to_be_visible()
    page.get_by_role("button", name="Make the study").click()
    expect(page.get_by_text("draft", exact=True).first).to_be_visible(timeout=60_000)
    made = next(row for row in CoordinatorDesk(app.box.owner).studies() if row.slug == slug)
    protocol = CoordinatorDesk(app.box.owner).status(made.study).protocol or {}
    assert protocol["advice"]["model"] == "Model 7"
