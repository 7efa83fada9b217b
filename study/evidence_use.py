"""Evidence Sensitivity of a study's models as a page shows it: plain values of ``study.sensitivity``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from study.gap import Result
from study.results import Row


class Figure(Result):
    """See ``scoring.beside_null.Figure``."""

    estimate: float | None
    corrected: float | None
    ci: tuple[float, float] | None
    null: float | None
    at_null_size: float | None
    n: int


class CaseUse(Result):
    """One case: S as image and as finding, None where it was not read so."""

    case: str
    s_image: float | None
    s_text: float | None


class TypeUse(Result):
    """One type of evidence; ``one_form`` cases were read in one form alone and are in no pair."""

    type: str
    s_image: Figure
    s_text: Figure
    nmse: Figure
    below: Figure
    cases: tuple[CaseUse, ...]
    one_form: int


class Use(Result):
    """All types of one model, and NMSE averaged over them."""

    types: tuple[TypeUse, ...]
    nmse: Figure


class Accuracy(Result):
    """Of the main reading, over ``n`` cases."""

    estimate: float
    ci: tuple[float, float] | None
    n: int


class ModelUse(Result):
    """One model; ``use`` None where nothing can be said, and ``why``."""

    model: str
    estimator: str
    rule: str
    descriptive: bool
    fewest: int
    use: Use | None
    accuracy: Accuracy | None
    left_out: dict[str, dict[str, int]]
    why: tuple[str, ...]


class EvidenceUse(Result):
    """All models, and what was noted on the way."""

    models: tuple[ModelUse, ...]
    notes: tuple[str, ...]


def computed(rows: Iterable[Row], protocol: Mapping[str, Any] | None) -> EvidenceUse:
    """The sensitivities of the models in the analyst's rows, by the settings that hold without any of one's own."""
    from study import sensitivity

    return EvidenceUse.model_validate(sensitivity.computed(rows, protocol).to_json())
