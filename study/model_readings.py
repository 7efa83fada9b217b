"""What models chose in each arm, by the analyst's rows: the choice, its distribution over the options, a failure.

An arm is what differs in how a case was read: a condition, or an arm of the protocol in the main reading. Arms are
known by what they change (``study.conditions.Condition``), so a study may give them names of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

from study.case import EvidenceType
from study.conditions import MAIN, Condition, medsyn
from study.results import Row, clinical_case, counted, right_option, state_of

TYPES: tuple[EvidenceType, ...] = get_args(EvidenceType)
Told = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class ModelReading:
    """One sample of a model over one case in one arm.

    ``version`` is the case as it was read, ``case`` the one that it shares with its translations. ``state`` is ok,
    failed or missing, and ``why`` says more. ``chosen`` is an option's text, None for "cannot tell"; ``told`` holds the
    probability of each option by estimator, where the model's distribution was kept with its answer.
    """

    model: str
    arm: str
    case: str
    version: str
    language: str
    options: tuple[str, ...]
    state: str
    why: str
    chosen: str | None = None
    right: bool | None = None
    told: Told | None = None


Rules = Mapping[str, Condition]


def rules_of(protocol: Mapping[str, Any] | None) -> dict[str, Condition]:
    """What each arm changes, by its name, ``main`` first; without a protocol MEDSYN's conditions by their names."""
    if protocol is None:
        return {MAIN: Condition(), **medsyn(TYPES)}
    arms = {name: _plain(Condition(**_forms(arm))) for name, arm in (protocol.get("arms") or {"images": {}}).items()}
    given = {name: _plain(Condition(**rule)) for name, rule in (protocol.get("conditions") or {}).items()}
    return {**{_of_arm(name, rule): rule for name, rule in arms.items()}, **given}


def named(rules: Rules, wanted: Condition) -> str | None:
    """The arm that changes just this; None where the study has none."""
    return next((name for name, rule in rules.items() if rule == _plain(wanted)), None)


def model_readings(rows: Iterable[Row], rules: Rules) -> list[ModelReading]:
    """The readings of models in the rows, of cases that have options; an unknown arm keeps its name."""
    return [_reading(row, rules) for row in rows if row["kind"] == "model" and row["options"]]


def scores(readings: Iterable[ModelReading], failures: float | None = None) -> dict[str, list[float]]:
    """Right or wrong of each case's answers; failures are left out, or count as ``failures``."""
    found: dict[str, list[float]] = {}
    for one in readings:
        if one.state == "ok" or (one.state == "failed" and failures is not None):
            found.setdefault(one.case, []).append(float(bool(one.right)) if one.state == "ok" else failures or 0.0)
    return found


def distribution_notes(**told: Mapping[str, float]) -> dict[str, Any]:
    """The notes of the turn that locks a selection: probabilities by label, ``logprobs`` or ``elicited`` or both."""
    kept = [{"estimator": name, "p": {k: float(f"{p:.6g}") for k, p in own.items()}} for name, own in told.items()]
    return {"distribution": kept}


def _reading(row: Row, rules: Rules) -> ModelReading:
    options = {str(option["label"]): str(option["text"]) for option in row["options"]}
    answer = counted(row).get("selection")
    state, why = _state(row, answer)
    reading = ModelReading(
        model=str(row["model"]),
        arm=_arm(row, rules),
        case=clinical_case(row),
        version=str(row["case"]),
        language=str(row["language"]),
        options=tuple(sorted(options.values())),
        state=state,
        why=why,
    )
    if state != "ok" or answer is None:
        return reading
    said = answer["answer"]
    chosen, right = options.get(str(said.get("choice"))), right_option(row["options"], said)
    return replace(reading, chosen=chosen, right=right, told=_told(row, options))


def _state(row: Row, answer: Mapping[str, Any] | None) -> tuple[str, str]:
    state = state_of(row)
    if state == "completed":
        return ("ok", "") if answer is not None else ("missing", "no selection was asked")
    if state in ("failed", "timed_out"):
        return "failed", str(row.get("outcome") or state).replace("_", " ")
    return "missing", state.replace("_", " ")


def _arm(row: Row, rules: Rules) -> str:
    condition = str(row.get("condition") or MAIN)
    if condition != MAIN:
        return condition
    other = _arm_name(str(row.get("arm")))
    return other if other in rules else MAIN


def _of_arm(name: str, rule: Condition) -> str:
    """The main reading is the one that changes nothing; another arm of the protocol stands beside it."""
    return MAIN if rule == Condition() else _arm_name(name)


def _arm_name(name: str) -> str:
    return f"arm {name}"


def _forms(arm: Mapping[str, Any]) -> dict[str, Any]:
    return {name: arm[name] for name in ("visual", "by_type") if name in arm}


def _plain(rule: Condition) -> Condition:
    """The rule without what its own default says already."""
    return rule.model_copy(
        update={"by_type": {kind: form for kind, form in rule.by_type.items() if form != rule.visual}}
    )


def _told(row: Row, options: Mapping[str, str]) -> Told:
    """The probabilities kept with the answer, by estimator and option; labels that were not shown keep their name."""
    kept = row.get("distribution") or ()
    listed: Sequence[Any] = [kept] if isinstance(kept, Mapping) else kept
    return {
        str(one["estimator"]): {options.get(label, label): p for label, p in one["p"].items()}
        for one in listed
        if isinstance(one, Mapping) and isinstance(one.get("p"), Mapping) and "estimator" in one
    }
