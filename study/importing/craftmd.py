"""CRAFT-MD's vignettes (CSV): one text block a case, its four choices as options."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator

from ..case import StudyFile, Text
from . import names
from .parsed import ImportRefused, Parsed, Progress, Refusal, faults_of

REPOSITORY = "https://github.com/rajpurkarlab/craft-md"
COMMIT = "3bb2737d4fae5d64694d38456f878c2c5d35576a"
SPECIALTIES = {
    "Cardiovascular System": "cardiology",
    "Dermatology": "dermatology",
    "Endocrinology": "endocrinology",
    "Gastrointestinal System": "gastroenterology",
    "Hematology and Oncology": "haematology-oncology",
    "Infectious Diseases": "infectious-diseases",
    "Neurology": "neurology",
    "Obstetrics and Gynecology": "obstetrics-gynaecology",
    "Other": "unspecified",
    "Pediatrics and Neonatology": "paediatrics",
    "Renal and Genitourinary System": "nephrology-urology",
    "Rheumatology": "rheumatology",
}
_COLUMNS = ("case_id", "case_vignette", "choice_1", "choice_2", "choice_3", "choice_4", "answer", "category", "dataset")


class _Record(BaseModel):
    model_config = ConfigDict(extra="ignore")

    case_id: Text
    case_vignette: Text
    choice_1: Text
    choice_2: Text
    choice_3: Text
    choice_4: Text
    answer: Text
    category: Text
    dataset: Text

    @field_validator("choice_1", "choice_2", "choice_3", "choice_4", "answer", mode="before")
    @classmethod
    def _one_line(cls, value: Any) -> Any:
        """Some cells carry line breaks and half a pair of quotation marks."""
        if not isinstance(value, str):
            return value
        line = " ".join(value.split())
        return line.strip('" ') if line.count('"') % 2 else line

    @property
    def choices(self) -> tuple[str, ...]:
        return self.choice_1, self.choice_2, self.choice_3, self.choice_4

    @model_validator(mode="after")
    def _answer_is_a_choice(self) -> _Record:
        hits = [choice for choice in self.choices if choice.casefold() == self.answer.casefold()]
        if len(hits) != 1:
            where = f"is {len(hits)} of the choices" if hits else "is none of the choices"
            raise ValueError(f"the answer {self.answer!r} {where} {', '.join(map(repr, self.choices))}")
        return self


def parse(path: Path, progress: Progress | None = None) -> Parsed:
    """All records of the file; raises :class:`ImportRefused` where the file itself cannot be read."""
    rows = list(_rows(path))
    cases: list[tuple[int, dict[str, Any]]] = []
    refusals: list[Refusal] = []
    unknown: Counter[str] = Counter()
    seen: dict[str, int] = {}
    for done, (line, row) in enumerate(rows, start=1):
        try:
            record = _record(row)
            for value, what in ((f"id {record.case_id}", "case_id"), (_bare(record.case_vignette), "vignette")):
                first = seen.setdefault(value, line)
                if first != line:
                    raise ValueError(f"repeats the {what} of the record on line {first}")
            cases.append((line, _case(record, line, unknown)))
        except ValueError as error:
            refusals.append(Refusal(line, faults_of(error) if isinstance(error, ValidationError) else str(error)))
        if progress:
            progress(done, len(rows))
    study = StudyFile(title="CRAFT-MD vignettes", languages=("en",))
    return Parsed("CRAFT-MD", study, tuple(cases), tuple(refusals), unknown)


def _rows(path: Path) -> Iterator[tuple[int, dict[str | None, Any]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            missing = [column for column in _COLUMNS if column not in (reader.fieldnames or ())]
            if missing:
                raise ImportRefused(f"{path} is no CRAFT-MD table: its first line lacks {', '.join(missing)}")
            line = reader.line_num + 1
            for row in reader:
                yield line, dict(row)
                line = reader.line_num + 1
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ImportRefused(f"{path} cannot be read as a UTF-8 CSV table: {error}") from error


def _record(row: dict[str | None, Any]) -> _Record:
    if None in row:
        raise ValueError(f"has {len(row[None])} field(s) more than the first line; is a quotation mark missing?")
    short = [column for column in _COLUMNS if row.get(column) is None]
    if short:
        raise ValueError(f"ends before {', '.join(short)}")
    return _Record.model_validate(row)


def _bare(text: str) -> str:
    return "vignette " + " ".join(text.casefold().split())


def _case(record: _Record, line: int, unknown: Counter[str]) -> dict[str, Any]:
    specialty = SPECIALTIES.get(record.category)
    if specialty is None:
        unknown[record.category] += 1
    number = record.case_id.removeprefix("case_")
    return {
        "key": f"craftmd-{int(number):04d}" if number.isascii() and number.isdigit() else names.slug(record.case_id),
        "language": "en",
        "specialty": specialty or "unspecified",
        "source": {
            "licence": "MIT",
            "url": REPOSITORY,
            "citation": f"rajpurkarlab/craft-md @ {COMMIT}, {record.dataset}, {record.case_id}, line {line}",
        },
        "permissions": {"external_models": True, "redistribute": True},
        "evidence": [{"id": "vignette", "type": "history", "title": "Vignette", "text": record.case_vignette}],
        "diagnosis": names.diagnosis(record.answer),
        "options": [_option(choice, record) for choice in record.choices],
    }


def _option(choice: str, record: _Record) -> dict[str, Any]:
    right = choice.casefold() == record.answer.casefold()
    kept: dict[str, Any] = {"text": choice, "right": True} if right else {"text": choice}
    return kept | {"origin": f"craft-md:{record.dataset}"}
