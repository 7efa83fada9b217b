"""Sessions as Supabase's auth gives them.

Claims: lite signs sub, aud, role, email, session_id, iat and exp; the others are added and the token is signed again
with the same secret. How a session was signed in to (``amr``) is remembered, since a refresh keeps it.

Times: lite ends them in ``+00``, which clients refuse to read.
"""

from __future__ import annotations

import json
import re
import time
from typing import Any

import jwt

from tests.supabase.exchange import Reply, Request

_UTC = re.compile(rb'"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)\+00"')
_SIGNED_IN_BY = {"/auth/v1/signup": "password", "/auth/v1/token": "password", "/auth/v1/verify": "otp"}


class Tokens:
    """Completes auth's replies; one for a project, since it remembers its sessions."""

    def __init__(self, secret: str, issuer: str) -> None:
        self._secret = secret
        self._issuer = issuer
        self._signed_in: dict[str, list[dict[str, Any]]] = {}

    def complete(self, request: Request, reply: Reply) -> Reply:
        """The reply with times that clients read and, where it holds a session, with a whole access token."""
        body = _UTC.sub(rb'"\1T\2Z"', reply.body)
        if request.path in _SIGNED_IN_BY and b'"access_token"' in body:
            session = json.loads(body)
            session["access_token"] = self._whole(session, _SIGNED_IN_BY[request.path])
            body = json.dumps(session).encode()
        return Reply(reply.status, body, reply.headers)

    def _whole(self, session: dict[str, Any], method: str) -> str:
        claims = self.read(session["access_token"])
        signed_in = self._signed_in.setdefault(
            claims["session_id"], [{"method": method, "timestamp": int(time.time())}]
        )
        user = session["user"]
        claims |= {
            "iss": self._issuer,
            "phone": user.get("phone") or "",
            "app_metadata": user["app_metadata"],
            "user_metadata": user["user_metadata"],
            "aal": "aal1",
            "amr": signed_in,
            "is_anonymous": False,
        }
        return jwt.encode(claims, self._secret, algorithm="HS256")

    def read(self, token: str) -> dict[str, Any]:
        """The claims of a token of this project; raises ``jwt.InvalidTokenError`` where it is another's or too old."""
        claims: dict[str, Any] = jwt.decode(token, self._secret, algorithms=["HS256"], audience="authenticated")
        return claims
