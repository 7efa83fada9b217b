"""From a page to the messages that a model is sent: at each question it has what a reader has. Pure.

The blocks that were shown since the last question form the message that precedes the next one, in order. The task text
is the readers' own; the prompt adds the output format only. What the model answered stands as the record has it, so
that the same page gives the same messages, whoever resumes the reading.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from baselines import prompts
from baselines.adapters import Ask, Message, Picture
from baselines.adapters._types import Part
from baselines.answers import CANNOT_TELL, answer_schema, label_text, output_text
from baselines.pictures import shown
from study.conditions import Condition
from study.database import StudyError
from study.desk import Page, PageBlock, PageImage
from study.desk.pages import PageAnswer, StudyText
from study.protocol import Protocol
from study.script import question

Json = Mapping[str, Any]
Texts = Mapping[str, Mapping[str, StudyText]]
Pictures = Callable[[PageImage], Picture]


@dataclass(frozen=True)
class Rules:
    """What a study fixes of how its models are asked."""

    protocol: Protocol
    texts: Texts
    condition: Condition = field(default_factory=Condition)
    _steps: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def step(self, kind: str, language: str) -> dict[str, Any]:
        """The step that asks for this kind of answer, as the script has it."""
        if (kind, language) not in self._steps:
            self._steps[kind, language] = question(self.protocol, kind, language)  # type: ignore[arg-type]
        return self._steps[kind, language]

    def text(self, kind: str, language: str) -> StudyText:
        """The readers' task text; raises ``StudyError`` where the study's is not the one that the script names."""
        found = self.texts[kind][language]
        named = self.step(kind, language)["text"]["hash"]
        if found.hash != named:
            raise StudyError(
                f"The study's text {kind!r} in {language} is not the one that its scripts name: "
                "the program and the study are of different versions; update the program."
            )
        return found


@dataclass(frozen=True)
class Question:
    """One question to a model: its messages, the step that it answers, and the labels of the options shown."""

    messages: tuple[Message, ...]
    step: Json
    labels: tuple[str, ...]
    schema: Json | None
    distribution: tuple[str, ...] = ()

    def ask(self, sample: int) -> Ask:
        """The question as an adapter takes it."""
        return Ask(self.messages, self.schema, {}, self.distribution, sample)


def asked(page: Page, rules: Rules, picture: Pictures) -> Question:
    """The question of the page's present step."""
    kind, language = _present(page)
    step, labels = rules.step(kind, language), page.labels
    return Question(_messages(page, rules, picture), step, labels, answer_schema(step, labels))


def asked_probabilities(page: Page, rules: Rules, picture: Pictures) -> Question:
    """At the selection, in its place: how likely each option is."""
    kind, language = _present(page)
    words = "\n\n".join([prompts.probabilities(language, page.labels), _options(page)])
    parts = {"probabilities": _object({label: {"type": "integer"} for label in page.labels})}
    messages = _with_last(_messages(page, rules, picture), words)
    return Question(messages, rules.step(kind, language), page.labels, _object(parts))


def asked_label(page: Page, rules: Rules, picture: Pictures) -> Question:
    """At the selection, in its place: the label alone, for its log-probability."""
    kind, language = _present(page)
    words = "\n\n".join([*_task(rules, kind, language), _options(page), label_text(language, page.labels).text])
    messages = _with_last(_messages(page, rules, picture), words)
    return Question(messages, rules.step(kind, language), page.labels, None, page.labels)


def images(page: Page) -> list[PageImage]:
    """The images that the messages of this page hold."""
    return [image for block in page.blocks for image in block.images]


def _present(page: Page) -> tuple[str, str]:
    kind = page.current.kind if page.current else "show"
    if kind == "show":
        raise StudyError("The page asks nothing of its reader.")
    return kind, page.case.language


