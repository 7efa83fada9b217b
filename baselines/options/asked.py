"""What a model is asked about a case of a bundle: its differential, or the right option without the evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, Literal

import yaml

from baselines import prompts
from baselines.adapters import Message, Said
from baselines.answers import one_object
from baselines.conversation import Question
from study.answers import AnswerError
from study.case import Case, Evidence
from study.draws import Draws
from study.texts import TextsError

Shown = Literal["options", "history"]
LABELS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def differential(case: Case, number: int) -> Question:
    """The question for so many diagnoses of the case, which is shown whole, findings in the place of images.

    Raises ``TextsError`` where there are no words in the case's language.
    """
    task = words(case.language)["differential"].format(number=number)
    parts = {"diagnoses": {"type": "array", "items": {"type": "string"}}}
    return _question((task, *(_block(case, block) for block in case.evidence)), parts, "differential")


def diagnoses(said: Said) -> list[str]:
    """The diagnoses of a differential; raises ``AnswerError`` where the reply is not exactly what was asked for."""
    found = one_object(said.text)
    listed = found.get("diagnoses")
    if set(found) != {"diagnoses"} or not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise AnswerError('The answer does not have just the part "diagnoses", a list of texts.')
    named = [one.strip() for one in listed if one.strip()]
    if not named:
        raise AnswerError("The answer names no diagnosis.")
    return named


def order(case: Case, sample: int, seed: int) -> list[int]:
    """The order in which a sample of an audit shows the options, as their indices."""
    return Draws("audit", seed, case.key, sample).shuffled(range(len(case.options)))


def choice(case: Case, shown: Shown, sample: int, seed: int) -> Question:
    """The question for the right option of a case whose evidence is not shown, or of which the history alone is.

    Raises ``TextsError`` where there are no words in the case's language.
    """
    labels = LABELS[: len(case.options)]
    own = words(case.language)
    placed = order(case, sample, seed)
    lines = [f"{label}. {case.options[place].text}" for label, place in zip(labels, placed, strict=True)]
    history = [_block(case, block) for block in histories(case)] if shown == "history" else []
    options = "\n".join([str(prompts.words(case.language)["options"]), *lines])
    asked = own["choice"].format(labels=", ".join(labels))
    parts = {"choice": {"type": "string", "enum": list(labels)}}
    return _question((own[shown], *history, options, asked), parts, shown)


def chosen(case: Case, sample: int, seed: int, said: Said) -> int:
    """The index of the chosen option; raises ``AnswerError`` where the reply is not exactly what was asked for."""
    found, labels = one_object(said.text), LABELS[: len(case.options)]
    label = found.get("choice")
    if set(found) != {"choice"} or not isinstance(label, str) or len(label) != 1 or label not in labels:
        raise AnswerError(f'The answer does not have just the part "choice", one of {", ".join(labels)}.')
    return order(case, sample, seed)[labels.index(label)]


def histories(case: Case) -> list[Evidence]:
    """The blocks of the case's history."""
    return [block for block in case.evidence if block.type == "history"]


def words(language: str) -> Mapping[str, str]:
    """The words in this language; raises ``TextsError`` where there are none."""
    base = language.split("-")[0]
    if base not in _catalogue() or base == "version":
        raise TextsError(f"there are no words about options in {language!r}: add them to baselines/options/words.yaml")
    found: Mapping[str, str] = _catalogue()[base]
    return found


def version() -> str:
    """The version of these words."""
    return str(_catalogue()["version"])


def _question(parts: Sequence[str], form: Mapping[str, Any], kind: str) -> Question:
    schema = {"type": "object", "properties": dict(form), "required": list(form), "additionalProperties": False}
    step = {"kind": kind, "text": {"options": version()}}
    return Question((Message("user", tuple(parts)),), step, (), schema)


def _block(case: Case, block: Evidence) -> str:
    return "\n\n".join(_lines(case, block))


def _lines(case: Case, block: Evidence) -> Iterator[str]:
    kind = prompts.type_name(block.type, case.language)
    heading = block.title or kind
    notes = [note for note in (kind if heading.lower() != kind.lower() else "", block.time or "") if note]
    yield " · ".join([heading, *notes])
    yield block.text or block.finding or ""


@cache
def _catalogue() -> Mapping[str, Any]:
    content = (resources.files("baselines") / "options" / "words.yaml").read_text(encoding="utf-8")
    catalogue: Mapping[str, Any] = yaml.safe_load(content)
    return catalogue
