"""What readers made of a model's answer that they were shown, where a protocol shows one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scoring.advice import Advised, reliance
from scoring.grades import list_grade
from study.answers import ASSISTED
from study.findings._material import Material
from study.findings._result import Finding, Result, Value, left_out, wilson
from study.protocol import TASKS
from study.results import Row, right_option


class Reliance(Result):
    """One stage (ddx, open, selection): shares of readings, each with its own n. A list is right where it covers.

    ``commission``: wrong advice taken, of those right before who were advised wrongly. ``omission``: right advice not
    taken, of those wrong before who were advised rightly. ``appropriate``: right advice taken or wrong advice
    withstood, of all whose answer and advice differed in being right.
    """

    stage: str
    before: Value
    after: Value
    advice_right: Value
    omission: Value
    commission: Value
    appropriate: Value


class Advice(Finding):
    """By stage; empty, with the reason, where readers were shown no model's answer."""

    reliance: tuple[Reliance, ...] = ()


METHOD = (
    "Answers of one reading before and after a model's answer was shown: commission, omission and appropriate "
    "reliance as shares. Wilson intervals take readings as independent."
)
SHOWS_NONE = "the protocol shows readers no model's answer"


def find(material: Material) -> Advice:
    """From rows with ``advice`` (stage to a model's answer of that stage, shown after the unaided answers' lock)."""
    advised = [row for row in material.rows if row["kind"] == "human" and row.get("advice")]
    if not advised:
        return Advice(method=METHOD, n=0, counted="advised readings", why=SHOWS_NONE)
    found = {stage: [_advised(material, row, stage) for row in advised if stage in row["advice"]] for stage in TASKS}
    told = {stage: [one for one in own if one is not None] for stage, own in found.items()}
    untold = sum(one is None for own in found.values() for one in own)
    return Advice(
        method=METHOD,
        n=len(advised),
        counted="advised readings",
        left_out=left_out(("answers", untold, "one answer of the two, or its grade, is not there")),
        reliance=tuple(_reliance(stage, own) for stage, own in told.items() if own),
    )


def _reliance(stage: str, readings: list[Advised]) -> Reliance:
    one = reliance(readings)
    return Reliance(
        stage=stage,
        before=wilson(*one.before),
        after=wilson(*one.after),
        advice_right=wilson(*one.advice),
        omission=wilson(*one.omission),
        commission=wilson(*one.commission),
        appropriate=wilson(*one.appropriate),
    )


def _advised(material: Material, row: Row, stage: str) -> Advised | None:
    """The last unaided answer, the advice, and the answer after it; None where one is not there or not graded."""
    said = {answer["kind"]: answer["answer"] for answer in row["answers"] if not answer.get("late")}
    own, aided = said.get(stage), said.get(f"{ASSISTED}{stage}")
    if own is None or aided is None:
        return None
    before, advice, after = (_right(material, row, stage, one) for one in (own, row["advice"][stage], aided))
    if before is None or advice is None or after is None:
        return None
    return Advised(before, advice, after)


def _right(material: Material, row: Row, stage: str, said: Mapping[str, Any]) -> bool | None:
    if stage == "selection":
        return right_option(row["options"], said)
    if stage == "ddx":
        return _covers(material, row, said)
    grade = next(iter(_grades(material, row, said)), material.scale.nothing)
    return None if grade is None else material.scale.correct(grade)


def _covers(material: Material, row: Row, said: Mapping[str, Any]) -> bool | None:
    """Whether a line that counts is correct; None while a line that decides it waits for a grade."""
    grades = [line.grade for line in material.lines(row, said.get("lines") or ())]
    best = list_grade(grades, material.cap, material.scale)
    found = {best.low >= material.scale.correct_from, best.high >= material.scale.correct_from}
    return found.pop() if len(found) == 1 else None


def _grades(material: Material, row: Row, said: Mapping[str, Any]) -> Iterator[int | None]:
    for line in material.lines(row, [said.get("diagnosis") or ""]):
        yield line.grade
