"""The record's commands end to end on a data folder of their own: what they print, and how they exit."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from study.database import open_box
from study.database.media import MediaFolder
from tests.conftest import open_folder
from tests.small_study import IMAGE, small_study


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """A data folder with one closed study; its server stays up for the module, so that each command joins it."""
    with open_folder() as folder, open_box(folder) as box:
        study = small_study(box)
        study.read_all(study.add_reader(), ["Flu", "Gout"])
        study.add_model("baseline", ["Mumps"])
        study.close()
        yield folder


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "commands.main", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, env={"COLUMNS": "200", "LC_ALL": "C.UTF-8"}
    )


@pytest.mark.database
def test_verify_ends_with_the_line_that_counts_and_shows_parity(data: Path) -> None:
    done = run("verify", "--parity", "--data", data)
    assert done.returncode == 0, done.stderr
    last = done.stdout.strip().splitlines()[-1]
    assert "8 readings, 112 events, 112 payloads, 0 erased" in last
    assert last.endswith("everything holds")
    assert "21 stages the same for humans and models, 0 different" in done.stdout


@pytest.mark.database
def test_verify_exits_1_and_names_what_does_not_hold(data: Path) -> None:
    with open_box(data) as box:
        path = MediaFolder(box.media).path(IMAGE)
        kept = path.read_bytes()
        path.write_bytes(b"other")
    done = run("verify", "--json", "--data", data)
    path.write_bytes(kept)
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert told["holds"] is False
    assert [fault["where"] for fault in told["faults"]] == [f"image {IMAGE}"]


@pytest.mark.database
def test_export_says_what_it_wrote_and_refuses_a_folder_in_use(data: Path, tmp_path: Path) -> None:
    done = run("export", "--to", tmp_path / "out", "--data", data)
    assert done.returncode == 0, done.stderr
    assert "answers.parquet" in done.stdout
    assert "not unblinded" in done.stdout
    again = run("export", "--to", tmp_path / "out", "--data", data)
    assert again.returncode == 1
    assert "is not an empty folder" in again.stderr
    assert "Traceback" not in again.stderr


@pytest.mark.database
def test_grade_goes_out_and_comes_back(data: Path, tmp_path: Path) -> None:
    out = run("grade", "--to", tmp_path / "queue.csv", "--data", data)
    assert out.returncode == 0, out.stderr
    assert "8 lines of 3 cases wait" in out.stdout  # Flu and Mumps in three cases, Gout in the two where it is wrong
    text = (tmp_path / "queue.csv").read_text("utf-8-sig")
    (tmp_path / "back.csv").write_text(text.replace(",Mumps,,", ",Mumps,0,"), "utf-8")
    back = run("grade", "--from", tmp_path / "back.csv", "--data", data)
    assert "3 grades saved (5 rows without one); 5 lines still wait." in back.stdout
    (tmp_path / "bad.csv").write_text(text.replace(",Mumps,,", ",Mumps,1,"), "utf-8")
    refused = run("grade", "--from", tmp_path / "bad.csv", "--data", data)
    assert refused.returncode == 1
    assert refused.stderr.count("'1' is not a level of kanjee2023") == 3


@pytest.mark.database
def test_a_dry_run_is_of_judges_and_takes_no_grades_of_a_file(data: Path, tmp_path: Path) -> None:
    for file in (("--from", tmp_path / "back.csv"), ("--to", tmp_path / "dry.csv")):
        done = run("grade", *file, "--dry-run", "--repeat", "2", "--data", data)
        assert done.returncode == 1
        assert "--repeat, --dry-run is said of judges: name them with --judge" in done.stderr
    assert not (tmp_path / "dry.csv").exists()


@pytest.mark.database
def test_a_backup_is_restored_and_verified(data: Path, tmp_path: Path, data_folder: Path) -> None:
    made = run("backup", "--to", tmp_path / "b.tar", "--data", data)
    assert made.returncode == 0, made.stderr
    restored = run("restore", tmp_path / "b.tar", "--data", data_folder)
    assert restored.returncode == 0, restored.stderr
    assert "everything holds" in restored.stdout
    assert "1 studies" in restored.stdout


@pytest.mark.database
def test_a_study_that_is_not_there_is_told_with_those_that_are(data: Path) -> None:
    done = run("verify", "--study", "nothing", "--data", data)
    assert done.returncode == 1
    assert "There is no study 'nothing' here; choose one with --study: small-" in done.stderr
