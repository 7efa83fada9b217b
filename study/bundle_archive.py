"""A case bundle that came as a .zip file, unpacked only when every entry of it is a plain file that stays inside.

Refused whole: absolute names and names with "..", links and other special files, encrypted entries, and archives that
hold more, or grow larger, than a bundle does.
"""

from __future__ import annotations

import shutil
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from study.database.wire import StudyError

MAX_FILES = 20_000
MAX_BYTES = 2_000_000_000
_PIECE = 1 << 20
_LITTER = ("__MACOSX", ".DS_Store", "Thumbs.db")


class ArchiveRefused(StudyError):
    """The archive was not unpacked; the message lists what is wrong with it."""


def unpacked(archive: BinaryIO, into: Path, max_bytes: int = MAX_BYTES) -> Path:
    """Unpack the archive into the empty folder ``into``; returns the folder in it that holds study.yaml.

    Raises ``ArchiveRefused`` and leaves ``into`` empty where anything is wrong.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = [entry for entry in opened.infolist() if not _litter(entry)]
            faults = list(_faults(entries, max_bytes))
            if faults:
                raise ArchiveRefused("The archive is refused:\n" + "\n".join(f"- {fault}" for fault in faults[:20]))
            _extract(opened, entries, into, max_bytes)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError) as fault:
        _empty(into)
        raise ArchiveRefused(
            f"The file is not a whole .zip archive ({fault}). Pack the bundle's folder again."
        ) from None
    except ArchiveRefused:
        _empty(into)
        raise
    return _bundle_folder(into)


def _litter(entry: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(entry.filename).parts
    return entry.is_dir() or any(part in _LITTER for part in parts)


def _faults(entries: list[zipfile.ZipInfo], max_bytes: int) -> Iterator[str]:
    if len(entries) > MAX_FILES:
        yield f"it holds {len(entries):,} files; {MAX_FILES:,} are allowed"
    if sum(entry.file_size for entry in entries) > max_bytes:
        yield f"unpacked it is larger than {max_bytes // 1_000_000:,} MB"
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename
        path = PurePosixPath(name)
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or "\0" in name or not path.parts:
            yield f"{name!r} points outside of the archive's own folder"
        elif kind not in (0, stat.S_IFREG):
            yield f"{name!r} is a link or another special file; put the file itself there"
        elif entry.flag_bits & 1:
            yield f"{name!r} is encrypted; pack it without a password"
        elif str(path) in seen:
            yield f"{name!r} is there twice"
        seen.add(str(path))


def _extract(opened: zipfile.ZipFile, entries: list[zipfile.ZipInfo], into: Path, max_bytes: int) -> None:
    """Write each file, counting what really comes out: the sizes in an archive's directory are its author's word."""
    left = max_bytes
    for entry in entries:
        target = into.joinpath(*PurePosixPath(entry.filename).parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        with opened.open(entry) as source, target.open("xb") as out:
            while piece := source.read(_PIECE):
                left -= len(piece)
                if left < 0:
                    raise ArchiveRefused(f"The archive is refused: unpacked it is larger than {max_bytes:,} bytes.")
                out.write(piece)


def _bundle_folder(into: Path) -> Path:
    """Where study.yaml lies: at the top, or in the one folder that was packed; else the top, for the check to say."""
    inside = [entry for entry in into.iterdir() if entry.is_dir()]
    if not (into / "study.yaml").exists() and len(inside) == 1 and (inside[0] / "study.yaml").is_file():
        return inside[0]
    return into


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)
