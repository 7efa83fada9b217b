"""AgentClinic's structured cases (JSON lines): history, examination and every named test become blocks in order.

What a reader is not shown stays out: the task sentence for the doctor, and any management section.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..case import StudyFile, Text
from . import names, vocabulary
from .parsed import ImportRefused, Parsed, Progress, Refusal, faults_of

REPOSITORY = "https://github.com/SamuelSchmidgall/AgentClinic"
COMMIT = "b6570edefb940857a7c334350656b29f9d984f24"
_AS_TEXT = frozenset({"laboratory", "other", "history", "examination"})
_UNNAMED = frozenset(
    {"findings", "finding", "remarks", "comments", "suggestion", "result", "results", "interpretation", "impression"}
)


class _Source(BaseModel):
    model_config = ConfigDict(extra="allow")


class _Patient(_Source):
    Demographics: Text
    History: Text
    Symptoms: dict[str, Any] = Field(default_factory=dict)
    Review_of_Systems: str | dict[str, Any] | None = None


class _Osce(_Source):
    Objective_for_Doctor: Any = None
    Patient_Actor: _Patient
    Physical_Examination_Findings: dict[str, Any]
    Test_Results: dict[str, Any]
    Correct_Diagnosis: Text


class _Record(_Source):
    OSCE_Examination: _Osce


class _Test(NamedTuple):
    name: str
    type: str
    text: str


def parse(path: Path, progress: Progress | None = None) -> Parsed:
    """All records of the file; raises :class:`ImportRefused` where the file itself cannot be read."""
    lines = _lines(path)
    cases: list[tuple[int, dict[str, Any]]] = []
    refusals: list[Refusal] = []
    unknown: Counter[str] = Counter()
    left_out: Counter[str] = Counter()
    seen: dict[str, int] = {}
    for number, line in lines:
        try:
            osce = _record(line)
            first = seen.setdefault(json.dumps(osce.model_dump(), sort_keys=True), number)
            if first != number:
                raise ValueError(f"repeats the record of line {first}")
            cases.append((number, _case(osce, number, unknown)))
            left_out.update(osce.model_fields_set & {"Objective_for_Doctor"})
            left_out.update(list(osce.model_extra or ()))
        except ValueError as error:
            message = faults_of(error) if isinstance(error, ValidationError) else str(error)
            refusals.append(Refusal(number, message))
        if progress:
            progress(number, lines[-1][0])
    study = StudyFile(title="AgentClinic cases (MedQA, extended)", languages=("en",))
    return Parsed("AgentClinic", study, tuple(cases), tuple(refusals), unknown, left_out)


def _lines(path: Path) -> list[tuple[int, str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ImportRefused(f"{path} cannot be read as UTF-8 text: {error}") from error
    found = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    if not found:
        raise ImportRefused(f"{path} holds no record; give AgentClinic's JSON lines, one case a line")
    return found


def _record(line: str) -> _Osce:
    try:
        data = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"is not JSON: {error}") from error
    return _Record.model_validate(data).OSCE_Examination


def _case(osce: _Osce, number: int, unknown: Counter[str]) -> dict[str, Any]:
    taken: set[str] = set()
    blocks = [_block(*block, taken) for block in _history(osce.Patient_Actor)]
    examination = _render(osce.Physical_Examination_Findings)
    if examination:
        blocks.append(_block("Examination", "examination", examination, taken))
    blocks += [_block(*test, taken) for test in _tests(osce.Test_Results, unknown)]
    return {
        "key": f"agentclinic-{number:03d}",
        "language": "en",
        "specialty": "unspecified",
        "source": {
            "licence": "MIT",
            "url": REPOSITORY,
            "citation": f"SamuelSchmidgall/AgentClinic @ {COMMIT}, agentclinic_medqa_extended.jsonl, line {number}",
        },
        "permissions": {"external_models": True, "redistribute": True},
        "evidence": blocks,
        "diagnosis": names.diagnosis(osce.Correct_Diagnosis),
    }


def _block(title: str, kind: str, text: str, taken: set[str]) -> dict[str, Any]:
    content = "text" if kind in _AS_TEXT else "finding"
    return {"id": names.slug(title, taken), "type": kind, "title": title, content: text}


def _history(patient: _Patient) -> list[tuple[str, str, str]]:
    past = {name: value for name, value in (patient.model_extra or {}).items() if _render(value)}
    written = [
        ("Demographics and history", f"{patient.Demographics}\n\n{patient.History}"),
        ("Symptoms", _render(patient.Symptoms)),
        ("Past and social history", _render(past)),
        ("Review of systems", _render(patient.Review_of_Systems)),
    ]
    return [(title, "history", text) for title, text in written if text]


def _tests(results: dict[str, Any], unknown: Counter[str]) -> list[_Test]:
    found: list[_Test] = []
    for name, value in results.items():
        if vocabulary.is_container(name) and isinstance(value, dict):
            named = {key: inner for key, inner in value.items() if vocabulary.plain(key) not in _UNNAMED}
            rest = {key: inner for key, inner in value.items() if key not in named}
            found += [_test(key, inner, unknown) for key, inner in named.items()]
            value = rest
        found.append(_test(name, value, unknown))
    return [test for test in found if test.text]


def _test(name: str, value: Any, unknown: Counter[str]) -> _Test:
    text = _render(value)
    kind = vocabulary.evidence_type(name)
    if kind is None and text:
        unknown[name] += 1
    return _Test(_title(name), kind or "other", text)


def _title(name: str) -> str:
    return " ".join(name.replace("_", " ").split())


def _render(value: Any, depth: int = 0) -> str:
    """Values as lines, one a field, nested fields indented; a lone ``Findings`` needs no label; nothing for nothing."""
    if isinstance(value, dict):
        if depth == 0 and len(value) == 1 and vocabulary.plain(next(iter(value))) in _UNNAMED:
            return _render(next(iter(value.values())))
        return "\n".join(line for key, inner in value.items() if (line := _field(key, inner, depth)))
    if isinstance(value, list):
        return "; ".join(text for item in value if (text := _render(item, depth)))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else " ".join(str(value).split())


def _field(name: str, value: Any, depth: int) -> str:
    text = _render(value, depth + 1)
    if not text:
        return ""
    indent = "  " * depth
    return f"{indent}{_title(name)}:\n{text}" if isinstance(value, dict) else f"{indent}{_title(name)}: {text}"
