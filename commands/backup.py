"""``readerstudy backup`` and ``restore``: a data folder to one file and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from commands._data import Data
from study.database import StudyError, open_box

app = typer.Typer()


@app.command()
def backup(
    data: Data,
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="The file to write; it must not exist.")],
) -> None:
    """Write everything in the data folder to one file: the database as of one moment, and the images.

    The file has mode 0600: it holds names, answers and diagnoses. It holds no password and no session.
    """
    from study.backup import backup as write

    console = Console(stderr=True)
    with open_box(data) as box, console.status("Backing up") as status:
        manifest = write(box, to, status.update)
    size = sum(file.bytes for file in manifest.files)
    images = sum(file.name.startswith("media/") for file in manifest.files)
    Console(soft_wrap=True, highlight=False).print(
        f"{to}: the database and {images} images, {size:,} bytes, each sealed by its SHA-256. It holds names, answers "
        "and diagnoses (keep it as you keep those), and neither passwords nor sessions.",
        markup=False,
    )


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `readerstudy backup` wrote.")],
    data: Data,
) -> None:
    """Make a data folder from a backup, and verify every study in it; the folder must be new or empty."""
    from commands.verify import show
    from study.backup import restore as make

    console = Console(stderr=True)
    with console.status("Restoring") as status:
        restored = make(file, data, status.update)
    for verdict in restored.verdicts:
        show(verdict)
    told = f"{data} is restored from the backup of {restored.manifest.created_at}: {len(restored.verdicts)} studies."
    Console(soft_wrap=True, highlight=False).print(told, markup=False)
    if not all(verdict.holds for verdict in restored.verdicts):
        raise StudyError("The backup was restored as it was written, but a study in it does not hold; see above.")
