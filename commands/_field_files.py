"""The scores of a study, or of a table, for the programs of the field."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from rich.console import Console

from commands._data import opened
from commands._study import find_study
from commands._table_file import read
from study.database import StudyError

if TYPE_CHECKING:
    from study.exporting.field_files import Format
    from study.exporting.scores import Scores

Fdx: TypeAlias = Literal["selection", "open"]


def field_files(
    data: Path | None, slug: str | None, table: Path | None, form: Format, fdx: Fdx | None, to: Path
) -> None:
    """Write them into ``to`` and say what is in each; raises ``StudyError`` where there is nothing to write."""
    from study.exporting.field_files import write_field_files
    from study.exporting.scores import of_table

    if table is not None and (slug is not None or fdx is not None):
        raise StudyError("A table has one final diagnosis and belongs to no study: leave --study and --fdx out.")
    title, scores = _of_study(data, slug, fdx) if table is None else (table.stem, of_table(read(table)))
    files, notes = write_field_files(scores, form, title, to)
    console = Console(soft_wrap=True, highlight=False, markup=False)
    for file in files:
        console.print(f"{file.name}: {file.rows:,} rows, SHA-256 {file.sha256[:16]}...")
    for note in notes:
        console.print(f"• {note}")


def _of_study(data: Path | None, slug: str | None, fdx: Fdx | None) -> tuple[str, Scores]:
    from study.desk import AnalystDesk, CoordinatorDesk
    from study.exporting.scores import of_study

    with opened(data) as record:
        status = CoordinatorDesk(record.owner).status(find_study(record.owner, slug))
        desk = AnalystDesk(record.owner)
        rows, grades = list(desk.readings(status.study)), desk.grades(status.study)
    synthetic = " (synthetic cases)" if status.synthetic else ""
    return f"{status.slug}{synthetic}", of_study(rows, grades, status.protocol, fdx)
