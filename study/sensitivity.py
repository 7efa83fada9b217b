"""Evidence Sensitivity of a study's models: S per case, type and form, NMSE, and how they lie about the identity line.

For each type of visual evidence an arm with it is held against the arm without it. As image: the main reading against
the one that leaves the type out. As expert finding: by ``others``, the form of all other evidence, either the reading
with this type alone as finding against the same arm without it (``image``), or the reading with all findings against
that with all findings but this type (``finding``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from scoring.accuracy import Accuracy, accuracy
from scoring.distributions import (
    ENOUGH,
    ESTIMATORS,
    LEAST_MASS,
    RULES,
    Distribution,
    Estimator,
    by_elicitation,
    by_frequency,
    by_logprobs,
)
from scoring.estimates import TooLittleData
from scoring.utilisation import Contrast, Read, Utilisation, utilisation
from study.conditions import MAIN
from study.contrasts import contrasts_of
from study.model_readings import ModelReading, model_readings, rules_of, scores
from study.results import Row


@dataclass(frozen=True)
class Settings:
    """What a result depends on; stored with it. ``estimator`` None: the first that a model's answers carry."""

    estimator: Estimator | None = None
    others: Literal["image", "finding"] = "image"
    base: float = 2.0
    least_mass: float = LEAST_MASS
    draws: int = 2000
    halvings: int = 200
    seed: int = 20_260_225


@dataclass(frozen=True)
class ModelSensitivity:
    """One model's sensitivities with the accuracy of its main reading.

    ``descriptive`` where frequencies rest on fewer than 50 samples in some case and arm; ``fewest`` is how few.
    ``left_out`` counts by arm the samples that no distribution was taken from, by reason. ``use`` is None, and ``why``
    says so, where nothing can be said.
    """

    model: str
    estimator: Estimator
    rule: str
    descriptive: bool
    fewest: int
    use: Utilisation | None
    accuracy: Accuracy | None
    left_out: Mapping[str, Mapping[str, int]]
    unreported: int
    why: tuple[str, ...]


@dataclass(frozen=True)
class Sensitivity:
    """All models, and the settings that the figures hang on."""

    models: tuple[ModelSensitivity, ...]
    settings: Settings
    arms: Mapping[str, Contrast]
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


def computed(
    rows: Iterable[Row],
    protocol: Mapping[str, Any] | None,
    settings: Settings = Settings(),
    models: Sequence[str] | None = None,
) -> Sensitivity:
    """The sensitivities of the models in the analyst's rows, or of those named."""
    rules = rules_of(protocol)
    readings = [one for one in model_readings(rows, rules) if models is None or one.model in models]
    contrasts, notes = contrasts_of(rules, settings.others)
    seen = {one.arm for one in readings}
    kept = {kind: one for kind, one in contrasts.items() if {*one.image} <= seen or {*one.text} <= seen}
    found = [
        _model(name, [one for one in readings if one.model == name], kept, settings)
        for name in sorted({one.model for one in readings})
    ]
    return Sensitivity(tuple(found), settings, kept, tuple(notes))


def _model(
    name: str, readings: Sequence[ModelReading], contrasts: Mapping[str, Contrast], settings: Settings
) -> ModelSensitivity:
    arms = dict.fromkeys(arm for one in contrasts.values() for arm in (*one.image, *one.text))
    by_arm = {arm: [one for one in readings if one.arm == arm] for arm in arms}
    estimator = settings.estimator or _best(by_arm, settings)
    cells = {arm: _cells(own, estimator, settings) for arm, own in by_arm.items()}
    held = [cell for own in cells.values() for cell in own.values()]
    fewest = min((cell.n for cell in held if cell.n), default=0)
    use = _use(readings, cells, contrasts, settings) if fewest else None
    why = () if use else (f"No arm of {name} has a distribution by {estimator}.",)
    if use and fewest == 1:
        why = ("One sample a case: intervals are over cases alone, and there is no null.",)
    return ModelSensitivity(
        model=name,
        estimator=estimator,
        rule=RULES[estimator],
        descriptive=estimator == "frequencies" and fewest < ENOUGH,
        fewest=fewest,
        use=use,
        accuracy=_accuracy(readings),
        left_out=_left_out(by_arm, cells),
        unreported=sum(cell.unreported for cell in held),
        why=why,
    )


def _best(by_arm: Mapping[str, Sequence[ModelReading]], settings: Settings) -> Estimator:
    """The first estimator that every arm which was read has something for; frequencies where none."""
    for estimator in ESTIMATORS:
        cells = [_cells(own, estimator, settings) for own in by_arm.values() if any(one.state == "ok" for one in own)]
        if cells and all(any(cell.n for cell in own.values()) for own in cells):
            return estimator
    return "frequencies"


def _cells(readings: Iterable[ModelReading], estimator: Estimator, settings: Settings) -> dict[str, Distribution]:
    """The distribution of each case as it was read, from its samples that are ok."""
    samples: dict[str, list[ModelReading]] = {}
    for one in readings:
        if one.state == "ok" and len(set(one.options)) > 1:
            samples.setdefault(one.version, []).append(one)
    return {version: _distribution(own, estimator, settings) for version, own in samples.items()}


def _distribution(samples: Sequence[ModelReading], estimator: Estimator, settings: Settings) -> Distribution:
    options = sorted(set(samples[0].options))
    if estimator == "frequencies":
        return by_frequency([one.chosen for one in samples], options)
    told = [one.told[estimator] for one in samples if one.told and estimator in one.told]
    silent = len(samples) - len(told)
    if estimator == "logprobs":
        found = by_logprobs(told, options, settings.least_mass)
    else:
        found = by_elicitation(told, options)
    return replace(found, left_out={**found.left_out, "no such distribution was kept": silent}) if silent else found


def _use(
    readings: Sequence[ModelReading],
    cells: Mapping[str, Mapping[str, Distribution]],
    contrasts: Mapping[str, Contrast],
    settings: Settings,
) -> Utilisation:
    family = {one.version: one.case for one in readings}
    versions = tuple(sorted({version for own in cells.values() for version in own}))
    arms = {arm: [_samples(own.get(version)) for version in versions] for arm, own in cells.items()}
    read = Read(versions, tuple(family[version] for version in versions), arms)
    return utilisation(read, contrasts, settings.base, settings.draws, settings.halvings, settings.seed)


def _samples(cell: Distribution | None) -> Any:
    return cell.samples if cell is not None and cell.n else None


def _left_out(
    by_arm: Mapping[str, Sequence[ModelReading]], cells: Mapping[str, Mapping[str, Distribution]]
) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for arm, own in by_arm.items():
        counts = Counter(f"{one.state}: {one.why}" for one in own if one.state != "ok")
        for cell in cells[arm].values():
            counts.update(cell.left_out)
        if counts:
            found[arm] = dict(counts)
    return found


def _accuracy(readings: Sequence[ModelReading]) -> Accuracy | None:
    try:
        return accuracy(scores(one for one in readings if one.arm == MAIN))
    except TooLittleData:
        return None
