"""The demo bundle: synthetic cases whose texts lie beside this module and whose images are drawn on the machine."""

from __future__ import annotations

import hashlib
import os
import shutil
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
    names = keys()
    made.mkdir(mode=0o755)
    shutil.copyfile(SOURCE / "study.yaml", made / "study.yaml")
    # Threads are enough: numpy and Pillow give the lock away while they work.
    alike: dict[str, list[str]] = {}
    for key in names:
        alike.setdefault(drawing.MODULES[key], []).append(key)
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        waiting = [pool.submit(_cases, same, made / "cases") for same in alike.values()]
        for done, future in enumerate(as_completed(waiting), start=1):
            future.result()
            if progress:
                progress(done, len(alike))


def _cases(alike: list[str], parent: Path) -> None:
    """A case and its translations, which show the same images."""
    for key in alike:
        (parent / key).mkdir(parents=True)
        shutil.copyfile(SOURCE / "cases" / key / "case.yaml", parent / key / "case.yaml")
    drawing.draw(alike[0], parent / alike[0])
    for key in alike[1:]:
        for image in sorted((parent / alike[0]).glob("*.png")):
            shutil.copyfile(image, parent / key / image.name)
