"""One table to two files: CSV that spreadsheets open, Parquet that programs read. Rows go out in batches.

CSV: UTF-8 with a byte-order mark, one header line, texts quoted as in RFC 4180, times in UTC. A spreadsheet takes a
cell that begins with = + - @ (or a tab or carriage return) for a formula; such a text is written with an apostrophe
before it.
Parquet holds every text as it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from study.exporting.columns import Column, Kind

BATCH = 4000
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_FORMULA = r"^[=+\-@\t\r]"
_PLAIN = ("whole", "number")
_ARROW = {
    "text": pa.string(),
    "json": pa.string(),
    "whole": pa.int64(),
    "number": pa.float64(),
    "yes/no": pa.bool_(),
    "time": pa.timestamp("us", tz="UTC"),
}


@dataclass(frozen=True)
class Written:
    """A file of the export as the manifest names it."""

    name: str
    rows: int
    bytes: int
    sha256: str


class TableFiles:
    """The two files of one table, open for rows."""

    def __init__(self, folder: Path, name: str, columns: Sequence[Column]) -> None:
        self.rows = 0
        self._columns = columns
        self._paths = (folder / f"{name}.csv", folder / f"{name}.parquet")
        self._batch: list[Mapping[str, Any]] = []
        self._schema = pa.schema([pa.field(c.name, _ARROW[c.kind], metadata={"meaning": c.meaning}) for c in columns])
        names = pa.schema([pa.field(c.name, _ARROW[c.kind] if c.kind in _PLAIN else pa.string()) for c in columns])
        self._file = self._paths[0].open("wb")
        self._file.write(BYTE_ORDER_MARK)
        self._csv = pacsv.CSVWriter(self._file, names)
        self._parquet = pq.ParquetWriter(self._paths[1], self._schema, compression="zstd")

    def __enter__(self) -> TableFiles:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        try:
            self._flush()
        finally:
            self._csv.close()
            self._file.close()
            self._parquet.close()

    def add(self, row: Mapping[str, Any]) -> None:
        """Take one row; columns that it does not name are empty."""
        self._batch.append(row)
        self.rows += 1
        if len(self._batch) >= BATCH:
            self._flush()

    def written(self) -> list[Written]:
        """Both files with their hashes, once closed."""
        return [written(path, self.rows) for path in self._paths]

    def _flush(self) -> None:
        if not self._batch:
            return
        columns = [
            pa.array([row.get(column.name) for row in self._batch], type=_ARROW[column.kind])
            for column in self._columns
        ]
        cells = [_cells(values, column.kind) for values, column in zip(columns, self._columns, strict=True)]
        self._parquet.write_table(pa.Table.from_arrays(columns, schema=self._schema))
        self._csv.write_table(pa.Table.from_arrays(cells, names=self._schema.names))
        self._batch.clear()


def _cells(values: pa.Array, kind: Kind) -> pa.Array:
    """The values of one column as CSV cells."""
    match kind:
        case "text" | "json":
            formula = pc.match_substring_regex(values, _FORMULA)
            return pc.if_else(formula, pc.binary_join_element_wise("'", values, ""), values)
        case "yes/no":
            return pc.if_else(values, "yes", "no")
        case "time":
            return pc.strftime(values, format="%Y-%m-%dT%H:%M:%SZ")
    return values


def written(path: Path, rows: int) -> Written:
    """A finished file with its size and SHA-256."""
    with path.open("rb") as file:
        return Written(path.name, rows, path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())
