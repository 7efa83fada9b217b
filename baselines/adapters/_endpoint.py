"""One declared endpoint, asked through the SDK's own client: what comes back is raw, or a fault of our own tree."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

import httpx2
import openai

from baselines._declaration import Declared
from baselines.adapters._mapping import fault_of
from baselines.adapters.faults import AdapterFault, Declined

_CONNECTIONS = 16
"""Of one client at the most."""
_STRUCK_OUT = "[key]"
_NO_KEY = "none"  # what the SDK sends where an endpoint needs no key: left to itself it would look for OpenAI's
Reply = TypeVar("Reply")


class HasHttp(Protocol):
    """What the SDK gives back where it is asked for a raw response."""

    http_response: httpx2.Response


@dataclass(frozen=True)
class Raw:
    """A reply's body as it came, and how long it took to come whole."""

    text: str
    milliseconds: float


class Endpoint:
    """The SDK's clients for one model. They never ask again by themselves, follow nowhere, and tell the key to nobody.

    Each has connections of its own, for before every request a client looks at all of its connections.
    """

    def __init__(self, declared: Declared, key: str | None) -> None:
        """Make the clients; nothing is sent yet."""
        self.declared, self._key = declared, key
        number = -(-declared.limits.concurrency // _CONNECTIONS)
        places = -(-declared.limits.concurrency // number)
        self._clients = [self._client(places) for _ in range(number)]
        self._busy = [0] * number

    def _client(self, places: int) -> openai.AsyncOpenAI:
        client = openai.AsyncOpenAI(
            api_key=self._key or _NO_KEY,
            admin_api_key="",
            base_url=self.declared.url,
            max_retries=0,
            http_client=openai.DefaultAsyncHttpxClient(
                limits=httpx2.Limits(max_connections=places, max_keepalive_connections=places),
                timeout=httpx2.Timeout(self.declared.timeout, connect=self.declared.connect_timeout),
                follow_redirects=False,
            ),
        )
        # The SDK takes these from OPENAI_... variables, and would send them to whatever endpoint is declared.
        client.organization = client.project = None
        client._custom_headers = {}
        return client

    async def ask(self, send: Callable[[openai.AsyncOpenAI], Awaitable[HasHttp]]) -> Raw:
        """The raw reply, also one in which the API refuses to answer; raises a fault where there is none."""
        began = time.perf_counter()
        try:
            text = text_of((await self.call(send)).http_response)
        except Declined as refusal:
            text = refusal.raw or ""
        return Raw(self._clean(text), (time.perf_counter() - began) * 1000)

    async def call(self, send: Callable[[openai.AsyncOpenAI], Awaitable[Reply]]) -> Reply:
        """What the SDK returns within the time-out; raises a fault for whatever it raises."""
        place = self._busy.index(min(self._busy))
        self._busy[place] += 1
        try:
            async with asyncio.timeout(self.declared.timeout):
                return await send(self._clients[place])
        except Exception as error:
            raise self._told(error) from None
        finally:
            self._busy[place] -= 1

    async def close(self) -> None:
        """Give the connections back."""
        for client in self._clients:
            await client.close()

    def _told(self, error: Exception) -> AdapterFault:
        fault = fault_of(error, self.declared.name)
        fault.args = (self._clean(str(fault)),)
        fault.raw = None if fault.raw is None else self._clean(fault.raw)
        return fault

    def _clean(self, text: str) -> str:
        """The text without the key, which an endpoint may have repeated to us, and without what no database holds."""
        text = text.replace("\x00", "\N{REPLACEMENT CHARACTER}")
        return text.replace(self._key, _STRUCK_OUT) if self._key else text


def text_of(response: httpx2.Response) -> str:
    """The body as text. JSON is UTF-8, whatever a header says."""
    return response.content.decode("utf-8", errors="replace")
