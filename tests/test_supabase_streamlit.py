"""The app as a host starts it that knows Streamlit alone: `streamlit run` on the entry, settings in the secrets."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from commands._opener import answers
from tests.browser.app_process import free_port
from tests.supabase.project import Project
from tests.supabase.record import settings

ROOT = Path(__file__).parents[1]
NAME = "readings.example.org"
BY_HTTPS = {"Host": NAME, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}


@pytest.fixture(scope="module")
def app(supabase_project: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app's address on loopback, where the host's own proxy asks it."""
    given, port = settings(supabase_project), free_port()
    secrets = {"SUPABASE_URL": given.url, "SUPABASE_KEY": given.key, "READERSTUDY_SESSION_KEY": given.seal}
    secrets |= {"READERSTUDY_PROXY": "127.0.0.1", "READERSTUDY_URL": f"https://{NAME}"}
    file = tmp_path_factory.mktemp("secrets") / "secrets.toml"
    file.write_text("\n".join(f"{name} = {json.dumps(value)}" for name, value in secrets.items()))
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app/app.py", f"--secrets.files={file}"]
    process = subprocess.Popen([*command, f"--server.port={port}"], cwd=ROOT)
    try:
        end = time.monotonic() + 60
        while not answers(port) and time.monotonic() < end and process.poll() is None:
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def test_it_answers_the_proxy_of_its_host(app: str) -> None:
    reply = httpx.get(app, headers=BY_HTTPS)
    assert reply.status_code == 200
    assert "max-age" in reply.headers["Strict-Transport-Security"]


@pytest.mark.parametrize("headers", [{**BY_HTTPS, "X-Forwarded-Proto": "http"}, {**BY_HTTPS, "Host": "elsewhere.org"}])
def test_it_refuses_what_came_in_the_clear_or_under_another_name(app: str, headers: dict[str, str]) -> None:
    assert httpx.get(app, headers=headers).status_code == 403
