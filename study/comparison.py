"""One case side by side: what each reader and model answered, stage by stage, held against the truth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from scoring.grades import SCALES, Scale
from study.case import Diagnosis
from study.conditions import MAIN
from study.results import Given, Graded, Row, clinical_case, graded, right_option, who


@dataclass(frozen=True)
class Stage:
    """One locked answer. ``seconds`` since the reader's answer before it in this case, None for the first.

    ``counts`` is false for an answer that came after a hard limit.
    """

    kind: str
    lines: tuple[Graded, ...]
    chosen: str | None
    right: bool | None
    confidence: int | None
    seconds: float | None
    counts: bool
    timed_out: bool


@dataclass(frozen=True)
class Answerer:
    """A reader by result id, or one sample of a model, with the stages of this case."""

    name: str
    group: str
    sample: int | None
    language: str
    arm: str
    condition: str
    state: str
    stages: tuple[Stage, ...]

    def last(self, kind: str) -> Stage | None:
        """The last answer of a kind that counts."""
        return next((one for one in reversed(self.stages) if one.kind == kind and one.counts), None)


@dataclass(frozen=True)
class CaseView:
    """A case with its truth and everybody's answers, humans first."""

    case: str
    specialty: str
    diagnosis: Diagnosis
    options: tuple[tuple[str, bool], ...]
    answerers: tuple[Answerer, ...]


def by_case(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """The analyst's rows by clinical case, in order of key; translations stand with their original."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(clinical_case(row), []).append(row)
    return dict(sorted(found.items()))


def side_by_side(rows: Sequence[Row], given: Given, scale: Scale = SCALES["kanjee2023"]) -> CaseView:
    """The rows of one clinical case as a view; options in order of their words, for labels differ by reading."""
    first = next((row for row in rows if not row.get("translation_of")), rows[0])
    answerers = [_answerer(row, given, scale) for row in rows]
    return CaseView(
        case=clinical_case(first),
        specialty=str(first["specialty"]),
        diagnosis=Diagnosis.model_validate(first["diagnosis"]),
        options=tuple(sorted((str(option["text"]), bool(option["right"])) for option in first["options"])),
        answerers=tuple(sorted(answerers, key=lambda one: (one.group, one.name, one.sample or 0, one.language))),
    )


def _answerer(row: Row, given: Given, scale: Scale) -> Answerer:
    times = [datetime.fromisoformat(answer["at"]) for answer in row["answers"]]
    passed = [None, *((after - before).total_seconds() for before, after in pairwise(times))]
    diagnosis = Diagnosis.model_validate(row["diagnosis"])
    stages = [
        _stage(row, answer, seconds, diagnosis, given, scale)
        for answer, seconds in zip(row["answers"], passed, strict=False)
        if answer["kind"] in ("ddx", "open", "selection")
    ]
    sample = row["sample"] if row["kind"] == "model" else None
    condition = row.get("condition") or MAIN
    return Answerer(who(row), row["kind"], sample, row["language"], row["arm"], condition, row["state"], tuple(stages))


def _stage(row: Row, answer: Any, seconds: float | None, diagnosis: Diagnosis, given: Given, scale: Scale) -> Stage:
    said = answer["answer"]
    written = said.get("lines") or ([said["diagnosis"]] if said.get("diagnosis") else [])
    lines = graded(str(row["case"]), [line for line in written if line.strip()], diagnosis, given, scale)
    chosen = next((o["text"] for o in row["options"] if o["label"] == said.get("choice")), None)
    return Stage(
        kind=answer["kind"],
        lines=lines,
        chosen=chosen,
        right=right_option(row["options"], said) if answer["kind"] == "selection" else None,
        confidence=said.get("confidence"),
        seconds=seconds,
        counts=not answer.get("late"),
        timed_out=bool(answer.get("timed_out")),
    )
