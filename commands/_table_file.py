"""A table of scores from a file: read whole, or refused whole with every fault."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from study.database import StudyError

if TYPE_CHECKING:
    import pandas as pd


def read(file: Path) -> pd.DataFrame:
    """The table as ``scoring.table`` has it; raises ``StudyError`` with every fault by row and column."""
    from scoring.table import TableFaults, read_table

    try:
        return read_table(_lines(file))
    except TableFaults as error:
        listed = "\n".join(f"  {fault}" for fault in error.faults)
        raise StudyError(f"{file} was not analysed; {len(error.faults)} fault(s):\n{listed}") from None


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    except UnicodeDecodeError as error:
        raise StudyError(f"{file} is not UTF-8 text (byte {error.start}); save it as CSV in UTF-8.") from None
    except OSError as error:
        raise StudyError(f"{file} cannot be read: {error.strerror}. Give the path of a CSV file.") from None
