"""The one HTTP client that everybody's Supabase clients share, and what its last answer said beside its body.

HTTP/2 is off: the synchronous client is not safe with it in several threads. Cookies are taken from nobody, since one
jar would serve everybody. What an answer's head said is kept for the thread that asked, as Supabase's own library tells
of an error's body alone.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

CONNECT_SECONDS = 4.0
READ_SECONDS = 12.0  # the database gives up on a call after 8
CONNECTIONS = 64


@dataclass(frozen=True)
class Answer:
    """The head of an answer: its status, and the seconds after which to ask again where it names them."""

    status: int
    after: float | None


_last = threading.local()


def client(read_seconds: float = READ_SECONDS) -> httpx.Client:
    """A client for a whole process: bounded time-outs and connections, HTTP/1.1, no cookies."""
    return httpx.Client(
        http2=False,
        timeout=httpx.Timeout(read_seconds, connect=CONNECT_SECONDS),
        limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        follow_redirects=False,
        event_hooks={"request": [_forget], "response": [_note]},
    )


def last_answer() -> Answer | None:
    """The head of the answer to this thread's last request; None where there came none."""
    return getattr(_last, "answer", None)


def _forget(_: httpx.Request) -> None:
    _last.answer = None


def _note(response: httpx.Response) -> None:
    after = response.headers.get("retry-after", "")
    _last.answer = Answer(response.status_code, float(after) if after.isdigit() else None)
    asked_api = "/rest/v1/" in response.request.url.path
    kind = response.headers.get("content-type", "application/json")
    if asked_api and response.is_success and "json" not in kind:
        # A portal or a proxy answered in the project's place; the library would take its page for the reply.
        raise httpx.RemoteProtocolError(f"the answer is {kind.split(';')[0]}, not JSON", request=response.request)
