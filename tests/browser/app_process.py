"""The app as a process of its own on a free port, over a data folder with a small study to read."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from commands._opener import answers
from study.bundle import read
from study.database import Box, open_box
from study.desk import CoordinatorDesk, SetupDesk
from study.protocol import preset, protocol_from
from study.serving import CERTIFICATE_VARIABLE
from study.setup import create_study

STUDY = "title: Reading for a test\nlanguages: [en, zh]\nsynthetic: true\n"
CASE = """\
key: {key}
language: {language}
specialty: pulmonology
synthetic: true
practice: {practice}
source: {{licence: CC0-1.0}}
permissions: {{external_models: true, redistribute: true}}
evidence:
  - {{id: history, type: history, title: History, time: Day 1, text: "A cough of two weeks, worse at night."}}
  - id: scan
    type: ct
    title: Chest scan
    images:
      - {{file: one.png, alt: "CT of the chest, axial, 1 of 2"}}
      - {{file: two.png, alt: "CT of the chest, axial, 2 of 2"}}
    finding: A cavity in the right upper lobe.
  - {{id: blood, type: laboratory, title: Blood, text: "C-reactive protein 88 mg/L."}}
diagnosis: {{name: Pulmonary tuberculosis, synonyms: [Tuberculosis of the lung]}}
options:
  - {{text: Pulmonary tuberculosis, right: true}}
  - {{text: Lung abscess, origin: clinician, review: reviewed, ruled_out_by: [blood], reason: No air-fluid level.}}
  - {{text: Sarcoidosis, origin: clinician, review: reviewed, ruled_out_by: [scan], reason: A cavity is rare in it.}}
"""
CASES = {"warm-up": ("en", "true"), "first": ("en", "false"), "second": ("en", "false"), "third": ("zh", "false")}


def write_bundle(folder: Path) -> Path:
    """A synthetic bundle: one practice case, two in English, one in Chinese; each with a stack of two images."""
    (folder / "cases").mkdir(parents=True)
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    for key, (language, practice) in CASES.items():
        case = folder / "cases" / key
        case.mkdir()
        (case / "case.yaml").write_text(CASE.format(key=key, language=language, practice=practice), encoding="utf-8")
        for number, name in enumerate(("one.png", "two.png"), 1):
            picture = Image.new("L", (640, 480), 30 + len(key))
            ImageDraw.Draw(picture).ellipse((100 * number, 80, 100 * number + 260, 400), fill=150)
            picture.save(case / name)
    return folder


@dataclass
class AppProcess:
    """The running app: its address, and the study that it serves."""

    data: Path
    port: int
    box: Box
    study: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = (sys.executable, "-m", "streamlit_app")
    _server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The app's address; by HTTPS a name, since a browser keeps what it learns of one."""
        return f"https://localhost:{self.port}" if self.https else f"http://127.0.0.1:{self.port}"

    @property
    def https(self) -> bool:
        """Whether the app speaks HTTPS itself."""
        return CERTIFICATE_VARIABLE in self.environment

    def start(self) -> None:
        """Start the app and wait until it answers."""
        for _ in range(3):
            if self._started():
                return
            self.port = free_port()
        raise AssertionError(f"the app found no port: {self.log()[-2000:]}")

    def _started(self) -> bool:
        """Start it; False where somebody else took the port meanwhile."""
        environment = {**os.environ, "READERSTUDY_DATA": str(self.data), "PORT": str(self.port), **self.environment}
        with self._log.open("ab") as log:
            self._server = subprocess.Popen(self.command, env=environment, stdout=log, stderr=subprocess.STDOUT)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if self._server.poll() is not None:
                assert "is not available" in self.log()[-300:], f"the app ended at once: {self.log()[-2000:]}"
                return False
            if answers(self.port, https=self.https):
                return True
            time.sleep(0.05)
        raise AssertionError("the app did not answer within 60 s")

    def kill(self) -> None:
        """End the app at once, as a crash does."""
        assert self._server is not None
        self._server.send_signal(signal.SIGKILL)
        self._server.wait(20)

    def stop(self) -> None:
        """End the app as Ctrl-C does."""
        if self._server is not None and self.running:
            self._server.send_signal(signal.SIGINT)
            self._server.wait(30)

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._server is not None and self._server.poll() is None

    @property
    def pid(self) -> int:
        """The id of the running process."""
        assert self._server is not None
        return self._server.pid

    def log(self) -> str:
        """What the app has printed."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def _log(self) -> Path:
        return self.data / f"app.{self.port}.log"

    def invite(self, role: str = "reader", study: str | None = None) -> str:
        """The code of a new member."""
        return self.coordinator.invite(study or self.study, role)[1].text

    @property
    def coordinator(self) -> CoordinatorDesk:
        """The coordinator's desk, as the owner."""
        return CoordinatorDesk(self.box.owner)

    def make_study(self, slug: str, **protocol: Any) -> str:
        """A further open study of the same bundle with another protocol; its id."""
        return open_study(self.box, self.data / "bundle", slug, **protocol)


def open_study(box: Box, bundle_folder: Path, slug: str, **changes: Any) -> str:
    """Make and open a study of the bundle; the protocol is the staged one with ``changes``; its id."""
    if not bundle_folder.exists():
        write_bundle(bundle_folder)
    bundle = read(bundle_folder)
    protocol = protocol_from(
        {**preset("medsyn-staged").model_dump(mode="json"), "feedback": "after_reading", **changes}
    )
    study = create_study(SetupDesk(box.owner), box.images, bundle, protocol, slug, 1, readers=100)
    warnings = bundle.report.warning_counts()
    CoordinatorDesk(box.owner).open(study, warnings, dict.fromkeys(warnings, "a test"))
    return study


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def made_app() -> Iterator[AppProcess]:
    """A data folder with an open study, and the app over it, not yet started; both are gone afterwards."""
    data = Path(tempfile.mkdtemp(prefix="readerstudy-test-", dir="/tmp"))
    data.chmod(0o755)
    try:
        with open_box(data) as box:
            app = AppProcess(data, free_port(), box, open_study(box, data / "bundle", "reading"))
            try:
                yield app
            finally:
                app.stop()
    finally:
        shutil.rmtree(data, ignore_errors=True)
