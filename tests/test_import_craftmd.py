"""CRAFT-MD's vignettes become bundles."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from study import bundle
from study.importing import ImportRefused, craftmd, write

REAL = Path(__file__).parents[1] / "../shared/data/craft-md/usmle_and_derm_dataset.csv"
COLUMNS = [
    "",
    "case_vignette",
    "choice_1",
    "choice_2",
    "choice_3",
    "choice_4",
    "answer",
    "category",
    "dataset",
    "case_id",
]


def row(number: int, **changes: str) -> list[str]:
    written = {
        "": str(number),
        "case_vignette": f"Vignette {number},\nwith a second line.",
        "choice_1": "Gout",
        "choice_2": "Pseudogout ",
        "choice_3": "Septic\narthritis",
        "choice_4": "Osteoarthritis (OA)",
        "answer": "Osteoarthritis (OA) ",
        "category": "Rheumatology",
        "dataset": "MedQA_USMLE",
        "case_id": f"case_{number}",
    }
    return list((written | changes).values())


def table(folder: Path, *rows: list[str]) -> Path:
    file = folder / "vignettes.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([COLUMNS, *rows])
    return file


def test_a_row_becomes_one_block_and_four_options_of_which_one_is_right(tmp_path: Path) -> None:
    write(craftmd.parse(table(tmp_path, row(7))), tmp_path / "out")
    case = bundle.read(tmp_path / "out").cases[0]
    assert (case.key, case.specialty, [block.type for block in case.evidence]) == (
        "craftmd-0007",
        "rheumatology",
        ["history"],
    )
    assert [(option.text, option.right) for option in case.options] == [
        ("Gout", False),
        ("Pseudogout", False),
        ("Septic arthritis", False),
        ("Osteoarthritis (OA)", True),
    ]
    assert (case.diagnosis.name, case.diagnosis.synonyms) == ("Osteoarthritis", ("OA",))
    assert bundle.check(tmp_path / "out").warning_counts() == {"unreviewed-options": 1}


def test_malformed_rows_are_named_with_the_line_they_start_on(tmp_path: Path) -> None:
    rows = [row(1), row(2, answer="Lupus"), row(1, case_vignette="Another."), row(4, choice_3="gout"), row(5)[:4]]
    with pytest.raises(ImportRefused) as refused:
        write(craftmd.parse(table(tmp_path, *rows)), tmp_path / "out")
    said = [(refusal.line, refusal.message.split("'")[0].strip()) for refusal in refused.value.refusals]
    # Rows 1, 2 and 4 hold two line breaks each: one in the vignette, one in the third choice unless it is replaced.
    assert said == [
        (5, "record: the answer"),
        (8, "repeats the case_id of the record on line 2"),
        (10, ""),
        (12, "ends before case_id, choice_3, choice_4, answer, category, dataset"),
    ]
    assert not (tmp_path / "out").exists()


def test_a_vignette_given_twice_is_refused(tmp_path: Path) -> None:
    parsed = craftmd.parse(table(tmp_path, row(1), row(2, case_vignette="VIGNETTE 1, with a second line.")))
    assert [refusal.message for refusal in parsed.refusals] == ["repeats the vignette of the record on line 2"]


def test_a_table_with_other_columns_is_refused_whole(tmp_path: Path) -> None:
    file = tmp_path / "other.csv"
    file.write_text("question,answer\nWhy?,Because\n", encoding="utf-8")
    with pytest.raises(ImportRefused, match="lacks case_id, case_vignette"):
        craftmd.parse(file)


@pytest.mark.skipif(not REAL.exists(), reason="the CRAFT-MD file is not on this machine")
def test_2003_of_the_2004_published_vignettes_import_and_the_other_is_named(tmp_path: Path) -> None:
    told = write(craftmd.parse(REAL), tmp_path / "out", skip_invalid=True)
    assert (told.cases, [refusal.line for refusal in told.left_out]) == (2003, [114])
    assert "is none of the choices" in told.left_out[0].message
    report = bundle.check(tmp_path / "out")
    assert (report.faults, report.cases) == ((), 2003)
    assert (report.warning_counts()["leak"], report.warning_counts()["unreviewed-options"]) == (2, 2003)
