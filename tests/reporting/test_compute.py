"""What models took, and their results about their cut-off, follow from the export and hold when derived again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from study.database import StudyError
from study.exporting import source as record
from study.reporting.check import check
from study.reporting.write import report
from tests.home import Home
from tests.model_server import ModelServer, model_server
from tests.model_study import protocol, read
from tests.reporting.conftest import Reported, grade_all, silent
from tests.running.runs import QUESTIONS, contents, model, run, study_of
from tests.small_study import small_study

pytestmark = pytest.mark.database


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    """A provider on loopback: 100 tokens in and 20 out a reply."""
    with model_server() as made:
        yield made


def numbers(folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((folder / "numbers.json").read_text("utf-8"))["numbers"]
    return {name: entry["value"] for name, entry in told.items()}


def test_calls_tokens_cost_and_time_of_each_model_stand_in_the_report_and_hold(
    home: Home, server: ModelServer, tmp_path: Path
) -> None:
    made = study_of(home, cases=3)
    run(made, model(server.url, prices={"input": 10.0, "output": 100.0}))
    with pytest.raises(StudyError, match="once the study is closed and unblinded"):
        record.calls(home.owner, made.study)
    made.close()
    grade_all(made)
    made.act("unblind", study=made.study, reason="done")
    report(home.owner, made.study, tmp_path / "out", silent)
    told, name = numbers(tmp_path / "out"), "compute.a model.main.read"
    calls = 3 * QUESTIONS
    assert (told[f"{name}.calls"], told[f"{name}.ok.calls"], told[f"{name}.cached"]) == (calls, calls, 0)
    assert (told[f"{name}.input_tokens"], told[f"{name}.output_tokens"]) == (100 * calls, 20 * calls)
    assert told[f"{name}.cost"] == pytest.approx(calls * (100 * 10 + 20 * 100) / 1e6)
    assert told[f"{name}.p95"] >= told[f"{name}.median"] > 0
    assert check(tmp_path / "out").faults == ()


def test_models_that_were_never_called_are_named_and_have_no_numbers(reported: Reported) -> None:
    text = (reported.folder / "report.md").read_text("utf-8")
    assert "No call is in the record of clever, simple" in text
    assert not [name for name in numbers(reported.folder) if name.startswith("compute.")]


def test_results_before_and_after_a_declared_cut_off_stand_with_the_humans_on_the_same_cases(
    home: Home, tmp_path: Path
) -> None:
    days = {"case-000": "2024-05-01", "case-001": "2025-01-31", "case-002": "2025-03-01"}
    told = contents(4, image=True)
    for one in told[:3]:
        one["source"] = {"published": days[one["key"]]}
    made = small_study(home, protocol(), contents=told)
    made.read_all(made.add_reader(), ["Flu"])
    read(made, "main", 0.9)
    made.close()
    grade_all(made)
    made.act("unblind", study=made.study, reason="done")
    report(home.owner, made.study, tmp_path / "out", silent)
    found = numbers(tmp_path / "out")
    periods = {period: found[f"contamination.M.{period}.cases"] for period in ("before", "after", "unknown")}
    assert periods == {"before": 2, "after": 1, "unknown": 1}
    assert found["contamination.undated"] == 1
    assert found["contamination.M.before.human.n"] == 2
    assert check(tmp_path / "out").faults == ()


def test_a_model_without_a_cut_off_says_that_every_case_is_unknown(reported: Reported) -> None:
    text = (reported.folder / "report.md").read_text("utf-8")
    assert "clever: no cut-off was declared, so every case is of an unknown period." in text
