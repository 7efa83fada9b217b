"""The app as a process of its own: what it refuses to start, and whom it answers once it runs."""

from __future__ import annotations

import http.client
import os
import re
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.app_process import AppProcess, made_app
from tests.certificate import write_certificate

ROOT = Path(__file__).parents[1]
PROXY = "127.0.0.2"
HTTPS = {"Host": "study.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
pytestmark = pytest.mark.database


@pytest.fixture(scope="module")
def behind() -> Iterator[AppProcess]:
    """The app on all addresses of this machine, with one of them named as its proxy."""
    with made_app() as app:
        app.environment = {"READERSTUDY_ADDRESS": "0.0.0.0", "READERSTUDY_PROXY": PROXY, "FORWARDED_ALLOW_IPS": "*"}
        app.environment |= {"READERSTUDY_URL": "https://study.example"}
        app.start()
        yield app


def ask(app: AppProcess, source: str, headers: dict[str, str], path: str = "/") -> http.client.HTTPResponse:
    """The answer to a request that comes from the address ``source``."""
    connection = http.client.HTTPConnection("127.0.0.1", app.port, timeout=30, source_address=(source, 0))
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def upgrade(key: str = "AAAAAAAAAAAAAAAAAAAAAA==") -> dict[str, str]:
    """The headers that ask for a websocket."""
    return {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": key,
        "Sec-WebSocket-Protocol": "streamlit",
    }


def serve(*words: object, data: Path) -> subprocess.CompletedProcess[str]:
    """Run `readerstudy serve` where it is to refuse."""
    command = [sys.executable, "-m", "commands.main", "serve", "--data", str(data), *map(str, words)]
    return subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "10.1.2.3"])
def test_serving_other_machines_in_the_clear_is_refused_before_anything_starts(data_folder: Path, address: str) -> None:
    done = serve("--address", address, data=data_folder / "new")
    assert done.returncode == 1
    assert "plain HTTP would carry sessions and answers in the clear" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (data_folder / "new").exists()


def test_the_apps_own_process_refuses_the_same(data_folder: Path) -> None:
    environment = {**os.environ, "READERSTUDY_DATA": str(data_folder / "new"), "READERSTUDY_ADDRESS": "0.0.0.0"}
    command = [sys.executable, "-m", "streamlit_app"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert "plain HTTP would carry" in done.stderr
    assert not (data_folder / "new").exists()


def test_a_forged_word_of_https_is_refused_and_the_proxys_is_believed(behind: AppProcess) -> None:
    assert ask(behind, "127.0.0.1", HTTPS).status == 403
    assert ask(behind, "127.0.0.3", HTTPS).status == 403
    answer = ask(behind, PROXY, HTTPS)
    assert answer.status == 200
    assert answer.headers["Strict-Transport-Security"]
    assert ask(behind, PROXY, {"Host": "study.example"}).status == 403


def test_a_websocket_in_the_clear_or_from_a_strange_page_does_not_open(behind: AppProcess) -> None:
    stream, page = "/_stcore/stream", {"Origin": "https://study.example"}
    assert ask(behind, "127.0.0.1", {**HTTPS, **upgrade(), **page}, stream).status == 403
    assert ask(behind, PROXY, {**HTTPS, **upgrade(), "Origin": "http://localhost"}, stream).status == 403
    assert ask(behind, PROXY, {"Host": "study.example", **upgrade(), **page}, stream).status == 403
    assert ask(behind, PROXY, {**HTTPS, **upgrade(), **page}, stream).status == 101


def test_every_cookie_is_secure_behind_the_proxy(behind: AppProcess) -> None:
    cookies = ask(behind, PROXY, HTTPS, "/_stcore/health").headers.get_all("Set-Cookie") or []
    assert any(cookie.startswith("_streamlit_xsrf=") for cookie in cookies)
    link = ask(behind, PROXY, HTTPS, re.findall(r"https://study\.example(/enter\?ticket=\S+)", told(behind))[-1])
    own = link.headers.get_all("Set-Cookie") or []
    assert [cookie.split("=")[0] for cookie in own] == ["__Host-readerstudy"]
    assert all("; Secure" in cookie for cookie in [*cookies, *own])


def told(app: AppProcess) -> str:
    """What the app has printed, once it has told the owner's link."""
    end = time.monotonic() + 20
    while "Owner's link" not in app.log() and time.monotonic() < end:
        time.sleep(0.05)
    return app.log()


def test_with_a_certificate_the_app_speaks_https_and_nothing_else(tmp_path: Path) -> None:
    certificate, key = write_certificate(tmp_path)
    with made_app() as app:
        app.environment = {"READERSTUDY_CERTIFICATE": str(certificate), "READERSTUDY_PRIVATE_KEY": str(key)}
        app.environment |= {"READERSTUDY_ADDRESS": "0.0.0.0", "READERSTUDY_URL": f"https://localhost:{app.port}"}
        app.start()
        trusting = ssl.create_default_context(cafile=str(certificate))
        connection = http.client.HTTPSConnection("localhost", app.port, context=trusting, timeout=30)
        connection.request("GET", "/")
        assert connection.getresponse().status == 200
        connection.close()
        with pytest.raises((http.client.BadStatusLine, ConnectionError)):
            ask(app, "127.0.0.1", {})
        assert f"https://localhost:{app.port}/enter?ticket=" in told(app)
        assert "external IP" not in app.log(), "no foreign host is asked for this machine's address"
