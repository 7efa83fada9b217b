"""The calls of a runner (who turns models' pages), a grader, an analyst, and of the export."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from study.canonical import digest
from study.desk._base import Desk, fresh_id, request_id
from study.desk.reader import ReadingDesk
from study.desk.staff import Grade, GradingQueue, ModelReader

Json = Mapping[str, Any]
CHUNK = 200


class RunnerDesk(ReadingDesk):
    """A runner enrols models and turns their pages by the same functions as a reader."""

    def enrol(self, study: str, name: str, details: Json, samples: int = 1) -> list[ModelReader]:
        """Make ``samples`` members of a model and give each a row of cases; the same call again changes nothing."""
        key = request_id(study, "enrol", name, samples, digest(dict(details)))
        self._call("enrol_model", study=study, name=name, details=dict(details), samples=samples, request_id=key)
        return self.models(study, name)

    def models(self, study: str, name: str | None = None) -> list[ModelReader]:
        """The samples of one model, or of all, with their readings."""
        return self._list(ModelReader, "model_readings", study=study, name=name)


class GraderDesk(Desk):
    """A grader sees lines without authors."""

    def queue(self, study: str) -> GradingQueue:
        """The diagnoses, all distinct lines and the grades so far."""
        return self._read(GradingQueue, "grading_lines", study=study)

    def save(self, study: str, grades: Sequence[Json]) -> int:
        """Add grades (case, line, scale, version, grade, source, note); returns how many were sent."""
        for start in range(0, len(grades), CHUNK):
            items = [dict(grade) for grade in grades[start : start + CHUNK]]
            self._call("save_grades", study=study, items=items, request_id=fresh_id())
        return len(grades)


class AnalystDesk(Desk):
    """An analyst sees answers beside the truth once the study is unblinded."""

    def readings(self, study: str) -> Iterator[dict[str, Any]]:
        """Every counted reading with its answers, its options and the diagnosis, in chunks behind the scenes."""
        after: str | None = None
        while True:
            chunk = self._call("analysis", study=study, after=after, amount=CHUNK)
            yield from chunk
            if len(chunk) < CHUNK:
                return
            after = chunk[-1]["reading"]

    def grades(self, study: str) -> list[Grade]:
        """All grades, oldest first."""
        return self._list(Grade, "analysis_grades", study=study)
