"""What can go wrong between an app and Supabase, as values for ``Front.faulty``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from tests.supabase.exchange import Reply, json_reply

Cut = Literal["request", "reply", "half", "short"]


@dataclass(frozen=True)
class Fault:
    """``delay`` seconds first; then ``reply`` in place of forwarding, or ``cut``, or the request goes its usual way.

    ``headers`` are added to the reply.
    """

    delay: float = 0.0
    reply: Reply | None = None
    cut: Cut | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def after(self, seconds: float) -> Fault:
        """The same fault, later."""
        return replace(self, delay=seconds)


LOST_REQUEST = Fault(cut="request")
"""The connection is reset before anything was forwarded: nothing was written."""

LOST_REPLY = Fault(cut="reply")
"""The connection is reset after the request was carried out: what it wrote is written."""

HALF_REPLY = Fault(cut="half")
"""Half of the reply's body arrives, then the connection closes; what was written is written."""

SHORT_REPLY = Fault(cut="short")
"""Half of the reply's body as if it were the whole, as from a proxy that gave up; what was written is written."""

EMPTY_REPLY = Fault(reply=Reply(200, b"", {"content-type": "application/json"}))
"""Nothing at all, as if that were the answer; nothing was written."""

BROKEN_REPLY = Fault(reply=Reply(200, b'{"page": {"step": 1}', {"content-type": "application/json"}))
"""A body that ends like a whole one and is none; nothing was written."""

PORTAL = Fault(
    reply=Reply(200, b"<html><body>Please sign in to the guest network.</body></html>", {"content-type": "text/html"})
)
"""The page of a network that wants to be signed in to first; nothing was written."""

EXPIRED_TOKEN = Fault(
    reply=json_reply(401, {"code": "PGRST303", "details": None, "hint": None, "message": "JWT expired"})
)
"""The data API's answer to a token past its time."""

BAD_TOKEN = Fault(
    reply=json_reply(
        401,
        {
            "code": "PGRST301",
            "details": "None of the keys was able to decode the JWT",
            "hint": None,
            "message": "No suitable key or wrong key type",
        },
    )
)
"""The data API's answer to a token that another key signed, as after the project's keys were changed."""

WRONG_KEY = Fault(reply=json_reply(401, {"message": "Invalid API key", "hint": "Double check your Supabase `apikey`"}))
"""The gateway's answer to a key that is not this project's."""

PAUSED = Fault(reply=json_reply(540, {"message": "Project paused"}))
"""The gateway's answer for a project that was paused, as free ones are after a week without use."""

NO_SUCH_SESSION = Fault(
    reply=json_reply(
        403,
        {
            "code": 403,
            "error_code": "session_not_found",
            "msg": "Session from session_id claim in JWT does not exist",
        },
    )
)
"""Auth's answer to a token whose session was signed out elsewhere."""


def slow(seconds: float) -> Fault:
    """The usual answer, late."""
    return Fault(delay=seconds)


def failing(status: int, html: bool = False) -> Fault:
    """A gateway's 500, 502, 503 or 504 with a body in JSON, or the HTML page of the network in front of it."""
    if html:
        page = f"<html><head><title>{status}</title></head><body><center><h1>{status}</h1></center></body></html>"
        return Fault(reply=Reply(status, page.encode(), {"content-type": "text/html; charset=UTF-8"}))
    return Fault(reply=json_reply(status, {"message": "An invalid response was received from the upstream server"}))


def too_many(retry_after: int | None = None) -> Fault:
    """A 429 as auth words it, with or without a Retry-After in seconds."""
    content = {"code": 429, "error_code": "over_request_rate_limit", "msg": "Request rate limit reached"}
    waiting = {} if retry_after is None else {"retry_after": str(retry_after)}
    return Fault(reply=json_reply(429, content, **waiting))
