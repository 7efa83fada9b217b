"""Accuracy under each condition, held against the main reading case by case: MEDSYN's tables of ablations.

Two denominators stand beside one another: failures left out, and failures as wrong. A condition that has no answer has
no rate, and says why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from scoring.accuracy import Accuracy, Difference, Scores, accuracy, difference, holm
from scoring.estimates import TooLittleData
from study.conditions import MAIN, Condition
from study.model_readings import ModelReading, model_readings, rules_of, scores
from study.results import Row

FULL = "Main reading"
FINDINGS = "Expert findings in place of images"
TEXT = "Text removed or replaced"
LEFT_OUT = "One type of evidence left out"
AS_FINDING = "One type of evidence as its finding"
REFINED = "Instruction that names a type"
CONTEXT = "Context"
LANGUAGE = "Language"
OTHER = "Other conditions"
TABLES = (FULL, FINDINGS, TEXT, LEFT_OUT, AS_FINDING, REFINED, CONTEXT, LANGUAGE, OTHER)
NOT_READ = "the model has not read in this condition"
DRAWS = 10_000
SEED = 20_260_225


@dataclass(frozen=True)
class AblationRow:
    """One model in one condition. ``accuracy`` leaves failures out, ``as_wrong`` counts them as 0.

    ``difference`` and ``difference_as_wrong`` are condition minus main over the cases read in both; ``planned`` is the
    one whose failures count as in the study's plan, and ``p_holm`` adjusts its p over the model's conditions.
    ``failed`` and ``missing`` count readings by reason, ``elsewhere`` the cases of the main reading that have none
    here. ``why`` says what cannot be told.
    """

    model: str
    condition: str
    table: str
    accuracy: Accuracy | None
    as_wrong: Accuracy | None
    difference: Difference | None
    difference_as_wrong: Difference | None
    readings: int
    failed: Mapping[str, int]
    missing: Mapping[str, int]
    elsewhere: int
    why: tuple[str, ...]
    planned: Difference | None
    p_holm: float | None = None


@dataclass(frozen=True)
class Ablation:
    """The rows by model, and within it by table; ``failures`` is how the study's plan counts them."""

    rows: tuple[AblationRow, ...]
    failures: str
    draws: int
    seed: int

    def table(self, name: str) -> list[AblationRow]:
        """The rows of one table."""
        return [row for row in self.rows if row.table == name]

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


def ablation_tables(
    rows: Iterable[Row],
    protocol: Mapping[str, Any] | None = None,
    models: Sequence[str] | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Ablation:
    """The tables of the models in the analyst's rows, or of those named, by the conditions of the study's protocol."""
    rules = rules_of(protocol)
    readings = [one for one in model_readings(rows, rules) if models is None or one.model in models]
    failures = str(((protocol or {}).get("plan") or {}).get("failures", "wrong"))
    found: list[AblationRow] = []
    for model in sorted({one.model for one in readings}):
        own = [one for one in readings if one.model == model]
        read = {one.arm for one in own}
        arms = [arm for arm in rules if protocol is not None or arm in read] + sorted(read - rules.keys())
        found += _model(model, own, {arm: rules.get(arm) for arm in arms}, failures, draws, seed)
    return Ablation(tuple(found), failures, draws, seed)


def table_of(rule: Condition | None) -> str:
    """The table that a condition belongs to: what it changes, where that is one thing."""
    if rule is None:
        return OTHER
    changed = set(rule.model_dump(exclude_defaults=True)) - {"visual"}
    forms = frozenset(rule.by_type.values())
    if not changed:
        return {"image": FULL, "finding": FINDINGS}.get(rule.visual, OTHER)
    if changed == {"by_type"}:
        return {frozenset({"absent"}): LEFT_OUT, frozenset({"finding"}): AS_FINDING}.get(forms, OTHER)
    alone = len(changed) == 1 and rule.visual == "image"
    return {"text": TEXT, "refine": REFINED, "context": CONTEXT}[changed.pop()] if alone else OTHER


@dataclass(frozen=True)
class _Pair:
    """The readings of one row, and those that they are held against; None for the main reading itself."""

    condition: str
    table: str
    own: Sequence[ModelReading]
    against: Sequence[ModelReading] | None


def _model(
    model: str,
    readings: Sequence[ModelReading],
    arms: Mapping[str, Condition | None],
    failures: str,
    draws: int,
    seed: int,
) -> list[AblationRow]:
    """The conditions in the order of the tables, main first, also those that the model has not read."""
    rows = [_row(model, pair, failures, draws, seed) for pair in [*_of_arms(readings, arms), *_of_languages(readings)]]
    rows.sort(key=lambda row: TABLES.index(row.table))
    tested = {row.condition: row.planned.p for row in rows if row.planned is not None and row.planned.p is not None}
    holms = dict(zip(tested, holm(list(tested.values())), strict=True))
    return [replace(row, p_holm=holms.get(row.condition)) for row in rows]


def _of_arms(readings: Sequence[ModelReading], arms: Mapping[str, Condition | None]) -> Iterator[_Pair]:
    main = [one for one in readings if one.arm == MAIN]
    for arm, rule in arms.items():
        own = [one for one in readings if one.arm == arm]
        yield _Pair(arm, table_of(rule), own, None if arm == MAIN else main)


def _of_languages(readings: Sequence[ModelReading]) -> Iterator[_Pair]:
    """Translations in the main reading, each language held against the cases as they were written."""
    main = [one for one in readings if one.arm == MAIN]
    written = [one for one in main if one.version == one.case]
    for language in sorted({one.language for one in main if one.version != one.case}):
        own = [one for one in main if one.version != one.case and one.language == language]
        yield _Pair(f"translated: {language}", LANGUAGE, own, written)


def _row(model: str, pair: _Pair, failures: str, draws: int, seed: int) -> AblationRow:
    why: list[str] = []
    own, against = pair.own, pair.against or ()
    here, there = _both(own), _both(against)
    pairs = zip(here, there, strict=True) if pair.against is not None else ()
    differences = [_difference(one, other, draws, seed, why) for one, other in pairs] or [None, None]
    return AblationRow(
        model=model,
        condition=pair.condition,
        table=pair.table,
        accuracy=_accuracy(here[0], why),
        as_wrong=_accuracy(here[1], why),
        difference=differences[0],
        difference_as_wrong=differences[1],
        planned=differences[failures == "wrong"],
        readings=len(own),
        failed=dict(Counter(one.why for one in own if one.state == "failed")),
        missing=dict(Counter(one.why for one in own if one.state == "missing")),
        elsewhere=len({one.case for one in against} - {one.case for one in own}),
        why=tuple(dict.fromkeys(why)) if own else (NOT_READ,),
    )


def _both(readings: Sequence[ModelReading]) -> tuple[Scores, Scores]:
    """The scores with failures left out, and as wrong: none where no answer came at all, for then a rate would be 0."""
    left_out = scores(readings)
    return left_out, scores(readings, 0.0) if left_out else {}


def _accuracy(kept: Scores, why: list[str]) -> Accuracy | None:
    try:
        return accuracy(kept)
    except TooLittleData as error:
        why.append(str(error))
        return None


def _difference(one: Scores, other: Scores, draws: int, seed: int, why: list[str]) -> Difference | None:
    try:
        return difference(one, other, draws, seed)
    except TooLittleData as error:
        why.append(str(error))
        return None
