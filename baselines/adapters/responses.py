"""OpenAI's Responses API: nothing is stored there, and the reply is read from its own bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from baselines._declaration import Declared
from baselines.adapters._asked import check, data_url, settings_of
from baselines.adapters._endpoint import Endpoint
from baselines.adapters._heard import count, parsed, said_by
from baselines.adapters._logprobs import by_label
from baselines.adapters._types import Ask, Message, Outcome, Said
from baselines.adapters.faults import Away

PATH = "/v1/responses"
_SENT = ("temperature", "top_p", "max_output_tokens", "extra")


class Responses:
    """A model behind the Responses API, ready to be asked."""

    def __init__(self, declared: Declared, key: str | None) -> None:
        """Make it ready; nothing is sent yet."""
        self.declared, self.can = declared, declared.can
        self._endpoint = Endpoint(declared, key)

    async def ask(self, ask: Ask) -> Said:
        """The answer; raises a fault of ``baselines.adapters.faults`` where there is none."""
        body = request(self.declared, ask)
        # As it is: the SDK would look at every part of every message, to leave it as it was.
        whole = body | body.pop("extra", {})
        reply = await self._endpoint.ask(
            lambda client: client.responses.with_raw_response.create(model=self.declared.model, extra_body=whole)
        )
        return hear(self.declared, ask, reply.text, reply.milliseconds)

    async def close(self) -> None:
        """Give the connections back."""
        await self._endpoint.close()


def request(declared: Declared, ask: Ask) -> dict[str, Any]:
    """The body of the request; what the file adds to it as it is lies under ``extra``.

    Raises ``Rejected`` where the question needs what the model cannot do.
    """
    check(declared, ask)
    settings = settings_of(declared, ask)
    detail = settings.get("image_detail", "high")
    body: dict[str, Any] = {"model": declared.model, "store": False}
    body["input"] = [_message(message, detail) for message in ask.messages]
    body |= {name: settings[name] for name in _SENT if name in settings}
    if "reasoning_effort" in settings:
        body["reasoning"] = {"effort": settings["reasoning_effort"]}
    text = {"verbosity": settings["verbosity"]} if "verbosity" in settings else {}
    if ask.schema is not None and declared.can.schema:
        text["format"] = {"type": "json_schema", "name": "answer", "schema": dict(ask.schema), "strict": True}
    if text:
        body["text"] = text
    if ask.distribution:
        body |= {"include": ["message.output_text.logprobs"], "top_logprobs": declared.limits.top_logprobs}
    return body


def _message(message: Message, detail: str) -> dict[str, Any]:
    if message.role == "assistant":
        return {"role": "assistant", "content": "\n\n".join(str(part) for part in message.parts)}
    return {
        "role": "user",
        "content": [
            {"type": "input_text", "text": part}
            if isinstance(part, str)
            else {"type": "input_image", "image_url": data_url(part), "detail": detail}
            for part in message.parts
        ],
    }


def hear(declared: Declared, ask: Ask, raw: str, milliseconds: float) -> Said:
    """What a raw reply says; raises a fault where it is no answer."""
    return hear_body(declared, ask, parsed(raw), raw, milliseconds)


def hear_body(declared: Declared, ask: Ask, body: Any, raw: str, milliseconds: float) -> Said:
    """What a reply's body says that was parsed already; raises a fault where it is no answer."""
    return said_by(body, declared, raw, milliseconds, lambda reply: _said(declared, ask, reply, raw, milliseconds))


def _said(declared: Declared, ask: Ask, body: dict[str, Any], raw: str, milliseconds: float) -> Said:
    if body["status"] not in ("completed", "incomplete"):
        raise Away(f"{declared.name} answered with the status {body['status']} and no answer.", raw=raw)
    parts = list(_contents(body))
    refusals = [str(part.get("refusal", "")) for part in parts if part.get("type") == "refusal"]
    text = "".join(str(part.get("text", "")) for part in parts if part.get("type") == "output_text")
    tokens = [token for part in parts for token in part.get("logprobs") or []]
    usage = body.get("usage") or {}
    return Said(
        _outcome(body, bool(refusals)),
        text or "\n".join(refusals),
        raw,
        str(body.get("model") or declared.model),
        count(usage.get("input_tokens")),
        count(usage.get("output_tokens")),
        milliseconds,
        by_label(tokens, text, ask.distribution) if ask.distribution else None,
        count((usage.get("input_tokens_details") or {}).get("cached_tokens")),
    )


def _contents(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The parts of what the model said, without its reasoning and its comments on the way."""
    for item in body["output"]:
        if item.get("type") == "message" and item.get("phase") != "commentary":
            yield from item.get("content") or []


def _outcome(body: dict[str, Any], refused: bool) -> Outcome:
    cut = body["status"] == "incomplete"
    reason = (body.get("incomplete_details") or {}).get("reason")
    if refused or (cut and reason == "content_filter"):
        return "refused"
    return "truncated" if cut else "ok"
