"""Supabase's Management API on loopback, as far as ``supabase config push`` and ``readerstudy doctor`` ask it.

It tells one hosted project's settings: it begins as a new one's, keeps what is pushed, and gives it back in the
service's own form, secrets as an HMAC, storage's features under other names. ``hosted_auth.json`` holds every setting
of auth that the command line wants in a reply; null is what a new project leaves open.
"""

from __future__ import annotations

import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

REF = "abcdefghijklmnopqrst"
_AUTH = Path(__file__).with_name("hosted_auth.json")
_FEATURES = {"imageTransformation": "image_transformation", "s3Protocol": "s3_protocol"}
_POOL = ("db_pool", "db_pool_acquisition_timeout", "db_pool_max_lifetime", "db_pool_max_idletime")
Settings = dict[str, Any]


class Management(ThreadingHTTPServer):
    """The service; ``settings`` is what the project has by now, ``writes`` what was pushed, in order.

    ``status`` is the project's state, ``lints`` what an advisor finds, and ``refuses`` the ends of paths that it
    answers with 403, as it does where a token lacks a right.
    """

    daemon_threads = True

    def __init__(self) -> None:
        """Listen on a free port of loopback."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.writes: list[str] = []
        self.status = "ACTIVE_HEALTHY"
        self.lints: dict[str, list[Settings]] = {"security": [], "performance": []}
        self.refuses: set[str] = set()
        self.settings: dict[str, Settings] = {
            "api": {
                "db_schema": "public,graphql_public",
                "db_extra_search_path": "public,extensions",
                "max_rows": 1000,
            },
            "auth": json.loads(_AUTH.read_text(encoding="utf-8")),
            "database": {"major_version": 17},
            "storage": {
                "file_size_limit": 52_428_800,
                "features": {name: {"enabled": True} for name in _FEATURES.values()},
            },
        }

    def profile(self, folder: Path) -> str:
        """The option that sends the command line here; its file is written into ``folder``."""
        places = {"name": "loopback", "api_url": self.url, "dashboard_url": self.url, "project_host": "localhost"}
        path = folder / "profile.json"
        path.write_text(json.dumps(places))
        return f"--profile={path}"

    def answer(self, path: str, pushed: Settings) -> Settings:
        """The reply to a request; keeps what it brings."""
        if pushed:
            self.writes.append(path.removeprefix(f"/v1/projects/{REF}/"))
        if path == f"/v2/projects/{REF}/config":
            return {"data": {"attributes": self.settings}}
        if path.endswith("/postgrest"):
            self.settings["api"] |= pushed
            return {**self.settings["api"], **dict.fromkeys(_POOL)}
        if path.endswith("/config/auth"):
            self.settings["auth"] |= {name: _masked(name, value) for name, value in pushed.items()}
            return self.settings["auth"]
        if path.endswith("/config/storage"):
            for name, feature in pushed.pop("features", {}).items():
                self.settings["storage"]["features"][_FEATURES[name]] = feature
            return {}
        if path.endswith("/billing/addons"):
            return {"selected_addons": [], "available_addons": []}
        if "/advisors/" in path:
            return {"lints": self.lints[path.rpartition("/")[2]]}
        return {"id": REF, "ref": REF, "name": "study", "region": "eu-central-1", "status": self.status}


def _masked(name: str, value: Any) -> Any:
    """A setting as it is told afterwards."""
    return hmac.new(REF.encode(), value.encode(), "sha256").hexdigest() if name == "smtp_pass" else value


class _Handler(BaseHTTPRequestHandler):
    server: Management

    def _answer(self) -> None:
        pushed = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        refused = any(self.path.endswith(end) for end in self.server.refuses)
        content = (
            {"message": "Forbidden resource"} if refused else self.server.answer(self.path, json.loads(pushed or b"{}"))
        )
        reply = json.dumps(content).encode()
        self.send_response(403 if refused else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    do_GET = do_PATCH = do_PUT = do_POST = _answer

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def management() -> Iterator[Management]:
    """The service of a new project, ended at the end."""
    with Management() as service:
        thread = threading.Thread(target=service.serve_forever)
        thread.start()
        try:
            yield service
        finally:
            service.shutdown()
            thread.join()
