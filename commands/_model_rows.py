"""The analyst's rows of a study in which models took part, for the commands that analyse models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commands._data import opened
from commands._study import find_study
from study.database import StudyError
from study.desk import AnalystDesk, CoordinatorDesk, StudyStatus
from study.desk.staff import Grade, ModelEntry


@dataclass(frozen=True)
class StudyRows:
    """A study with the models that took part, all its rows and grades."""

    status: StudyStatus
    models: tuple[ModelEntry, ...]
    rows: tuple[dict[str, Any], ...]
    grades: tuple[Grade, ...]

    @property
    def names(self) -> list[str]:
        """The models' names in order."""
        return sorted({one.model for one in self.models})


def study_rows(data: Path | None, slug: str | None, only: Sequence[str] = ()) -> StudyRows:
    """The rows of an unblinded study; raises ``StudyError`` where no model took part, or not one of those named."""
    with opened(data) as record:
        status = CoordinatorDesk(record.owner).status(find_study(record.owner, slug))
        desk = AnalystDesk(record.owner)
        models = tuple(desk.models(status.study))
        names = sorted({one.model for one in models})
        unknown = [name for name in only if name not in names]
        if unknown or not names:
            asked = f"No model {unknown[0]!r} took part" if unknown else "No model took part"
            raise StudyError(f"{asked} in {status.slug}; there are: {', '.join(names) or 'none'}.")
        return StudyRows(status, models, tuple(desk.readings(status.study)), tuple(desk.grades(status.study)))
