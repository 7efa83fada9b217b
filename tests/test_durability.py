"""Fifty kills of app and database at random moments of a played study: nothing acknowledged is lost or doubled."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from baselines.bots.simulation import door, prepare, read_models
from study.bundle import read
from study.canonical import canonical
from study.database import open_box
from study.exporting.export import export
from study.protocol import preset
from study.verify import verify
from tests.durable_reader import NO_DATABASE, entries, main
from tests.played_bundle import played_bundle

KILLS = 50
READERS = 24
SEED = 20261122
WARM = get_context("forkserver")
WARM.set_forkserver_preload(["tests.durable_reader"])


@dataclass
class Killing:
    """A study that readers in a child process play while this process kills them, or the database under them."""

    data: Path
    work: Path
    study: str
    codes: list[str]
    draws: random.Random = field(default_factory=lambda: random.Random(SEED))
    kills: Counter[str] = field(default_factory=Counter)
    child: ForkServerProcess = field(init=False)

    @property
    def log(self) -> Path:
        """The ledger of what was acknowledged."""
        return self.work / "acknowledged.jsonl"

    def run(self) -> None:
        """Play to the end; on the way kill ``KILLS`` times, each time after at least one more acknowledged write."""
        self.child = self._start()
        victims = ["app", "database"] * (KILLS // 2)
        self.draws.shuffle(victims)
        try:
            for number, victim in enumerate(victims):
                if number % 2:  # Drafts are few: half of the kills follow one at once, so that some stand open then.
                    self._one_more("draft")
                else:
                    self._one_more()
                    time.sleep(self.draws.random() * 0.03)
                if victim == "app":
                    self.child.kill()
                    self.child.join()
                    self.child = self._start()
                else:
                    self._kill_database()
                self.kills[victim] += 1
            self.child.join(120)
            while self.child.exitcode == NO_DATABASE:
                self.child = self._start()
                self.child.join(120)
            assert self.child.exitcode == 0
        finally:
            self.child.kill()
            self.child.join()

    def _start(self) -> ForkServerProcess:
        words = (self.data, self.work / "bundle", self.study, self.codes, self.log)
        child = WARM.Process(target=main, args=words)
        child.start()
        return child

    def _one_more(self, kind: str = "") -> None:
        """Wait until one more write was acknowledged, of this kind where one is given."""
        before, until = self._logged(), time.monotonic() + 60
        while self._logged() == before or f'"kind": "{kind}' not in self._last():
            ended = self.child.exitcode  # Read once: it may end between two looks.
            if ended == NO_DATABASE:
                self.child = self._start()
            else:
                assert ended is None, f"the study ended, or broke, after {self.kills}"
            assert time.monotonic() < until, "nothing was acknowledged for a minute"
            time.sleep(0.002)

    def _last(self) -> str:
        """The ledger's last line."""
        return self.log.read_text(encoding="utf-8", errors="replace").rstrip().rpartition("\n")[2]

    def _logged(self) -> int:
        return self.log.stat().st_size if self.log.exists() else 0

    def _kill_database(self) -> None:
        """Kill the server's first process without warning; while it is coming up again, wait for it."""
        until = time.monotonic() + 90
        while time.monotonic() < until:
            try:
                pid = int((self.data / "postgres" / "postmaster.pid").read_text().split()[0])
                os.kill(pid, signal.SIGKILL)
            except (OSError, ValueError, IndexError):
                time.sleep(0.02)
                continue
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


@pytest.mark.timeout(420)
def test_fifty_kills_lose_no_acknowledged_answer_and_double_none(killed: Killing) -> None:
    told = list(entries(killed.log))
    acknowledged = {_key(entry): canonical(entry["what"]) for entry in told if entry["kind"] == "locked"}
    with open_box(killed.data) as box:
        read_models(box, killed.study)
        verdict = verify(box.owner, killed.study, box.images)
        export(box.owner, killed.study, killed.work / "export")
    stored = _locked(killed.work / "export")
    states = set(pd.read_parquet(killed.work / "export" / "readings.parquet")["state"])
    kinds = Counter(entry["kind"] for entry in told)
    assert killed.kills == {"app": 25, "database": 25}
    assert {key: stored.get(key) for key in acknowledged} == {key: [one] for key, one in acknowledged.items()}
    assert all(len(answers) == 1 for answers in stored.values())  # no step is locked twice, acknowledged or not
    assert kinds["draft kept"] >= 1, kinds
    assert kinds["draft lost"] == 0, kinds
    assert states == {"completed"}
    assert verdict.holds, verdict.line
    assert verdict.parity.holds


def _key(entry: dict[str, Any]) -> tuple[str, int, int]:
    return entry["reading"], entry["step"], entry["attempt"]


def _locked(folder: Path) -> dict[tuple[str, int, int], list[str]]:
    """The exported record's locked answers by reading, step and attempt, begun readings (step -1) among them."""
    events = pd.read_parquet(folder / "events.parquet")
    found: dict[tuple[str, int, int], list[str]] = {}
    for event in events[events["kind"].isin(["locked", "begun"])].to_dict("records"):
        key = (str(event["reading"]), int(event["step"]), int(event["attempt"]))
        found.setdefault(key, []).append(canonical(json.loads(event["payload"])))
    return found
