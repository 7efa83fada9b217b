"""An export's manifest, read back: what sealed its files, and the heads that it took down."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from study.database.wire import StudyError
from study.exporting.source import Head

NAME = "manifest.json"
FORMAT = "readerstudy-export-1"


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class SealedFile(_Part):
    """A file as the manifest names it."""

    name: str
    rows: int
    bytes: int
    sha256: str


class Chain(_Part):
    """Where the study's own chain ended."""

    head: str
    count: int


class _Study(_Part):
    id: str
    slug: str


class Manifest(_Part):
    """The parts of ``manifest.json`` that a check needs."""

    format: str
    study: _Study
    created_at: str
    unblinded: bool
    files: tuple[SealedFile, ...]
    study_chain: Chain
    heads: tuple[Head, ...]


@dataclass(frozen=True)
class Noted:
    """A head that was taken down for some count of rows, and where it was."""

    head: str
    where: str


def manifest(path: Path) -> Manifest:
    """The manifest of an export folder, or of the file itself; raises ``StudyError`` for anything else."""
    file = path / NAME if path.is_dir() else path
    try:
        found = Manifest.model_validate_json(file.read_bytes())
    except OSError as fault:
        raise StudyError(f"{file} cannot be read ({fault.strerror}). Name an export's folder or manifest.") from None
    except ValidationError as fault:
        where = ", ".join(".".join(map(str, one["loc"])) or "the whole" for one in fault.errors()[:5])
        raise StudyError(f"{file} is not an export's manifest (look at {where}).") from None
    if found.format != FORMAT:
        raise StudyError(f"{file} has the format {found.format!r}; this version reads {FORMAT!r}.")
    return found