def _messages(page: Page, rules: Rules, picture: Pictures) -> tuple[Message, ...]:
    """The conversation up to the present question; where the context is fresh, this one with all evidence."""
    messages: list[Message] = []
    parts: list[Part] = []
    answers = {answer.step: answer for answer in page.answers if not answer.late}
    for number, kind in enumerate(page.kinds[: page.step + 1]):
        if kind == "show":
            parts += [part for block in page.blocks if block.step == number for part in _block(page, block, picture)]
        elif number == page.step or rules.condition.context == "carried":
            own = _own(page) if rules.condition.context == "fresh" else []
            messages.append(Message("user", (*parts, *own, _asking(page, rules, kind))))
            if number < page.step:
                messages.append(Message("assistant", (_said(page, rules, kind, answers.get(number)),)))
            parts = []
    return tuple(messages)


def _with_last(messages: tuple[Message, ...], words: str) -> tuple[Message, ...]:
    """The messages, with these words as what the last one asks."""
    last = messages[-1]
    return (*messages[:-1], Message(last.role, (*last.parts[:-1], words)))


def _block(page: Page, block: PageBlock, picture: Pictures) -> Iterator[Part]:
    """A block under its heading, as the screen has it."""
    kind = prompts.type_name(block.type, page.case.language)
    heading = block.title or kind
    notes = [note for note in (kind if heading.lower() != kind.lower() else "", block.time or "") if note]
    yield "\n\n".join(filter(None, [" · ".join([heading, *notes]), block.text, block.finding]))
    yield from shown(block, picture)


def _asking(page: Page, rules: Rules, kind: str) -> str:
    """The task text, the options where they are asked for, and the output format."""
    language = page.case.language
    labels = page.labels if kind == "selection" else ()
    output = output_text(rules.step(kind, language), language, labels).text
    return "\n\n".join([*_task(rules, kind, language), *([_options(page)] if labels else []), output])


def _task(rules: Rules, kind: str, language: str) -> list[str]:
    refine = rules.condition.refine
    return [rules.text(kind, language).text, *([prompts.refined(refine, language)] if refine else [])]


def _options(page: Page) -> str:
    lines = [f"{option.label}. {option.text}" for option in page.options or ()]
    return "\n".join([str(prompts.words(page.case.language)["options"]), *lines])


def _own(page: Page) -> list[str]:
    """What the reader has locked and still has in view, for a conversation that does not hold it."""
    words, found = prompts.words(page.case.language), []
    latest = {answer.kind: answer.answer for answer in page.answers if not answer.late}
    if "ddx" in latest:
        lines = [line for line in latest["ddx"].get("lines") or () if line.strip()]
        numbered = [f"{number}. {line}" for number, line in enumerate(lines, 1)]
        found.append("\n".join([words["own_list"], *(numbered or [words["none"]])]))
    if "open" in latest:
        found.append(f"{words['own_diagnosis']} {latest['open'].get('diagnosis') or words['none']}")
    if "selection" in latest:
        found.append(f"{words['own_choice']} {_choice(page, latest['selection'])}")
    return found


def _choice(page: Page, answer: Json) -> str:
    texts = {option.label: option.text for option in page.options or ()}
    label = answer.get("choice")
    return f"{label}. {texts.get(label, '')}" if label else str(prompts.words(page.case.language)["none"])


def _said(page: Page, rules: Rules, kind: str, answer: PageAnswer | None) -> str:
    """What the model said, in the form and order of the output format; without what the record adds to it."""
    parts = answer_schema(rules.step(kind, page.case.language), page.labels)["properties"]
    given = {"choice": CANNOT_TELL, "confidence": 0} | {
        name: value for name, value in (answer.answer if answer else {}).items() if value is not None
    }
    return json.dumps({name: given[name] for name in parts if name in given}, ensure_ascii=False)


def _object(parts: Json) -> dict[str, Any]:
    return {"type": "object", "properties": dict(parts), "required": list(parts), "additionalProperties": False}
