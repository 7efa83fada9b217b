"""A study's results, subject by subject, from rows that are held and scored once.

A subject is named ``gap``, ``beside``, ``sensitivity``, ``pilot:OUTCOME``, ``cases`` (which there are), ``case:KEY``
(its rows and grades), or as in ``study.findings``. The results are those that each module gives for the rows alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel

from study.comparison import by_case
from study.desk.staff import Grade, ModelEntry
from study.gap import Result
from study.results import Row

if TYPE_CHECKING:
    from study.findings._material import Material
    from study.pilot import Outcome


class Cases(Result):
    """The clinical cases in order of key, and how many grades were made up."""

    cases: tuple[str, ...]
    simulated: int


class CaseRows(Result):
    """Everybody's rows of one clinical case, and the grades of its lines in every language."""

    rows: tuple[dict[str, Any], ...]
    grades: tuple[Grade, ...]


class Held:
    """A study in one version: rows come in parts, then subjects are told."""

    def __init__(
        self, protocol: Mapping[str, Any] | None, grades: Iterable[Mapping[str, Any]], models: Iterable[Any]
    ) -> None:
        self.protocol = protocol
        self.grades = [Grade.model_validate(grade) for grade in grades]
        self.models = [ModelEntry.model_validate(model) for model in models]
        self.rows: list[dict[str, Any]] = []
        self._stages: list[Row] = []

    def add(self, rows: Sequence[dict[str, Any]]) -> None:
        """More of the analyst's rows; all of them before the first subject."""
        self.rows += rows

    def add_stages(self, stages: Sequence[Row]) -> None:
        """What steps released, of more readings; all of them before the first finding."""
        self._stages += stages

    @cached_property
    def material(self) -> Material:
        """The rows of the main reading, scored when they are first asked for."""
        from study.findings._material import Material

        return Material(self.rows, self.grades, self.protocol, self.models)

    @cached_property
    def staged(self) -> Material:
        """The same material, once stages are known."""
        self.material.stages = {stage["reading"]: stage for stage in self._stages}
        return self.material

    @cached_property
    def _by_case(self) -> dict[str, list[Row]]:
        return by_case(self.rows)

    def told(self, subject: str) -> BaseModel:
        """The result of a subject; raises ValueError where there is none of that name."""
        kind, _, detail = subject.partition(":")
        match kind:
            case "gap":
                return self._gap()
            case "beside":
                return self._beside()
            case "sensitivity":
                return self._sensitivity()
            case "pilot":
                return self._pilot(cast("Outcome", detail))
            case "cases":
                simulated = sum(grade.source == "simulated" for grade in self.grades)
                return Cases(cases=tuple(self._by_case), simulated=simulated)
            case "case":
                return self._case(detail)
        from study.findings import ON_REQUEST, found_in

        return found_in(self.material if subject in ON_REQUEST else self.staged, [subject])

    def _gap(self) -> BaseModel:
        from study import gap

        return gap.computed(
            self.material.rows, self.grades, self.protocol, models=self.models, scored=self.material.scored
        )

    def _beside(self) -> BaseModel:
        from study import beside

        return beside.computed(self.rows, self.grades, self.protocol, self.material.scored)

    def _sensitivity(self) -> BaseModel:
        from study import evidence_use

        return evidence_use.computed((row for row in self.rows if row["kind"] == "model"), self.protocol)

    def _pilot(self, outcome: Outcome) -> BaseModel:
        from study import plans

        return plans.pilot_of(self.material.rows, self.grades, self.protocol, outcome, self.material.scored)

    def _case(self, key: str) -> BaseModel:
        rows = self._by_case.get(key, [])
        written = {row["case"] for row in rows}
        return CaseRows(
            rows=tuple(map(dict, rows)), grades=tuple(grade for grade in self.grades if grade.case in written)
        )
