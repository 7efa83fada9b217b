"""Where the studies are: the data folder of ``--data``, else the project of SUPABASE_URL, else the usual folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from study.database import Record, open_box

if TYPE_CHECKING:
    from study.database.project import Settings

AS_ROOT = Path("/var/lib/readerstudy")


def default_data() -> Path:
    """The variable DATA, ``/var/lib/readerstudy`` as root, ``~/.local/share/readerstudy`` otherwise."""
    given = os.environ.get("DATA")
    if given:
        return Path(given).expanduser().absolute()
    return AS_ROOT if os.geteuid() == 0 else Path.home() / ".local" / "share" / "readerstudy"


def chosen(data: Path | None) -> Path:
    """The data folder given, else the usual one."""
    return data or default_data()


def chosen_project(data: Path | None) -> Settings | None:
    """The Supabase project that a command is about; None where a data folder is given, or no project is named.

    Raises ``StudyError`` where SUPABASE_URL and SUPABASE_KEY are not what they should be.
    """
    if data is not None or not (os.environ.get("SUPABASE_URL") or os.environ.get("SUPABASE_KEY")):
        return None
    from study.database.project import settings  # a box needs none of Supabase's libraries

    return settings()


@contextmanager
def opened(data: Path | None) -> Iterator[Record]:
    """The record that a command is about: a folder that is given counts before SUPABASE_URL, and that before DATA."""
    given = chosen_project(data)
    if given is not None:
        from study.database.project import open_project

        with open_project(given) as project:
            yield project
        return
    with open_box(chosen(data)) as box:
        yield box


_NAMES = "$DATA, else /var/lib/readerstudy as root, ~/.local/share/readerstudy as a user"
# For commands that work on a box alone.
Data: TypeAlias = Annotated[
    Path,
    typer.Option(
        "--data",
        metavar="DIR",
        help="The data folder of the embedded database.",
        default_factory=default_data,
        show_default=_NAMES,
    ),
]
# For commands that work on a box or on a Supabase project.
Where: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        help="The data folder of the embedded database; without it the project of SUPABASE_URL, where that is set.",
        default_factory=lambda: None,
        show_default=_NAMES,
    ),
]
