"""An export is checked by its files alone: what was changed in them shows, whoever wrote new seals over it."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from study.audit import audit
from study.database.wire import StudyError
from study.exporting.export import export
from study.exporting.manifest import manifest
from tests.home import Home
from tests.small_study import SmallStudy, small_study


@pytest.fixture(scope="module")
def played(home: Home) -> SmallStudy:
    made = small_study(home)
    made.read_all(made.add_reader(), ["=Flu", "Gout, or\nso"])
    made.read_all(made.add_reader(), ["Mumps"])
    made.act("withdraw_reader", member=made.members[1], mode="erase", reason="asked")
    return made


@pytest.fixture(scope="module")
def running(played: SmallStudy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The export of the study while it is open."""
    folder = tmp_path_factory.mktemp("running") / "out"
    export(played.home.owner, played.study, folder)
    return folder


@pytest.fixture(scope="module")
def unblinded(played: SmallStudy, running: Path) -> Path:
    """The export of the same study, graded and unblinded."""
    played.close(unblind=True)
    grade = {"case": "beta", "line": "=Flu", "scale": "bond", "version": "1", "grade": 2, "note": "a\nb"}
    played.act("save_grades", study=played.study, items=[grade])
    export(played.home.owner, played.study, running.parent / "unblinded")
    return running.parent / "unblinded"


@pytest.fixture
def copy(unblinded: Path, tmp_path: Path) -> Path:
    """A copy that the test may change."""
    return Path(shutil.copytree(unblinded, tmp_path / "copy"))


def resealed(folder: Path) -> None:
    """Write the manifest's sizes and hashes anew, as a forger would."""
    told = json.loads((folder / "manifest.json").read_text("utf-8"))
    for entry in told["files"]:
        entry["sha256"] = hashlib.sha256((folder / entry["name"]).read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(told), "utf-8")


def rewritten(folder: Path, name: str, change: Callable[[list[dict[str, Any]]], None]) -> None:
    """Change the rows of a Parquet file and seal it anew."""
    table = pq.read_table(folder / name)
    found = table.to_pylist()
    change(found)
    pq.write_table(pa.Table.from_pylist(found, schema=table.schema), folder / name)
    resealed(folder)


def test_an_honest_export_holds_and_says_what_files_cannot_tell(running: Path, unblinded: Path) -> None:
    found, later = audit(running), audit(unblinded)
    assert found.faults == later.faults == ()
    # two readers, four cases; 14 events a reading, and the erased reader's withdrawals
    assert found.counted["events in events.parquet"] == found.counted["events in events.csv"] == 8 * 14 + 4
    assert "the study's own chain" in found.unchecked[0]
    assert later.counted["study events"] > 0


def test_a_changed_file_breaks_its_seal(copy: Path) -> None:
    path = copy / "answers.csv"
    path.write_bytes(path.read_bytes().replace(b"Flu", b"Flo", 1))
    assert [fault.where for fault in audit(copy).faults] == ["file answers.csv"]
    path.unlink()
    assert "it is not there" in str(audit(copy).faults[0])


def test_an_answer_changed_under_new_seals_breaks_its_chain(copy: Path) -> None:
    path = copy / "events.csv"
    path.write_bytes(path.read_bytes().replace(b"=Flu", b"=Flo", 1))
    resealed(copy)
    (fault,) = audit(copy).faults
    assert fault.where.startswith("events.csv: reading ")
    assert "its payload is not the one that was sealed" in fault.what


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("events.parquet", lambda rows: rows.pop(), "its tail was cut"),
        ("events.parquet", lambda rows: rows.pop(3), "a row is missing"),
        ("readings.parquet", lambda rows: rows[0].update(state="skipped"), "its state in the table is 'skipped'"),
        ("chain.parquet", lambda rows: rows.pop(), "the manifest names row"),
        ("chain.parquet", lambda rows: rows[4].update(kind="paused"), "its hash does not follow"),
        ("grades.parquet", lambda rows: rows[0].update(grade=5), "they are not those that were sealed"),
    ],
)
def test_rows_changed_under_new_seals_are_named(copy: Path, name: str, change: Any, told: str) -> None:
    rewritten(copy, name, change)
    assert told in "\n".join(map(str, audit(copy).faults))


def test_an_earlier_export_witnesses_against_a_later_one(running: Path, unblinded: Path, copy: Path) -> None:
    assert audit(unblinded, manifest(running)).faults == ()
    (fault,) = audit(running, manifest(unblinded)).faults
    assert fault.where == "study chain"
    told = json.loads((copy / "manifest.json").read_text("utf-8"))
    told["heads"][0]["head"] = "0" * 64
    (copy / "manifest.json").write_text(json.dumps(told), "utf-8")
    assert {fault.what for fault in audit(running, manifest(copy)).faults if fault.where != "study chain"} != set()


def test_what_is_no_export_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="cannot be read"):
        audit(tmp_path)
    (tmp_path / "manifest.json").write_text('{"format": "other"}')
    with pytest.raises(StudyError, match="is not an export's manifest"):
        audit(tmp_path)


def test_the_command_checks_an_export_and_exits_1_for_a_changed_one(unblinded: Path, copy: Path) -> None:
    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "commands.main", "verify", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120)

    whole = run(unblinded, "--against", unblinded)
    assert (whole.returncode, whole.stdout.strip().splitlines()[-1].endswith("everything holds")) == (0, True)
    (copy / "answers.csv").unlink()
    broken = run(copy, "--json")
    assert (broken.returncode, json.loads(broken.stdout)["holds"]) == (1, False)
