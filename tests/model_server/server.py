"""The server: every request for an answer goes through the script; files and batches lie beside it."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tests.model_server import replies
from tests.model_server.acts import Act, Asked, Broken, Cut, Dribble, Fail, Hang, Reset, Say, Script
from tests.model_server.batches import Batches


class _Protocol(HttpToolsProtocol):
    """Uvicorn's protocol, which hands the connection to the app so that it can break it."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["connection"] = self.transport  # type: ignore[typeddict-unknown-key]


class ModelServer:
    """A running server; ``script`` may be changed while it runs, and ``asked`` is what it was asked so far."""

    def __init__(self, script: Script | None = None, models: set[str] | None = None) -> None:
        """Answer by ``script``; where ``models`` are given, every other one is not found."""
        self.script = script
        self.models = models
        self.asked: list[Asked] = []
        self.in_flight = self.most_in_flight = 0
        self.batches = Batches(self.log, self.act)
        self._seen: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(128)  # whoever comes before the server has started waits
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/v1"
        asks = [Route(path, self._answer, methods=["POST"]) for path in ("/v1/responses", "/v1/chat/completions")]
        app = Starlette(routes=[*asks, *self.batches.routes])
        config = uvicorn.Config(app, http=_Protocol, log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)

    def run(self) -> None:
        """Serve until ``stop``."""
        self._server.run(sockets=[self._socket])

    def stop(self) -> None:
        """Have ``run`` return; whatever hangs is given up."""
        self._server.should_exit = self._server.force_exit = True

    def forget(self) -> None:
        """Begin anew: no script, and nothing asked so far."""
        with self._lock:
            self.script, self.most_in_flight = None, 0
            self.asked.clear()
            self._seen.clear()

    def log(self, path: str, body: dict[str, Any], headers: dict[str, str], in_batch: bool = False) -> Asked:
        """Note a request for an answer."""
        asked = Asked(time.monotonic(), path, body, headers, 0, in_batch=in_batch)
        with self._lock:
            self._seen[asked.digest] += 1
            number, nth = len(self.asked) + 1, self._seen[asked.digest]
            asked = Asked(asked.at, path, body, headers, number, nth, in_batch)
            self.asked.append(asked)
        return asked

    def act(self, asked: Asked) -> Act:
        """What is done about a request."""
        if self.models is not None and asked.model not in self.models:
            return Fail(404, "model_not_found", f"The model `{asked.model}` does not exist.")
        return (self.script(asked) if self.script else None) or Say()

    async def _answer(self, request: Request) -> Response:
        asked = self.log(request.url.path, await request.json(), dict(request.headers))
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            return await self._done(asked, self.act(asked), request)
        finally:
            self.in_flight -= 1

    async def _done(self, asked: Asked, act: Act, request: Request) -> Response:
        if isinstance(act, Fail):
            await asyncio.sleep(act.delay)
            headers = act.headers | ({"retry-after": act.retry_after} if act.retry_after is not None else {})
            return Response(json.dumps(replies.error(act)), act.status, headers, "application/json")
        if isinstance(act, Hang):
            until = asked.at + act.seconds
            while time.monotonic() < until and not await request.is_disconnected():
                await asyncio.sleep(0.05)
            request.scope["connection"].close()
        whole = json.dumps(replies.body(asked, act if isinstance(act, Say) else Say()), ensure_ascii=False).encode()
        if isinstance(act, Say):
            await asyncio.sleep(act.delay)
        if isinstance(act, Broken):
            whole = act.body.encode()
        if isinstance(act, (Reset, Cut, Dribble)):
            headers = {"content-length": str(len(whole))}
            return StreamingResponse(_pieces(whole, act, request), 200, headers, "application/json")
        return Response(whole, 200, media_type="application/json")


async def _pieces(whole: bytes, act: Reset | Cut | Dribble, request: Request) -> AsyncIterator[bytes]:
    """The body in pieces; the connection breaks where the act says so."""
    if isinstance(act, Dribble):
        for start in range(0, len(whole), step := max(1, len(whole) // 50)):
            yield whole[start : start + step]
            await asyncio.sleep(act.seconds / 50)
        return
    yield whole[: act.bytes]
    await asyncio.sleep(0.05)
    connection = request.scope["connection"]
    if isinstance(act, Reset):
        linger = struct.pack("ii", 1, 0)
        connection.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        connection.abort()
    else:
        connection.close()
    await asyncio.sleep(3600)


@contextmanager
def model_server(script: Script | None = None, models: set[str] | None = None) -> Iterator[ModelServer]:
    """A server in a thread of its own, which is gone afterwards."""
    server = ModelServer(script, models)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(10)
