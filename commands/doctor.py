"""``readerstudy doctor``: whether this machine and this data folder can run a study."""

from __future__ import annotations

import importlib.metadata
import platform

import typer
from rich.console import Console

from commands._data import Data
from study.database import open_box

app = typer.Typer()


@app.command()
def doctor(data: Data) -> None:
    """Check this machine: start the embedded database in the data folder, migrate it and call it."""
    console = Console()
    console.print(f"Python {platform.python_version()}, readerstudy {importlib.metadata.version('readerstudy')}")
    with open_box(data) as box:
        console.print(
            f"Data folder {box.server.data}: the database runs and its schema is this version's.", soft_wrap=True
        )
        box.wire(None).call("about")
    console.print("Everything that a study needs is here.")
