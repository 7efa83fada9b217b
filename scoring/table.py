"""The long table of an analysis: one row per reader, case and run, read whole or refused whole."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

if TYPE_CHECKING:
    import pandas as pd

REQUIRED = ("reader", "group", "case", "ddx", "fdx")
OPTIONAL = ("run", "options")


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a table: line of the file (1 is the header), column, what was found and what to do."""

    row: int
    column: str
    message: str

    def __str__(self) -> str:
        return f"row {self.row}, {self.column}: {self.message}"


class TableFaults(ValueError):
    """A table that was refused whole; ``faults`` lists all that is wrong with it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


def _blank(value: object) -> object:
    return None if value is None or (isinstance(value, str) and not value.strip()) else value


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Score = Annotated[Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None, BeforeValidator(_blank)]


class Row(BaseModel):
    """One row: scores in [0, 1], blank for missing; ``run`` tells a model's repeats apart."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    reader: Name
    group: Annotated[Literal["human", "model"], BeforeValidator(lambda value: str(value or "").strip())]
    case: Name
    ddx: Score
    fdx: Score
    run: Annotated[str, BeforeValidator(lambda value: str(value or "").strip())] = ""
    options: Annotated[Annotated[int, Field(ge=2)] | None, BeforeValidator(_blank)] = None


_ADVICE = {
    "string_too_short": "is blank: every row needs it",
    "literal_error": 'must be "human" or "model"',
    "float_parsing": "must be a number from 0 to 1, or blank for missing",
    "finite_number": "must be a number from 0 to 1, or blank for missing",
    "greater_than_equal": "is too small",
    "less_than_equal": "is above 1: scores go from 0 to 1",
    "int_parsing": "must be a whole number of options, 2 or more, or blank",
}


def read_table(lines: Iterable[str]) -> pd.DataFrame:
    """The table as a frame with the columns of :class:`Row` and ``line``; raises :class:`TableFaults` with every
    fault.
    """
    import pandas as pd

    reader = csv.DictReader(lines, skipinitialspace=True)
    header = [str(name).strip().lstrip("\ufeff") for name in reader.fieldnames or ()]
    _check_header(header)
    reader.fieldnames = header
    rows: list[dict[str, Any]] = []
    faults: list[Fault] = []
    try:
        for record in reader:
            checked = _row(reader.line_num, record)
            if isinstance(checked, Row):
                rows.append({"line": reader.line_num, **checked.model_dump()})
            else:
                faults.extend(checked)
                rows += _keys(reader.line_num, record)
    except csv.Error as error:
        faults.append(Fault(reader.line_num, "line", f"cannot be read as CSV ({error})"))
    faults += _between_rows(rows)
    if not rows and not faults:
        faults.append(Fault(1, "table", "has a header and no row: give one row per reader and case"))
    if faults:
        raise TableFaults(sorted(faults, key=lambda fault: fault.row))
    frame = pd.DataFrame(rows)
    return frame.astype({"ddx": float, "fdx": float, "options": float})


def _check_header(header: Sequence[str]) -> None:
    wanted = ", ".join(REQUIRED)
    faults = [
        Fault(1, name, f"the column is absent; the header needs {wanted}") for name in REQUIRED if name not in header
    ]
    faults += [Fault(1, name, "the column is there twice") for name in sorted(set(header)) if header.count(name) > 1]
    if faults:
        raise TableFaults(faults)


def _row(line: int, record: dict[str | None, Any]) -> Row | list[Fault]:
    if None in record:
        return [Fault(line, "line", "has more fields than the header")]
    absent = [name for name in REQUIRED if record.get(name) is None]
    if absent:
        return [Fault(line, name, "the line ends before this field") for name in absent]
    try:
        return Row.model_validate(record)
    except ValidationError as error:
        return [_fault(line, record, dict(found)) for found in error.errors()]


def _keys(line: int, record: dict[str | None, Any]) -> list[dict[str, Any]]:
    """What a faulty row still says about itself, so that its repeats are found too."""
    named = {name: str(record.get(name) or "").strip() for name in ("reader", "group", "case", "run")}
    return [{"line": line, **named}] if named["reader"] and named["case"] else []


def _fault(line: int, record: dict[str | None, Any], error: dict[str, Any]) -> Fault:
    column = str(error["loc"][0])
    kind = str(error["type"])
    advice = _ADVICE.get(kind, str(error["msg"]))
    if kind == "greater_than_equal":
        advice = "needs 2 options or more" if column == "options" else "is below 0: scores go from 0 to 1"
    return Fault(line, column, f"{record[column]!r} {advice}")


def _between_rows(rows: Sequence[dict[str, Any]]) -> list[Fault]:
    """What only several rows together show: repeats, a reader in two groups, options that differ within a case."""
    faults: list[Fault] = []
    first: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in rows:
        for column, key, differs, message in (
            ("case", ("cell", row["reader"], row["case"], row["run"]), None, "the same reader, case and run as"),
            ("group", ("reader", row["reader"]), "group", "another group for this reader than"),
            ("options", ("case", row["case"]), "options", "another number of options for this case than"),
            ("run", ("human", row["reader"], row["case"]), "run", "a second run of a human reader, after"),
        ):
            if (key[0] == "human" and row["group"] != "human") or (differs and differs not in row):
                continue
            before = first.setdefault(key, row)
            if before is not row and (differs is None or before[differs] != row[differs]):
                faults.append(Fault(row["line"], column, f"{message} row {before['line']}"))
    return faults
