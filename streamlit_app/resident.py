"""The process that computes results for the screens: one for the app, asked for one subject after the other.

It is started when it is first needed, started anew where it died, and stopped where nothing was asked for a while. It
ends with the app, however that ends, for its standard input is closed then. What it held is read from the record again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from study.database import StudyError

SECONDS = 900
IDLE = 1800.0
HELD = 2
"""Studies that the process holds at once: a large one takes some hundred megabytes."""
STARTS = 2
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
Json = Mapping[str, Any]


@dataclass(frozen=True)
class Source:
    """How a study's version is read from the record, part by part, by somebody who may."""

    start: Callable[[], Json]
    parts: Mapping[str, Callable[[], Iterator[Sequence[Json]]]]


@dataclass(frozen=True)
class Doing:
    """What the process is at: a subject, or ``rows`` and ``stages`` with how many have been read; how many wait."""

    what: str
    read: int
    waiting: int


@dataclass
class Job:
    """A subject of a version (or a plan, whose ``study`` is empty), which parts it needs, and its answer."""

    study: str
    subject: str
    asked: Json
    needs: Sequence[str] = ()
    source: Source | None = None
    answer: Future[str] = field(default_factory=Future)

    def same(self, other: Job) -> bool:
        """Whether both ask for the same."""
        return (self.study, self.subject) == (other.study, other.subject)


class Uncomputed(StudyError):
    """The process was asked and could not compute it; asked again, it will say the same."""


class Ended(Exception):
    """The process has ended before it answered."""


class Resident:
    """The process and what waits for it; any thread may ask."""

    def __init__(self, idle: float = IDLE) -> None:
        self._idle = idle
        self._jobs: list[Job] = []
        self._current: Job | None = None
        self._asked = threading.Condition()
        self._worker: threading.Thread | None = None
        self._fed: OrderedDict[str, set[str]] = OrderedDict()
        self._now = Doing("", 0, 0)
        self.process: subprocess.Popen[bytes] | None = None

    def ask(self, job: Job, first: bool = True) -> Future[str]:
        """The answer to come, in JSON; what waits already is not asked twice, but goes first where it is now wanted."""
        with self._asked:
            if (now := self._current) is not None and now.same(job):
                return now.answer
            same = next((one for one in self._jobs if one.same(job)), None)
            if same is not None and first:
                self._jobs.remove(same)
                same.source = job.source  # Whoever looks now may read the record; the one who came first may have left.
            if same is None or first:
                self._jobs.insert(0 if first else len(self._jobs), same or job)
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, daemon=True, name="results")
                self._worker.start()
            self._asked.notify_all()
            return (same or job).answer

    @property
    def doing(self) -> Doing:
        """What is being done now."""
        return Doing(self._now.what, self._now.read, len(self._jobs))

    def stop(self) -> None:
        """End the process; the next to ask starts another."""
        process, self.process = self.process, None
        self._fed.clear()
        if process is not None:
            process.kill()
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):
                    assert pipe is not None
                    pipe.close()
            process.wait()

    def _work(self) -> None:
        while (job := self._next()) is not None:
            try:
                job.answer.set_result(self._answered(job))
            except StudyError as fault:
                job.answer.set_exception(fault)
            except Exception as fault:
                self.stop()  # What it was told of this study may be half of it.
                job.answer.set_exception(StudyError(f"The analysis could not be computed: {fault}"))

    def _next(self) -> Job | None:
        """The job that is first; None after nothing was asked for so long that the process is not worth its memory."""
        with self._asked:
            self._current = None
            if not self._asked.wait_for(lambda: self._jobs, self._idle):
                self.stop()
                self._worker = None
                return None
            self._current = self._jobs.pop(0)
            return self._current

    def _answered(self, job: Job) -> str:
        for _ in range(STARTS):
            try:
                return self._told(self._running(), job)
            except (Ended, OSError):
                self.stop()
        raise StudyError("The process that computes the analysis ended twice before it answered.")

    def _running(self) -> subprocess.Popen[bytes]:
        if self.process is None:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "study.resident"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, **ONE_THREAD},
            )
        return self.process

    def _told(self, process: subprocess.Popen[bytes], job: Job) -> str:
        if job.source is not None:
            try:
                self._feed(process, job, job.source)
            except StudyError:
                self._drop(process, job.study)
                raise
        self._now = Doing(job.subject, 0, 0)
        line, late = _asked(process, job.asked)
        self._now = Doing("", 0, 0)
        if late:
            self.stop()
            raise StudyError(f"The analysis took longer than {SECONDS // 60} minutes and was stopped.")
        if not line.endswith(b"\n"):
            raise Ended
        if line.startswith(b"?"):
            self._drop(process, job.study)
        if not line.startswith(b"="):
            raise Uncomputed(f"The analysis could not be computed: {line[1:].decode().strip()}")
        return line[1:-1].decode()

    def _feed(self, process: subprocess.Popen[bytes], job: Job, source: Source) -> None:
        """Give the process what the job needs and it does not hold yet."""
        if job.study not in self._fed:
            while len(self._fed) >= HELD:
                self._drop(process, next(iter(self._fed)))
            _send(process, {"do": "hold", "study": job.study, **source.start()})
            self._fed[job.study] = set()
        self._fed.move_to_end(job.study)
        for part in job.needs:
            if part not in self._fed[job.study]:
                read = 0
                for chunk in source.parts[part]():
                    read += len(chunk)
                    self._now = Doing(part, read, 0)
                    _send(process, {"do": part, "study": job.study, "rows": chunk})
                self._fed[job.study].add(part)

    def _drop(self, process: subprocess.Popen[bytes], study: str) -> None:
        if self._fed.pop(study, None) is not None:
            _send(process, {"do": "drop", "study": study})


def _send(process: subprocess.Popen[bytes], message: Json) -> None:
    assert process.stdin is not None
    process.stdin.write(json.dumps(message, separators=(",", ":")).encode() + b"\n")
    process.stdin.flush()


def _asked(process: subprocess.Popen[bytes], message: Json) -> tuple[bytes, bool]:
    """The line that answers, and whether it took so long that the process was ended instead."""
    late = threading.Event()

    def end() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(SECONDS, end)
    timer.daemon = True
    timer.start()
    try:
        _send(process, message)
        assert process.stdout is not None
        return process.stdout.readline(), late.is_set()
    finally:
        timer.cancel()
