"""What came of probes, by the calls of the record: rates with what failed beside them, and changes of accuracy.

A question counts once, by the reply that was kept first and can be read. What was refused, cut, unreadable or never
came is counted as failed, and never as an answer. Several samples and translations of a case are averaged first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from baselines.adapters import Ask
from baselines.adapters.faults import AdapterFault
from baselines.declared import Declared, heard
from baselines.probe_grades import RULES, ProbeGrade, grade, rates
from baselines.probes import KINDS, Kind, blocks, build
from baselines.probing.planning import BESIDE_ORIGINAL
from scoring.accuracy import Accuracy, Difference, difference
from scoring.estimates import TooLittleData
from study.canonical import digest
from study.desk.calls import CallRow

Contents = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class KindRate:
    """The hits of one kind. ``asked`` questions, ``answered`` of them; ``failed`` counts the others by outcome.

    ``by`` wrote the paraphrase. ``other_version`` questions were about a case that has been changed since: left out.
    ``chance`` is what guessing would hit.
    """

    kind: Kind
    by: str | None
    asked: int
    answered: int
    failed: Mapping[str, int]
    other_version: int
    hits: Accuracy | None
    chance: float | None
    rule: str


@dataclass(frozen=True)
class ProbeChange:
    """The accuracy of a probe minus that in the original words, case by case; None where no case has both."""

    kind: Kind
    by: str | None
    change: Difference | None


@dataclass(frozen=True)
class ModelProbes:
    """One model's probes."""

    model: str
    rates: tuple[KindRate, ...]
    changes: tuple[ProbeChange, ...]


@dataclass(frozen=True)
class Heard:
    """One question and what came of it: ``text`` is the reply, None where there is none that counts."""

    kind: Kind
    by: str | None
    case: str
    case_hash: str
    sample: int
    prompt: str
    outcome: str
    text: str | None


def results(rows: Iterable[CallRow], contents: Contents) -> tuple[ModelProbes, ...]:
    """The probes of each model, in the order of their names; ``rows`` are calls with what was asked and answered."""
    by_model: dict[str, list[Heard]] = {}
    for (model, *_), calls in _newest(rows).items():
        by_model.setdefault(model, []).append(_heard(calls))
    return tuple(_model(name, by_model[name], contents) for name in sorted(by_model))


def _newest(rows: Iterable[CallRow]) -> dict[tuple[Any, ...], list[CallRow]]:
    """The calls of each model about each probe, case and sample; of a question put anew, those of the last wording."""
    found: dict[tuple[Any, ...], list[CallRow]] = {}
    for row in sorted(rows, key=lambda one: one.seq):
        told = (row.request or {}).get("text") or {}
        if row.purpose == "probe" and told.get("probe") in KINDS:
            which = (row.model, told["probe"], told.get("by"), told["case"], told["sample"])
            before = [one for one in found.get(which, ()) if one.key == row.key]
            found[which] = [*before, row]
    return found


def _heard(calls: Sequence[CallRow]) -> Heard:
    """What came of one question: the answer that was kept first; else how its last call stands."""
    request: Mapping[str, Any] = calls[0].request or {}
    told = request["text"]
    right = sorted((row for row in calls if row.outcome == "ok"), key=lambda row: (row.results[-1].at, row.seq))
    outcome = "ok" if right else calls[-1].outcome or "in flight"
    about = (str(told["case"]), str(told["case_hash"]), int(told["sample"]))
    prompt = str(request["messages"][-1]["parts"][0])
    return Heard(told["probe"], told.get("by"), *about, prompt, outcome, _said(right[0]) if right else None)


def _said(row: CallRow) -> str | None:
    """The words of a raw reply; None where it has none."""
    told, request = row.told, row.request or {}
    adapter = request["text"].get("adapter", "chat")
    anybody = {"name": row.model, "adapter": adapter, "model": row.model, "base_url": "http://localhost", "local": True}
    try:
        return heard(Declared.model_validate(anybody), Ask(()), (told.response if told else "") or "", 0.0).text
    except AdapterFault:
        return None


def _model(name: str, asked: Sequence[Heard], contents: Contents) -> ModelProbes:
    groups: dict[tuple[Kind, str | None], list[Heard]] = {}
    for one in asked:
        groups.setdefault((one.kind, one.by), []).append(one)
    order = sorted(groups, key=lambda key: (KINDS.index(key[0]), key[1] or ""))
    graded = {key: _graded(groups[key], contents) for key in order}
    made = tuple(_rate(*key, groups[key], graded[key], contents) for key in order)
    original = _scores(graded.get(("original", None), ()))
    changes = [ProbeChange(*key, _change(_scores(graded[key]), original)) for key in order if key[0] in BESIDE_ORIGINAL]
    return ModelProbes(name, made, tuple(changes))


def _rate(
    kind: Kind, by: str | None, asked: Sequence[Heard], graded: Sequence[ProbeGrade], contents: Contents
) -> KindRate:
    own = [one for one in asked if _same(one, contents)]
    failed = Counter(one.outcome for one in own if one.text is None)
    failed += Counter({"invalid": len(own) - failed.total() - len(graded)})
    rate = next(iter(rates(graded)), None)
    hits, chance = (rate.hits, rate.chance) if rate else (None, None)
    return KindRate(kind, by, len(own), len(graded), dict(failed), len(asked) - len(own), hits, chance, RULES[kind])


def _graded(asked: Sequence[Heard], contents: Contents) -> list[ProbeGrade]:
    """The answers under the rule of their kind, by clinical case; those that the rule cannot read are left out."""
    found = []
    for one in asked:
        if one.text is None or not _same(one, contents):
            continue
        content = contents[one.case]
        probe = build(one.kind, content, one.sample, blocks(content))
        if probe is not None:
            made = grade(replace(probe, prompt=one.prompt), one.text)
            found += (
                [replace(made, case=str(content.get("translation_of") or one.case))] if made.hit is not None else []
            )
    return found


def _same(one: Heard, contents: Contents) -> bool:
    """Whether the case is the one that was asked about."""
    return one.case in contents and digest(contents[one.case]) == one.case_hash


def _scores(graded: Iterable[ProbeGrade]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for one in graded:
        found.setdefault(one.case, []).append(float(bool(one.hit)))
    return found


def _change(first: Mapping[str, Sequence[float]], original: Mapping[str, Sequence[float]]) -> Difference | None:
    try:
        return difference(first, original)
    except TooLittleData:
        return None
