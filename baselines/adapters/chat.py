"""Chat completions, which vLLM, Ollama, OpenRouter, and the endpoints of Gemini and Anthropic speak too."""

from __future__ import annotations

from typing import Any

from baselines._declaration import Declared
from baselines.adapters._asked import check, data_url, settings_of
from baselines.adapters._endpoint import Endpoint
from baselines.adapters._heard import count, parsed, said_by
from baselines.adapters._logprobs import by_label
from baselines.adapters._mapping import error_in, fault_in
from baselines.adapters._types import Ask, Message, Outcome, Said
from baselines.adapters.faults import Away

PATH = "/v1/chat/completions"
OPENAI_HOST = "api.openai.com"
_ENDS: dict[str, Outcome] = {"length": "truncated", "max_tokens": "truncated", "content_filter": "refused",
                             "refusal": "refused", "safety": "refused"}  # fmt: skip
_SENT = ("temperature", "top_p", "seed", "reasoning_effort", "verbosity", "extra")


class Chat:
    """A model behind chat completions, ready to be asked."""

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
            lambda client: client.chat.completions.with_raw_response.create(
                model=self.declared.model, messages=[], extra_body=whole
            )
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
    body: dict[str, Any] = {"model": declared.model}
    body["messages"] = [_message(message, settings.get("image_detail")) for message in ask.messages]
    body |= {name: settings[name] for name in _SENT if name in settings}
    ours = declared.host == OPENAI_HOST
    if "max_output_tokens" in settings:
        # Elsewhere the newer name is not known everywhere, and an unknown one would be no limit at all.
        body["max_completion_tokens" if ours else "max_tokens"] = settings["max_output_tokens"]
    if ours:
        body["store"] = False
    if ask.schema is not None and declared.can.schema:
        schema = {"name": "answer", "schema": dict(ask.schema), "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    if ask.distribution:
        body |= {"logprobs": True, "top_logprobs": declared.limits.top_logprobs}
    return body


def _message(message: Message, detail: str | None) -> dict[str, Any]:
    if all(isinstance(part, str) for part in message.parts):
        return {"role": message.role, "content": "\n\n".join(str(part) for part in message.parts)}
    sharp = {"detail": detail} if detail else {}
    return {
        "role": message.role,
        "content": [
            {"type": "text", "text": part}
            if isinstance(part, str)
            else {"type": "image_url", "image_url": {"url": data_url(part), **sharp}}
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
    choice = _choice(declared, body["choices"][0], raw)
    message, usage = choice.get("message") or {}, body.get("usage") or {}
    text, refusal = _text(message.get("content")), message.get("refusal")
    end = str(choice.get("finish_reason") or "").lower()
    tokens = (choice.get("logprobs") or {}).get("content") or []
    return Said(
        "refused" if refusal else _ENDS.get(end, "ok"),
        text or str(refusal or ""),
        raw,
        str(body.get("model") or declared.model),
        count(usage.get("prompt_tokens")),
        count(usage.get("completion_tokens")),
        milliseconds,
        by_label(tokens, text, ask.distribution) if ask.distribution else None,
        count((usage.get("prompt_tokens_details") or {}).get("cached_tokens")),
    )


def _choice(declared: Declared, choice: dict[str, Any], raw: str) -> dict[str, Any]:
    """The choice; raises the fault where an endpoint names an error inside it."""
    if error := error_in({"error": choice.get("error")}):
        raise fault_in(error, declared.name, raw)
    if choice.get("finish_reason") == "error":
        raise Away(f"{declared.name} broke its answer off by an error that it does not name.", raw=raw)
    return choice


def _text(content: Any) -> str:
    """The words of a message: a text, or a list of parts as some endpoints send."""
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""
