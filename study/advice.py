"""Advice: the answer of a named model that readers are shown once their own is locked, drawn and fixed by set-up.

Which of a model's samples a case shows is drawn by the study's seed. The words are hashed together with a number that
nobody else can draw, so that neither a script nor its hash tells anything of them before they are shown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from study.canonical import canonical, digest
from study.draws import Draws
from study.protocol import AdviceRule, Protocol, Task

Json = dict[str, Any]
Answers = Mapping[Task, Mapping[str, Any]]


class AdviceRefused(ValueError):
    """The advice that the protocol shows is not all there; the message says for which cases."""


@dataclass(frozen=True)
class Answered:
    """What a model answered to a case in one sample, by task; a selection has the words chosen as ``option``."""

    model: str
    case: str
    sample: int
    answers: Answers


@dataclass(frozen=True)
class Advice:
    """The advice on one case: its words as canonical JSON, and the SHA-256 of their UTF-8 bytes."""

    case: str
    content: str

    @property
    def hash(self) -> str:
        """What a script names it by."""
        return hashlib.sha256(self.content.encode("utf-8")).hexdigest()


def drawn(protocol: Protocol, contents: Iterable[Json], given: Iterable[Answered], seed: int) -> dict[str, Advice]:
    """The advice on each case that counts, from one of the model's complete samples; empty where nothing is shown.

    Raises ``AdviceRefused`` where the protocol names no model, or with every case that the model has not answered.
    """
    rule = protocol.advice
    if rule is None:
        return {}
    if rule.model is None:
        raise AdviceRefused("the protocol shows a model's answer and does not say whose: name the model")
    own: dict[str, list[Answered]] = {}
    for one in given:
        if one.model == rule.model:
            own.setdefault(one.case, []).append(one)
    found, missing = {}, []
    for content in contents:
        if not content["practice"]:
            whole = [one for one in own.get(content["key"], ()) if not _lacks(rule, content, one)]
            if whole:
                found[content["key"]] = _advice(protocol, rule, content["key"], whole, seed)
            else:
                missing.append(_missing(rule, content, own.get(content["key"], ())))
    if missing:
        raise AdviceRefused(f"{rule.model} has not answered these cases as they are to be shown: {'; '.join(missing)}")
    return found


def shown(rule: AdviceRule, content: Json) -> list[Task]:
    """What the advice on this case consists of; a case without options has no selection."""
    return [task for task in rule.shows if task != "selection" or content.get("options")]


def _lacks(rule: AdviceRule, content: Json, one: Answered) -> list[str]:
    texts = [option["text"] for option in content.get("options") or ()]
    lacking: list[str] = [task for task in shown(rule, content) if task not in one.answers]
    option = one.answers.get("selection", {}).get("option")
    if "selection" in shown(rule, content) and option is not None and option not in texts:
        lacking.append("an option of this case")
    return lacking


def _missing(rule: AdviceRule, content: Json, samples: Sequence[Answered]) -> str:
    least = min((_lacks(rule, content, one) for one in samples), key=len, default=None)
    return f"{content['key']} ({'no answer' if least is None else 'without ' + ', '.join(least)})"


def _advice(protocol: Protocol, rule: AdviceRule, case: str, samples: Sequence[Answered], seed: int) -> Advice:
    ordered = sorted(samples, key=lambda one: one.sample)
    one = ordered[Draws("advice", seed, case).below(len(ordered))]
    content: Json = {"format": 1, "case": case, "model": one.model, "sample": one.sample}
    content["nonce"] = digest(["advice", str(seed), case])[:32]
    for task in rule.shows:
        if task in one.answers:
            content[task] = _part(task, one.answers[task], protocol.ddx.max_lines, rule.confidence)
    return Advice(case, canonical(content))


def _part(task: Task, answer: Mapping[str, Any], cap: int, confidence: bool) -> Json:
    """One answer as it is shown: no more lines than count, and nothing beside the answer and how sure it was."""
    part: Json = {"confidence": answer.get("confidence") if confidence else None}
    if task == "ddx":
        lines = [line for line in answer.get("lines") or () if line.strip()]
        return part | {"lines": lines[:cap]}
    return part | ({"diagnosis": answer.get("diagnosis") or ""} if task == "open" else {"option": answer.get("option")})
