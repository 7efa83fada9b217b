"""A proxy on loopback that serves the app below a path, as Streamlit Community Cloud does, and nothing beside it."""

from __future__ import annotations

import re
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socketserver import StreamRequestHandler, ThreadingTCPServer

PATH = "/~/+"
_CONNECTION = re.compile(rb"\r\nconnection: [^\r]*", re.IGNORECASE)


class _Below(StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        """Pass one request on, or a WebSocket until it ends; what is not below the path is not found."""
        head = b"".join(iter(lambda: self.rfile.readline(65_536), b"\r\n"))
        method, _, rest = head.partition(b" ")
        if not rest.startswith(PATH.encode() + b"/"):
            self.wfile.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        head = method + b" " + rest.removeprefix(PATH.encode())
        if b"upgrade: websocket" not in head.lower():
            head = _CONNECTION.sub(b"", head) + b"Connection: close\r\n"
        with socket.create_connection(("127.0.0.1", self.server.app)) as app:
            app.sendall(head + b"\r\n")
            threading.Thread(target=self._outward, args=(app,), daemon=True).start()
            with suppress(OSError), app.makefile("rb", buffering=0) as answer:
                shutil.copyfileobj(answer, self.wfile)

    def _outward(self, app: socket.socket) -> None:
        with suppress(OSError, ValueError):
            while some := self.rfile.read1(65_536):
                app.sendall(some)


class _Server(ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, app: int) -> None:
        super().__init__(("127.0.0.1", 0), _Below)
        self.app = app


@contextmanager
def below_a_path(port: int) -> Iterator[str]:
    """The address below which the app on this port is served."""
    with _Server(port) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}{PATH}"
        finally:
            server.shutdown()
            thread.join()
