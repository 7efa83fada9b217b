"""The bodies of replies, as the two APIs write them."""

from __future__ import annotations

from typing import Any

from tests.model_server.acts import Asked, Fail, Say
from tests.model_server.words import distribution, words

Json = dict[str, Any]


def body(asked: Asked, say: Say) -> Json:
    """The whole reply to a request."""
    wanted = bool(asked.body.get("logprobs") or asked.body.get("top_logprobs"))
    shares = say.logprobs or (distribution(asked) if wanted else None)
    text = say.text
    if text is None:
        text = max(shares, key=lambda label: shares[label]) if shares else words(asked)
    return (_chat if asked.chat else _responses)(asked, say, text, _tokens(text, shares)) | say.more


def error(fail: Fail) -> Json:
    """The error of a reply."""
    return {"error": {"message": fail.message, "type": "scripted_error", "param": None, "code": fail.code}}


def _tokens(text: str, shares: dict[str, float] | None) -> list[Json] | None:
    if shares is None:
        return None
    likeliest = [{"token": label, "logprob": share, "bytes": []} for label, share in shares.items()]
    return [{"token": text, "logprob": shares.get(text, -9.0), "bytes": [], "top_logprobs": likeliest}]


def _chat(asked: Asked, say: Say, text: str, tokens: list[Json] | None) -> Json:
    message = {"role": "assistant", "content": None if say.refusal else text, "refusal": say.refusal}
    choice = {"index": 0, "message": message, "finish_reason": say.end}
    usage = {
        "prompt_tokens": say.input_tokens,
        "completion_tokens": say.output_tokens,
        "total_tokens": say.input_tokens + say.output_tokens,
        "prompt_tokens_details": {"cached_tokens": say.cached_tokens},
    }
    return {
        "id": f"chatcmpl-{asked.digest[:12]}",
        "object": "chat.completion",
        "created": 1_790_000_000,
        "model": asked.model,
        "choices": [choice | ({"logprobs": {"content": tokens}} if tokens else {})],
        "usage": usage,
    }


def _responses(asked: Asked, say: Say, text: str, tokens: list[Json] | None) -> Json:
    reasons = {"length": "max_output_tokens", "content_filter": "content_filter"}
    said: Json = {"type": "output_text", "text": text, "annotations": [], "logprobs": tokens or []}
    part = {"type": "refusal", "refusal": say.refusal} if say.refusal else said
    status = "completed" if say.end == "stop" else "incomplete"
    message = {"type": "message", "id": "msg_1", "role": "assistant", "status": status, "content": [part]}
    return {
        "id": f"resp_{asked.digest[:12]}",
        "object": "response",
        "created_at": 1_790_000_000,
        "model": asked.model,
        "status": status,
        "error": None,
        "incomplete_details": {"reason": reasons[say.end]} if status == "incomplete" else None,
        "output": [{"type": "reasoning", "id": "rs_1", "summary": []}, message],
        "usage": {
            "input_tokens": say.input_tokens,
            "input_tokens_details": {"cached_tokens": say.cached_tokens, "cache_write_tokens": 0},
            "output_tokens": say.output_tokens,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": say.input_tokens + say.output_tokens,
        },
    }
