"""A report follows from its export alone, is whole or not there, and says what it may not be read as."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from study import gap
from study.database import StudyError
from study.exporting.export import export
from study.reporting.checklist import checklist
from study.reporting.facts import facts
from study.reporting.fill import FILLS
from study.reporting.parts import Report
from study.reporting.source import source
from study.reporting.table2 import table2
from study.reporting.write import report
from study.times import stage_times
from tests.home import Home
from tests.reporting.conftest import Reported, silent
from tests.small_study import small_study

pytestmark = pytest.mark.database
PARTS = ("events", "telemetry")


def numbers(folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((folder / "numbers.json").read_text("utf-8"))["numbers"]
    return {name: entry["value"] for name, entry in told.items()}


def timed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with the times of their answers as times: each side writes them in its own way."""
    return [
        {**row, "answers": [{**one, "at": datetime.fromisoformat(one["at"])} for one in row["answers"]]} for row in rows
    ]


def test_the_export_gives_the_analyst_s_rows_grades_and_models_as_the_record_does(reported: Reported) -> None:
    found, desk, study = reported.source, reported.analyst, reported.study.study
    assert len(found.rows) == 18
    assert timed(found.rows) == timed(list(desk.readings(study)))
    assert found.grades == desk.grades(study)
    assert found.models == desk.models(study)


