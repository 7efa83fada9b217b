"""A digit that was changed anywhere in a report is found and named; words may be edited."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from study.database import StudyError
from study.reporting.check import Checked, _changed, check
from tests.reporting.conftest import Reported

pytestmark = pytest.mark.database


@pytest.fixture
def folder(reported: Reported, tmp_path: Path) -> Path:
    """A copy of the report that the test may change."""
    return Path(shutil.copytree(reported.folder, tmp_path / "copy"))


def changed(folder: Path, name: str, old: str, new: str) -> Checked:
    path = folder / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return check(folder)


def shown(folder: Path, name: str) -> str:
    return str(json.loads((folder / "numbers.json").read_text("utf-8"))["numbers"][name]["shown"])


def other(number: str) -> str:
    """The same number with its last digit changed."""
    return number[:-1] + str((int(number[-1]) + 1) % 10)


def test_a_report_as_it_was_written_holds(reported: Reported) -> None:
    found = check(reported.folder)
    assert found.faults == ()
    assert found.counted["numbers"] > 100
    assert found.line.endswith("everything holds")


@pytest.mark.parametrize("name", ["table2.human.coverage", "table2.model.clever.selection.low"])
def test_a_changed_digit_in_the_page_is_named(folder: Path, name: str) -> None:
    was = shown(folder, name)
    page = (folder / "report.html").read_text("utf-8")
    start = page.index(f'data-number="{name}"')
    end = page.index("</data>", start)
    found = changed(folder, "report.html", page[start:end], page[start:end].removesuffix(was) + other(was))
    assert [name in fault.where for fault in found.faults] == [True]
    assert f"the export gives '{was}'" in found.faults[0].what


def test_a_changed_digit_in_the_markdown_names_the_number(folder: Path) -> None:
    was = shown(folder, "table2.human.coverage")
    found = changed(folder, "report.md", f"| {was} ", f"| {other(was)} ")
    assert len(found.faults) == 1
    assert f"table2.human.coverage (the export gives {was})" in found.faults[0].what


def test_a_changed_value_in_the_numbers_file_is_named(folder: Path) -> None:
    told = json.loads((folder / "numbers.json").read_text("utf-8"))
    told["numbers"]["table2.human.n"]["value"] += 1
    del told["numbers"]["table2.human.lost"]
    (folder / "numbers.json").write_text(json.dumps(told), "utf-8")
    assert [fault.where for fault in check(folder).faults] == [
        "numbers.json: table2.human.lost",
        "numbers.json: table2.human.n",
    ]


def test_a_digit_in_a_figure_or_in_a_sentence_is_found(folder: Path) -> None:
    assert [fault.where for fault in changed(folder, "figures/gap.svg", "n = 10", "n = 90").faults] == [
        "figures/gap.svg"
    ]
    found = changed(folder, "report.md", "10,000 draws", "90,000 draws")
    assert [fault.where.split(" line ")[0] for fault in found.faults] == ["report.md", "figures/gap.svg"]


def test_two_numbers_that_changed_places_in_the_page_are_named(folder: Path) -> None:
    page = (folder / "report.html").read_text("utf-8")
    names = ("table2.human.coverage", "table2.model.clever.coverage")
    own, model = (re.findall(rf'<data data-number="{name}" [^>]*>[^<]*</data>', page)[0] for name in names)
    swapped = page.replace(own, "@").replace(model, own).replace("@", model)
    (folder / "report.html").write_text(swapped, "utf-8")
    assert [fault.what for fault in check(folder).faults] == [f"it stands where the export has {names[0]}"]


def test_a_p_value_that_lost_its_less_than_sign_is_named(folder: Path) -> None:
    text = (folder / "report.md").read_text("utf-8").splitlines()
    stated = [line.replace("\\<.0001", ".0001") for line in ["p | \\<.0001 |", *text]]
    (fault,) = _changed("report.md", stated, ["p | \\<.0001 |", *text], {})
    assert fault.where == "report.md line 1"


def test_a_changed_export_is_named_and_not_computed_with(folder: Path) -> None:
    path = folder / "export" / "grades.parquet"
    path.write_bytes(path.read_bytes() + b"x")
    assert [fault.where for fault in check(folder).faults] == ["export: file grades.parquet"]


def test_words_may_be_edited(folder: Path) -> None:
    found = changed(folder, "report.md", "Lost: covered by the list", "Lost: on the list")
    assert found.faults == ()
    assert "words: only digits are compared, for the text may be edited" in found.unchecked


def test_a_script_that_is_not_the_one_that_was_written_is_named(folder: Path) -> None:
    found = changed(folder, "analysis.py", "import", "import os, ")
    assert [fault.where for fault in found.faults] == ["analysis.py"]
    (folder / "analysis.py").unlink()
    assert [fault.what for fault in check(folder).faults] == ["it is not there"]


def test_a_folder_without_a_report_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"is no report: it lacks report\.html"):
        check(tmp_path)


def test_a_report_of_another_version_is_left_to_that_version(folder: Path) -> None:
    with pytest.raises(StudyError, match=r"written by readerstudy 0\.0\.9, and this is"):
        changed(folder, "numbers.json", f'"readerstudy": "{version("readerstudy")}"', '"readerstudy": "0.0.9"')


def test_verify_report_exits_1_where_a_number_differs(folder: Path) -> None:
    command = [sys.executable, "-m", "commands.main", "verify", "--report", str(folder)]
    assert subprocess.run(command, capture_output=True, timeout=120).returncode == 0
    changed(folder, "report.md", "10,000 draws", "90,000 draws")
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert "1 do not hold, the first: report.md line" in " ".join(done.stdout.split())
