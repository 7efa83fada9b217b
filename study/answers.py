"""What each kind of step may be answered with. The database checks the same; these say it before a call is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr, ValidationError

ASSISTED = "assisted-"
"""What the kinds of steps begin with that ask once more after a model's answer was shown: ``assisted-ddx`` ..."""
MAX_LINES = 50
MAX_LINE = 300
MAX_COMMENT = 5000


def task_of(kind: str) -> str:
    """What a step of this kind asks for, before advice and after it: ``ddx`` of ``assisted-ddx``."""
    return kind.removeprefix(ASSISTED)


class AnswerError(ValueError):
    """The answer cannot be taken; the message says what to change, in sentences for whoever answers."""


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: ClassVar[str]

    def faults(self, step: Mapping[str, Any], labels: Sequence[str]) -> list[str]:
        """What this step does not accept in the answer, as sentences; empty when it is accepted."""
        return []

    def wire(self) -> dict[str, Any]:
        """The answer as it is sent and hashed."""
        return self.model_dump(mode="json")


class ShowAnswer(_Answer):
    """Evidence takes no answer."""

    kind = "show"


class _Rated(_Answer):
    confidence: StrictInt | None = Field(default=None, ge=0, le=100)

    def _unrated(self, step: Mapping[str, Any], named: bool) -> list[str]:
        missing = named and step.get("confidence") and self.confidence is None
        return ["Give the confidence, a whole per cent from 0 to 100."] if missing else []


class DdxAnswer(_Rated):
    """A ranked list, the most probable first; lines past the cap are kept. ``none``: no diagnosis can be named."""

    kind = "ddx"
    lines: tuple[StrictStr, ...] = Field(default=(), max_length=MAX_LINES)
    none: StrictBool = False
    unchanged: StrictBool = False

    def faults(self, step: Mapping[str, Any], labels: Sequence[str]) -> list[str]:
        """Too long a line, too few diagnoses, both or neither of diagnoses and ``none``, confidence missing."""
        named = sum(bool(line.strip()) for line in self.lines)
        found = [
            f"Line {n} is longer than {MAX_LINE} characters." for n, x in enumerate(self.lines, 1) if len(x) > MAX_LINE
        ]
        if bool(named) == self.none:
            found.append("Name at least one diagnosis, or say that you can name none; not both.")
        elif self.none and step.get("cannot_name") is False:
            found.append("Here a diagnosis must be named.")
        elif named and named < step.get("min_lines", 1):
            found.append(f"Name at least {step['min_lines']} diagnoses; there are {named}.")
        return found + self._unrated(step, named > 0)


class OpenAnswer(_Rated):
    """The one diagnosis that the reader would sign, in their own words."""

    kind = "open"
    diagnosis: StrictStr = Field(default="", max_length=MAX_LINE)
    none: StrictBool = False

    def faults(self, step: Mapping[str, Any], labels: Sequence[str]) -> list[str]:
        """Both or neither of a diagnosis and ``none``, confidence missing."""
        named = bool(self.diagnosis.strip())
        found = []
        if named == self.none:
            found.append("Name the one diagnosis that you would sign, or say that you can name none; not both.")
        elif self.none and step.get("cannot_name") is False:
            found.append("Here a diagnosis must be named.")
        return found + self._unrated(step, named)


class SelectionAnswer(_Rated):
    """The label of the chosen option; ``None`` is "cannot tell", where the protocol allows it."""

    kind = "selection"
    choice: StrictStr | None

    def faults(self, step: Mapping[str, Any], labels: Sequence[str]) -> list[str]:
        """A label that is not there, no choice where one is forced, confidence missing."""
        found = []
        if self.choice is None and not step.get("cannot_tell"):
            found.append("Choose one of the options.")
        if self.choice is not None and labels and self.choice not in labels:
            found.append(f"There is no option {self.choice!r}: choose {', '.join(labels)}.")
        return found + self._unrated(step, self.choice is not None)


class ClosingAnswer(_Answer):
    """What the reader says about the case after the last lock."""

    kind = "closing"
    seen_before: Literal["no", "unsure", "yes"]
    looked_up: StrictBool
    comment: StrictStr = Field(default="", max_length=MAX_COMMENT)


Answer: TypeAlias = ShowAnswer | DdxAnswer | OpenAnswer | SelectionAnswer | ClosingAnswer
KINDS: dict[str, type[Answer]] = {
    kind.kind: kind for kind in (ShowAnswer, DdxAnswer, OpenAnswer, SelectionAnswer, ClosingAnswer)
} | {"advice": ShowAnswer}
_SENTENCES = {
    "confidence": "The confidence is a whole per cent from 0 to 100.",
    "seen_before": "Say whether you had seen the case before: no, unsure or yes.",
    "looked_up": "Say whether you looked anything up: true or false.",
    "choice": "Choose one of the options.",
    "lines": f"A differential is a list of at most {MAX_LINES} lines of text.",
    "diagnosis": f"A diagnosis is a text of at most {MAX_LINE} characters.",
    "comment": f"A comment is a text of at most {MAX_COMMENT} characters.",
}


def parse_answer(step: Mapping[str, Any], answer: Mapping[str, Any], labels: Sequence[str] = ()) -> Answer:
    """The answer to this step of a script, checked; ``labels`` are those of the options that the page shows.

    Raises ``AnswerError`` with every fault as a sentence.
    """
    kind = KINDS.get(task_of(step.get("kind", "")))
    if kind is None:
        raise AnswerError(f"There is no kind of step named {step.get('kind')!r}.")
    try:
        parsed = kind.model_validate(answer)
    except ValidationError as error:
        raise AnswerError(" ".join(dict.fromkeys(_sentence(fault, kind.kind) for fault in error.errors()))) from None
    faults = parsed.faults(step, labels)
    if faults:
        raise AnswerError(" ".join(faults))
    return parsed


def _sentence(fault: Any, kind: str) -> str:
    name = str(fault["loc"][0]) if fault["loc"] else ""
    if fault["type"] == "extra_forbidden":
        return "Evidence takes no answer." if kind == "show" else f"The answer has an unknown part {name!r}: remove it."
    return _SENTENCES.get(name, f"{name}: {fault['msg']}.")