def test_the_export_gives_the_stages_as_the_record_does(reported: Reported) -> None:
    def told(stages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [
            {**one, **{part: [{**row, "at": datetime.fromisoformat(row["at"])} for row in one[part]] for part in PARTS}}
            for one in stages
        ]

    assert told(reported.source.stages) == told(list(reported.analyst.stages(reported.study.study)))


def test_times_follow_from_the_exported_events_and_measurements(reported: Reported) -> None:
    told = {
        (row["reading"], row["step"]): (row["elapsed_s"], row["visible_s"])
        for row in reported.source.tables["stages"]
        if row["group"] == "human" and not row["practice"] and row["counts"]
    }
    found = {
        (one["reading"], stage.step): (stage.elapsed, stage.visible)
        for one in reported.source.stages
        for stage in stage_times(one["events"], one["telemetry"])
    }
    assert sum(visible is not None for _, visible in told.values()) == 1
    assert found == told


def test_table_2_says_what_analyse_says(reported: Reported) -> None:
    desk, study = reported.analyst, reported.study.study
    told, rows = numbers(reported.folder), list(desk.readings(study))
    found = gap.computed(rows, desk.grades(study), reported.source.protocol, models=desk.models(study))
    for measure in ("coverage", "selection", "selection_gap", "open", "open_gap", "lost"):
        score = found.of(measure, "human")
        assert score is not None
        assert told[f"table2.human.{measure}"] == score.estimate
        assert (told[f"table2.human.{measure}.low"], told[f"table2.human.{measure}.high"]) == score.interval


def test_selection_by_plain_counting_of_the_exported_answers_is_what_the_report_says(reported: Reported) -> None:
    answers = pq.read_table(reported.folder / "export" / "answers.parquet").to_pylist()
    truth = {row["case"]: row["right_option"] for row in source(reported.folder / "export").tables["truth"]}
    chosen = [row for row in answers if row["kind"] == "selection" and row["missing"] == "" and not row["practice"]]
    told = numbers(reported.folder)
    for group, name in (("human", "table2.human"), ("model", "table2.model")):
        right = [row["choice_text"] == truth[row["case"]] for row in chosen if row["group"] == group]
        assert told[f"{name}.selection"] == pytest.approx(sum(right) / len(right))
        assert told[f"{name}.n"] == len(right)


def test_who_was_left_out_and_why_stands_beside_the_rates(reported: Reported) -> None:
    told = numbers(reported.folder)
    assert told["table2.left_out.human.given_out"] == 12
    assert told["table2.left_out.human.completed"] == 10
    assert told["table2.left_out.human.not_reached"] == 2


def test_analysis_py_computes_every_number_again_from_the_export_alone(reported: Reported) -> None:
    command = [sys.executable, str(reported.folder / "analysis.py"), "--print"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env={"PYTHONPATH": str(Path.cwd())})
    assert done.returncode == 0, done.stderr
    computed = dict(line.split("\t") for line in done.stdout.splitlines())
    assert {name: float(value) for name, value in computed.items()} == numbers(reported.folder)


def test_the_page_fetches_nothing_and_the_same_numbers_stand_in_the_markdown(reported: Reported) -> None:
    page = (reported.folder / "report.html").read_text("utf-8")
    assert not re.search(r'(?:src|href)="(?!#)|@import|url\(|<script|<link', page)
    shown = dict(re.findall(r'<data data-number="([^"]+)"[^>]*>([^<]*)</data>', page))
    told = json.loads((reported.folder / "numbers.json").read_text("utf-8"))["numbers"]
    assert shown == {name: entry["shown"].replace("<", "&lt;") for name, entry in told.items()}
    text = (reported.folder / "report.md").read_text("utf-8").replace("\\", "")
    assert all(entry["shown"] in text for entry in told.values())


def test_figures_say_themselves_in_words_with_n(reported: Reported) -> None:
    drawn = sorted((reported.folder / "figures").glob("*.svg"))
    assert "gap.svg" in [path.name for path in drawn]
    for path in drawn:
        svg = path.read_text("utf-8")
        assert re.search(r"<title>.+</title>\n?<desc>[^<]*\bn = \d+", svg), path.name


def test_a_report_of_synthetic_cases_says_so_first(reported: Reported) -> None:
    assert "**Synthetic cases: not patients." in (reported.folder / "report.md").read_text("utf-8")
    page = (reported.folder / "report.html").read_text("utf-8")
    assert page.index("Synthetic cases: not patients.") < page.index("<table>")


def test_a_study_that_is_not_unblinded_is_refused_and_leaves_no_folder(home: Home, tmp_path: Path) -> None:
    made = small_study(home)
    made.close()
    with pytest.raises(StudyError, match="is not unblinded \\(closed\\), so there is nothing to report yet"):
        report(home.owner, made.study, tmp_path / "out", silent)
    assert list(tmp_path.iterdir()) == []
    export(home.owner, made.study, tmp_path / "blind")
    with pytest.raises(StudyError, match="was not unblinded when"):
        source(tmp_path / "blind")


def test_a_report_that_fails_leaves_nothing_behind(reported: Reported, tmp_path: Path, monkeypatch: Any) -> None:
    def full(*_: Any) -> str:
        raise OSError("no space left on device")

    monkeypatch.setattr("study.reporting.write.composed", full)
    with pytest.raises(OSError, match="no space"):
        report(reported.box.owner, reported.study.study, tmp_path / "out", silent)
    assert list(tmp_path.iterdir()) == []


def test_the_flow_counts_readers_cases_and_readings_by_how_far_they_came(reported: Reported) -> None:
    told = numbers(reported.folder)
    people = [told[f"flow.humans.{step}"] for step in ("invited", "consented", "began", "completed", "withdrew")]
    assert people == [4, 4, 4, 3, 0]
    assert (told["flow.cases.imported"], told["flow.cases.practice"], told["flow.cases.unread"]) == (4, 1, 0)
    assert (told["flow.readings.human.completed"], told["flow.readings.human.assigned"]) == (10, 2)


def test_a_specialty_of_few_cases_says_so(reported: Reported) -> None:
    text = (reported.folder / "report.md").read_text("utf-8")
    assert numbers(reported.folder)["specialty.general.human.cases"] == 3
    assert "| general | 3 (few) | humans |" in text


def test_mixed_models_stand_beside_the_closed_forms_with_their_n(reported: Reported) -> None:
    told = numbers(reported.folder)
    # Ten human readings and six of models, each with a score of the list and one of the selection.
    assert told["mixed.gap.linear.n"] == 2 * (10 + 6)
    assert "| selection gap | " in (reported.folder / "report.md").read_text("utf-8")


def test_a_plan_that_corrects_selections_for_chance_names_that_measure_confirmatory(reported: Reported) -> None:
    plan = {
        "primary": "coverage",
        "family": ["coverage", "fdx", "gap"],
        "correction": "holm",
        "chance_correction": True,
    }
    study = {**reported.source.study, "protocol": {**(reported.source.protocol or {}), "plan": plan}}
    known = replace(facts(reported.source), source=replace(reported.source, study=study))
    told = [known.status(one) for one in ("coverage", "selection_corrected", "selection_gap", "selection")]
    assert told == ["confirmatory, primary", *["confirmatory, secondary"] * 2, "exploratory"]


def test_an_outcome_without_interval_or_test_says_why_whichever_it_is(reported: Reported) -> None:
    text = (reported.folder / "report.md").read_text("utf-8").replace("\\", "")
    (told,) = re.findall(
        r"- (.*; .*): 2 models are too few for a random factor \(three needed\); they are fixed\.", text
    )
    assert {"selection, difference", "top1, difference", "brier_selection, difference"} <= set(told.split("; "))


def test_who_never_answered_has_no_rate_with_failures_counted_as_wrong_either(reported: Reported) -> None:
    known = facts(reported.source)
    silent = {"estimate": None, "low": None, "high": None, "n": 0, "failed": 3, "as_wrong": 0.0, "n_as_wrong": 3}
    scores = [one.model_copy(update=silent) if one.reader == "simple" else one for one in known.gap.scores]
    told = table2(replace(known, gap=known.gap.model_copy(update={"scores": tuple(scores)})))
    ids = {one.id for one in Report("", (), (told,)).numbers()}
    assert "table2.wrong.model.clever.coverage" in ids
    assert "table2.wrong.model.simple.coverage" not in ids


def test_a_property_by_which_nothing_was_divided_says_why(reported: Reported) -> None:
    text = (reported.folder / "report.md").read_text("utf-8").replace("\\", "")
    assert "Not divided by specialty: all cases are of one kind." in text


def test_methods_come_from_what_is_stored(reported: Reported) -> None:
    text = (reported.folder / "report.md").read_text("utf-8")
    study = json.loads((reported.folder / "export" / "study.json").read_text("utf-8"))
    assert study["protocol_hash"] in text
    assert f"schema {study['schema']}" in text
    assert "A ranked differential of 1 to 5 diagnoses was asked after the last block" in text
    assert "generator readerstudy-allocation-1/sha256-counter-1" in text


@pytest.mark.parametrize(("name", "items"), [("stard-ai", 48), ("tripod-llm", 49), ("claim", 44), ("mi-clear-llm", 8)])
def test_every_item_of_a_checklist_is_filled_for_the_author_missing_or_not_applicable(
    reported: Reported, name: str, items: int
) -> None:
    told = numbers(reported.folder)
    states = ("filled", "for_the_author", "missing", "not_applicable")
    assert sum(told.get(f"checklists.{name}.{state}", 0) for state in states) == items
    assert len({item.number for item in checklist(name).items}) == items
    assert {item.fill for item in checklist(name).items} <= set(FILLS)


def test_an_item_that_the_study_did_not_store_is_missing_and_says_what(reported: Reported) -> None:
    text = (reported.folder / "report.md").read_text("utf-8")
    assert "| 13 | ethics approval and consent | missing | study.yaml names neither" in text
    assert "whether the version is pinned: clever, simple" in text
