"""The grading file: blind, shuffled, complete; on its way back every fault is named and nothing is half taken."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from scoring.grades import SCALES
from study import grading
from study.database import Refused
from study.desk.others import GraderDesk
from study.desk.staff import GradingQueue
from study.grading import GradeFileError
from tests.home import Home
from tests.small_study import small_study

SCALE = SCALES["kanjee2023"]
CASES = {
    "beta": {"name": "Gout", "synonyms": ["Gouty arthritis"], "codes": []},
    "alpha": {"name": "Pneumonia", "synonyms": [], "codes": []},
}
LINES = ["gout", "Gouty arthritis", "Pseudogout", "pseudogout", "=Reactive arthritis", "Septic arthritis or cellulitis"]


def queue(*grades: dict[str, Any]) -> GradingQueue:
    lines = [{"case": "beta", "line": line} for line in LINES] + [{"case": "alpha", "line": "Flu"}]
    stamp = {"scale": "kanjee2023", "version": "1", "source": "human", "at": "2026-11-22T09:00:00Z"}
    return GradingQueue.model_validate({"cases": CASES, "lines": lines, "grades": [{**stamp, **g} for g in grades]})


def test_each_distinct_line_waits_once_a_case_and_what_equals_the_truth_does_not() -> None:
    lines = grading.waiting(queue(), "s", SCALE)
    assert sorted((line.case, line.line) for line in lines) == [
        ("alpha", "Flu"),
        ("beta", "=Reactive arthritis"),
        ("beta", "Pseudogout"),
        ("beta", "Septic arthritis"),
        ("beta", "cellulitis"),
    ]


def test_a_graded_line_waits_no_more_on_that_scale_only() -> None:
    found = queue({"case": "beta", "line": "PSEUDOGOUT", "grade": 3})
    assert "Pseudogout" not in [line.line for line in grading.waiting(found, "s", SCALE)]
    assert "Pseudogout" in [line.line for line in grading.waiting(found, "s", SCALES["sdbench"])]
    assert "Pseudogout" in [line.line for line in grading.waiting(found, "s", SCALE, regrade=True)]


def test_the_order_follows_from_the_seed_and_cases_stay_together() -> None:
    orders = {tuple(line.id for line in grading.waiting(queue(), "s", SCALE, seed)) for seed in range(8)}
    assert len(orders) > 3
    assert grading.waiting(queue(), "s", SCALE, 5) == grading.waiting(queue(), "s", SCALE, 5)
    cases = [line.case for line in grading.waiting(queue(), "s", SCALE, 3)]
    assert sorted(cases) in (cases, cases[::-1])


def test_the_file_shows_scale_and_anchors_and_neither_author_nor_hint() -> None:
    text = grading.written(grading.waiting(queue(), "s", SCALE), "s", SCALE)
    assert text.startswith("\ufeff#,readerstudy grades 1,s")
    assert all(level.anchor in text for level in SCALE.levels)
    header = next(row for row in csv.reader(io.StringIO(text)) if "line_id" in row)
    assert header == ["line_id", "case", "diagnosis", "line", "grade", "note"]
    assert "'=Reactive arthritis" in text


def filled(tmp_path: Path, grades: dict[str, str], changes: tuple[tuple[str, str], ...] = ()) -> Path:
    """The file with grades by line, and then with texts replaced in the whole of it."""
    rows = list(csv.reader(io.StringIO(grading.written(grading.waiting(queue(), "s", SCALE), "s", SCALE))))
    for row in rows:
        if len(row) == 6:
            row[4] = grades.get(row[3], row[4])
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    text = out.getvalue()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "grades.csv"
    path.write_bytes(text.encode("utf-8"))
    return path


def test_grades_come_back_with_their_scale_and_blank_rows_are_counted(tmp_path: Path) -> None:
    back = grading.read(filled(tmp_path, {"Flu": "2", "'=Reactive arthritis": "3"}), queue(), "s", "Dr. A")
    parts = ("case", "line", "grade", "scale", "version", "source")
    assert {tuple(grade[part] for part in parts) for grade in back.grades} == {
        ("alpha", "Flu", 2, "kanjee2023", "1", "Dr. A"),
        ("beta", "=Reactive arthritis", 3, "kanjee2023", "1", "Dr. A"),
    }
    assert back.blank == 3


def test_a_spreadsheet_with_semicolons_and_one_that_dropped_the_apostrophe_are_read(tmp_path: Path) -> None:
    path = filled(tmp_path, {"Flu": "0"}, (("'=Reactive", "=Reactive"),))
    rows = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    assert [grade["grade"] for grade in grading.read(path, queue(), "s").grades] == [0]


def test_every_fault_is_named_by_row_and_column_and_nothing_is_taken(tmp_path: Path) -> None:
    path = filled(tmp_path, {"Flu": "1", "Pseudogout": "four"}, (("cellulitis", "cellulite"),))
    with pytest.raises(GradeFileError) as refusal:
        grading.read(path, queue(), "s")
    told = str(refusal.value)
    assert "column grade: '1' is not a level of kanjee2023; its levels are 5, 4, 3, 2, 0" in told
    assert "column grade: 'four' is not a level" in told
    assert "column line: the text was changed from 'cellulitis' to 'cellulite'" in told
    assert told.count("row ") == 3


def test_a_row_that_is_unknown_or_stands_twice_is_refused(tmp_path: Path) -> None:
    path = filled(tmp_path, {"Flu": "2"})
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([*lines, lines[-1], "L000000000000,beta,Gout,Flu,2,"]), "utf-8")
    with pytest.raises(GradeFileError, match=r"stands in row \d+ already(.|\n)*is not a line of this study's queue"):
        grading.read(path, queue(), "s")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("# scale,kanjee2023,1", "# scale,kanjee2023,9"), "version '9', which is not known"),
        (("#,readerstudy grades 1,s", "#,readerstudy grades 1,other"), "is not a grading file of the study 's'"),
        (("line_id,case,diagnosis,line,grade", "line_id,case,diagnosis,line,mark"), "column grade is missing"),
    ],
)
def test_a_file_for_something_else_is_refused(tmp_path: Path, change: tuple[str, str], told: str) -> None:
    with pytest.raises(GradeFileError, match=told):
        grading.read(filled(tmp_path, {}, (change,)), queue(), "s")


def test_a_file_that_is_not_text_or_not_there_gets_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "grades.csv"
    with pytest.raises(GradeFileError, match="cannot be read"):
        grading.read(path, queue(), "s")
    path.write_bytes(b"PK\x03\x04\xff\xfe\x80")
    with pytest.raises(GradeFileError, match="not in UTF-8"):
        grading.read(path, queue(), "s")


def test_the_queue_goes_round_over_the_record_once_the_study_is_closed(home: Home, tmp_path: Path) -> None:
    study = small_study(home)
    study.read_all(study.add_reader(), ["Flu", "gout"])
    study.add_model("baseline", ["Flu", "Mumps"])
    desk = GraderDesk(home.owner)
    with pytest.raises(Refused, match="after the study is closed"):
        desk.queue(study.study)
    study.close()
    lines = grading.waiting(desk.queue(study.study), study.slug, SCALE)
    # three cases: Flu and Mumps in each, gout where it is not the truth
    assert len(lines) == 3 * 2 + 2
    path = tmp_path / "grades.csv"
    text = grading.written(lines, study.slug, SCALE).replace(",Flu,,", ",Flu,2,")
    path.write_text(text, "utf-8", newline="")
    assert desk.save(study.study, grading.read(path, desk.queue(study.study), study.slug).grades) == 3
    assert len(grading.waiting(desk.queue(study.study), study.slug, SCALE)) == 5
