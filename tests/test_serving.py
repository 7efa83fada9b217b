"""Where the app may listen, whom it believes, and what it refuses: the rules without a server."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.types import ASGIApp
from starlette.websockets import WebSocket, WebSocketDisconnect

from streamlit_app.headers import SecurityHeaders, policy
from streamlit_app.https import SecureOnly
from streamlit_app.session import COOKIE
from streamlit_app.settings import secrets
from study.database import StudyError
from study.serving import Serving
from tests.certificate import write_certificate

ROOT = Path(__file__).parents[1]
PROXY = "192.0.2.7"
OUTSIDE = "203.0.113.9"
HTTPS = {"X-Forwarded-Proto": "https", "X-Forwarded-For": OUTSIDE}


async def _tell(request: Request) -> Response:
    told = JSONResponse({"client": request.client and request.client.host, "cookies": request.cookies})
    told.set_cookie(COOKIE, "new", path="/", httponly=True)
    told.set_cookie("other", "new")
    return told


async def _talk(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.close()


def client(serving: Serving, peer: str, base: str) -> TestClient:
    """A client at the address ``peer`` that asks ``base`` of a small app behind the real layers."""
    routes = [Route("/", _tell), Route("/_stcore/health", _tell), WebSocketRoute("/talk", _talk)]
    app: ASGIApp = SecureOnly(SecurityHeaders(Starlette(routes=routes)), serving)
    return TestClient(app, base_url=base, client=(peer, 50000))


BEHIND = Serving(proxies=(PROXY,), url="https://study.example")


@pytest.mark.parametrize(
    ("peer", "base", "headers", "status"),
    [
        ("127.0.0.1", "http://127.0.0.1:8501", {}, 200),
        ("::1", "http://localhost:8501", {}, 200),
        (OUTSIDE, "http://127.0.0.1:8501", {}, 403),
        ("127.0.0.1", "http://rebound.example:8501", {}, 403),
        (OUTSIDE, "http://study.example", HTTPS, 403),
        ("127.0.0.1", "http://study.example", HTTPS, 403),
        (PROXY, "http://study.example", HTTPS, 200),
        (PROXY, "http://study.example", {}, 403),
        (PROXY, "http://study.example", {**HTTPS, "X-Forwarded-Proto": "http"}, 403),
        (PROXY, "http://study.example", {**HTTPS, "X-Forwarded-Proto": "https, http"}, 403),
        (PROXY, "http://127.0.0.1", {"X-Forwarded-For": OUTSIDE}, 403),
        (PROXY, "http://another.example", HTTPS, 403),
    ],
)
def test_only_https_or_this_machine_is_answered_and_only_a_named_proxy_believed(
    peer: str, base: str, headers: dict[str, str], status: int
) -> None:
    answer = client(BEHIND, peer, base).get("/", headers=headers)
    assert answer.status_code == status
    if status == 403:
        assert answer.headers["content-type"].startswith("text/plain")
        assert answer.text.startswith("This app ")


@pytest.mark.parametrize(("peer", "status"), [("127.0.0.1", 200), (PROXY, 200), (OUTSIDE, 403)])
def test_a_health_check_is_answered_to_this_machine_and_the_proxies_without_https(peer: str, status: int) -> None:
    assert client(BEHIND, peer, "http://10.0.0.5:8501").get("/_stcore/health").status_code == status


def test_behind_the_proxy_the_reader_is_who_the_proxy_says_and_not_what_the_reader_says() -> None:
    said = {**HTTPS, "X-Forwarded-For": f"127.0.0.1, {OUTSIDE}"}
    assert client(BEHIND, PROXY, "http://study.example").get("/", headers=said).json()["client"] == OUTSIDE


@pytest.mark.parametrize(
    ("headers", "opens"),
    [
        (HTTPS, True),
        ({**HTTPS, "Origin": "https://study.example"}, True),
        ({**HTTPS, "Origin": "http://study.example"}, False),
        ({**HTTPS, "Origin": "http://localhost"}, False),
        ({**HTTPS, "Origin": "null"}, False),
        ({}, False),
    ],
)
def test_a_websocket_opens_by_https_from_a_page_of_the_app_alone(headers: dict[str, str], opens: bool) -> None:
    asking = client(BEHIND, PROXY, "http://study.example")
    if opens:
        with asking.websocket_connect("ws://study.example/talk", headers=headers):
            pass
    else:
        with pytest.raises(WebSocketDisconnect), asking.websocket_connect("ws://study.example/talk", headers=headers):
            pass


def test_over_https_cookies_are_secure_and_the_sessions_has_a_name_that_no_other_host_can_set() -> None:
    asking = client(BEHIND, PROXY, "http://study.example")
    answer = asking.get("/", headers={**HTTPS, "Cookie": f"a=1; {COOKIE}=forged; __Host-{COOKIE}=mine"})
    assert answer.json()["cookies"] == {"a": "1", COOKIE: "mine"}
    own, other = answer.headers.get_list("set-cookie")
    assert own.startswith(f"__Host-{COOKIE}=new; HttpOnly; Path=/")
    assert "; Secure" in own
    assert "; Secure" in other
    assert "Domain" not in own


def test_on_loopback_the_cookie_keeps_its_plain_name() -> None:
    answer = client(Serving(), "127.0.0.1", "http://127.0.0.1:8501").get("/", headers={"Cookie": f"{COOKIE}=mine"})
    assert answer.json()["cookies"] == {COOKIE: "mine"}
    assert answer.headers.get_list("set-cookie")[0].startswith(f"{COOKIE}=new")
    assert "Secure" not in answer.headers["set-cookie"]


def test_https_is_asked_for_good_by_a_real_name_and_never_by_this_machines() -> None:
    header = "strict-transport-security"
    assert header in client(BEHIND, PROXY, "http://study.example").get("/", headers=HTTPS).headers
    assert header not in client(Serving(), "127.0.0.1", "http://localhost").get("/").headers
    assert header not in client(BEHIND, PROXY, "http://localhost:8443").get("/", headers=HTTPS).headers


def test_the_policy_allows_streamlits_one_inline_script_by_its_hash_and_no_other() -> None:
    script = policy("https", "study.example").split("script-src ")[1].split(";")[0]
    assert script.count("'sha256-") == 1
    assert "unsafe" not in script


@pytest.mark.parametrize(
    ("scheme", "host", "sources"),
    [
        ("https", "study.example:8443", "'self' wss://study.example:8443"),
        ("http", "[::1]:8501", "'self' ws://[::1]:8501"),
        ("https", "x; script-src *", "'self'"),
    ],
)
def test_a_page_connects_to_its_own_host_and_no_other(scheme: str, host: str, sources: str) -> None:
    assert policy(scheme, host).split("connect-src ")[1] == sources


@pytest.mark.parametrize(
    ("serving", "words"),
    [
        (Serving("0.0.0.0"), "plain HTTP would carry sessions and answers in the clear"),
        (Serving("10.1.2.3"), "plain HTTP would carry"),
        (Serving("somewhere"), "not an IP address"),
        (Serving("::", proxies=("proxy.example",)), "not an IP address or network"),
        (Serving(proxies=("0.0.0.0/0",)), "would believe everybody"),
        (Serving("0.0.0.0", certificate=Path("a.pem")), "give both"),
        (Serving("0.0.0.0", certificate=Path("no.pem"), private_key=Path("no.key")), "cannot be read"),
        (Serving(proxies=(PROXY,), url="http://study.example"), "is not like https://"),
        (Serving(proxies=(PROXY,), url="https://study.example/path"), "is not like https://"),
        (Serving(url="https://study.example"), "--url is for an app that others reach"),
    ],
)
def test_what_would_travel_in_the_clear_or_cannot_work_is_refused_in_a_sentence(serving: Serving, words: str) -> None:
    with pytest.raises(StudyError, match=words):
        serving.checked()


def test_a_key_that_was_not_made_for_the_certificate_is_refused(tmp_path: Path) -> None:
    one, other = write_certificate(tmp_path / "one"), write_certificate(tmp_path / "other")
    assert Serving("0.0.0.0", certificate=one[0], private_key=one[1]).checked()
    with pytest.raises(StudyError, match="cannot be used together"):
        Serving("0.0.0.0", certificate=one[0], private_key=other[1]).checked()


@pytest.mark.parametrize(
    ("serving", "base"),
    [
        (Serving(), "http://127.0.0.1:8501"),
        (Serving("::1"), "http://[::1]:8501"),
        (Serving("10.1.2.3", 443, Path("c"), Path("k")), "https://10.1.2.3:443"),
        (
            Serving("10.1.2.3", 8443, Path("c"), Path("k"), url="https://study.example:8443/"),
            "https://study.example:8443",
        ),
        (Serving("0.0.0.0", proxies=(PROXY,)), "https://YOUR-SERVER"),
    ],
)
def test_the_link_in_the_terminal_is_what_a_browser_can_open(serving: Serving, base: str) -> None:
    assert serving.base == base


def test_another_process_is_told_the_same() -> None:
    serving = Serving("10.1.2.3", 8443, Path("c"), Path("k"), (PROXY, "10.0.0.0/8"), "https://study.example")
    assert Serving.told(serving.environment()) == serving
    assert Serving.told({}) == Serving()


def test_every_replica_signs_by_the_same_key_which_is_not_the_session_key() -> None:
    one, two = secrets({"READERSTUDY_SESSION_KEY": "k" * 32}), secrets({"READERSTUDY_SESSION_KEY": "k" * 32})
    signing = "STREAMLIT_SERVER_COOKIE_SECRET"
    assert one == two
    assert one[signing] != "k" * 32
    assert one[signing] != secrets({"READERSTUDY_SESSION_KEY": "m" * 32})[signing]
    assert signing not in secrets({})


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze")
def test_systemd_understands_the_documented_unit(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "deploy" / "readerstudy@.service").read_text(encoding="utf-8")
    unit = tmp_path / "readerstudy@.service"
    unit.write_text(text.replace("/opt/readerstudy/.venv/bin/readerstudy", sys.executable), encoding="utf-8")
    instance = tmp_path / "readerstudy@8501.service"
    instance.symlink_to(unit)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", instance], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, [line for line in done.stderr.splitlines() if "readerstudy@" in line]) == (0, [])
