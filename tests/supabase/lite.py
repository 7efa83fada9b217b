"""Auth and the data API of one Supabase project: ``@supabase/lite`` in a process of its own.

It ends with us, however we end: it reads its standard input, which closes when we are gone.
"""

from __future__ import annotations

import json
import secrets
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import httpx
from psycopg.conninfo import conninfo_to_dict

from study.database.migrations import MIGRATIONS
from study.database.server import Server
from tests.supabase.install import NODE, environment, installed

CONFIG = MIGRATIONS.parent / "config.toml"
LIMITS = {"anon": "3s", "authenticated": "8s"}
# What a new project has where its config.toml says nothing.
AUTH = {
    "jwt_expiry": 3600,
    "minimum_password_length": 6,
    "enable_refresh_token_rotation": True,
    "refresh_token_reuse_interval": 10,
}
EMAIL = {"otp_length": 6, "otp_expiry": 3600, "max_frequency": "1s", "template": {}}
SITE = "http://127.0.0.1:8501"  # what whoever pushes config.toml gives as SITE_URL
# What the program asks of every project: anybody may sign up, and an address counts once a code has come back from it.
NEEDED = {"enable_signup": True, "enable_confirmations": True}


class Lite:
    """A running project without its gateway: the ``url`` of its two services, its keys, the mail that it sent."""

    def __init__(self, server: Server, log: Path) -> None:
        """Start on ``server``, which has the prelude; when this returns, auth has made its tables.

        Raises ``RuntimeError`` where it does not start; what it then said is in ``log``.
        """
        self.publishable_key = f"sb_publishable_{secrets.token_urlsafe(18)}"
        self.secret_key = f"sb_secret_{secrets.token_urlsafe(18)}"
        self.jwt_secret = secrets.token_urlsafe(32)
        with log.open("w") as words:
            self._process = subprocess.Popen(
                [NODE, installed()],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=words,
                text=True,
                env=environment(),
                cwd=CONFIG.parents[1],  # mail templates are named from where supabase/ lies
            )
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(self._settings(server)) + "\n")
        self._process.stdin.flush()
        first = self._process.stdout.readline()
        if not first:
            raise RuntimeError(f"The stand-in for Supabase did not start: {log.read_text()[-2000:]}")
        self.url = f"http://127.0.0.1:{json.loads(first)['ready']}"

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def mails(self, email: str) -> list[dict[str, str]]:
        """The mails sent to ``email``, oldest first; each has to, subject, text and html."""
        sent: list[dict[str, str]] = httpx.get(f"{self.url}/mail").raise_for_status().json()
        return [mail for mail in sent if mail["to"] == email.lower()]

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(10)

    def _settings(self, server: Server) -> dict[str, Any]:
        """What ``serve.mjs`` needs: what the project's own config.toml says, as far as lite knows of it."""
        config = tomllib.loads(CONFIG.read_text(encoding="utf-8"))
        auth, email = config.get("auth", {}), config.get("auth", {}).get("email", {})
        keys = {"publishable_key": self.publishable_key, "secret_key": self.secret_key, "jwt_secret": self.jwt_secret}
        return {
            "socket": conninfo_to_dict(server.connection_string())["host"],
            "password": server.password("authenticator"),
            "limits": LIMITS,
            "api": config["api"],
            "auth": {
                **{name: auth.get(name, usual) for name, usual in AUTH.items()},
                **keys,
                "site_url": SITE,
                "enable_signup": True,
                "email": {**{name: email.get(name, usual) for name, usual in EMAIL.items()}, **NEEDED},
            },
        }
