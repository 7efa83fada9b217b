"""A folder that is written whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from study.database.wire import StudyError


def check_target(to: Path) -> None:
    """Raise ``StudyError`` unless ``to`` is an empty folder, or can become one."""
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise StudyError(f"{to} is there already and is not an empty folder. Name a folder that does not exist yet.")
    if not to.absolute().parent.is_dir():
        raise StudyError(f"The folder {to.absolute().parent} does not exist. Make it first, or choose another place.")


@contextmanager
def whole(to: Path) -> Iterator[Path]:
    """A folder beside ``to`` that takes its place at the end, and is removed where anything fails."""
    try:
        fresh = Path(tempfile.mkdtemp(prefix=f".{to.name}-", dir=to.absolute().parent))
    except OSError as fault:
        raise StudyError(
            f"{to.absolute().parent} cannot be written ({fault.strerror}). Choose another place."
        ) from None
    try:
        yield fresh
        fresh.chmod(0o700)
        os.replace(fresh, to)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
