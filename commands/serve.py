"""`readerstudy serve` and `readerstudy demo`: the app on the embedded database, on 127.0.0.1."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from commands._data import Data

app = typer.Typer()
Port = Annotated[int, typer.Option(help="The port on 127.0.0.1.", envvar="PORT", min=1, max=65535)]


@app.command()
def serve(data: Data, port: Port = 8501) -> None:
    """Start the app. The terminal prints a link, good once and for ten minutes, that signs the owner in."""
    _start(data, port)


@app.command()
def demo(data: Data, port: Port = 8501) -> None:
    """Start the app with a demonstration: synthetic cases to read, and a finished study to look at."""
    from baselines.demonstration import demonstrate
    from commands._progress import stages

    with stages() as stage:
        doors = demonstrate(data / "demo" if _in_use(data) else data, stage)
    _start(doors.data, port, doors.file)


def _in_use(data: Path) -> bool:
    """Whether the folder holds studies of its own: a demonstration is never mixed with them."""
    return (data / "owner").exists() and not (data / "demo.json").exists()


def _start(data: Path, port: int, doors: Path | None = None) -> None:
    """Become the app's process, so that Ctrl-C and signals reach it directly."""
    environment = {**os.environ, "READERSTUDY_DATA": str(data), "PORT": str(port)}
    environment |= {"READERSTUDY_DEMO": str(doors)} if doors else {}
    sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, "-m", "streamlit_app"], environment)
