"""Where studies live: a box on this machine, or a Supabase project. What is above this package asks for no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from study.database.media import MediaStore
from study.database.wire import JSON, StudyError, Wire


class Record(Protocol):
    """The record of studies, as whoever opened it reaches it."""

    @property
    def name(self) -> str:
        """What a sentence calls it: the data folder, or the project's host."""
        ...

    @property
    def drafts(self) -> Path:
        """A folder of this machine for what a set-up needs until the study is whole."""
        ...

    @property
    def owner(self) -> Wire:
        """The wire of whoever the command line acts as."""
        ...

    @property
    def images(self) -> MediaStore:
        """The evidence images, as whoever the command line acts as may put and read them."""
        ...

    def wire(self, token: str | None) -> Wire:
        """The wire of the session whose token this is; None is a visitor."""
        ...

    def images_of(self, token: str | None) -> MediaStore:
        """The evidence images, as the session whose token this is may put and read them."""
        ...

    def end(self, token: str) -> None:
        """End the session whose token this is; one that has ended already is no fault."""
        ...

    def keep_posts(self, items: Sequence[Mapping[str, JSON]]) -> list[dict[str, Any] | StudyError]:
        """Store drafts and telemetry of many sessions; each item's own reply or refusal, in order.

        An item has token, kind (``draft`` or ``telemetry``), reading, step, attempt, tab, number and body.
        """
        ...
