"""`readerstudy serve` and `readerstudy demo`: the app on the embedded database, on 127.0.0.1."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from commands._data import Data
from study.database import StudyError

app = typer.Typer()
Port = Annotated[int, typer.Option(help="The port on 127.0.0.1.", envvar="PORT", min=1, max=65535)]


@app.command()
def serve(data: Data, port: Port = 8501) -> None:
    """Start the app. The terminal prints a link, good once and for ten minutes, that signs the owner in."""
    _see_that_free(port, "serve")
    _become_app(data, port)


@app.command()
def demo(
    data: Data,
    port: Port = 8501,
    bundle: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Show this synthetic bundle instead of the demo's own cases.")
    ] = None,
) -> None:
    """Start the app with a demonstration: synthetic cases to read, and a finished study to look at.

    The first start takes some minutes, most of them to draw the images; one that is broken off goes on next time.
    """
    from baselines.demonstration import demonstrate
    from commands._progress import stages
    from commands._synthetic import synthetic

    _see_that_free(port, "demo")
    signal.signal(signal.SIGTERM, _leave)
    if bundle:
        synthetic(bundle)
    with stages() as stage:
        doors = demonstrate(data / "demo" if _in_use(data) else data, stage, bundle)
    _become_app(doors.data, port, doors.file)


def _leave(number: int, _: Any) -> None:
    """End in good order, so that the database is stopped too."""
    sys.exit(128 + number)


def _see_that_free(port: int, command: str) -> None:
    """Raise before any work is done where something listens on the port already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as fault:
            raise StudyError(
                f"Port {port} on 127.0.0.1 cannot be used ({fault.strerror}); perhaps the app runs already at "
                f"http://127.0.0.1:{port}. Choose another port: readerstudy {command} --port {port + 1}, "
                f"or PORT={port + 1} make {command}."
            ) from None


def _in_use(data: Path) -> bool:
    """Whether the folder holds studies of its own: a demonstration is never mixed with them."""
    made_for_it = (data / "demonstration").exists() or (data / "demo.json").exists()
    return (data / "owner").exists() and not made_for_it


def _become_app(data: Path, port: int, doors: Path | None = None) -> None:
    """Become the app's process, so that Ctrl-C and signals reach it directly."""
    environment = {**os.environ, "READERSTUDY_DATA": str(data), "PORT": str(port)}
    environment |= {"READERSTUDY_DEMO": str(doors)} if doors else {}
    print(f"Starting the app on http://127.0.0.1:{port} with the data in {data} ...", file=sys.stderr, flush=True)
    subprocess.run([sys.executable, "-m", "commands._opener", str(port), str(os.getpid())], check=False)
    os.execve(sys.executable, [sys.executable, "-m", "streamlit_app"], environment)
