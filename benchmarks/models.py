"""A thousand calls of two seconds, a hundred at once: this project's run, the SDK alone, and inspect_ai.

Each is a process of its own, asks the same server on loopback, and sends the same bodies. The first keeps every call
before and after it is sent, locks each answer and turns the page; the SDK alone keeps nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.database import Row
from benchmarks.inspect_work import Taken
from study.database import Box, open_box
from study.desk.calls import CallRow
from study.desk.work import WorkDesk
from tests.home import BoxHome
from tests.running.runs import study_of

ROOT = Path(__file__).parents[1]
QUESTIONS = 4
SLOWER = 1.15
"""How much longer than the ideal a run may take."""
DEARER = 1.5
"""How much more of its own processor a call may take than by the SDK alone."""


@dataclass(frozen=True)
class Size:
    """Readings are cases times samples, each with four questions."""

    cases: int
    samples: int
    seconds: float
    at_once: int
    inspect: bool

    @property
    def calls(self) -> int:
        """How many are sent."""
        return self.cases * self.samples * QUESTIONS

    @property
    def ideal(self) -> float:
        """The seconds that so many take where nothing but the model takes time."""
        return self.calls * self.seconds / self.at_once


FULL = Size(50, 5, 2.0, 100, inspect=True)
QUICK = Size(3, 2, 0.1, 8, inspect=False)


def rows(folder: Path, size: Size) -> list[Row]:
    """Time, processor and memory of each way."""
    data, bodies = folder / "models", folder / "bodies.jsonl"
    with open_box(data) as box, _server(size.seconds) as url:
        study = study_of(BoxHome(box), size.cases, size.samples).study
        ours = _work("benchmarks.model_work", "ours", data, study, url, size.at_once)
        bodies.write_text("\n".join(_bodies(box, study)), encoding="utf-8")
        alone = _work("benchmarks.model_work", "bare", url, bodies, size.at_once)
        other = _inspect(folder, url, bodies, size.at_once) if size.inspect else None
    return list(_told(size, ours, alone, other))


def _told(size: Size, ours: Taken, alone: Taken, other: Taken | None) -> Iterator[Row]:
    what = f"{size.calls:,} model calls of {size.seconds:g} s, {size.at_once} at once"
    by_other = f"; inspect_ai {other.seconds:.1f} s" if other else ""
    dearer = (ours.processor / ours.calls) / (alone.processor / alone.calls)
    met = ours.calls == size.calls and ours.seconds <= SLOWER * size.ideal
    yield Row(
        what,
        f"{ours.seconds:.1f} s, ideal {size.ideal:.1f} s ({ours.seconds / size.ideal:.2f}); the SDK alone "
        f"{alone.seconds:.1f} s{by_other}",
        f"at most {SLOWER} of the ideal",
        met,
    )
    yield Row(
        f"{what}: processor a call",
        f"{_each(ours)}, the database {1000 * ours.server / ours.calls:.1f} ms beside; the SDK alone {_each(alone)} "
        f"({dearer:.2f})" + (f"; inspect_ai {_each(other)}" if other else ""),
        f"at most {DEARER} of the SDK alone",
        dearer <= DEARER,
    )
    yield Row(
        f"{what}: memory at the most",
        f"{ours.megabytes:.0f} MB; the SDK alone {alone.megabytes:.0f} MB"
        + (f"; inspect_ai {other.megabytes:.0f} MB" if other else ""),
        "none set",
        True,
    )


def _each(taken: Taken) -> str:
    return f"{1000 * taken.processor / taken.calls:.1f} ms"


@contextmanager
def _server(seconds: float) -> Iterator[str]:
    """The tests' model server in a process of its own, which answers after so many seconds."""
    command = [sys.executable, "-m", "tests.model_server", "--delay", str(seconds)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        yield process.stdout.readline().strip()
        process.stdin.close()


def _work(module: str, *words: object, python: str = sys.executable) -> Taken:
    command = [python, "-m", module, *map(str, words)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    return Taken(**json.loads(done.stdout.splitlines()[-1]))


def _bodies(box: Box, study: str) -> Iterator[str]:
    """The bodies that were sent, from the record: a call's messages follow those of the call it goes on from."""
    rows = list(WorkDesk(box.owner).all_calls(study, brief=False))
    by_call = {row.call: row for row in rows}
    for row in rows:
        form = {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": _request(row)["schema"], "strict": True},
        }
        body = {"model": "small-2025-01-31", "messages": _messages(row, by_call), "response_format": form}
        yield json.dumps(body, ensure_ascii=False)


def _messages(row: CallRow, by_call: dict[str, CallRow]) -> list[dict[str, Any]]:
    before = _messages(by_call[row.after], by_call) if row.after else []
    return before + [_message(one) for one in _request(row)["messages"]]


def _message(message: dict[str, Any]) -> dict[str, Any]:
    parts: Sequence[str] = message["parts"]
    return {"role": message["role"], "content": "\n\n".join(parts)}


def _request(row: CallRow) -> dict[str, Any]:
    assert row.request is not None
    return row.request


def _inspect(folder: Path, url: str, bodies: Path, at_once: int) -> Taken:
    """By inspect_ai, which is installed for this alone."""
    place = folder / "inspect"
    venv.create(place, with_pip=True)
    python = str(place / "bin" / "python")
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "inspect-ai", "openai"]
    subprocess.run(command, check=True, capture_output=True)
    return _work("benchmarks.inspect_work", url, bodies, at_once, python=python)
