"""The one HTTP client that everybody's Supabase clients share, and what its last answer said beside its body.

HTTP/2 is off: the synchronous client is not safe with it in several threads. Cookies are taken from nobody, since one
jar would serve everybody. What an answer's head said is kept for the thread that asked, as Supabase's own library tells
of an error's body alone; so is the moment by which that thread wants its answer.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

CONNECT_SECONDS = 4.0
READ_SECONDS = 12.0  # the database gives up on a call after 8
CONNECTIONS = 64
SHORTEST_SECONDS = 0.5


@dataclass(frozen=True)
class Answer:
    """What an answer told: its status, the seconds after which to ask again, and whether its body is one JSON text."""

    status: int
    after: float | None
    text: bool = False


class _Mine(threading.local):
    """What this thread waits for, and what it heard last."""

    answer: Answer | None = None
    until: float | None = None


_mine = _Mine()


def client() -> httpx.Client:
    """A client for a whole process: bounded time-outs and connections, HTTP/1.1, no cookies."""
    return httpx.Client(
        http2=False,
        timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
        limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        follow_redirects=False,
        event_hooks={"request": [_begin], "response": [_note]},
    )


class WebPage(httpx.RemoteProtocolError):
    """The answer is a web page: something between us and the project has answered in its place."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Inside, this thread waits for its answers no longer than ``seconds`` in all."""
    _mine.until = time.monotonic() + seconds
    try:
        yield
    finally:
        _mine.until = None


def bounded() -> bool:
    """Whether this thread is within a bound already."""
    return _mine.until is not None


def left() -> float:
    """The seconds for which this thread goes on waiting."""
    return READ_SECONDS if _mine.until is None else _mine.until - time.monotonic()


def last_answer() -> Answer | None:
    """The head of the answer to this thread's last request; None where there came none."""
    return _mine.answer


def _begin(request: httpx.Request) -> None:
    _mine.answer = None
    longest = max(left(), SHORTEST_SECONDS)
    given = request.extensions.get("timeout", {})
    request.extensions["timeout"] = {name: min(value or longest, longest) for name, value in given.items()}


def _note(response: httpx.Response) -> None:
    after = response.headers.get("retry-after", "")
    _mine.answer = Answer(response.status_code, float(after) if after.isdigit() else None)
    if not response.is_success:
        return
    kind = response.headers.get("content-type", "application/json").split(";")[0].strip()
    if kind == "text/html":
        # A portal or a proxy answered in the project's place; the library would take its page for the reply.
        raise WebPage("the answer is a web page of something in between", request=response.request)
    if "/rest/v1/" in response.request.url.path:
        body = response.read()
        _mine.answer = replace(_mine.answer, text=body.startswith(b'"'))
        _must_be_json(body)


def _must_be_json(body: bytes) -> None:
    """Raise where the body is cut short or no JSON: the library would take its text, or nothing, for the reply.

    What looks like a whole object or list is read once, by the library; ``check_reply`` tells whether it was one.
    """
    if body[:1] + body[-1:] in (b"{}", b"[]"):
        return
    try:
        json.loads(body)
    except ValueError:
        raise _not_whole() from None


def check_reply(reply: object) -> None:
    """Raise where the library returned this thread a body's own text, as it does for a body that it cannot read."""
    if isinstance(reply, str) and not (_mine.answer and _mine.answer.text):
        raise _not_whole()


def _not_whole() -> httpx.RemoteProtocolError:
    return httpx.RemoteProtocolError("the answer is not whole")
