"""An export holds every locked answer once, seals every file, tells nothing hidden, and is whole or not there."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from study.cells import guarded, unguarded
from study.chain import Event, reading_fault
from study.database import StudyError
from study.exporting.columns import Column, tables
from study.exporting.export import export
from study.exporting.files import TableFiles
from tests.home import Home
from tests.small_study import TRUTHS, SmallStudy, small_study


def _read(home: Home) -> SmallStudy:
    """One reader has read everything, a second stands in the middle of practice, a model has read everything."""
    made = small_study(home)
    made.read_all(made.add_reader(), ["=Flu", "Gout", " ", "Croup", "Mumps", "Lupus", "Seventh"])
    second = made.add_reader()
    made.read(second, made.readings(second)[0]["reading"], ["Flu"], upto=3)
    made.add_model("baseline", ["Gout"])
    return made


@pytest.fixture
def study(home: Home) -> SmallStudy:
    """A study that the test may change."""
    return _read(home)


@pytest.fixture(scope="module")
def folder(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The export of such a study while it is open; to be looked at only."""
    return written(_read(home), tmp_path_factory.mktemp("open") / "out")


@pytest.fixture(scope="module")
def unblinded(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The export of such a study after unblinding, with one grade; to be looked at only."""
    made = _read(home)
    made.close(unblind=True)
    grade = {"case": "beta", "line": "Flu", "scale": "bond", "version": "1", "grade": 2}
    made.act("save_grades", study=made.study, items=[grade])
    return written(made, tmp_path_factory.mktemp("unblinded") / "out")


def written(study: SmallStudy, to: Path) -> Path:
    export(study.home.owner, study.study, to)
    return to


def table(folder: Path, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(folder / f"{name}.parquet").to_pylist()
    return found


def test_every_locked_answer_is_one_row_and_every_gap_says_why(folder: Path) -> None:
    rows = table(folder, "answers")
    # 4 questions a case, 4 cases, 3 readers; the second reader locked the differential of one case and nothing else
    assert len(rows) == 4 * 4 * 3
    assert sum(row["missing"] == "" for row in rows) == 16 + 16 + 1
    assert {row["missing"] for row in rows} == {"", "not reached"}
    assert len({(row["reading"], row["attempt"], row["step"]) for row in rows}) == len(rows)


def test_a_differential_keeps_all_its_lines_and_its_ranks_up_to_the_cap(folder: Path) -> None:
    rows = table(folder, "answers")
    row = next(row for row in rows if row["kind"] == "ddx" and row["lines_n"] == 6)
    assert json.loads(row["lines"]) == ["=Flu", "Gout", "Croup", "Mumps", "Lupus", "Seventh"]
    assert [row[f"rank_{n}"] for n in range(1, 6)] == ["=Flu", "Gout", "Croup", "Mumps", "Lupus"]
    assert "rank_6" not in row
    assert (row["cap"], row["confidence"], row["none"]) == (5, 70, False)


def test_a_choice_stands_with_the_text_that_this_reading_showed_there(folder: Path) -> None:
    rows = [row for row in table(folder, "answers") if row["choice"]]
    assert len(rows) == 8
    for row in rows:
        assert row["choice"] == "B"
        assert json.loads(row["options"])[1] == row["choice_text"]
    assert len({row["options"] for row in rows if row["case"] == "beta"} | {row["case"] for row in rows}) > 4


def test_csv_and_parquet_say_the_same_and_spreadsheets_run_nothing(folder: Path) -> None:
    raw = (folder / "answers.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(raw.decode("utf-8-sig").splitlines()))
    exact = table(folder, "answers")
    assert len(rows) == len(exact)
    assert [unguarded(row["rank_1"]) for row in rows] == [row["rank_1"] or "" for row in exact]
    assert not any(value.startswith(("=", "+", "@")) for row in rows for value in row.values())
    assert pd.read_csv(folder / "answers.csv").columns[0] == "study"


def test_times_are_the_servers_and_elapsed_is_missing_without_readiness(folder: Path) -> None:
    stages = table(folder, "stages")
    locked = [row for row in stages if row["locked_at"]]
    assert all(row["open_s"] == (row["locked_at"] - row["opened_at"]).total_seconds() for row in locked)
    assert {row["elapsed_s"] for row in stages} == {None}
    assert {row["visible_s"] for row in stages} == {None}
    assert json.loads(stages[0]["evidence"]) == [{"form": "text", "id": "history"}]


def test_a_stage_that_was_ready_has_its_elapsed_and_visible_time(study: SmallStudy, tmp_path: Path) -> None:
    reader = study.readers[1]
    page: Any = reader.call("open_reading", reading=study.readings(reader)[0]["reading"], visit=None)
    where = {"reading": page["reading"], "step": page["step"], "attempt": page["attempt"]}
    study.act("mark_ready", reader, **where, client={})
    body: Any = {"visible_ms": 0, "hidden_ms": 0, "idle_ms": 0}
    reader.call("save_telemetry", **where, tab="t", number=1, body=body)
    study.turn(reader, page, {"diagnosis": "Gout", "confidence": 10})
    stages = table(written(study, tmp_path / "out"), "stages")
    row = next(row for row in stages if row["reading"] == page["reading"] and row["step"] == page["step"])
    assert row["elapsed_s"] == (row["locked_at"] - row["ready_at"]).total_seconds()
    assert row["visible_s"] == row["elapsed_s"]


def test_the_exported_events_carry_all_that_their_hashes_need(folder: Path) -> None:
    readings: dict[str, list[Event]] = {}
    for row in table(folder, "events"):
        readings.setdefault(row["reading"], []).append(Event(*(row[name] for name in Event._fields)))
    assert len(readings) == 9
    assert [reading_fault(events) for events in readings.values()] == [None] * 9
    heads = {head["reading"]: head["head"] for head in manifest(folder)["heads"]}
    assert all(heads[name] == events[-1].hash for name, events in readings.items())


def manifest(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))
    return found


def test_the_manifest_names_every_file_with_its_rows_and_hash(folder: Path) -> None:
    told = manifest(folder)
    assert {entry["name"] for entry in told["files"]} | {"manifest.json"} == {path.name for path in folder.iterdir()}
    for entry in told["files"]:
        assert hashlib.sha256((folder / entry["name"]).read_bytes()).hexdigest() == entry["sha256"]
        if entry["name"].endswith(".parquet"):
            assert pq.read_metadata(folder / entry["name"]).num_rows == entry["rows"]
    assert told["synthetic"] is True
    assert told["watermarked"] is False


def test_the_dictionary_explains_every_column_of_every_table(unblinded: Path) -> None:
    told = {(row["table"], row["column"]): row["meaning"] for row in table(unblinded, "dictionary")}
    names = [path.stem for path in unblinded.glob("*.parquet") if path.stem != "dictionary"]
    found = {(name, column) for name in names for column in pq.read_schema(unblinded / f"{name}.parquet").names}
    assert set(told) == found
    assert all(len(meaning) > 10 and meaning.endswith(".") for meaning in told.values())


def test_no_row_names_a_column_that_its_table_lacks(study: SmallStudy, tmp_path: Path, monkeypatch: Any) -> None:
    seen: dict[str, set[str]] = {}
    add = TableFiles.add

    def watch(self: TableFiles, row: dict[str, Any]) -> None:
        seen.setdefault(self._paths[0].stem, set()).update(row)
        add(self, row)

    monkeypatch.setattr(TableFiles, "add", watch)
    study.close(unblind=True)
    written(study, tmp_path / "out")
    columns = tables(5, unblinded=True)
    assert {name: seen[name] - {column.name for column in columns[name]} for name in columns if name in seen} == {
        name: set() for name in columns if name in seen
    }


def test_before_unblinding_no_truth_key_grade_or_order_as_written_leaves(folder: Path) -> None:
    assert {path.stem for path in folder.iterdir()} == {
        *("answers", "stages", "events", "readings", "readers", "dictionary", "manifest")
    }
    told = "".join(path.read_text("utf-8-sig") for path in folder.iterdir() if path.suffix != ".parquet")
    assert '"right"' not in told
    assert {row["seed"] for row in table(folder, "readings")} == {None}
    # the truth stands among the options and nowhere else
    without = [
        {k: v for k, v in row.items() if k not in ("options", "choice_text")} for row in table(folder, "answers")
    ]
    assert TRUTHS["gamma"] not in str(without)


def test_after_unblinding_truth_and_grades_are_added(unblinded: Path) -> None:
    assert {row["case"]: row["diagnosis"] for row in table(unblinded, "truth")} == TRUTHS
    assert {row["right_option"] for row in table(unblinded, "truth")} == set(TRUTHS.values())
    graded = table(unblinded, "grades")
    assert [(row["case"], row["line"], row["grade"]) for row in graded] == [("beta", "Flu", 2)]


def test_neither_names_nor_matrix_pseudonyms_leave(folder: Path) -> None:
    told = "".join(path.read_text("utf-8-sig") for path in folder.iterdir() if path.suffix != ".parquet")
    assert "Somebody" not in told
    assert all(row["reader"].startswith("P") for row in table(folder, "readers"))
    assert len(table(folder, "readers")) == 3


def test_an_erased_readers_answers_are_gone_and_counted_as_excluded(study: SmallStudy, tmp_path: Path) -> None:
    study.act("withdraw_reader", member=study.members[0], mode="erase", reason="asked")
    folder = written(study, tmp_path / "out")
    assert "Croup" not in (folder / "answers.csv").read_text("utf-8-sig")
    assert "Croup" not in (folder / "events.csv").read_text("utf-8-sig")
    codes = [row["missing"] for row in table(folder, "answers")]
    assert codes.count("excluded") == 16


def test_a_reopened_reading_exports_both_attempts_and_counts_the_first(study: SmallStudy, tmp_path: Path) -> None:
    reader = study.readers[0]
    reading = study.readings(reader)[-1]["reading"]
    study.reopen(reading, "wrong image")
    study.read(reader, reading, ["Second thought"])
    rows = [row for row in table(written(study, tmp_path / "out"), "answers") if row["reading"] == reading]
    assert [(row["attempt"], row["counts"]) for row in rows if row["kind"] == "open"] == [(1, True), (2, False)]
    assert {row["rank_1"] for row in rows if row["kind"] == "open"} == {"=Flu", "Second thought"}


def test_a_folder_with_something_in_it_is_refused_and_left_alone(study: SmallStudy, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("kept")
    with pytest.raises(StudyError, match="is not an empty folder"):
        export(study.home.owner, study.study, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_export_that_fails_leaves_nothing_behind(study: SmallStudy, tmp_path: Path, monkeypatch: Any) -> None:
    def full(self: TableFiles, row: dict[str, Any]) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(TableFiles, "add", full)
    with pytest.raises(OSError, match="no space"):
        export(study.home.owner, study.study, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["=1+1", "+49", "-1", "@x", "\tx", "\rx"])
def test_a_formula_is_written_as_text_and_comes_back(text: str, tmp_path: Path) -> None:
    assert guarded(text) == "'" + text
    assert unguarded(guarded(text)) == text
    with TableFiles(tmp_path, "t", (Column("a", "text", ""), Column("b", "whole", ""))) as file:
        file.add({"a": text, "b": -1})
    with (tmp_path / "t.csv").open(encoding="utf-8-sig", newline="") as told:
        assert list(csv.DictReader(told)) == [{"a": "'" + text, "b": "-1"}]
