"""Bots in a process of its own that may be killed: each write that the record acknowledged goes to a synced log.

Begun again it goes on from what the record says, and notes for each draft that it was promised whether the page still
has it.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from baselines.bots.bot import Bot
from baselines.bots.ledger import Entry
from baselines.bots.manner import MANNERS
from study.bundle import read
from study.database import TimedOut, Unreachable, open_box
from study.desk import Page

PATIENCE = 60.0
NO_DATABASE = 75
"""How the process ends where the database was killed while it was being started: begin it again."""


@dataclass
class Ledger:
    """The log on disk, and what it holds."""

    path: Path
    drafts: dict[tuple[str, int, int], Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for entry in entries(self.path):
            self._learn(entry)
        self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(self, entry: dict[str, Any]) -> None:
        """Keep an entry; it begins with a line of its own in case the last process was killed in the middle of one."""
        os.write(self._file, f"\n{json.dumps(entry, ensure_ascii=False)}\n".encode())
        os.fsync(self._file)
        self._learn(entry)

    def _learn(self, entry: dict[str, Any]) -> None:
        if entry["kind"] == "draft":
            self.drafts[entry["reading"], entry["step"], entry["attempt"]] = entry["what"]


def entries(path: Path) -> Iterator[dict[str, Any]]:
    """The whole lines of a log; a torn one was never told to anybody."""
    for line in path.read_text(encoding="utf-8", errors="replace").split("\n") if path.exists() else ():
        try:
            entry: dict[str, Any] = json.loads(line)
        except ValueError:
            continue
        yield entry


@dataclass
class Remembering(Bot):
    """A bot that looks whether a page to which it comes back still has the draft that was acknowledged."""

    ledger: Ledger | None = None

    def read(self, reading: str) -> Page:
        """Look for the draft first, then read on."""
        page = self.desk.open_reading(reading)
        promised = self.ledger.drafts.get((reading, page.step, page.attempt)) if self.ledger else None
        if promised is not None and self.ledger:
            kept = page.draft is not None and page.draft.body == promised
            self.ledger.note({"kind": "draft kept" if kept else "draft lost", "reading": reading, "step": page.step})
        return super().read(reading)


def play(data: Path, bundle: Path, study: str, codes: list[str], ledger: Ledger) -> None:
    """Read everything that waits; where the database goes away, come back."""
    cases = read(bundle)

    def told(entry: Entry) -> None:
        ledger.note(asdict(entry))

    with open_box(data) as box:
        for number, code in enumerate(codes):
            manner = replace(MANNERS[number % len(MANNERS)], skips=0)
            bot = Remembering(box.wire, study, code, manner, str(number), cases, ("en",), told, ledger=ledger)
            until = time.monotonic() + PATIENCE
            while not _finished(bot):
                assert time.monotonic() < until, "the database has been away for a minute"


def _finished(bot: Bot) -> bool:
    try:
        bot.join()
        bot.read_all()
    except (Unreachable, TimedOut):
        return False
    return True


def main(data: Path, bundle: Path, study: str, codes: list[str], log: Path) -> None:
    """The process: ends with ``NO_DATABASE`` where there was none to begin with."""
    logging.getLogger("psycopg").setLevel(logging.CRITICAL)  # lost connections are what this is about
    try:
        play(data, bundle, study, codes, Ledger(log))
    except Unreachable:
        sys.exit(NO_DATABASE)
