"""What a question is, as bytes: the digest of all of it, the key of its repeats, and what the record keeps of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from baselines import prompts
from baselines._declaration import Declared
from baselines.adapters import Message, Picture
from baselines.conversation import Question
from study.canonical import digest

Json = dict[str, Any]
Record = Callable[[Picture], Json]
_OF_AN_IMAGE = ("sha256", "sent_sha256")


def identity(declared: Declared) -> Json:
    """What decides who answers, and how: the same for a model that moved to another port, or costs less by now."""
    host = None if declared.local else declared.host
    return {
        "adapter": declared.adapter,
        "api": declared.api,
        "host": host,
        "model": declared.model,
        "revision": declared.revision,
        "settings": declared.settings,
    }


def question_digest(declared: Declared, question: Question, record: Record) -> str:
    """The digest of everything that is sent, images by the hash of what is sent of them."""
    messages = [
        {"role": message.role, "parts": [_brief(part, record) for part in message.parts]}
        for message in question.messages
    ]
    asked = {"schema": question.schema, "distribution": list(question.distribution)}
    return digest({"model": identity(declared), "messages": messages, **asked})


def key(asked: str, sample: int, attempt: int) -> str:
    """The key under which a reply may be had again: what was asked, and which repeat it is."""
    return digest({"digest": asked, "sample": sample, **({"attempt": attempt} if attempt > 1 else {})})


def request(question: Question, added: Sequence[Message], record: Record) -> Json:
    """What the record keeps of a request: the messages that it adds, images by hash and pixels, and the form."""
    messages = [
        {"role": message.role, "parts": [part if isinstance(part, str) else record(part) for part in message.parts]}
        for message in added
    ]
    form = {"schema": question.schema, "distribution": list(question.distribution)}
    return {"messages": messages, **form, "text": question.step.get("text"), "words": prompts.version()}


def _brief(part: str | Picture, record: Record) -> str | Json:
    if isinstance(part, str):
        return part
    kept = record(part)
    return {name: kept[name] for name in _OF_AN_IMAGE}
