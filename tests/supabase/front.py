"""The gateway of the project, and what tests take for it: an address on loopback that can be told to go wrong.

It forwards /auth/v1 and /rest/v1 to lite, answers /storage/v1 through the stand-in for Storage, keeps a list of the
requests that it saw, and applies one fault to as many requests as a test asks for.
"""

from __future__ import annotations

import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.supabase.auth import Auth
from tests.supabase.exchange import Reply, Request, json_reply
from tests.supabase.faults import Fault
from tests.supabase.lite import Lite
from tests.supabase.tokens import Tokens

_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server", "host", "accept-encoding"}
Service = Callable[[Request], Reply]


@dataclass
class Rule:
    """A fault, for the requests whose ``METHOD path`` matches and as often as ``left`` says; ``hits`` counts them."""

    pattern: re.Pattern[str]
    fault: Fault
    left: float
    hits: int = 0


class Front:
    """A running gateway; ``url`` is what an app gets as SUPABASE_URL."""

    def __init__(self, lite: Lite, storage: Service) -> None:
        """Start in a thread of its own."""
        self._client = httpx.Client(base_url=lite.url, timeout=60.0, limits=httpx.Limits(max_connections=200))
        self._rules: list[Rule] = []
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.front = self
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.tokens = Tokens(lite.jwt_secret, f"{self.url}/auth/v1")
        self._services: dict[str, Service] = {
            "/auth/v1/": Auth(self.forward, self.tokens),
            "/rest/v1/": self.forward,
            "/storage/v1/": storage,
        }
        self.requests: list[Request] = []
        self.answered: list[Request] = []
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @contextmanager
    def faulty(self, pattern: str, fault: Fault, times: float = 1) -> Iterator[Rule]:
        """Inside: the next ``times`` requests get ``fault`` whose ``POST /rest/v1/rpc/about`` matches the pattern.

        The pattern is a regular expression and may match anywhere; ``float("inf")`` times is as often as they come.
        Rules given later count first.
        """
        rule = Rule(re.compile(pattern), fault, times)
        with self._lock:
            self._rules.insert(0, rule)
        try:
            yield rule
        finally:
            with self._lock:
                self._rules.remove(rule)

    def seen(self, pattern: str = "", answered: bool = False) -> list[Request]:
        """The requests so far whose ``METHOD path`` matches, oldest first; if asked, those that are over."""
        known = list(self.answered if answered else self.requests)
        return [request for request in known if re.search(pattern, f"{request.method} {request.path}")]

    def answer(self, request: Request) -> Reply:
        """What the service of that path says."""
        for prefix, service in self._services.items():
            if request.path.startswith(prefix):
                return service(request)
        return json_reply(404, {"message": "no Route matched with those values"})

    def forward(self, request: Request) -> Reply:
        """Lite's own answer."""
        path = f"{request.path}?{request.query}" if request.query else request.path
        headers = [(name, value) for name, value in request.headers.multi_items() if name not in _HOP]
        reply = self._client.request(request.method, path, headers=headers, content=request.body)
        kept = {name: value for name, value in reply.headers.items() if name not in _HOP}
        return Reply(reply.status_code, reply.content, kept)

    def fault_for(self, request: Request) -> Fault:
        """Note the request and use up one of the rule that fits it, if one does."""
        line = f"{request.method} {request.path}"
        with self._lock:
            self.requests.append(request)
            for rule in self._rules:
                if rule.left > 0 and rule.pattern.search(line):
                    rule.left -= 1
                    rule.hits += 1
                    return rule.fault
        return Fault()

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()
        self._client.close()


class _Server(ThreadingHTTPServer):
    """The listening socket; a connection named in ``broken`` is reset, not closed in good order."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    front: Front

    def shutdown_request(self, request: Any) -> None:
        linger = request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)
        if struct.unpack("ii", linger) == (1, 0):
            self.close_request(request)  # without the farewell of a shutdown: the peer sees a reset
        else:
            super().shutdown_request(request)


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def handle(self) -> None:
        with suppress(ConnectionError):
            super().handle()

    def _serve(self) -> None:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        request = Request(self.command, url.path, url.query, httpx.Headers(self.headers.items()), body)
        fault = self.server.front.fault_for(request)
        try:
            self._reply(request, fault)
        finally:
            self.server.front.answered.append(request)

    def _reply(self, request: Request, fault: Fault) -> None:
        time.sleep(fault.delay)
        if fault.cut == "request":
            return self._reset()
        reply = fault.reply or self.server.front.answer(request)
        if fault.cut == "reply":
            return self._reset()
        if fault.cut == "short":
            reply = replace(reply, body=reply.body[: len(reply.body) // 2])
        return self._send(replace(reply, headers={**reply.headers, **fault.headers}), half=fault.cut == "half")

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve

    def _send(self, reply: Reply, half: bool) -> None:
        self.send_response_only(reply.status)
        self.send_header("server", self.version_string())
        if "date" not in reply.headers:
            self.send_header("date", self.date_time_string())
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(reply.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body[: len(reply.body) // 2] if half else reply.body)
        self.wfile.flush()
        self.close_connection = self.close_connection or half

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def version_string(self) -> str:
        """What the header ``server`` says."""
        return "front"

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""
