"""What is declared of a model: where it is asked, as which version, at what price, within what limits."""

from __future__ import annotations

import re
from datetime import date
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from baselines.adapters._types import Can

AdapterName = Literal["responses", "chat", "batch", "replay"]
OPENAI = "https://api.openai.com/v1"
NO_KEY = "a key is never written into this file: put it into an environment variable, and that variable's name here"
# What an API can do at all; what one endpoint or model of it cannot is for the file to say.
ABLE = {
    "responses": Can(images=True, schema=True, logprobs=True, seed=False),
    "chat": Can(images=True, schema=True, logprobs=True, seed=True),
    "replay": Can(images=True, schema=True, logprobs=False, seed=False),
}
# These are never inside an institution, whatever a file says of them.
PUBLIC = (
    *("openai.com", "anthropic.com", "googleapis.com", "openrouter.ai", "mistral.ai", "x.ai", "deepseek.com"),
    *("groq.com", "together.ai", "together.xyz", "fireworks.ai", "perplexity.ai", "cohere.ai", "cohere.com"),
    *("huggingface.co", "huggingface.cloud", "nvidia.com", "openai.azure.com", "amazonaws.com", "aliyuncs.com"),
    *("moonshot.cn", "moonshot.ai", "bigmodel.cn", "siliconflow.cn", "ollama.com"),
)
_OURS = {"model", "messages", "input", "text", "response_format", "stream", "store", "n", "tools", "include"}
_LENGTHS = {"max_tokens", "max_completion_tokens", "max_output_tokens"}  # a budget reckons with the declared limit

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/@ -]{0,99}$")]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Part(BaseModel):
    """A part of the file: frozen, and unknown keys are faults."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Prices(Part):
    """US dollars for a million tokens. ``batch`` is what a batch costs of that, 0.5 for half."""

    currency: Literal["USD"] = "USD"
    input: float = Field(ge=0)
    output: float = Field(ge=0)
    cached_input: float | None = Field(default=None, ge=0)
    batch: float = Field(default=1.0, gt=0, le=1)


class Limits(Part):
    """What one request may hold, and how many there may be. An image's bytes are those of the file, before base64."""

    images: int | None = Field(default=None, ge=1)
    image_pixels: int | None = Field(default=None, ge=28)
    image_megapixels: float | None = Field(default=None, gt=0)
    image_bytes: int | None = Field(default=None, ge=1000)
    concurrency: int = Field(default=8, ge=1, le=1000)
    rpm: int | None = Field(default=None, ge=1)
    max_output_tokens: int | None = Field(default=None, ge=1)
    context: int | None = Field(default=None, ge=1)
    top_logprobs: int = Field(default=20, ge=1, le=20)


class Abilities(Part):
    """What the model or its endpoint cannot do although the API has it; left out is: it can."""

    images: bool | None = None
    schema_: bool | None = Field(default=None, alias="schema")
    logprobs: bool | None = None
    seed: bool | None = None


class Parameters(Part):
    """What is asked for with every question; a part that is left out is not sent, and the endpoint's own rule holds.

    A ``seed`` is raised by one from sample to sample. ``extra`` goes into the request's body as it is.
    """

    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    seed: int | None = None
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | None = None
    verbosity: Literal["low", "medium", "high"] | None = None
    image_detail: Literal["low", "high", "auto", "original"] | None = None
    extra: dict[str, Any] = Field(default_factory=dict)

    @field_validator("extra")
    @classmethod
    def _not_ours(cls, extra: dict[str, Any]) -> dict[str, Any]:
        taken = sorted(extra.keys() & (_OURS | _LENGTHS | Parameters.model_fields.keys()))
        if taken:
            raise ValueError(f"{', '.join(taken)} cannot be set here: what a model is asked is the study's own")
        return extra


