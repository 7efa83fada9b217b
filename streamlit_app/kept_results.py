"""Results of the latest version of each study, kept as they were computed: in memory, and in the data folder of a box.

A version names the state of the record and of the program, so what is kept is never stale: it is replaced. Files are
for the account of the app alone (0600), as the database beside them is; only unblinded studies have results. A project
on Supabase has no folder, and nothing of its answers is written to the app's disk.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

import scoring
import study
from streamlit_app import record

FOLDER = "results"
MOST = 4


@cache
def program() -> str:
    """A digest of the sources that results are computed by."""
    found = hashlib.sha256()
    for package in (scoring, study):
        for path in sorted(Path(str(package.__file__)).parent.rglob("*.py")):
            found.update(path.read_bytes())
    return found.hexdigest()


class Kept:
    """Results in JSON by study, version and subject; the latest version of each of a few studies."""

    def __init__(self, folder: Callable[[], Path | None] = lambda: _folder()) -> None:
        """Keep files in what ``folder`` tells, if anything."""
        self._folder = folder
        self._lock = threading.Lock()
        self._found: dict[str, tuple[str, dict[str, str]]] = {}

    def get(self, study: str, version: str, subject: str) -> str | None:
        """The result, or None."""
        with self._lock:
            held, subjects = self._found.get(study, ("", {}))
            if held == version and subject in subjects:
                return subjects[subject]
        folder = self._folder()
        with suppress(OSError):
            if folder is not None:
                told = (folder / study / version / _name(subject)).read_text(encoding="utf-8")
                self._hold(study, version, subject, told)
                return told
        return None

    def put(self, study: str, version: str, subject: str, told: str, in_files: bool = True) -> None:
        """Keep a result, in memory alone where it is not for files; those of the study's other versions go."""
        self._hold(study, version, subject, told)
        folder = self._folder() if in_files else None
        if folder is not None:
            with suppress(OSError):  # A full disk costs time, not results.
                _write(folder / study, version, _name(subject), told)

    def _hold(self, study: str, version: str, subject: str, told: str) -> None:
        with self._lock:
            held, subjects = self._found.pop(study, ("", {}))
            self._found[study] = (version, {**(subjects if held == version else {}), subject: told})
            while len(self._found) > MOST:
                del self._found[next(iter(self._found))]


def _folder() -> Path | None:
    try:
        box = record.box()
    except RuntimeError:  # Nothing is open: a page by itself, as in a test.
        return None
    return None if box is None else box.server.data / FOLDER


def _name(subject: str) -> str:
    return f"{hashlib.sha256(subject.encode()).hexdigest()[:32]}.json"


def _write(study: Path, version: str, name: str, told: str) -> None:
    own = study / version
    own.mkdir(mode=0o700, parents=True, exist_ok=True)
    for other in study.iterdir():
        if other.name != version:
            shutil.rmtree(other, ignore_errors=True)
    part = own / f"{name}.{os.getpid()}"
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(told)
    part.replace(own / name)
