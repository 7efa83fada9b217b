"""Nothing in the clear: a request is answered that came by HTTPS, or from this very machine to this very machine.

HTTPS is what the app's own TLS says, or a proxy that was named at the start; nobody else's X-Forwarded-Proto counts.
Over HTTPS the session's cookie travels as ``__Host-readerstudy``: no other host of the hospital's domain can set one of
that name. Within the app, and on loopback where browsers refuse the prefix without HTTPS, it is ``readerstudy``.
"""

from __future__ import annotations

import os
from typing import Any, cast
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from streamlit_app.session import COOKIE
from study.serving import Serving, is_loopback

HEALTH = "/_stcore/health"
PREFIX = "__Host-"
_NEAR = "readerstudy.near"
ONLY_HTTPS = (
    "This app answers HTTPS alone: open its address with https:// in front.\n"
    "For whoever runs it: a proxy that speaks HTTPS for the app is named by --proxy, and sends X-Forwarded-Proto.\n"
)
WRONG_HOST = "This app does not answer to the name by which it was asked.\n"
WRONG_ORIGIN = "This connection did not come from a page of this app.\n"


class SecureOnly:
    """Learns from the named proxies how a browser came, and refuses whatever could be read or forged on the way."""

    def __init__(self, app: ASGIApp, serving: Serving | None = None) -> None:
        told = Serving.told(os.environ) if serving is None else serving
        believing = ProxyHeadersMiddleware(cast(Any, _Gate(app, told)), trusted_hosts=list(told.proxies))
        self._believing, self._trusted = cast(ASGIApp, believing), believing.trusted_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Note who asks before the proxies are heard; then pass the request through the gate."""
        peer = _peer(scope)
        scope[_NEAR] = is_loopback(peer) or peer in self._trusted
        await self._believing(scope, receive, send)


class _Gate:
    """Lets through what is safe, as the scope says once the proxies have been heard."""

    def __init__(self, app: ASGIApp, serving: Serving) -> None:
        self.app, self._hosts = app, serving.hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        reason = self._why_not(scope) if scope["type"] in ("http", "websocket") else None
        if reason and not (scope[_NEAR] and scope["path"] == HEALTH):  # A proxy's own check comes without a browser.
            await _refuse(scope, receive, send, reason)
        elif secure(scope):
            scope["headers"] = _inward(scope["headers"])
            await self.app(scope, receive, _outward(send))
        else:
            await self.app(scope, receive, send)

    def _why_not(self, scope: Scope) -> str | None:
        headers = Headers(scope=scope)
        named = headers.getlist("host")
        host = _host(named[0]) if len(named) == 1 else ""
        if not secure(scope) and not (is_loopback(_peer(scope)) and is_loopback(host)):
            return ONLY_HTTPS
        if secure(scope) and self._hosts and host not in self._hosts:
            return WRONG_HOST
        origin = headers.get("origin")
        if scope["type"] == "websocket" and origin is not None and origin.lower() != _own_origin(scope, named):
            return WRONG_ORIGIN
        return None


def secure(scope: Scope) -> bool:
    """Whether the browser came by HTTPS."""
    return scope.get("scheme") in ("https", "wss")


def _peer(scope: Scope) -> str:
    return str((scope.get("client") or ("",))[0])


def _own_origin(scope: Scope, named: list[str]) -> str:
    return f"{'https' if secure(scope) else 'http'}://{''.join(named).lower()}"


def _host(named: str) -> str:
    try:
        return (urlsplit(f"//{named}").hostname or "").rstrip(".")
    except ValueError:
        return ""


async def _refuse(scope: Scope, receive: Receive, send: Send, reason: str) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008, "reason": reason.strip()[:120]})
    else:
        await PlainTextResponse(reason, 403, headers={"Cache-Control": "no-store"})(scope, receive, send)


def _inward(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers with the session's cookie under its plain name; one that came under that name is left out."""
    return [(name, _renamed(value) if name == b"cookie" else value) for name, value in headers]


def _renamed(cookies: bytes) -> bytes:
    plain, safe = f"{COOKIE}=".encode(), f"{PREFIX}{COOKIE}=".encode()
    each = [cookie.strip() for cookie in cookies.split(b";")]
    return b"; ".join(
        cookie.removeprefix(PREFIX.encode()) if cookie.startswith(safe) else cookie
        for cookie in each
        if not cookie.startswith(plain)
    )


def _outward(send: Send) -> Send:
    """A ``send`` by which every cookie is Secure, and the session's goes out under its safe name."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            cookies = headers.getlist("set-cookie")
            del headers["set-cookie"]
            for cookie in cookies:
                headers.append("set-cookie", _secured(cookie))
        await send(message)

    return sending


def _secured(cookie: str) -> str:
    named = PREFIX + cookie if cookie.startswith(f"{COOKIE}=") else cookie
    return named if "; secure" in named.lower() else f"{named}; Secure"
