"""The one open box of this process. Streamlit runs its script again and again; what must outlive a run is kept here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from study.database import Box, Wire, open_box
from study.database.media import MediaFolder

DATA = "READERSTUDY_DATA"
_open: list[Box] = []


@contextmanager
def opened() -> Iterator[Box]:
    """Open the data folder named by READERSTUDY_DATA for as long as the app runs; what is open already stays so."""
    if _open:
        yield _open[-1]
        return
    with open_box(Path(os.environ[DATA])) as box:
        _open.append(box)
        try:
            yield box
        finally:
            _open.remove(box)


def current() -> Box:
    """The open box; raises ``RuntimeError`` before the app's start and after its end."""
    if not _open:
        raise RuntimeError("The data folder is not open. Start the app with `readerstudy serve`.")
    return _open[-1]


def wire(token: str | None) -> Wire:
    """The wire of the session whose token this is; None is a visitor."""
    return current().wire(token)


def media() -> MediaFolder:
    """The folder of evidence images."""
    return MediaFolder(current().media)
