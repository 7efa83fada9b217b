"""What a study has found beside the gap: one file a subject, each result with its n, what was left out, and its status.

What the analysis plan names is confirmatory, everything else exploratory. A subject is computed alone where it is
asked for alone, so that a page does not wait for the others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any

from study.desk.staff import Grade, ModelEntry
from study.findings._material import Material
from study.findings._result import Finding, Group, LeftOut, Result, Status, Value
from study.findings.advice import Advice
from study.findings.agreement import Agreement
from study.findings.calibration import Calibration
from study.findings.lists import Lists
from study.findings.mixed import Mixed
from study.findings.multiplicity import Multiplicity
from study.findings.noninferiority import NonInferiority
from study.findings.relative import RelativeAgreement
from study.findings.subgroups import Subgroups
from study.findings.times import Times
from study.findings.trajectories import Trajectories
from study.results import Row

__all__ = [
    "ON_REQUEST",
    "SUBJECTS",
    "Finding",
    "Findings",
    "Group",
    "LeftOut",
    "Result",
    "Status",
    "Value",
    "findings_of",
]

SUBJECTS = (
    "agreement",
    "calibration",
    "trajectories",
    "advice",
    "times",
    "relative",
    "lists",
    "noninferiority",
    "subgroups",
    "multiplicity",
)
"""The subjects that are computed, in the order in which they are shown."""
ON_REQUEST = ("mixed",)
"""What takes long, needs no stages, and is computed only where it is asked for by name."""


class Findings(Result):
    """The subjects that were asked for; None for any other."""

    agreement: Agreement | None = None
    calibration: Calibration | None = None
    trajectories: Trajectories | None = None
    advice: Advice | None = None
    times: Times | None = None
    relative: RelativeAgreement | None = None
    lists: Lists | None = None
    noninferiority: NonInferiority | None = None
    subgroups: Subgroups | None = None
    multiplicity: Multiplicity | None = None
    mixed: Mixed | None = None

    def to_json(self) -> dict[str, Any]:
        """The subjects that were computed, by name, as plain values."""
        return {name: plain for name, plain in self.model_dump(mode="json").items() if plain is not None}


def findings_of(
    rows: Iterable[Row],
    grades: Sequence[Grade],
    protocol: Mapping[str, Any] | None = None,
    models: Sequence[ModelEntry] = (),
    stages: Iterable[Row] | None = None,
    only: Collection[str] | None = None,
) -> Findings:
    """The findings of an unblinded study from the analyst's rows, without those on request, or ``only`` these subjects.

    ``stages`` are what ``AnalystDesk.stages`` tells; without them times and what each type of evidence did stay empty
    and say so. Raises ValueError for a subject that there is not.
    """
    return found_in(Material(rows, grades, protocol, models, stages), only)


def found_in(material: Material, only: Collection[str] | None = None) -> Findings:
    """As ``findings_of``, from material that is at hand: what was scored once serves every subject."""
    every = (*SUBJECTS, *ON_REQUEST)
    unknown = set(only or ()) - set(every)
    if unknown:
        raise ValueError(f"there is no finding named {', '.join(sorted(unknown))}: choose {', '.join(every)}")
    asked = SUBJECTS if only is None else [subject for subject in every if subject in only]
    return Findings(**{name: import_module(f"study.findings.{name}").find(material) for name in asked})
