"""Debian's nginx with the documented configuration, as a process of its own on free loopback ports."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.browser.app_process import free_port
from tests.certificate import write_certificate

DEPLOY = Path(__file__).parents[2] / "docs" / "deploy"
PROGRAM = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
# What Debian's own /etc/nginx/nginx.conf gives a site, with every file in the test's folder.
AROUND = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
{user}
worker_processes 2;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/readerstudy.conf;
}}
"""
LINE = re.compile(r"^\S+ \S+ (?P<method>\S+) (?P<path>\S+) (?P<status>\d+) replica=(?P<tried>.*) seconds=\S+$")


@dataclass(frozen=True)
class Asked:
    """One request of the log: what was asked, the answer, and the ports of the replicas that were tried, in order."""

    method: str
    path: str
    status: int
    tried: tuple[int, ...]


@dataclass(frozen=True)
class Front:
    """The running nginx: its ports, and the folder of its files."""

    folder: Path
    port: int
    plain_port: int

    @property
    def url(self) -> str:
        """The address that a browser opens."""
        return f"https://localhost:{self.port}"

    def asked(self, at_least: int = 0) -> list[Asked]:
        """Every request answered so far; nginx writes its log after the answer, so these many are waited for."""
        end = time.monotonic() + 5
        while len(found := self._logged()) < at_least and time.monotonic() < end:
            time.sleep(0.02)
        return found

    def _logged(self) -> list[Asked]:
        lines = (self.folder / "access.log").read_text(encoding="utf-8").splitlines()
        found = [LINE.match(line) for line in lines]
        assert all(found), "a line of the log is not as documented"
        return [
            Asked(one["method"], one["path"], int(one["status"]), tuple(map(int, re.findall(r":(\d+)", one["tried"]))))
            for one in found
            if one
        ]


@contextmanager
def front(folder: Path, port: int, replicas: Sequence[int], without: str | None = None) -> Iterator[Front]:
    """nginx as documented but for its ports, names and paths; ``without`` leaves out the lines that contain it."""
    assert PROGRAM is not None
    folder.mkdir(parents=True)
    certificate, key = write_certificate(folder)
    plain = free_port()
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    for documented, here in (
        ("127.0.0.1:8501 ", f"127.0.0.1:{replicas[0]} "),
        ("127.0.0.1:8502 ", f"127.0.0.1:{replicas[1]} "),
        ("listen 443 ", f"listen 127.0.0.1:{port} "),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("/etc/letsencrypt/live/study.example.org/fullchain.pem", str(certificate)),
        ("/etc/letsencrypt/live/study.example.org/privkey.pem", str(key)),
        ("/var/log/nginx/readerstudy.log", str(folder / "access.log")),
        ("server_name study.example.org", "server_name localhost"),
    ):
        assert documented in text, f"{documented!r} is not in the documented configuration"
        text = text.replace(documented, here)
    lines = [line for line in text.splitlines() if without is None or without not in line]
    (folder / "readerstudy.conf").write_text("\n".join(lines), encoding="utf-8")
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=user), encoding="utf-8")
    process = subprocess.Popen([PROGRAM, "-p", str(folder), "-c", str(folder / "nginx.conf")])
    try:
        _listening(process, port)
        yield Front(folder, port, plain)
    finally:
        process.terminate()
        process.wait(20)


def _listening(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        assert process.poll() is None, "nginx ended at once"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("nginx did not listen within 10 s")
