"""The demo bundle: synthetic cases whose texts lie beside this module and whose images are drawn on the machine."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from importlib.metadata import version
from pathlib import Path

from study.demo import drawing

SOURCE = Path(__file__).parent
STAMP = ".drawn-from"
Progress = Callable[[int, int], None]


class NotADemo(ValueError):
    """The folder to build into holds something else."""


def keys() -> list[str]:
    """The keys of all cases of the demo, in order."""
    return sorted(folder.parent.name for folder in SOURCE.glob("cases/*/case.yaml"))


def fingerprint() -> str:
    """SHA-256 over all that the bundle is made from: texts, drawing code, and the versions of what draws."""
    digest = hashlib.sha256(f"numpy {version('numpy')} pillow {version('pillow')}".encode())
    for path in sorted([*SOURCE.rglob("*.yaml"), *SOURCE.rglob("*.py")]):
        content = path.read_bytes()
        digest.update(f"\0{path.relative_to(SOURCE).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def build(into: Path, progress: Progress | None = None) -> Path:
    """Make the bundle at ``into`` and return it; a finished one of the same texts and code is left as it is.

    The bundle appears whole or not at all. ``progress`` hears (cases drawn, all to draw). Raises ``NotADemo`` where
    ``into`` holds something that this function did not make.
    """
    stamp, wanted = into / STAMP, fingerprint()
    if stamp.is_file() and stamp.read_text() == wanted:
        return into
    if into.exists() and not stamp.is_file() and (not into.is_dir() or any(into.iterdir())):
        raise NotADemo(f"{into} exists and is no demo bundle: name an empty or a new folder for the demo.")
    into.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{into.name}-", dir=into.parent) as work:
        made = Path(work) / "bundle"
        _draw(made, progress)
        (made / STAMP).write_text(wanted)
        _replace(made, into, Path(work) / "before")
    return into


def _replace(made: Path, into: Path, aside: Path) -> None:
    """Put ``made`` where ``into`` is; if another process has just done the same, its bundle stays."""
    try:
        if into.exists():
            into.rename(aside)
        made.rename(into)
    except OSError:
        if not (into / STAMP).is_file():
            raise


def _draw(made: Path, progress: Progress | None) -> None:
    made.mkdir(mode=0o755)
    shutil.copyfile(SOURCE / "study.yaml", made / "study.yaml")
    alike: dict[str, list[str]] = {}
    for key in keys():
        alike.setdefault(drawing.MODULES[key], []).append(key)
    # The cases with the most images first, so that no processor is left with a long one at the end.
    longest = sorted(alike.values(), key=lambda same: (-_images(same[0]), same))
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        waiting = [pool.submit(_cases, same, made / "cases") for same in longest]
        try:
            for done, future in enumerate(as_completed(waiting), start=1):
                future.result()
                if progress:
                    progress(done, len(alike))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _images(key: str) -> int:
    return _case_file(key).read_text().count("file: ")


def _case_file(key: str) -> Path:
    return SOURCE / "cases" / key / "case.yaml"


def _cases(alike: list[str], parent: Path) -> None:
    """A case and its translations, which show the same images."""
    first = parent / alike[0]
    first.mkdir(parents=True)
    # A process each: numpy's threads would wait for each other, and what it loads is gone afterwards.
    command = [sys.executable, "-m", drawing.__name__, alike[0], str(first.absolute())]
    ended = subprocess.run(command, cwd=SOURCE.parents[1], capture_output=True, text=True, check=False)
    if ended.returncode:
        raise RuntimeError(f"Drawing {alike[0]} of the demo failed: {ended.stderr.strip() or ended.returncode}")
    for key in alike[1:]:
        shutil.copytree(first, parent / key)
    for key in alike:
        shutil.copyfile(_case_file(key), parent / key / "case.yaml")
