"""From the record to the scores: each reading's answers with the grades that its lines have, ready for ``scoring``.

A line equal to the truth after normalisation has the scale's highest grade. Any other line has the newest grade that a
grader gave to that wording in that case, whoever wrote it, or none yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from scoring.grades import SCALES, Scale
from scoring.matching import LineMatch, match, normalise
from scoring.measures import Reading, State
from study.case import Diagnosis

_STATES: Mapping[str, State] = {
    "completed": "completed",
    "skipped": "skipped",
    "withdrawn": "withdrew",
    "excluded": "excluded",
    "technical": "technical",
    "assigned": "not_reached",
    "reading": "not_reached",
    "paused": "not_reached",
}
Given = Mapping[tuple[str, str], int]


@dataclass(frozen=True)
class Graded:
    """A locked diagnosis with its grade, None while it waits for a grader."""

    text: str
    grade: int | None


def given_grades(grades: Iterable[Any], scale: Scale) -> dict[tuple[str, str], int]:
    """The newest grade of each case and normalised wording on this scale, from grades in the order they were given."""
    return {(g.case, normalise(g.line)): g.grade for g in grades if (g.scale, g.version) == (scale.id, scale.version)}


def graded(case: str, lines: Sequence[str], diagnosis: Diagnosis, given: Given, scale: Scale) -> tuple[Graded, ...]:
    """Each diagnosis of a list with its grade; a line that names alternatives has become several."""
    return tuple(Graded(one.text, _grade(case, one, given, scale)) for one in match(lines, diagnosis).lines)


def _grade(case: str, line: LineMatch, given: Given, scale: Scale) -> int | None:
    if line.grade is None:
        return given.get((case, line.normal))
    return scale.exact if line.grade else scale.nothing


def readings(rows: Iterable[Mapping[str, Any]], given: Given, scale: Scale = SCALES["kanjee2023"]) -> list[Reading]:
    """One ``scoring`` reading a row of the analyst's export; one not completed carries its state alone."""
    return [_reading(row, given, scale) for row in rows]


def _reading(row: Mapping[str, Any], given: Given, scale: Scale) -> Reading:
    group: Literal["human", "model"] = "model" if row["kind"] == "model" else "human"
    reader = str(row["model"] if group == "model" else row["reader"])
    run = str(row["sample"] or "") if group == "model" else ""
    state = _STATES[row["state"]]
    if state != "completed":
        return Reading(reader, group, str(row["case"]), state, run)
    case, diagnosis = str(row["case"]), Diagnosis.model_validate(row["diagnosis"])
    last = {answer["kind"]: answer["answer"] for answer in row["answers"]}
    ddx, own, chosen = last.get("ddx"), last.get("open"), last.get("selection")
    lines = graded(case, [x for x in (ddx or {}).get("lines", []) if x.strip()], diagnosis, given, scale)
    signed = graded(case, [own.get("diagnosis") or ""], diagnosis, given, scale) if own else ()
    return Reading(
        reader,
        group,
        case,
        state,
        run,
        lines=tuple((line.text, line.grade) for line in lines) if ddx else None,
        open_line=(signed[0].text, signed[0].grade) if signed else None,
        selection_right=_right(row["options"], chosen) if chosen else None,
        n_options=len(row["options"]) or None,
        confidence_first=_confidence(ddx),
        confidence_open=_confidence(own),
        confidence_selection=_confidence(chosen),
    )


def _right(options: Iterable[Mapping[str, Any]], chosen: Mapping[str, Any]) -> bool:
    return any(option["right"] and option["label"] == chosen.get("choice") for option in options)


def _confidence(answer: Mapping[str, Any] | None) -> float | None:
    value = (answer or {}).get("confidence")
    return None if value is None else float(value)
