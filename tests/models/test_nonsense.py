"""Whatever an endpoint sends, and whatever a model writes, is an answer or one of our own faults, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baselines.adapters import Said
from baselines.adapters.faults import AdapterFault
from baselines.answers import parse
from baselines.declared import Declared, heard
from study.answers import AnswerError
from tests.models.asking import declared, question

NAMES = [
    "choices", "message", "content", "refusal", "finish_reason", "error", "code", "metadata", "usage", "prompt_tokens",
    "logprobs", "token", "top_logprobs", "output", "status", "type", "text", "output_text", "completed", "custom_id",
    "response", "body", "status_code", "incomplete_details", "input_tokens_details", "phase",
]  # fmt: skip
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-1, 600), st.floats(), st.sampled_from(NAMES), st.text())
BODIES: st.SearchStrategy[Any] = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6)
)
SHAPES: dict[str, Callable[[Any], Any]] = {
    "chat": lambda body: {"choices": [{"message": body, "finish_reason": "stop", "logprobs": body}], "usage": body},
    "responses": lambda body: {
        "status": "completed",
        "output": [{"type": "message", "content": [body]}],
        "usage": body,
    },
    "batch": lambda body: {"custom_id": "x", "response": {"status_code": 200, "body": body}, "error": None},
}


def model(adapter: str) -> Declared:
    return declared("http://127.0.0.1:9/v1", adapter)


def is_told(adapter: str, raw: str) -> None:
    """Reads the reply with and without labels; anything but an answer or a fault of the tree comes up."""
    for labels in ((), ("A",)):
        with suppress(AdapterFault):
            found = heard(model(adapter), question(schema=None, distribution=labels), raw, 1.0)
            assert isinstance(found, Said)
            assert (found.raw, isinstance(found.text, str)) == (raw, True)
            assert found.input_tokens is None or isinstance(found.input_tokens, int)


@pytest.mark.parametrize("adapter", sorted(SHAPES))
@settings(deadline=None)
@given(body=BODIES)
def test_any_reply_is_an_answer_or_a_fault(adapter: str, body: Any) -> None:
    is_told(adapter, json.dumps(body))
    is_told(adapter, json.dumps(SHAPES[adapter](body)))


@pytest.mark.parametrize("adapter", sorted(SHAPES))
@settings(deadline=None)
@given(raw=st.text())
def test_any_text_in_place_of_a_reply_is_an_answer_or_a_fault(adapter: str, raw: str) -> None:
    is_told(adapter, raw)


ANSWERS = st.dictionaries(st.sampled_from(["lines", "none", "confidence", "choice", "why"]), BODIES | LEAVES)


@settings(deadline=None)
@given(text=st.text() | ANSWERS.map(json.dumps) | ANSWERS.map(lambda one: f"```json\n{json.dumps(one)}\n```"))
def test_any_words_are_an_answer_or_invalid(text: str) -> None:
    for step in ({"kind": "ddx", "confidence": True}, {"kind": "selection", "cannot_tell": True}):
        with suppress(AnswerError):
            json.dumps(parse(step, text, ("A", "B")), allow_nan=False).encode()
