"""The calls of a runner (who turns models' pages), a grader, an analyst, and of the export."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from study.canonical import digest
from study.conditions import MAIN
from study.desk._base import Desk, fresh_id, request_id
from study.desk.reader import ReadingDesk
from study.desk.staff import Grade, GradingQueue, ModelCase, ModelEntry, ModelReader

Json = Mapping[str, Any]
CHUNK = 200
READINGS = 500


class RunnerDesk(ReadingDesk):
    """A runner enrols models and turns their pages by the same functions as a reader."""

    def enrol(self, study: str, name: str, details: Json, samples: int = 1, condition: str = MAIN) -> list[ModelReader]:
        """Make ``samples`` members of a model in a condition, each with a row of cases; again, it changes nothing."""
        parts = () if condition == MAIN else (condition,)
        key = request_id(study, "enrol", name, samples, digest(dict(details)), *parts)
        asked = {"study": study, "name": name, "details": dict(details), "samples": samples, "condition": condition}
        self._call("enrol_model", **asked, request_id=key)
        return self.models(study, name)

    def models(self, study: str, name: str | None = None) -> list[ModelReader]:
        """The samples of one model, or of all, with their readings."""
        return self._list(ModelReader, "model_readings", study=study, name=name)

    def cases(self, study: str, readings: Sequence[str] | None = None) -> list[ModelCase]:
        """The case of each of these models' readings, which no page tells; all cases of the study without readings."""
        if readings is None:
            return self._list(ModelCase, "model_cases", study=study, readings=None)
        chunks = [list(readings[start : start + READINGS]) for start in range(0, len(readings), READINGS)]
        return [one for chunk in chunks for one in self._list(ModelCase, "model_cases", study=study, readings=chunk)]


class GraderDesk(Desk):
    """A grader sees lines without authors."""

    def queue(self, study: str) -> GradingQueue:
        """The diagnoses, all distinct lines and the grades so far."""
        return self._read(GradingQueue, "grading_lines", study=study)

    def save(self, study: str, grades: Sequence[Json], key: str | None = None) -> int:
        """Add grades (case, line, scale, version, grade, source, note); returns how many were sent.

        With a ``key`` the same grades again are the same act.
        """
        for start in range(0, len(grades), CHUNK):
            items = [dict(grade) for grade in grades[start : start + CHUNK]]
            id_ = request_id(key, start) if key else fresh_id()
            self._call("save_grades", study=study, items=items, request_id=id_)
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

    def stages(self, study: str) -> Iterator[dict[str, Any]]:
        """Of every counted reading: what each step released, and what a person's times are made from."""
        after: str | None = None
        while True:
            reply = self._call("analysis_stages", study=study, after=after)
            yield from reply["rows"]
            after = reply["next"]
            if after is None:
                return

    def grades(self, study: str) -> list[Grade]:
        """All grades, oldest first."""
        return self._list(Grade, "analysis_grades", study=study)

    def models(self, study: str) -> list[ModelEntry]:
        """The models that took part, each once in each condition, with what was declared of them."""
        return self._list(ModelEntry, "analysis_models", study=study)
