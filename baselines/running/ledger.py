"""Calls to models outside of a study, in a file of JSON lines: each before it is sent, each reply as it came.

Only added to. A line that was cut by a power failure is passed over: what it would have said was not done.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from baselines.running.stored import Reply, Stored
from study.canonical import canonical
from study.database import StudyError
from study.desk import Failure
from study.desk.acts import Act, Begun, Done, Finish, Kept, Start
from study.desk.calls import KeptReply

Json = Mapping[str, Any]


class Ledger:
    """The calls of one file, by what was asked."""

    def __init__(self, path: Path) -> None:
        """Read what is there; raises ``StudyError`` where the file is something else."""
        self.path = path
        self._starts: dict[str, Json] = {}
        self._finishes: dict[str, list[Json]] = {}
        self._by_key: dict[str, list[str]] = {}
        for line in _lines(path):
            self._take(line)

    def work(self, acts: Sequence[Act]) -> list[Done]:
        """Write starts and finishes down, flushed to disk before anything goes on."""
        done: list[Done] = []
        lines = []
        for act in acts:
            if not isinstance(act, Start | Finish):
                done.append(Failure(code="RS400", message="A bundle has no readings whose pages could be turned."))
                continue
            line = {name: value for name, value in act.item().items() if value is not None}
            lines.append(line | {"at": datetime.now(UTC).isoformat()})
            self._take(lines[-1])
            number = len(self._finishes.get(act.call, ()))
            done.append(Begun(call=act.call) if isinstance(act, Start) else Kept(call=act.call, number=number))
        self._write(lines)
        return done

    def kept(self, keys: Sequence[str]) -> list[KeptReply | None]:
        """The first answer to each of these that can be read, where there is one."""
        return [next(self._answers(key), None) for key in keys]

    def stored(self, key: str, digest: str) -> Stored:
        """All that the file has of one question."""
        stored = Stored()
        for call in self._by_key.get(key, ()):
            finishes = self._finishes.get(call, [])
            told = next((one for one in reversed(finishes) if one.get("response") is not None), None)
            outcome = finishes[-1]["outcome"] if finishes else None
            if outcome in (None, "lost"):
                stored.flying.setdefault(digest, set()).add(call)
            else:
                took = float((told or finishes[-1])["details"].get("milliseconds") or 0.0)
                reason = str(finishes[-1]["details"].get("error") or "")
                stored.add(digest, Reply(call, outcome, str((told or {}).get("response", "")), took, reason=reason))
        return stored

    @property
    def in_flight(self) -> list[Finish]:
        """The calls that nobody waits for any more, entered as lost."""
        return [
            Finish(call, "lost", None, {"paid": "perhaps"}) for call in self._starts if not self._finishes.get(call)
        ]

    def _answers(self, key: str) -> Iterator[KeptReply]:
        for call in self._by_key.get(key, ()):
            finishes = self._finishes.get(call, [])
            if finishes and finishes[-1]["outcome"] == "ok":
                told = finishes[-1]
                yield KeptReply(call=call, response=told["response"], details=dict(told["details"]))

    def _take(self, line: Json) -> None:
        if line["act"] == "start":
            self._starts[line["call"]] = line
            self._by_key.setdefault(line["key"], []).append(line["call"])
        else:
            self._finishes.setdefault(line["call"], []).append(line)

    def _write(self, lines: Sequence[Json]) -> None:
        if not lines:
            return
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write("".join(canonical(line) + "\n" for line in lines))
                file.flush()
                os.fsync(file.fileno())
        except OSError as fault:
            raise StudyError(f"{self.path} cannot be written ({fault.strerror}): nothing was sent.") from None


@contextmanager
def opened(path: Path) -> Iterator[Ledger]:
    """The ledger, for this process alone; raises ``StudyError`` where another one has it."""
    lock = FileLock(f"{path}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise StudyError(f"{path} is in use by another run. Wait for its end, or name another file.") from None
    except OSError as fault:
        raise StudyError(f"{path} cannot be written ({fault.strerror}). Name another file.") from None
    try:
        _mend(path)
        yield Ledger(path)
    finally:
        lock.release()


def _mend(path: Path) -> None:
    """Take a line without its end away, so that the next one begins anew."""
    if not path.exists():
        return
    content = path.read_bytes()
    if content and not content.endswith(b"\n"):
        with path.open("r+b") as file:
            file.truncate(content.rfind(b"\n") + 1)


def _lines(path: Path) -> Iterator[Json]:
    if not path.exists():
        return
    for number, raw in enumerate(path.read_text(encoding="utf-8").removesuffix("\n").split("\n"), 1):
        if not raw and number == 1:
            continue  # nothing is in it yet
        try:
            line = json.loads(raw)
            assert line["act"] in ("start", "finish")
            assert isinstance(line["call"], str)
        except (ValueError, KeyError, TypeError, AssertionError):
            raise StudyError(f"{path}, line {number}: is no call to a model. Name another file.") from None
        yield line
