"""The one open record of this process: a box, or a Supabase project.

Streamlit runs its script again and again; what must outlive a run is kept here.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import streamlit as st

from study.database import Box, Record, StudyError, Wire, open_box
from study.database.media import MediaStore

DATA = "READERSTUDY_DATA"
_open: list[Record] = []


@contextmanager
def opened() -> Iterator[Record]:
    """Open the record for as long as the app runs; what is open already stays so.

    It is the data folder named by READERSTUDY_DATA, else the project of SUPABASE_URL and SUPABASE_KEY, which may also
    stand in Streamlit's secrets. Raises ``StudyError`` with a sentence where neither is there, or it cannot be used.
    """
    if _open:
        yield _open[-1]
        return
    with ExitStack() as stack:
        record = _enter(stack)
        _open.append(record)
        try:
            yield record
        finally:
            _open.remove(record)


def _enter(stack: ExitStack) -> Record:
    if os.environ.get(DATA):
        return stack.enter_context(open_box(Path(os.environ[DATA])))
    from study.database.project import open_project, settings  # a box needs none of Supabase's libraries

    _read_secrets()
    given = settings()
    if given is None:
        raise StudyError(
            "It is not said where the studies are. Start the app with `readerstudy serve`, or set SUPABASE_URL and "
            "SUPABASE_KEY (in the environment, or in .streamlit/secrets.toml)."
        )
    project = stack.enter_context(open_project(given))
    project.check_sealing()
    project.check()
    return project


def _read_secrets() -> None:
    """Take the settings that Streamlit's secrets have and the environment lacks, from the top or from a connection."""
    st.secrets.load_if_toml_exists()  # What stands at the top is in the environment after this.
    try:
        connection = st.secrets.get("connections", {}).get("supabase", {})
    except FileNotFoundError:
        return
    for name, value in connection.items():
        os.environ.setdefault(name.upper(), str(value))


def current() -> Record:
    """The open record; raises ``RuntimeError`` before the app's start and after its end."""
    if not _open:
        raise RuntimeError("No record is open. Start the app with `readerstudy serve`.")
    return _open[-1]


def box() -> Box | None:
    """The open record where it is a box, with the doors that only a box has; None for a project."""
    record = current()
    return record if isinstance(record, Box) else None


def wire(token: str | None) -> Wire:
    """The wire of the session whose token this is; None is a visitor."""
    return current().wire(token)


def images(token: str | None) -> MediaStore:
    """The evidence images, as the session whose token this is may use them."""
    return current().images_of(token)
