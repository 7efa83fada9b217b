"""From the record to the scores: each reading's answers with the grades that its lines have, ready for ``scoring``.

A line that was graded has the grade that counts for its wording in its case (``scoring.adjudication``), whoever wrote
it, or none while graders disagree. Any other line that equals the truth after normalisation has the scale's highest
grade. An answer that came after a hard limit is kept in the record and not scored. A translated case counts as the case
that it was translated from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from scoring.adjudication import RULE, Rule, Settled, Vote, settle
from scoring.grades import DEFAULT, SCALES, Scale
from scoring.matching import LineMatch, normalise, parts
from scoring.reading import Reading, State
from study.answers import ASSISTED
from study.case import Diagnosis
from study.conditions import MAIN
from study.desk.staff import Grade
from study.judged import note_of

_STATES: Mapping[str, State] = {
    "completed": "completed",
    "skipped": "skipped",
    "withdrawn": "withdrew",
    "excluded": "excluded",
    "technical": "technical",
    "failed": "failed",
    "assigned": "not_reached",
    "reading": "not_reached",
    "paused": "not_reached",
}
Key = tuple[str, str]
Given = Mapping[Key, int | None]
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
    """The last answer of each kind that counts, with its time: none that came after a hard limit, none after advice."""
    unaided = (answer for answer in row["answers"] if not answer["kind"].startswith(ASSISTED))
    return {answer["kind"]: answer for answer in unaided if not answer.get("late")}


def clinical_case(row: Row) -> str:
    """The case's key; a translation has the key of the case that it was translated from."""
    return str(row.get("translation_of") or row["case"])


def settled_grades(grades: Iterable[Grade], scale: Scale, rule: Rule = RULE) -> dict[Key, Settled]:
    """What the grades on this scale, in the order given, come to for each case and normalised wording."""
    votes: dict[Key, list[Vote]] = {}
    for grade in grades:
        if (grade.scale, grade.version) == (scale.id, scale.version):
            note = note_of(grade)
            vote = Vote(grade.grade, grade.source, note is not None and note.alone)
            votes.setdefault((grade.case, normalise(grade.line)), []).append(vote)
    found = {key: settle(own, scale, rule) for key, own in votes.items()}
    return {key: settled for key, settled in found.items() if settled is not None}


def given_grades(grades: Iterable[Grade], scale: Scale) -> dict[Key, int | None]:
    """The grade that counts for each case and normalised wording; None where graders have not settled it."""
    return {key: settled.grade for key, settled in settled_grades(grades, scale).items()}


def graded(case: str, lines: Sequence[str], diagnosis: Diagnosis, given: Given, scale: Scale) -> tuple[Graded, ...]:
    """Each diagnosis of a list with its grade; a line that names alternatives has become several."""
    named = (one for line in lines for one in parts(line, diagnosis))
    return tuple(Graded(one.text, _grade(case, one, given, scale)) for one in named)


def _grade(case: str, line: LineMatch, given: Given, scale: Scale) -> int | None:
    if (case, line.normal) in given:
        return given[case, line.normal]
    if line.grade is None:
        return None
    return scale.exact if line.grade else scale.nothing


def readings(rows: Iterable[Row], given: Given, scale: Scale = SCALES[DEFAULT]) -> list[Reading]:
    """One ``scoring`` reading a row of the analyst's export; one not completed carries its state alone.

    What models read in other conditions than the main one is not among them: see ``study.conditions``.
    """
    grading = _Grading(given, scale)
    return [_reading(row, grading) for row in rows if row.get("condition", MAIN) == MAIN]


class _Grading:
    """Grades lines, each distinct one of a case once; the truth of a case is read once."""

    def __init__(self, given: Given, scale: Scale) -> None:
        self._given, self._scale = given, scale
        self._diagnoses: dict[str, Diagnosis] = {}
        self._graded: dict[Key, tuple[tuple[str, int | None], ...]] = {}

    def graded(self, row: Row, lines: Iterable[str]) -> tuple[tuple[str, int | None], ...]:
        """The diagnoses that lines name, with their grades."""
        case = str(row["case"])
        return tuple(one for line in lines for one in self._graded.get((case, line)) or self._line(row, case, line))

    def _line(self, row: Row, case: str, line: str) -> tuple[tuple[str, int | None], ...]:
        if case not in self._diagnoses:
            self._diagnoses[case] = Diagnosis.model_validate(row["diagnosis"])
        found = graded(case, [line], self._diagnoses[case], self._given, self._scale)
        self._graded[case, line] = tuple((one.text, one.grade) for one in found)
        return self._graded[case, line]


def who(row: Row) -> str:
    """The reader's result id, or the model's name: a model's samples are runs of one reader."""
    return str(row["model"] if row["kind"] == "model" else row["reader"])


def _reading(row: Row, grading: _Grading) -> Reading:
    group: Literal["human", "model"] = "model" if row["kind"] == "model" else "human"
    run = f"{row['sample'] or ''} {row['language']}" if group == "model" else ""
    answers = counted(row)
    state, options = _state(row, answers), len(row["options"]) or None
    if state != "completed":
        return Reading(who(row), group, clinical_case(row), state, run, n_options=options)
    ddx, own, chosen = (answers[kind]["answer"] if kind in answers else None for kind in ("ddx", "open", "selection"))
    signed = grading.graded(row, [own.get("diagnosis") or ""]) if own else ()
    return Reading(
        who(row),
        group,
        clinical_case(row),
        state,
        run,
        lines=grading.graded(row, (line for line in ddx.get("lines") or () if line.strip())) if ddx else None,
        # What names several diagnoses counts by the first of them.
        open_line=signed[0] if signed else None,
        selection_right=right_option(row["options"], chosen) if chosen else None,
        n_options=options,
        confidence_first=_confidence(ddx),
        confidence_open=_confidence(own),
        confidence_selection=_confidence(chosen),
        seconds_final=_seconds(answers),
    )


def _seconds(answers: Mapping[str, Row]) -> float | None:
    """From the list's lock to that of the last final diagnosis; None where the protocol asked for one of them only."""
    locked = [datetime.fromisoformat(answers[kind]["at"]) for kind in ("ddx", "open", "selection") if kind in answers]
    return (locked[-1] - locked[0]).total_seconds() if "ddx" in answers and len(locked) > 1 else None


def state_of(row: Row) -> State:
    """The reading's state; one in which time ran out over an empty answer is a failure, not a missing reading."""
    return _state(row, counted(row))


def _state(row: Row, answers: Mapping[str, Row]) -> State:
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
