"""`readerstudy serve` and `readerstudy demo`: the app on a box or a Supabase project, on 127.0.0.1 or behind HTTPS."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from commands._data import Data, Where, chosen, chosen_project
from study.database import StudyError
from study.serving import (
    ADDRESS_VARIABLE,
    CERTIFICATE_VARIABLE,
    KEY_VARIABLE,
    LOOPBACK,
    PORT,
    PROXY_VARIABLE,
    URL_VARIABLE,
    Serving,
)

app = typer.Typer()
Port = Annotated[int, typer.Option(help="The port to listen on.", envvar="PORT", min=1, max=65535)]

Address = Annotated[
    str,
    typer.Option(metavar="IP", envvar=ADDRESS_VARIABLE, help="Where to listen. Beyond this machine only with HTTPS."),
]
Certificate = Annotated[
    Path | None,
    typer.Option(metavar="FILE", envvar=CERTIFICATE_VARIABLE, help="Speak HTTPS with this certificate (PEM, chain)."),
]
Key = Annotated[Path | None, typer.Option(metavar="FILE", envvar=KEY_VARIABLE, help="The certificate's key (PEM).")]
Proxy = Annotated[
    list[str] | None,
    typer.Option(
        metavar="IP",
        envvar=PROXY_VARIABLE,
        help="A proxy that speaks HTTPS for the app: only what comes from this address is believed and answered.",
    ),
]
Url = Annotated[
    str | None,
    typer.Option(
        metavar="URL", envvar=URL_VARIABLE, help="What readers type, https://NAME: no other name is answered."
    ),
]


@app.command()
def serve(
    data: Where,
    port: Port = PORT,
    address: Address = LOOPBACK,
    certificate: Certificate = None,
    private_key: Key = None,
    proxy: Proxy = None,
    url: Url = None,
) -> None:
    """Start the app, on the Supabase project of SUPABASE_URL where that is set and no data folder is given.

    On a data folder the terminal prints a link, good once and for ten minutes, that signs the owner in.
    """
    serving = Serving(address, port, certificate, private_key, tuple(proxy or ()), url).checked()
    project = chosen_project(data)
    _see_that_free(serving, "serve")
    if project is not None:
        _become_app({}, f"the Supabase project at {project.host}", serving)
    _become_app(*_on(chosen(data)), serving)


@app.command()
def demo(
    data: Data,
    port: Port = PORT,
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

    serving = Serving(port=port)
    _see_that_free(serving, "demo")
    signal.signal(signal.SIGTERM, _leave)
    if bundle:
        synthetic(bundle)
    with stages() as stage:
        doors = demonstrate(data / "demo" if _in_use(data) else data, stage, bundle)
    environment, home = _on(doors.data)
    _become_app(environment | {"READERSTUDY_DEMO": str(doors.file)}, home, serving)


def _leave(number: int, _: Any) -> None:
    """End in good order, so that the database is stopped too."""
    sys.exit(128 + number)


def _see_that_free(serving: Serving, command: str) -> None:
    """Raise before any work is done where something listens on the port already."""
    port = serving.port
    with socket.socket(socket.AF_INET6 if ":" in serving.address else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((serving.address, port))
        except OSError as fault:
            raise StudyError(
                f"Port {port} on {serving.address} cannot be used ({fault.strerror}); perhaps the app runs already at "
                f"{Serving(serving.address, port).base}. Choose another port: readerstudy {command} --port {port + 1}, "
                f"or PORT={port + 1} make {command}."
            ) from None


def _in_use(data: Path) -> bool:
    """Whether the folder holds studies of its own: a demonstration is never mixed with them."""
    made_for_it = (data / "demonstration").exists() or (data / "demo.json").exists()
    return (data / "owner").exists() and not made_for_it


def _on(data: Path) -> tuple[dict[str, str], str]:
    """What tells the app of its data folder, and what a sentence calls it."""
    return {"READERSTUDY_DATA": str(data)}, f"the data in {data}"


def _become_app(told: dict[str, str], home: str, serving: Serving) -> NoReturn:
    """Become the app's process, so that Ctrl-C and signals reach it directly."""
    environment = {name: value for name, value in os.environ.items() if name != "READERSTUDY_DATA"}
    environment |= {**told, **serving.environment()}
    print(f"Starting the app on {serving.base} with {home} ...", file=sys.stderr, flush=True)
    subprocess.run([sys.executable, "-m", "commands._opener", str(os.getpid())], env=environment, check=False)
    os.execve(sys.executable, [sys.executable, "-m", "streamlit_app"], environment)
