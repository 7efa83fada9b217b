"""Answers that were made elsewhere, read from a file of JSON lines and told as if they had just been given.

docs/models.md describes the format. A file is refused whole, with every fault by its line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from baselines._declaration import Declared
from baselines.adapters._heard import parsed
from baselines.adapters._types import Ask, Outcome, Said
from baselines.adapters.faults import Rejected
from study.canonical import canonical
from study.conditions import MAIN
from study.database import StudyError

Place: TypeAlias = tuple[str, str, int, str, int]
"""Condition, case, sample, kind of step, and which of its kind in the reading, from 1."""

Text = Annotated[str, StringConstraints(min_length=1)]


class Recorded(BaseModel):
    """One line: where the answer belongs, the answer or the model's own words, and where it comes from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: Text
    case: Text
    kind: Literal["ddx", "open", "selection", "closing"]
    sample: int = Field(default=1, ge=1, le=200)
    condition: Text = MAIN
    number: int = Field(default=1, ge=1)
    answer: dict[str, Any] | None = None
    text: str | None = None
    outcome: Literal["ok", "refused", "truncated", "failed"] = "ok"
    version: Text | None = None
    asked_at: datetime | None = None
    milliseconds: float | None = Field(default=None, ge=0)
    input_tokens: int | None = Field(default=None, ge=0)
    output_tokens: int | None = Field(default=None, ge=0)
    provenance: Text

    @model_validator(mode="after")
    def _says_something(self) -> Recorded:
        if self.answer is not None and self.text is not None:
            raise ValueError("has both an answer and a text; give the text as the model wrote it, or the answer alone")
        if self.outcome == "ok" and self.answer is None and self.text is None:
            raise ValueError("has neither an answer nor a text; where there was none, give the outcome")
        if self.outcome == "failed" and (self.answer is not None or self.text is not None):
            raise ValueError("failed, and yet has an answer")
        return self

    @property
    def place(self) -> Place:
        """Where in a study the answer belongs."""
        return self.condition, self.case, self.sample, self.kind, self.number


class ReplayRefused(StudyError):
    """The file has faults; ``faults`` are all of them, each with its line."""

    def __init__(self, path: Path, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__(f"{path} is refused, {len(faults)} fault(s):\n" + "\n".join(faults))


@dataclass(frozen=True)
class Replay:
    """The answers of a file, by model and place, each with its line as it came."""

    path: Path
    lines: dict[tuple[str, Place], tuple[Recorded, str]]

    @property
    def models(self) -> list[str]:
        """The models that have answers here."""
        return sorted({model for model, _ in self.lines})

    def places(self, model: str) -> list[Place]:
        """Where this model has answers, in the file's order."""
        return [place for name, place in self.lines if name == model]

    def said(self, model: str, place: Place, options: Mapping[str, str] | None = None) -> Said:
        """The answer for this place; raises ``Rejected`` where there is none, or where the model failed there.

        ``options`` are those that the reading shows, by label: an answer may name its option by the words.
        """
        if (model, place) not in self.lines:
            condition, case, sample, kind, number = place
            where = f"{case}, {condition}, sample {sample}, {kind} {number}"
            raise Rejected(f"{self.path.name} has no answer of {model} for {where}.")
        recorded, raw = self.lines[model, place]
        return _said(recorded, raw, options or {})


def read_answers(path: Path | str) -> Replay:
    """The answers of the file; raises ``ReplayRefused`` with every fault at once."""
    path = Path(path)
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as fault:
        raise ReplayRefused(path, [f"cannot be read ({fault})"]) from None
    faults: list[str] = []
    found: list[tuple[int, Recorded, str]] = []
    for number, raw in enumerate(lines, 1):
        if raw.strip():
            recorded = _recorded(raw)
            found += [(number, recorded, raw)] if isinstance(recorded, Recorded) else []
            faults += [f"line {number}: {fault}" for fault in recorded] if isinstance(recorded, list) else []
    faults += _twice(found)
    if not found and not faults:
        faults.append("there is no answer in it")
    if faults:
        raise ReplayRefused(path, faults)
    return Replay(path, {(one.model, one.place): (one, raw) for _, one, raw in found})


def _recorded(raw: str) -> Recorded | list[str]:
    data = parsed(raw)
    if not isinstance(data, dict):
        return ["is no JSON object"]
    try:
        return Recorded.model_validate(data)
    except ValidationError as error:
        return [_sentence(fault) for fault in error.errors(include_input=False)]


def _sentence(fault: Any) -> str:
    field = ".".join(str(part) for part in fault["loc"])
    told = {"missing": "is missing", "extra_forbidden": "is unknown; remove it"}.get(fault["type"], fault["msg"])
    return f"{field}: {told}" if field else told.removeprefix("Value error, ")


def _twice(found: Sequence[tuple[int, Recorded, str]]) -> Iterator[str]:
    times = Counter((one.model, one.place) for _, one, _ in found)
    for number, one, _ in found:
        if times[one.model, one.place] > 1:
            yield f"line {number}: {one.model} answers this place {times[one.model, one.place]} times"


def hear(declared: Declared, ask: Ask, raw: str, milliseconds: float) -> Said:
    """What a line that was kept says; raises ``Rejected`` where it says that there was no answer."""
    recorded = _recorded(raw)
    if isinstance(recorded, list):
        raise Rejected(f"A line of {declared.name}'s answers cannot be read: {'; '.join(recorded)}.", raw=raw)
    return _said(recorded, raw, {})


def _words(answer: Mapping[str, Any] | None, options: Mapping[str, str]) -> str:
    """The answer as a model would have written it; an option that is named by its words gets its label."""
    if answer is None:
        return ""
    said = dict(answer)
    if "option" in said:
        words = str(said.pop("option")).strip()
        said["choice"] = next((label for label, text in options.items() if text.strip() == words), words)
    return canonical(said)


def _said(recorded: Recorded, raw: str, options: Mapping[str, str]) -> Said:
    if recorded.outcome == "failed":
        raise Rejected(f"{recorded.model} gave no answer where it was asked ({recorded.provenance}).", raw=raw)
    outcome: Outcome = recorded.outcome
    text = recorded.text if recorded.text is not None else _words(recorded.answer, options)
    version, took = recorded.version or recorded.model, recorded.milliseconds or 0.0
    return Said(outcome, text, raw, version, recorded.input_tokens, recorded.output_tokens, took)
