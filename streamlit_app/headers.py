"""What every answer tells the browser: no framing, no sniffing, nothing from anywhere else, HTTPS once and for good."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

import streamlit
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from study.serving import is_loopback

YEAR = 365 * 24 * 3600
_HOST = re.compile(r"[a-z0-9.-]+(:[0-9]+)?|\[[0-9a-f:]+\](:[0-9]+)?")
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)


class SecurityHeaders:
    """Adds the headers to every HTTP answer; a page of ours is never stored by the browser."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; the headers go out with the answer's start."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        host = Headers(scope=scope).get("host", "").lower()

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add(MutableHeaders(scope=message), scope["scheme"], host)
            await send(message)

        await self.app(scope, receive, with_headers)


def _add(headers: MutableHeaders, scheme: str, host: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if scheme == "https" and not is_loopback(host.rsplit(":", 1)[0].strip("[]")):
        headers["Strict-Transport-Security"] = f"max-age={YEAR}"
    if headers.get("content-type", "").startswith("text/html"):
        headers["Content-Security-Policy"] = policy(scheme, host)
        headers["Cache-Control"] = "no-store"


def policy(scheme: str, host: str) -> str:
    """The content security policy of a page of this host: everything from here alone, the websocket too.

    To Safari before 15.5 a page's 'self' does not cover its websocket: it is named, with this host and no other.
    """
    websocket = f" {'wss' if scheme == 'https' else 'ws'}://{host}" if _HOST.fullmatch(host) else ""
    return f"{_policy()}; connect-src 'self'{websocket}"


@cache
def _policy() -> str:
    """What is the same for every page; of inline scripts only Streamlit's own is allowed, by its hash."""
    index = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    hashes = " ".join(f"'sha256-{_sha256(script)}'" for script in _INLINE.findall(index))
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' blob: {hashes}".strip(),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
