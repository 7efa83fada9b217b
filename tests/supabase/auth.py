"""Auth as Supabase's answers: lite's, with what lite does otherwise put right on the way.

- A code for an address that nobody has: there, somebody is signed up under a random password and gets the mail
  that confirms the address, which stays unconfirmed until the code comes back. Lite confirms it at once.
- A code of type ``email`` may be of either mail; lite knows the types ``magiclink`` and ``signup`` alone.
- Access tokens and times: see ``tokens``.

What is left: lite sends any number of codes by magic link to one address within a minute, where Supabase refuses with
429; ``faults.too_many`` stands in. It words a wrong code as it does a wrong link, under the same error code.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.supabase.exchange import Reply, Request, json_reply
from tests.supabase.tokens import Tokens

_KINDS = ("magiclink", "signup")


class Auth:
    """The service; called with a request under /auth/v1, it answers."""

    def __init__(self, forward: Callable[[Request], Reply], tokens: Tokens) -> None:
        """Ask lite by ``forward``."""
        self._forward = forward
        self._tokens = tokens

    def __call__(self, request: Request) -> Reply:
        """The answer."""
        content = _content(request)
        if request.path == "/auth/v1/otp" and "email" in content:
            reply = self._send_code(request, content)
        elif request.path == "/auth/v1/verify" and content.get("type") == "email":
            reply = self._verify(request, content)
        else:
            reply = self._forward(request)
        return self._tokens.complete(request, reply)

    def _send_code(self, request: Request, content: dict[str, Any]) -> Reply:
        reply = self._forward(_with(request, {**content, "create_user": False}))
        if reply.status != 422 or content.get("create_user") is False:
            return reply
        newcomer = {"email": content["email"], "password": secrets.token_urlsafe(24), "data": content.get("data") or {}}
        reply = self._forward(_with(replace(request, path="/auth/v1/signup"), newcomer))
        return json_reply(200, {}) if reply.status == 200 else reply

    def _verify(self, request: Request, content: dict[str, Any]) -> Reply:
        replies = (self._forward(_with(request, {**content, "type": kind})) for kind in _KINDS)
        reply = next(replies)
        return reply if reply.status == 200 else next(replies)


def _content(request: Request) -> dict[str, Any]:
    """The body of a POST; nothing where it is no JSON object."""
    try:
        found = request.json() if request.method == "POST" else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _with(request: Request, content: dict[str, Any]) -> Request:
    return replace(request, body=json.dumps(content).encode())
