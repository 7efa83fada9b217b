"""The script of a reading: a protocol and a case compiled to steps. A script names evidence, never content."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from study.answers import ASSISTED
from study.canonical import digest
from study.case import EvidenceType
from study.conditions import Condition, is_textual
from study.protocol import AdviceRule, Arm, Protocol
from study.texts import ASKS, TextId, task_text

Json = dict[str, Any]


class ScriptError(ValueError):
    """The case cannot be read under this protocol; the message names the case, the arm and what to change."""


@dataclass(frozen=True)
class Block:
    """One evidence of a case without its content. Evidence that is neither text nor images has its finding alone."""

    id: str
    type: EvidenceType
    has_images: bool
    has_text: bool = False


@dataclass(frozen=True)
class Outline:
    """What the script may know of a case: everything but content, truth and options' wording."""

    key: str
    hash: str
    language: str
    evidence: tuple[Block, ...]
    n_options: int
    practice: bool = False
    translation_of: str | None = None

    @property
    def group(self) -> str:
        """The key that a case shares with its translations."""
        return self.translation_of or self.key


@dataclass(frozen=True)
class Script:
    """The compiled steps of one reading, with the hash under which the script is stored."""

    content: Json

    @property
    def steps(self) -> list[Json]:
        """The steps in order; a reading's ``step`` is an index into them."""
        steps: list[Json] = self.content["steps"]
        return steps

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the canonical JSON of the script."""
        return digest(self.content)


def outline_of(content: Json, case_hash: str) -> Outline:
    """The outline of a case's content as the database holds it (``Case.model_dump(mode="json")``)."""
    evidence = (
        Block(block["id"], block["type"], bool(block.get("images")), bool(block.get("text")))
        for block in content["evidence"]
    )
    return Outline(
        key=content["key"],
        hash=case_hash,
        language=content["language"],
        evidence=tuple(evidence),
        n_options=len(content.get("options") or ()),
        practice=bool(content.get("practice")),
        translation_of=content.get("translation_of"),
    )


def applies(protocol: Protocol, outline: Outline, condition: str) -> bool:
    """Whether the condition changes anything of this case, and leaves something to show."""
    kinds = [block.type for block in outline.evidence if block.has_images]
    textual = any(is_textual(block.type) for block in outline.evidence)
    rule = protocol.conditions[condition]
    return rule.touches(kinds, textual) and any(_released(protocol, outline, rule))


def compile_script(protocol: Protocol, outline: Outline, arm: str, advice: str | None = None) -> Script:
    """The script of this case under this protocol in this arm or condition; the same arguments give the same bytes.

    ``advice`` is the hash of the model's answer that is shown after the reader's own (``study.advice``); without, and
    in an arm without advice, nothing is shown and nothing asked again: so models read, and so practice cases are read.
    Raises ``ScriptError`` for an arm that the protocol does not have, one that leaves nothing to show, and a case
    that has no options where the selection is the only final diagnosis that is asked.
    """
    condition = protocol.conditions.get(arm)
    if condition is None and arm not in protocol.arms:
        raise ScriptError(f"the protocol has no arm {arm!r}: its arms are {', '.join(protocol.arms)}")
    shown = list(_released(protocol, outline, condition or protocol.arms[arm]))
    if not shown:
        raise ScriptError(f"{outline.key}: arm {arm!r} leaves no evidence to show")
    if not protocol.fdx.open and not outline.n_options:
        raise ScriptError(f"{outline.key}: has no options, and the protocol asks for the selection only: add options")
    steps = [*_evidence_steps(protocol, outline, shown), *_final_steps(protocol, outline)]
    if advice and protocol.advice and protocol.advice.applies(arm):
        steps += _assisted_steps(protocol, protocol.advice, outline, advice)
    if protocol.closing:
        steps.append(question(protocol, "closing", outline.language))
    return Script(
        {
            "format": 1,
            "case": {"key": outline.key, "hash": outline.hash},
            "language": outline.language,
            "protocol": protocol.hash,
            "arm": arm,
            "steps": steps,
            **({"condition": condition.model_dump(mode="json")} if condition else {}),
        }
    )