class Declared(Part):
    """One model of ``models.toml``. ``model`` is what the endpoint calls it, pinned to a version.

    ``revision`` is the digest or commit of the weights where the endpoint's name does not say. ``family`` is who made
    it, so that a judge grades no relative. ``timeout`` is for a whole answer, in seconds. A question that got no answer
    is sent up to ``tries`` times; one whose answer was cut short or cannot be read is asked ``reasks`` times again.
    """

    name: Name
    adapter: AdapterName
    model: Text
    revision: Text | None = None
    base_url: Text | None = None
    key_env: str | None = None
    local: bool = False
    cutoff: date | None = None
    family: Word | None = None
    timeout: float = Field(default=600, gt=0, le=24 * 3600)
    connect_timeout: float = Field(default=10, gt=0, le=600)
    tries: int = Field(default=6, ge=1, le=20)
    reasks: int = Field(default=2, ge=0, le=10)
    endpoint: Literal["responses", "chat"] | None = None
    answers: Path | None = None
    prices: Prices | None = None
    limits: Limits = Limits()
    abilities: Abilities = Field(default=Abilities(), alias="can")
    parameters: Parameters = Parameters()

    @field_validator("key_env")
    @classmethod
    def _names_a_variable(cls, name: str | None) -> str | None:
        if name is not None and not re.fullmatch(r"[A-Z_][A-Z0-9_]{0,63}", name):
            raise ValueError(f"is the NAME of a variable, such as OPENAI_API_KEY; {NO_KEY}")
        return name

    @field_validator("base_url")
    @classmethod
    def _is_an_address(cls, url: str | None) -> str | None:
        parts = urlsplit(url or OPENAI)
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError(f"has more than host and path; {NO_KEY}")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("is an address such as https://api.openai.com/v1")
        return url.rstrip("/") if url else None

    @model_validator(mode="after")
    def _agrees(self) -> Declared:
        faults = [*self._misplaced(), *self._misdirected(), *self._unable()]
        if faults:
            raise ValueError("\n".join(faults))
        return self

    def _misplaced(self) -> list[str]:
        found = []
        if (self.adapter == "replay") != (self.answers is not None):
            found.append("answers: a replay names the file of its answers, and no other adapter does")
        if self.endpoint and self.adapter != "batch":
            found.append("endpoint: is for the batch adapter alone; the others speak one API each")
        if self.adapter == "replay" and self.base_url:
            found.append("base_url: a replay asks nobody; leave it out")
        return found

    def _misdirected(self) -> list[str]:
        if self.adapter == "replay":
            return []
        if self.adapter == "chat" and not self.base_url:
            return ["base_url: is missing; chat completions are spoken at many addresses"]
        if self.local and any(self.host == name or self.host.endswith(f".{name}") for name in PUBLIC):
            return [f"local: {self.host} is not inside your institution; leave `local` out"]
        if self.url.startswith("http:") and not self.local and not _is_loopback(self.host):
            return ["base_url: must begin with https://, for what is sent is clinical; http is for local endpoints"]
        return []

    def _unable(self) -> list[str]:
        able, narrowed = ABLE[self.api], self.abilities.model_dump(by_alias=True)
        found = [
            f"can.{name}: the API of this adapter cannot do this; leave it out"
            for name, asked in narrowed.items()
            if asked and not getattr(able, name)
        ]
        if self.parameters.seed is not None and not self.can.seed:
            found.append("parameters.seed: this API or endpoint takes no seed; leave it out")
        return found

    @property
    def api(self) -> Literal["responses", "chat", "replay"]:
        """The API that is spoken, in a batch too."""
        if self.adapter == "batch":
            return self.endpoint or "responses"
        return self.adapter

    @property
    def url(self) -> str:
        """The address under which the API lies."""
        return self.base_url or OPENAI

    @property
    def host(self) -> str:
        """The host of that address."""
        return (urlsplit(self.url).hostname or "").lower().removesuffix(".")

    @property
    def can(self) -> Can:
        """What this model can do: what the API can, less what the file takes away."""
        able, narrowed = ABLE[self.api], self.abilities
        return Can(
            images=able.images and narrowed.images is not False,
            schema=able.schema and narrowed.schema_ is not False,
            logprobs=able.logprobs and narrowed.logprobs is not False,
            seed=able.seed and narrowed.seed is not False,
        )

    @property
    def settings(self) -> dict[str, Any]:
        """What goes with every question, by our own names: the parameters that are set, and the most tokens."""
        sent = self.parameters.model_dump(mode="json", exclude_defaults=True)
        most = self.limits.max_output_tokens
        return sent | ({"max_output_tokens": most} if most else {})

    def cost(
        self, input_tokens: int | None, output_tokens: int | None, cached_tokens: int | None = None
    ) -> float | None:
        """US dollars for so many tokens; None where prices or tokens are not known."""
        if self.prices is None or input_tokens is None or output_tokens is None:
            return None
        cached = min(cached_tokens or 0, input_tokens)
        dear = self.prices.input if self.prices.cached_input is None else self.prices.cached_input
        spent = (input_tokens - cached) * self.prices.input + cached * dear + output_tokens * self.prices.output
        return spent / 1e6 * (self.prices.batch if self.adapter == "batch" else 1)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
