"""A plan for a study to come: what it rests on, the designs that were asked for, the smallest that reach a target."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from study.database.wire import StudyError
from study.desk.staff import Grade
from study.pilot import Outcome
from study.results import Row

if TYPE_CHECKING:
    import pandas as pd

    from scoring.planning import Basis, Comparison, Planned
    from study.exporting.scores import Scores


@dataclass(frozen=True)
class Asked:
    """The comparison, the effect, the designs, and the target: a power or a width."""

    comparison: Comparison
    effect: float
    readers: Sequence[int]
    cases: Sequence[int]
    models: int
    share: float
    power: float | None
    width: float | None


class Told(BaseModel):
    """A part of a plan: frozen."""

    model_config = ConfigDict(frozen=True)


class Spread(Told):
    """Variances between readers, between cases, and of the rest of one answer."""

    reader: float
    case: float
    rest: float


class Variances(Told):
    """What a plan rests on: see ``scoring.planning.Basis``."""

    human: Spread
    model: Spread | None = None
    shared: float = 0.0


class Pilot(Told):
    """A pilot's variances, with how many readers, models and cases they come from; ``why`` says why there are none."""

    variances: Variances | None = None
    readers: int = 0
    models: int = 0
    cases: int = 0
    notes: tuple[str, ...] = ()
    why: str = ""


class Design(Told):
    """Human readers, cases, models, and the share of the cases that each human reads."""

    readers: int
    cases: int
    models: int
    share: float


class Given(Told):
    """What a design gives; ``df`` None is infinite."""

    design: Design
    effect: float
    se: float
    df: float | None
    width: float
    power: float


class Plan(Told):
    """Every design, and for each number of readers the fewest cases that reach the target; ``why`` where nothing."""

    designs: tuple[Given, ...] = ()
    smallest: tuple[Given | None, ...] = ()
    why: str = ""

    @property
    def fewest(self) -> Given | None:
        """The smallest design with the fewest human readings."""
        reached = [one for one in self.smallest if one is not None]
        return min(reached, key=lambda one: one.design.readers * one.design.cases * one.design.share, default=None)


def variances_of(scores: Scores, outcome: Outcome) -> tuple[Basis, Pilot]:
    """A pilot's variances in an outcome; raises ``StudyError`` where it does not give any."""
    from scoring.estimates import TooLittleData
    from scoring.planning import basis_of
    from study.pilot import matrices

    humans, models = matrices(scores, outcome)
    try:
        basis = basis_of(humans, models)
    except TooLittleData as error:
        raise StudyError(" ".join((f"The pilot gives no variances: {error}.", *scores.notes))) from None
    variances = Variances.model_validate(asdict(basis))
    number = 0 if models is None else len(models)
    return basis, Pilot(
        variances=variances, readers=len(humans), models=number, cases=humans.shape[1], notes=scores.notes
    )


def planned(basis: Basis, asked: Asked) -> tuple[list[Planned], list[Planned | None]]:
    """Every design, and for each number of readers the fewest cases that reach the target.

    Raises ``StudyError`` where a design cannot be analysed.
    """
    from scoring import planning
    from scoring.estimates import TooLittleData

    try:
        designs = [planning.Design(r, k, asked.models, asked.share) for r in asked.readers for k in asked.cases]
        grid = [planning.plan(basis, design, asked.effect, asked.comparison) for design in designs]
        least = planning.smallest(
            basis,
            asked.readers,
            asked.effect,
            asked.comparison,
            models=asked.models,
            share=asked.share,
            power=asked.power,
            width=asked.width,
        )
    except (TooLittleData, ValueError) as error:
        raise StudyError(f"Nothing was planned: {error}.") from None
    return grid, least


def as_json(basis: Basis, asked: Asked, grid: Sequence[Planned], least: Sequence[Planned | None]) -> dict[str, Any]:
    """The plan as plain data; infinite degrees of freedom are None."""
    return {
        "basis": asdict(basis),
        "asked": asdict(asked),
        "designs": [_plain(one) for one in grid],
        "smallest": [one and _plain(one) for one in least],
    }


def _plain(one: Planned) -> dict[str, Any]:
    plain = asdict(one)
    return plain | {"df": None if plain["df"] == float("inf") else plain["df"]}


def basis_from(variances: Variances) -> Basis:
    """The variances as ``scoring`` takes them."""
    from scoring import planning

    human, model = variances.human, variances.model
    own = None if model is None else planning.Spread(model.reader, model.case, model.rest)
    return planning.Basis(planning.Spread(human.reader, human.case, human.rest), own, variances.shared)


def pilot_of(
    rows: Iterable[Row],
    grades: Sequence[Grade],
    protocol: Mapping[str, Any] | None,
    outcome: Outcome,
    scored: pd.DataFrame | None = None,
) -> Pilot:
    """A study's variances in an outcome, or why there are none; ``scored`` is its frame where that is at hand."""
    from study.exporting.scores import of_study

    try:
        return variances_of(of_study(rows, grades, protocol, scored=scored), outcome)[1]
    except StudyError as refusal:
        return Pilot(why=str(refusal))


def plan_of(variances: Variances, asked: Asked) -> Plan:
    """The plan that variances give for what is asked, or why they give none."""
    basis = basis_from(variances)
    try:
        return Plan.model_validate(as_json(basis, asked, *planned(basis, asked)))
    except StudyError as refusal:
        return Plan(why=str(refusal))
