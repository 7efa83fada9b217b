"""A real Chromium and the server of the component page, one each for a test process."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from study.gap import Gap
from tests.browser.app_process import AppProcess, made_app
from tests.browser.harness import Harness
from tests.browser.played import play

ROOT = Path(__file__).parents[2]
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser installed on this machine."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium on the path: install Debian's package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def warm_context(chromium: Browser) -> Iterator[BrowserContext]:
    """One context a worker, so that Streamlit's own 3.5 MB are fetched once and not for every test."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    yield context
    context.close()


@pytest.fixture
def page(warm_context: BrowserContext) -> Iterator[Page]:
    """A new page without cookies; session storage is a page's own, and all pages are closed afterwards."""
    yield warm_context.new_page()
    for opened in warm_context.pages:
        opened.close()
    warm_context.clear_cookies()


@pytest.fixture(scope="session")
def harness_server() -> Iterator[Harness]:
    """The component page on a free loopback port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "component_server:app", "--app-dir", str(Path(__file__).parent)]
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "STREAMLIT_RUNNER_POST_SCRIPT_GC": "false",
        "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    }
    server = subprocess.Popen([*command, "--port", str(port), "--log-level", "warning"], cwd=ROOT, env=environment)
    try:
        yield Harness(_answering(f"http://127.0.0.1:{port}", server))
    finally:
        server.terminate()
        server.wait(30)  # it waits up to ten seconds for connections to close


def _answering(url: str, server: subprocess.Popen[bytes]) -> str:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        assert server.poll() is None, "the component page's server ended at once"
        try:
            urllib.request.urlopen(f"{url}/_stcore/health").close()
            return url
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the component page's server did not answer within 30 s")


@pytest.fixture
def harness(harness_server: Harness) -> Harness:
    """The server, forgetting what earlier tests posted."""
    harness_server.behave()
    return harness_server


@pytest.fixture(scope="session")
def app() -> Iterator[AppProcess]:
    """The real app over a study of its own, one a worker; several readers share it."""
    with made_app() as made:
        made.start()
        yield made


@pytest.fixture(scope="session")
def played(app: AppProcess, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Gap]:
    """A played, graded, unblinded study of three cases on the app: its id, and its gap computed here."""
    return play(app, tmp_path_factory.mktemp("played"))
