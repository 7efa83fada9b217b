"""The review list goes out to a clinician and comes in again: whole, or refused with every fault by its line."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TypeAlias

import pytest

from study import bundle, review
from study.case import Reviewed
from study.database import StudyError
from tests.options.bundles import CASE, DIAGNOSES, cases_of, done
from tests.small_bundle import write_bundle

Row: TypeAlias = dict[str, str]
OPTIONS = """\
options:
  - {{text: {name}, right: true}}
  - {{text: Dengue, origin: "model m (v1), place 1", review: proposed}}
  - {{text: Typhoid fever, origin: "model m (v1), place 2", review: proposed}}
  - {{text: Mumps, origin: authored, review: reviewed, ruled_out_by: [laboratory]}}
"""


def made(folder: Path) -> Path:
    """Three cases, each with two distractors that wait for a review."""
    return write_bundle(folder, **{k: (CASE + OPTIONS).format(key=k, name=n) for k, n in DIAGNOSES.items()})


def filled(folder: Path, tmp_path: Path, fill: Callable[[Row], object]) -> Path:
    """The list as it comes out, filled in line by line."""
    blank, file = tmp_path / "blank.csv", tmp_path / "filled.csv"
    done("cases", "review", str(folder), "--out", str(blank))
    with blank.open(encoding="utf-8-sig", newline="") as read, file.open("w", encoding="utf-8", newline="") as write:
        rows = csv.DictReader(read)
        writer = csv.DictWriter(write, rows.fieldnames or [])
        writer.writeheader()
        for row in rows:
            fill(row)
            writer.writerow(row)
    return file


def refused(folder: Path, file: Path) -> str:
    from commands.cases import review as command

    before = [path.read_bytes() for path in sorted(folder.rglob("case.yaml"))]
    with pytest.raises(StudyError) as told:
        command(folder, take=file, by="Dr. Ada")
    assert before == [path.read_bytes() for path in sorted(folder.rglob("case.yaml"))]
    return str(told.value)


def test_the_list_has_a_line_for_each_distractor_that_waits(tmp_path: Path) -> None:
    file = filled(made(tmp_path / "b"), tmp_path, lambda row: None)
    with file.open(encoding="utf-8") as read:
        rows = list(csv.DictReader(read))
    assert [(row["case"], row["option"]) for row in rows[:3]] == [
        ("chest", "Dengue"),
        ("chest", "Typhoid fever"),
        ("fever", "Dengue"),
    ]
    assert (rows[0]["blocks"], rows[0]["origin"], len(rows)) == ("history; laboratory", "model m (v1), place 1", 6)


def test_decisions_come_into_the_case_files_with_who_and_when(tmp_path: Path) -> None:
    folder = made(tmp_path / "b")
    decisions = {
        ("chest", "Dengue"): {"decision": "accept", "ruled_out_by": "history, laboratory", "reason": "no rash"},
        ("chest", "Typhoid fever"): {
            "decision": "Edit",
            "new_wording": "Paratyphoid fever",
            "ruled_out_by": "laboratory",
        },
        ("fever", "Dengue"): {"decision": "reject", "by": "Dr. Eve", "on": "2026-02-03"},
    }
    file = filled(folder, tmp_path, lambda row: row.update(decisions.get((row["case"], row["option"]), {})))
    told = done("cases", "review", str(folder), "--in", str(file), "--by", "Dr. Ada").output
    assert "1 accepted, 1 edited, 1 rejected; 2 case(s) changed." in told
    found = cases_of(folder)
    accepted, edited, _ = found["chest"].distractors
    assert (accepted.review, accepted.ruled_out_by, accepted.reason) == (
        "accepted",
        ("history", "laboratory"),
        "no rash",
    )
    assert (edited.text, edited.review) == ("Paratyphoid fever", "edited")
    assert edited.reviewed == Reviewed(by="Dr. Ada", on=date.today(), was="Typhoid fever")
    assert [(one.text, one.reviewed) for one in found["fever"].rejected] == [
        ("Dengue", Reviewed(by="Dr. Eve", on=date(2026, 2, 3)))
    ]
    assert "Dengue" not in [option.text for option in found["fever"].options]
    assert bundle.check(folder).warning_counts() == {"unreviewed-options": 2}  # fever and joint still wait


def test_a_list_that_was_read_in_may_be_read_in_again(tmp_path: Path) -> None:
    folder = made(tmp_path / "b")
    file = filled(folder, tmp_path, lambda row: row.update(decision="accept", ruled_out_by="history"))
    done("cases", "review", str(folder), "--in", str(file), "--by", "A")
    assert "0 case(s) changed" in done("cases", "review", str(folder), "--in", str(file), "--by", "A").output
    every = tmp_path / "every.csv"
    done("cases", "review", str(folder), "--out", str(every), "--all")
    assert "0 case(s) changed" in done("cases", "review", str(folder), "--in", str(every)).output
    assert bundle.check(folder).warning_counts() == {}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"decision": "perhaps"}, "the decision 'perhaps' is none of accept, edit, reject"),
        ({"decision": "accept"}, "no block is named that rules 'Dengue' out"),
        ({"decision": "accept", "ruled_out_by": "ct"}, "ct is no block of the case; there are history, laboratory"),
        ({"decision": "edit", "ruled_out_by": "history"}, "no new wording is given for 'Dengue'"),
        ({"decision": "edit", "ruled_out_by": "history", "new_wording": "pericarditis, acute"}, "means the diagnosis"),
        ({"decision": "edit", "ruled_out_by": "history", "new_wording": "Mumps"}, "says the same as another option"),
        ({"decision": "reject", "option": "Gout"}, "'Gout' is no distractor here"),
        ({"decision": "reject", "case": "toe"}, "there is no case 'toe'"),
        ({"decision": "reject", "on": "3.2.26"}, "the day '3.2.26' is none"),
        ({"decision": "reject", "new_wording": "Rubella"}, "which is not to be edited"),
    ],
)
def test_a_fault_refuses_the_list_whole_by_its_line(tmp_path: Path, change: Row, message: str) -> None:
    folder = made(tmp_path / "b")

    def fill(row: Row) -> None:
        if row["case"] == "fever":
            row.update(decision="accept", ruled_out_by="history")
        elif (row["case"], row["option"]) == ("chest", "Dengue"):
            row.update(change)

    told = refused(folder, filled(folder, tmp_path, fill))
    assert "line 2: " in told
    assert message in told


def test_all_faults_are_told_at_once_and_a_list_of_other_columns_is_none(tmp_path: Path) -> None:
    folder = made(tmp_path / "b")
    told = refused(folder, filled(folder, tmp_path, lambda row: row.update(decision="accept")))
    assert [line.split(":")[0] for line in told.splitlines()[1:]] == [f"line {n}" for n in range(2, 8)]
    other = tmp_path / "other.csv"
    other.write_text("case,verdict\nfever,accept\n")
    assert "line 1: a review list has the columns case, diagnosis" in refused(folder, other)


def test_a_list_with_decisions_is_not_written_over(tmp_path: Path) -> None:
    folder, file = made(tmp_path / "b"), tmp_path / "list.csv"
    file.write_text("mine")
    assert done("cases", "review", str(folder), "--out", str(file), code=1).exception
    assert file.read_text() == "mine"


def test_a_case_whose_distractors_are_all_rejected_has_no_options_and_an_option_rejected_in_place_is_a_fault(
    tmp_path: Path,
) -> None:
    folder = made(tmp_path / "b")
    (case,) = [case for case in cases_of(folder).values() if case.key == "fever"]
    away = [review.Decision("fever", one.text, "reject", "A", date(2026, 1, 2)) for one in case.distractors]
    assert review.write(folder, [case], away) == 1
    assert (cases_of(folder)["fever"].options, len(cases_of(folder)["fever"].rejected)) == ((), 3)
    file = folder / "cases" / "joint" / "case.yaml"
    file.write_text(file.read_text().replace("review: reviewed", "review: rejected"))
    assert [fault.field for fault in bundle.check(folder).faults] == ["options[3].review"]


def test_a_wording_that_a_spreadsheet_would_run_goes_out_after_an_apostrophe_and_comes_back_as_it_was(
    tmp_path: Path,
) -> None:
    folder = made(tmp_path / "b")
    file = folder / "cases" / "fever" / "case.yaml"
    file.write_text(file.read_text().replace("{text: Dengue,", '{text: "=1+1",'))
    seen: list[str] = []

    def fill(row: Row) -> None:
        seen.append(row["option"])
        if row["case"] == "fever":
            row["decision"] = "reject"

    lines = filled(folder, tmp_path, fill)
    done("cases", "review", str(folder), "--in", str(lines), "--by", "A")
    assert "'=1+1" in seen
    assert [one.text for one in cases_of(folder)["fever"].rejected] == ["=1+1", "Typhoid fever"]
