"""``readerstudy export --format`` of a study and of a table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from commands.export import app
from study.database import open_box
from tests import field_files
from tests.conftest import open_folder
from tests.small_study import small_study

pytestmark = pytest.mark.database


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """A closed, unblinded study of three cases, read by two people and a model."""
    with open_folder() as folder, open_box(folder) as box:
        study = small_study(box)
        for lines in (["Pneumonia"], ["Gout", "Pneumonia"]):
            study.read_all(study.add_reader(), lines)
        study.add_model("baseline", ["Otosclerosis"])
        study.close(unblind=True)
        yield folder


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, list(map(str, words)))


def test_a_studys_scores_open_as_imrmc_and_ungraded_ones_are_absent(data: Path, tmp_path: Path) -> None:
    done = run("--data", data, "--format", "imrmc", "--to", tmp_path / "out")
    assert done.exit_code == 0, done.output
    found = field_files.imrmc(tmp_path / "out" / "humans.imrmc")
    names = [row["id"] for row in field_files.rows(tmp_path / "out" / "ids.csv") if row["kind"] == "reader"]
    assert names == ["H1", "H2", "M3"]
    assert "humans: ddx against selection (2 readers, 3 cases)" in done.output
    # Three lists name the truth; in the three others a line waits for a grade.
    assert [found.area(reader, "DDX") for reader in ("H1", "H2")] == [1.0, 1.0]
    assert sum(test == "DDX" and value != 0.5 for (_, test, _), value in found.ratings.items()) == 3
    assert "scores wait for a grade and are absent" in done.output


def test_the_open_diagnosis_can_stand_in_for_the_selection(data: Path, tmp_path: Path) -> None:
    done = run("--data", data, "--format", "or-dbm", "--fdx", "open", "--to", tmp_path / "out")
    assert "humans: ddx against open" in done.output
    assert set(field_files.or_dbm(tmp_path / "out" / "humans.txt").ratings.values()) >= {0.5, 1.0}


def test_the_tidy_table_has_every_task_and_no_name_of_a_person(data: Path, tmp_path: Path) -> None:
    run("--data", data, "--format", "tidy", "--to", tmp_path / "out")
    rows = field_files.rows(tmp_path / "out" / "scores.csv")
    assert {row["task"] for row in rows} == {"ddx", "selection", "open"}
    assert len(rows) == 3 * 3 * 3
    assert {row["state"] for row in rows} == {"completed"}


def test_a_table_is_turned_without_any_study(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(
        "reader,group,case,ddx,fdx\n" + "".join(f"{r},human,{c},1,0\n" for r in "ab" for c in "xyz")
    )
    done = run("--table", tmp_path / "t.csv", "--format", "rjafroc", "--to", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert field_files.rjafroc(tmp_path / "out" / "humans.xlsx").area("1", "1") == 1.0


def test_a_faulty_table_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("reader,group,case,ddx,fdx\na,human,x,2,0\n")
    done = run("--table", tmp_path / "t.csv", "--format", "tidy", "--to", tmp_path / "out")
    assert done.exit_code == 1
    assert not (tmp_path / "out").exists()
