"""A model's answer to each kind of step: the JSON schema, the words that ask for it, and the strict reading of it.

The same words are asked whether an endpoint enforces the schema or not. What is not exactly one JSON object with these
parts is invalid; nothing is guessed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

import yaml

from study.answers import AnswerError, parse_answer
from study.texts import TaskText, TextsError

CANNOT_TELL = "cannot tell"
Json = dict[str, Any]
_FENCE = re.compile(r"^[ \t]*```[A-Za-z]*[ \t]*\n(.*?)\n[ \t]*```[ \t]*$", re.DOTALL | re.MULTILINE)
_REASONING = re.compile(r"\s*<think>.*?</think>", re.DOTALL)


def answer_schema(step: Mapping[str, Any], labels: Sequence[str] = ()) -> Json:
    """The JSON schema of the answer to this step of a script; ``labels`` are those of the options that are shown.

    It is plain enough for every endpoint: no unions, no bounds, every part required. Raises ``AnswerError`` for a step
    that takes no answer.
    """
    parts = _parts(step, labels)
    return {"type": "object", "properties": parts, "required": list(parts), "additionalProperties": False}


def output_text(step: Mapping[str, Any], language: str, labels: Sequence[str] = ()) -> TaskText:
    """The words that the prompt adds to the task text, in the case's language.

    Raises ``TextsError`` where there are none in this language.
    """
    words = _words(language)
    told = [words[name] for name in _names(step)]
    fields = {"labels": ", ".join(labels), "cannot_tell": CANNOT_TELL}
    return _text([words["object"], *(f"- {line.format_map(fields)}" for line in told)])


def label_text(language: str, labels: Sequence[str]) -> TaskText:
    """The words that ask for an option's label alone, for its log-probability."""
    return _text([_words(language)["label"].format(labels=", ".join(labels))])


def parse(step: Mapping[str, Any], text: str, labels: Sequence[str] = ()) -> Json:
    """The answer as the record takes it; raises ``AnswerError`` with every fault where it is invalid."""
    said = one_object(text)
    parts = _parts(step, labels)
    unknown = sorted(said.keys() - parts.keys())
    if unknown:
        raise AnswerError(f"The answer has parts that were not asked for: {', '.join(unknown)}.")
    kind, sure = step["kind"], said.get("confidence")
    if isinstance(sure, float) and sure.is_integer():  # to JSON, 80.0 is a whole number
        said["confidence"] = int(sure)
    if kind == "selection" and step.get("cannot_tell") and said.get("choice") == CANNOT_TELL:
        said["choice"] = None
    if said.get("none") is True or (kind == "selection" and said.get("choice", "") is None):
        said.pop("confidence", None)  # of nothing: the form asks for a number all the same
    return parse_answer(step, said, labels).wire()


def one_object(text: str) -> Json:
    """The one JSON object in the text: it is the text, or stands in its only fence; reasoning before it is passed over.

    Raises ``AnswerError`` where there is none, or more than one.
    """
    words = _REASONING.sub("", text, count=1) if _REASONING.match(text) else text
    fenced = _FENCE.findall(words) if "```" in words else []
    if len(fenced) > 1:
        raise AnswerError(
            f"There are {len(fenced)} fenced blocks in the answer, where there should be one JSON object."
        )
    try:
        found = json.loads(fenced[0] if fenced else words, object_pairs_hook=_once, parse_constant=_no_number)
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as fault:
        raise AnswerError(f"The answer is not one JSON object ({fault}).") from None
    if not isinstance(found, dict):
        raise AnswerError("The answer is JSON, but not an object.")
    if "\\u0000" in json.dumps(found):
        raise AnswerError("The answer holds a sign that no text has (U+0000).")
    return found


def _once(pairs: Iterable[tuple[str, Any]]) -> Json:
    found: Json = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"it gives {name!r} twice")
        found[name] = value
    return found


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _parts(step: Mapping[str, Any], labels: Sequence[str]) -> Json:
    choices = [*labels, CANNOT_TELL] if step.get("cannot_tell") else list(labels)
    schemas: Json = {
        "lines": {"type": "array", "items": {"type": "string"}},
        "diagnosis": {"type": "string"},
        "none": {"type": "boolean"},
        "choice": {"type": "string", "enum": choices},
        "confidence": {"type": "integer"},
        "seen_before": {"type": "string", "enum": ["no", "unsure", "yes"]},
        "looked_up": {"type": "boolean"},
        "comment": {"type": "string"},
    }
    shared = {"no_lines": "none", "no_diagnosis": "none", "choice_or_none": "choice"}
    return {part: schemas[part] for part in (shared.get(name, name) for name in _names(step))}


def _names(step: Mapping[str, Any]) -> list[str]:
    """The parts of the answer by the names of their words, in the order in which they are asked for."""
    named, sure = step.get("cannot_name", True), step.get("confidence")
    kinds = {
        "ddx": ["lines", *(["no_lines"] if named else [])],
        "open": ["diagnosis", *(["no_diagnosis"] if named else [])],
        "selection": ["choice_or_none" if step.get("cannot_tell") else "choice"],
        "closing": ["seen_before", "looked_up", "comment"],
    }
    if step.get("kind") not in kinds:
        raise AnswerError(f"A step of kind {step.get('kind')!r} takes no answer.")
    return kinds[step["kind"]] + (["confidence"] if sure and step["kind"] != "closing" else [])


def _text(lines: Sequence[str]) -> TaskText:
    text = "\n".join(lines)
    return TaskText(_catalogue()["version"], hashlib.sha256(text.encode()).hexdigest(), text)


def _words(language: str) -> Mapping[str, str]:
    base = language.split("-")[0]
    if base not in _catalogue() or base == "version":
        raise TextsError(f"there are no words for the output format in {language!r}: add them to baselines/output.yaml")
    words: Mapping[str, str] = _catalogue()[base]
    return words


@cache
def _catalogue() -> Mapping[str, Any]:
    content = (resources.files("baselines") / "output.yaml").read_text(encoding="utf-8")
    catalogue: Mapping[str, Any] = yaml.safe_load(content)
    return catalogue
