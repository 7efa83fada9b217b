"""RJafroc's workbook: sheets TRUTH, TP and FP, of readers and cases that are crossed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from study.exporting.field_ids import Ids
from study.exporting.scores import Panel

TRUTH = ("CaseID", "LesionID", "Weight", "ReaderID", "ModalityID", "Paradigm")
TP = ("ReaderID", "ModalityID", "CaseID", "LesionID", "TP_Rating")
FP = ("ReaderID", "ModalityID", "CaseID", "FP_Rating")


def write(panel: Panel, ids: Ids, path: Path) -> None:
    """Write the cases that every reader of the panel has both scores on; the tests are numbered in the panel's order.

    The made-up cases of truth 0 are rated 0.5 throughout: the area under the curve is then the share that is right.
    """
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    cases = [(int(ids.case(case)), case) for case in panel.complete_cases()]
    made_up = [int(number) for number in ids.made_up()]
    places = [(reader, place, test) for reader in panel.readers for place, test in enumerate(panel.tests, start=1)]
    _sheet(book, "TRUTH", TRUTH, _truth(panel, ids, made_up, [number for number, _ in cases]))
    hits = (
        (ids.number(reader), str(place), number, 1, panel.scores[reader, test, case])
        for reader, place, test in places
        for number, case in cases
    )
    _sheet(book, "TP", TP, hits)
    others = ((ids.number(reader), str(place), number, 0.5) for reader, place, _ in places for number in made_up)
    _sheet(book, "FP", FP, others)
    book.save(path)


def _truth(panel: Panel, ids: Ids, made_up: Sequence[int], cases: Sequence[int]) -> Iterable[tuple[Any, ...]]:
    """A row a case; the paradigm and the design stand in its second and third row."""
    readers = ",".join(ids.number(reader) for reader in panel.readers)
    paradigm = {0: "ROC", 1: "FCTRL"}
    for place, (number, truth) in enumerate([*((one, 0) for one in made_up), *((one, 1) for one in cases)]):
        yield (number, truth, truth, readers, "1,2", paradigm.get(place, ""))


def _sheet(book: Any, name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    sheet = book.create_sheet(name)
    sheet.append(header)
    for row in rows:
        sheet.append(row)
