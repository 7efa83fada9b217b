"""`readerstudy simulate`, `demo` and `models run` as their users call them."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from commands._opener import answers
from study.database import open_box
from study.desk import CoordinatorDesk
from tests.played_bundle import played_bundle
from tests.small_bundle import write_bundle

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.timeout(240)


def readerstudy(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line to its end."""
    return subprocess.run(
        [sys.executable, "-m", "commands.main", *map(str, words)],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=200,
    )


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def test_simulate_exports_a_study_that_verify_and_parity_find_whole(data_folder: Path, tmp_path: Path) -> None:
    bundle = played_bundle(tmp_path / "bundle")
    done = readerstudy("simulate", "--readers", 4, "--seed", 7, "--data", data_folder, "--bundle", bundle)
    assert done.returncode == 0, done.stderr
    assert "4 simulated readers and 2 models (retrieval, chance)" in done.stdout
    exported = data_folder / "export" / "simulated-4-7"
    assert {"answers.csv", "answers.parquet", "manifest.json"} <= {path.name for path in exported.iterdir()}
    checked = readerstudy("verify", "--data", data_folder, "--parity")
    assert checked.returncode == 0, checked.stdout
    again = readerstudy("simulate", "--readers", 4, "--seed", 7, "--data", data_folder, "--bundle", bundle)
    assert "0 turns of readers were played now" in again.stdout  # it was complete


def test_bots_refuse_a_bundle_of_real_cases_in_a_sentence(data_folder: Path, tmp_path: Path) -> None:
    done = readerstudy("simulate", "--data", data_folder, "--bundle", write_bundle(tmp_path / "real"))
    assert done.returncode == 1
    assert "not marked synthetic" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_busy_port_is_told_in_a_sentence_before_any_work(data_folder: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        done = readerstudy("demo", DATA=str(data_folder / "new"), PORT=str(port))
    assert done.returncode == 1
    assert f"Port {port} on 127.0.0.1 cannot be used" in done.stderr
    assert not (data_folder / "new").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="no fork on Windows")
def test_demo_killed_while_it_is_made_is_completed_served_and_stopped_with_its_database(
    data_folder: Path, tmp_path: Path
) -> None:
    port, bundle = free_port(), played_bundle(tmp_path / "bundle")
    words = [sys.executable, "-m", "commands.main", "demo", "--data", str(data_folder), "--bundle", str(bundle)]
    log = tmp_path / "log"
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")} | {"PORT": str(port)}

    def begin() -> subprocess.Popen[bytes]:
        with log.open("a") as out:
            return subprocess.Popen(words, cwd=ROOT, env=environment, stdout=out, stderr=out)

    for seconds in (2.5, 4.0):
        broken = begin()
        time.sleep(seconds)  # wherever it has come to by then
        broken.kill()
        broken.wait()
    app = begin()
    try:
        until = time.monotonic() + 120
        while not answers(port):
            assert app.poll() is None, log.read_text()
            assert time.monotonic() < until
            time.sleep(0.1)
    finally:
        app.send_signal(signal.SIGTERM)
        app.wait(30)
    assert not (data_folder / "postgres" / "postmaster.pid").exists()  # the database went with the app
    told = log.read_text()
    assert re.search(rf"Starting the app on http://127\.0\.0\.1:{port}", told)
    assert (data_folder / "demo.json").stat().st_mode & 0o777 == 0o600
    with open_box(data_folder) as box:
        desk = CoordinatorDesk(box.owner)
        finished = desk.status(desk.find("demo-finished").study)
        assert {row.slug: row.state for row in desk.studies()} == {"demo": "open", "demo-finished": "unblinded"}
        assert set(finished.readings) <= {"completed", "skipped"}
