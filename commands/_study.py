"""The study that a command is about: by short name, or the only one in the data folder."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

import typer

from study.database import StudyError, Wire

Slug: TypeAlias = Annotated[
    str | None, typer.Option("--study", metavar="S", help="The study's short name; the only one without.")
]


def studies(wire: Wire) -> list[dict[str, Any]]:
    """The studies that the caller works in, oldest first."""
    found: Any = wire.call("studies")
    return list(found)


def find_study(wire: Wire, slug: str | None) -> str:
    """The id of the study with this short name or id; raises ``StudyError`` that lists the studies there are."""
    found = studies(wire)
    chosen = [one for one in found if slug is None or slug in (one["slug"], one["study"])]
    if len(chosen) == 1:
        return str(chosen[0]["study"])
    names = ", ".join(one["slug"] for one in found)
    if not found:
        raise StudyError(
            "There is no study in this data folder. Make one with `readerstudy study new`, or give --data."
        )
    asked = f"There is no study {slug!r} here" if slug else f"There are {len(found)} studies here"
    raise StudyError(f"{asked}; choose one with --study: {names}.")