def _released(protocol: Protocol, outline: Outline, arm: Arm | Condition) -> Iterator[list[tuple[Block, str]]]:
    """The blocks of each show step, with the form in which each is shown."""
    visible = [(block, form) for block in outline.evidence if (form := _form(block, arm)) != "absent"]
    if protocol.reveal == "block-by-block":
        yield from ([entry] for entry in visible)
    elif protocol.reveal == "type-by-type":
        types = list(dict.fromkeys([*protocol.type_order, *(block.type for block, _ in visible)]))
        together = ([entry for entry in visible if entry[0].type == kind] for kind in types)
        yield from (group for group in together if group)
    elif visible:
        yield visible


def _form(block: Block, arm: Arm | Condition) -> str:
    """Text stays text and a finding without images stays a finding, unless the arm leaves the type out by name.

    A condition may leave history and examination out, or put random words in their place.
    """
    if isinstance(arm, Condition) and arm.text != "shown" and is_textual(block.type):
        return arm.text
    if block.has_images:
        return arm.form(block.type)
    if arm.by_type.get(block.type) == "absent" or (not block.has_text and arm.form(block.type) == "absent"):
        return "absent"
    return "text" if block.has_text else "finding"


def _evidence_steps(protocol: Protocol, outline: Outline, shown: list[list[tuple[Block, str]]]) -> Iterator[Json]:
    for index, group in enumerate(shown):
        forms = [{"id": block.id, "form": form} for block, form in group]
        yield {"kind": "show", "evidence": forms, "limit": _limit(protocol, "show")}
        if index == len(shown) - 1 or _asks_after(protocol, [block for block, _ in group]):
            yield question(protocol, "ddx", outline.language)


def _asks_after(protocol: Protocol, blocks: list[Block]) -> bool:
    if protocol.ddx.asked == "named":
        return any({block.id, block.type} & set(protocol.ddx.after) for block in blocks)
    return protocol.ddx.asked == "every-step"


def _final_steps(protocol: Protocol, outline: Outline) -> Iterator[Json]:
    if protocol.fdx.open:
        yield question(protocol, "open", outline.language)
    if protocol.fdx.selection and outline.n_options:
        yield question(protocol, "selection", outline.language)


def _assisted_steps(protocol: Protocol, rule: AdviceRule, outline: Outline, advice: str) -> Iterator[Json]:
    """The advice, and each question once more: steps of kinds of their own, so that unaided answers stay apart."""
    text = task_text(protocol, "advice", outline.language)
    yield {
        "kind": "advice",
        "advice": advice,
        "named": rule.named,
        "text": {"id": "advice", "version": text.version, "hash": text.hash},
        "limit": _limit(protocol, "show"),
    }
    for step in (question(protocol, "ddx", outline.language), *_final_steps(protocol, outline)):
        yield step | {"kind": f"{ASSISTED}{step['kind']}"}


def question(protocol: Protocol, kind: TextId, language: str) -> Json:
    """The step that asks for this kind of answer; every such step of a case in this language is the same."""
    assert kind in ASKS
    text = task_text(protocol, kind, language)
    step: Json = {
        "kind": kind,
        "text": {"id": kind, "version": text.version, "hash": text.hash},
        "limit": _limit(protocol, kind),
    }
    if kind == "ddx":
        rule = protocol.ddx
        step |= {"cap": rule.max_lines, "min_lines": rule.min_lines, "cannot_name": rule.cannot_name}
        step |= {"probabilities": rule.probabilities, "confidence": rule.confidence}
    if kind == "open":
        step |= {"cannot_name": protocol.ddx.cannot_name, "confidence": protocol.fdx.confidence}
    if kind == "selection":
        step |= {"cannot_tell": protocol.fdx.cannot_tell, "confidence": protocol.fdx.confidence}
    return step


def _limit(protocol: Protocol, kind: str) -> Json | None:
    limit = getattr(protocol.limits, kind)
    return limit.model_dump(mode="json") if limit else None
