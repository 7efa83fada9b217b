"""Fifty kills of app and database at random moments of a played study: nothing acknowledged is lost or doubled."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from baselines.bots.simulation import door, prepare, read_models
from study.bundle import read
from study.canonical import canonical
from study.database import Box, open_box
from study.exporting import source
from study.protocol import preset
from study.verify import verify
from tests.durable_reader import NO_DATABASE, entries
from tests.played_bundle import played_bundle

KILLS = 50
READERS = 24
SEED = 20261122
ROOT = Path(__file__).parents[1]


@dataclass
class Killing:
    """A study that readers in a child process play while this process kills them, or the database under them."""

    data: Path
    work: Path
    study: str
    codes: list[str]
    draws: random.Random = field(default_factory=lambda: random.Random(SEED))
    kills: Counter[str] = field(default_factory=Counter)
    child: subprocess.Popen[bytes] = field(init=False)

    @property
    def log(self) -> Path:
        """The ledger of what was acknowledged."""
        return self.work / "acknowledged.jsonl"

    def run(self) -> None:
        """Play to the end; on the way kill ``KILLS`` times, each time after at least one more acknowledged write."""
        self.child = self._start()
        try:
            for _ in range(KILLS):
                self._one_more()
                time.sleep(self.draws.random() * 0.03)
                if self.draws.random() < 0.5:
                    self._kill_database()
                else:
                    self.child.kill()
                    self.child.wait()
                    self.kills["app"] += 1
                    self.child = self._start()
            while (code := self.child.wait(120)) == NO_DATABASE:
                self.child = self._start()
            assert code == 0
        finally:
            self.child.kill()
            self.child.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        words = map(str, (self.data, self.work / "bundle", self.study, json.dumps(self.codes), self.log))
        return subprocess.Popen([sys.executable, "-m", "tests.durable_reader", *words], cwd=ROOT)

    def _one_more(self) -> None:
        """Wait until one more write was acknowledged."""
        before, until = self._logged(), time.monotonic() + 60
        while self._logged() == before:
            if self.child.poll() == NO_DATABASE:
                self.child = self._start()
            assert self.child.poll() is None, f"the study ended, or broke, after {self.kills}"
            assert time.monotonic() < until, "nothing was acknowledged for a minute"
            time.sleep(0.002)

    def _logged(self) -> int:
        return self.log.stat().st_size if self.log.exists() else 0

    def _kill_database(self) -> None:
        """Kill the server's first process without warning; while it is coming up again, wait for it."""
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                pid = int((self.data / "postgres" / "postmaster.pid").read_text().split()[0])
                os.kill(pid, signal.SIGKILL)
            except (OSError, ValueError, IndexError):
                time.sleep(0.02)
                continue
            self.kills["database"] += 1
            return
        raise AssertionError("the database did not come back within half a minute")


@pytest.fixture
def killed(data_folder: Path, tmp_path: Path) -> Killing:
    """A study of which every reading was read, with fifty kills on the way; the disk is synced, as in earnest."""
    bundle = read(played_bundle(tmp_path / "bundle"))
    with open_box(data_folder) as box:
        study = prepare(box, bundle, preset("medsyn-staged"), "killed", READERS, SEED)
        codes = [door(box, study, "reader", f"Bot {number}") for number in range(READERS)]
    play = Killing(data_folder, tmp_path, study, codes)
    play.run()
    return play


@pytest.mark.timeout(280)
def test_fifty_kills_lose_no_acknowledged_answer_and_double_none(killed: Killing) -> None:
    told = list(entries(killed.log))
    acknowledged = {_key(entry): canonical(entry["what"]) for entry in told if entry["kind"] == "locked"}
    with open_box(killed.data) as box:
        stored = _locked(box, killed.study)
        read_models(box, killed.study)
        verdict = verify(box.owner, killed.study, box.media)
        home_states = {row.state for row in source.tables(box.owner, killed.study).readings}
    kinds = Counter(entry["kind"] for entry in told)
    assert sum(killed.kills.values()) == KILLS
    assert min(killed.kills.values()) >= 15, killed.kills  # both kinds
    assert {key: stored.get(key) for key in acknowledged} == {key: [one] for key, one in acknowledged.items()}
    assert all(len(answers) == 1 for answers in stored.values())  # no step is locked twice, acknowledged or not
    assert kinds["draft kept"] >= 1, kinds
    assert kinds["draft lost"] == 0, kinds
    assert home_states == {"completed"}
    assert verdict.holds, verdict.line
    assert verdict.parity.holds


def _key(entry: dict[str, Any]) -> tuple[str, int, int]:
    return entry["reading"], entry["step"], entry["attempt"]


def _locked(box: Box, study: str) -> dict[tuple[str, int, int], list[str]]:
    """The record's locked answers by reading, step and attempt, begun readings (step -1) among them."""
    heads = {head.reading: head.count for head in source.take_heads(box.owner, study)}
    found: dict[tuple[str, int, int], list[str]] = {}
    for _, events in source.readings_events(box.owner, study, heads):
        for event in events:
            if event.kind in ("locked", "begun"):
                answer = canonical(json.loads(event.payload or "null"))
                found.setdefault((event.reading, event.step, event.attempt), []).append(answer)
    return found
