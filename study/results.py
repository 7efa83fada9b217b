"""From the record to the scores: each reading's answers with the grades that its lines have, ready for ``scoring``.

A line equal to the truth after normalisation has the scale's highest grade. Any other line has the newest grade that a
grader gave to that wording in that case, whoever wrote it, or none yet. An answer that came after a hard limit is kept
in the record and not scored. A translated case counts as the case that it was translated from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from scoring.grades import DEFAULT, SCALES, Scale
from scoring.matching import LineMatch, match, normalise
from scoring.reading import Reading, State
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
Row = Mapping[str, Any]
_PLANNED = {"kanjee-2023": "kanjee2023", "mcduff-2025": "amie"}


@dataclass(frozen=True)
class Graded:
    """A locked diagnosis with its grade, None while it waits for a grader."""

    text: str
    grade: int | None


def planned_scale(protocol: Mapping[str, Any] | None) -> Scale:
    """The scale of the protocol's analysis plan, correct from the plan's threshold on."""
    plan = (protocol or {}).get("plan") or {}
    scale = SCALES[_PLANNED.get(plan.get("scale", ""), DEFAULT)]
    return replace(scale, correct_from=scale.checked(plan.get("threshold", scale.correct_from)))


def longest_list(protocol: Mapping[str, Any] | None) -> int:
    """How many lines of a list are scored: the protocol's cap; lines past it are kept and not scored."""
    return int(((protocol or {}).get("ddx") or {}).get("max_lines") or 5)


def counted(row: Row) -> dict[str, Mapping[str, Any]]:
    """The last answer of each kind that counts, with its time: what came after a hard limit is left out."""
    return {answer["kind"]: answer for answer in row["answers"] if not answer.get("late")}


def clinical_case(row: Row) -> str:
    """The case's key; a translation has the key of the case that it was translated from."""
    return str(row.get("translation_of") or row["case"])


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


def readings(rows: Iterable[Row], given: Given, scale: Scale = SCALES[DEFAULT]) -> list[Reading]:
    """One ``scoring`` reading a row of the analyst's export; one not completed carries its state alone."""
    return [_reading(row, given, scale) for row in rows]


def who(row: Row) -> str:
    """The reader's result id, or the model's name: a model's samples are runs of one reader."""
    return str(row["model"] if row["kind"] == "model" else row["reader"])


def _reading(row: Row, given: Given, scale: Scale) -> Reading:
    group: Literal["human", "model"] = "model" if row["kind"] == "model" else "human"
    run = f"{row['sample'] or ''} {row['language']}" if group == "model" else ""
    answers = counted(row)
    reading = Reading(
        who(row), group, clinical_case(row), _state(row, answers), run, n_options=len(row["options"]) or None
    )
    if reading.state != "completed":
        return reading
    ddx, own, chosen = (answers[kind]["answer"] if kind in answers else None for kind in ("ddx", "open", "selection"))
    case, diagnosis = str(row["case"]), Diagnosis.model_validate(row["diagnosis"])
    signed = graded(case, [own.get("diagnosis") or ""], diagnosis, given, scale) if own else ()
    return replace(
        reading,
        lines=tuple((line.text, line.grade) for line in _list(ddx, case, diagnosis, given, scale)) if ddx else None,
        # What names several diagnoses counts by the first of them.
        open_line=(signed[0].text, signed[0].grade) if signed else None,
        selection_right=right_option(row["options"], chosen) if chosen else None,
        confidence_first=_confidence(ddx),
        confidence_open=_confidence(own),
        confidence_selection=_confidence(chosen),
    )


def _list(ddx: Row, case: str, diagnosis: Diagnosis, given: Given, scale: Scale) -> tuple[Graded, ...]:
    return graded(case, [line for line in ddx.get("lines") or () if line.strip()], diagnosis, given, scale)


def _state(row: Row, answers: Mapping[str, Mapping[str, Any]]) -> State:
    """The reading's state; one in which time ran out over an empty answer is a failure, not a missing reading."""
    state = _STATES[row["state"]]
    empty = (answer for answer in answers.values() if answer.get("timed_out") and not _content(answer["answer"]))
    return "timed_out" if state == "completed" and any(empty) else state


def _content(answer: Mapping[str, Any]) -> bool:
    said = any(str(line).strip() for line in answer.get("lines") or ()) or str(answer.get("diagnosis") or "").strip()
    return bool(said or answer.get("choice") or answer.get("none") or "seen_before" in answer)


def right_option(options: Iterable[Row], chosen: Row) -> bool:
    """Whether the chosen label is that of the right option in this reading's own order."""
    return any(option["right"] and option["label"] == chosen.get("choice") for option in options)


def _confidence(answer: Row | None) -> float | None:
    value = (answer or {}).get("confidence")
    return None if value is None else float(value)
