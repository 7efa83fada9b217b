"""Where the box's data lies: ``--data``, else the variable DATA, else this account's usual place."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

AS_ROOT = Path("/var/lib/readerstudy")


def default_data() -> Path:
    """The variable DATA, ``/var/lib/readerstudy`` as root, ``~/.local/share/readerstudy`` otherwise."""
    given = os.environ.get("DATA")
    if given:
        return Path(given).expanduser().absolute()
    return AS_ROOT if os.geteuid() == 0 else Path.home() / ".local" / "share" / "readerstudy"


Data: TypeAlias = Annotated[
    Path,
    typer.Option(
        "--data",
        metavar="DIR",
        help="The data folder of the embedded database.",
        default_factory=default_data,
        show_default="$DATA, else /var/lib/readerstudy as root, ~/.local/share/readerstudy as a user",
    ),
]
