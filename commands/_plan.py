"""What a plan rests on, the designs that it looks at, and their curves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from commands._curves import Curve, svg
from commands._data import opened
from commands._study import find_study
from commands._table_file import read
from study.database import StudyError
from study.plans import Asked, Pilot, as_json, planned, variances_of

__all__ = ["Asked", "as_json", "basis", "planned", "write_curves"]

if TYPE_CHECKING:
    from scoring.planning import Basis, Planned
    from study.exporting.scores import Scores


def basis(
    data: Path | None, file: Path | None, slug: str | None, stated: Basis | None, outcome: Literal["gap", "ddx", "fdx"]
) -> tuple[Basis, Pilot]:
    """The variances and what is known of where they come from; raises ``StudyError`` unless one source is named."""
    if sum(one is not None for one in (file, slug, stated)) != 1:
        raise StudyError("Name one source of the variances: a pilot's table, --study S, or --human-sd.")
    if stated is not None:
        return stated, Pilot(models=3 if stated.model is not None else 0)
    return variances_of(_scores(data, file, slug), outcome)


def _scores(data: Path | None, file: Path | None, slug: str | None) -> Scores:
    from study.desk import AnalystDesk, CoordinatorDesk
    from study.exporting.scores import of_study, of_table

    if file is not None:
        return of_table(read(file))
    with opened(data) as record:
        status = CoordinatorDesk(record.owner).status(find_study(record.owner, slug))
        desk = AnalystDesk(record.owner)
        rows, grades = list(desk.readings(status.study)), desk.grades(status.study)
    return of_study(rows, grades, status.protocol)


def write_curves(asked: Asked, grid: Sequence[Planned], to: Path) -> list[Path]:
    """``power.svg`` and ``width.svg`` in the folder: a curve a number of readers, over the cases."""
    to.mkdir(parents=True, exist_ok=True)
    written = []
    for name, target in (("power", asked.power), ("width", asked.width)):
        curves = [
            Curve(f"{r} readers", [(p.design.cases, getattr(p, name)) for p in grid if p.design.readers == r])
            for r in asked.readers
        ]
        title = f"{'Power' if name == 'power' else 'Width of the 95 % interval'}, effect {asked.effect:g}"
        path = to / f"{name}.svg"
        path.write_text(svg(title, "cases", name, curves, 1.0 if name == "power" else None, target), encoding="utf-8")
        written.append(path)
    return written
