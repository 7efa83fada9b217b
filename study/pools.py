"""Pools of diagnosis names that distractors are drawn from: another bundle, a CSV of terms, or ICD-10-CM."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import bundle

ICD10CM = "icd10cm"
_COLUMNS = ("term", "diagnosis", "name", "condition")
_NO_DIAGNOSIS = ("unspecified", "other ", "encounter", "elsewhere", " not ", "without", "sequela", "history of", "nos")
_LONGEST = 90


class PoolRefused(ValueError):
    """The pool cannot be read; says what was found and what to give."""


@dataclass(frozen=True)
class Term:
    """A diagnosis name of a pool, the wordings the pool holds for the same, and the codes above it, its own last."""

    text: str
    pool: str
    also: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


def read(name: str) -> list[Term]:
    """The terms of a pool named by ``icd10cm``, a bundle's folder, or a CSV file; raises :class:`PoolRefused`."""
    if name.lower() in (ICD10CM, "icd-10-cm"):
        return _icd10cm()
    path = Path(name)
    if path.is_dir():
        return _bundle(path)
    if path.is_file():
        return _table(path)
    raise PoolRefused(f"the pool {name!r} is no folder and no file; give a bundle, a CSV of terms, or {ICD10CM}")


def _bundle(path: Path) -> list[Term]:
    try:
        found = bundle.read(path)
    except bundle.BundleRefused as error:
        raise PoolRefused(
            f"the pool {path} has {len(error.report.faults)} fault(s); see `cases check {path}`"
        ) from error
    label = path.resolve().name
    terms = [Term(case.diagnosis.name, label, case.diagnosis.synonyms) for case in found.cases]
    return terms + [Term(option.text, label) for case in found.cases for option in case.options if not option.right]


def _table(path: Path) -> list[Term]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            column = next((name for name in reader.fieldnames or () if name.strip().lower() in _COLUMNS), None)
            if column is None:
                raise PoolRefused(f"{path}: the first line names none of the columns {', '.join(_COLUMNS)}")
            rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise PoolRefused(f"{path} cannot be read as a UTF-8 CSV table: {error}") from error
    synonyms = [tuple(part.strip() for part in (row.get("synonyms") or "").split(";") if part.strip()) for row in rows]
    named = [((row.get(column) or "").strip(), also) for row, also in zip(rows, synonyms, strict=True)]
    return [Term(text, path.name, also) for text, also in named if text]


def _icd10cm() -> list[Term]:
    try:
        import simple_icd_10_cm as icd
    except ImportError as error:
        message = "ICD-10-CM comes with the extra `vocabularies`: pip install 'readerstudy[vocabularies]'"
        raise PoolRefused(message) from error
    codes = [
        code for code in icd.get_all_codes() if icd.is_category_or_subcategory(code) and code[0] in "ABCDEFGHIJKLMNOPQ"
    ]
    return [_icd_term(icd, code) for code in codes if _is_diagnosis(icd.get_description(code))]


def _icd_term(icd: Any, code: str) -> Term:
    lineage = [above for above in reversed(icd.get_ancestors(code)) if icd.is_category_or_subcategory(above)]
    return Term(icd.get_description(code), ICD10CM, tuple(icd.get_inclusion_term(code)), (*lineage, code))


def _is_diagnosis(description: str) -> bool:
    lowered = description.lower()
    return len(description) <= _LONGEST and not any(word in lowered for word in _NO_DIAGNOSIS)
