"""The export of one large study over both wires: time, our processor, memory, and whether it is the same and whole.

The study is made by SQL, as for the box's own export; both wires read the same rows, each from a process of its own.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from benchmarks.both_wires import BOX, SUPABASE, BothWires
from benchmarks.database import Row
from benchmarks.exporting import CASES, copy, peak, played
from study.database import Wire
from study.database.embedded import Embedded
from study.database.project import Fixed, Settings, open_project
from study.database.server import Server
from study.exporting.export import export

FULL, QUICK = 1_000_000, 10_000
STORED = """
select count(*), encode(sha256(convert_to(coalesce(string_agg(concat_ws(' ', e.reading, e.seq, e.hash) || E'\n', ''
    order by e.reading, e.seq), ''), 'UTF8')), 'hex')
from study.events e join study.readings r on r.reading = e.reading where r.study = %s
"""


@dataclass(frozen=True)
class Exported:
    """What one export took, and what came: events, the digest of their ids and hashes, and each CSV's own."""

    seconds: float
    used: float
    peak: float
    events: int
    digest: str
    files: dict[str, str]


def rows(both: BothWires, folder: Path, events: int) -> list[Row]:
    """A row a wire, and one that compares what came with what is stored."""
    study = _study(both, events)
    ways: dict[str, dict[str, str]] = {
        BOX: {"data": str(both.project.server.data), "cookie": both.home.owner_token},
        SUPABASE: {"url": both.direct.url, "key": both.direct.key, "access": both.access},
    }
    done, before = {}, both.used()
    for name, way in ways.items():
        before, done[name] = both.used(), _apart({**way, "study": study, "to": str(folder / f"export {name}")})
    stand_in = both.used() - before
    with both.home.database() as conn:
        stored = conn.execute(STORED, [study]).fetchone()
    whole = all((one.events, one.digest) == stored for one in done.values())
    same = done[BOX].files == done[SUPABASE].files
    found = [_row(name, one, done[BOX], stand_in) for name, one in done.items()]
    return [*found, _compared(done[BOX], whole, same)]


def _study(both: BothWires, events: int) -> str:
    """A study of about so many events."""
    made, reading, each = played(both.home)
    copy(made, reading, ceil(events / CASES / each))
    return made.study


def _apart(asked: dict[str, str]) -> Exported:
    command = [sys.executable, "-m", "benchmarks.wire_exports"]
    done = subprocess.run(command, input=json.dumps(asked), check=True, capture_output=True, text=True)
    return Exported(**json.loads(done.stdout))


def _row(name: str, done: Exported, box: Exported, stand_in: float) -> Row:
    told = (
        f"{done.seconds:.0f} s, {done.events / done.seconds:,.0f} a second; {done.used:.0f} s of our processor, "
        f"{done.events / done.used:,.0f} a second of it; {done.peak:.0f} MB at its peak"
    )
    if done is not box:
        told += f"; ratio to the {BOX} {done.seconds / box.seconds:.2f}, of our processor {done.used / box.used:.2f}"
        told += f" (the stand-in itself took {stand_in:.0f} s of processor)"
    return Row(f"export of {done.events:,} events to Parquet and CSV, {name}", told, "none set", True)


def _compared(box: Exported, whole: bool, same: bool) -> Row:
    told = f"{box.events:,} events: {'as stored' if whole else 'NOT as stored'} by count and hash; "
    told += f"{len(box.files)} CSV files {'the same' if same else 'NOT the same'} by both"
    return Row("what both exports hold", told, "all that is stored, the same by both", whole and same)


@contextmanager
def _wire(asked: dict[str, str]) -> Iterator[Wire]:
    """The owner's wire that was asked for, in this process."""
    if "url" in asked:
        with open_project(Settings(asked["url"], asked["key"]), Fixed(asked["access"])) as record:
            yield record.owner
        return
    server = Server(Path(asked["data"]))
    server.start()
    embedded = Embedded(server)
    try:
        yield embedded.as_(asked["cookie"])
    finally:
        embedded.close()
        server.stop()


def _export(asked: dict[str, str]) -> dict[str, Any]:
    with _wire(asked) as wire:
        began, used = time.monotonic(), time.process_time()
        done = export(wire, asked["study"], Path(asked["to"]))
        seconds, used = time.monotonic() - began, time.process_time() - used
    largest = peak()
    events, digest = _digest(done.folder / "events.parquet")
    files = {file.name: file.sha256 for file in done.files if file.name.endswith(".csv")}
    found = {"seconds": seconds, "used": used, "peak": largest}
    return {**found, "events": events, "digest": digest, "files": files}


def _digest(events: Path) -> tuple[int, str]:
    """How many rows there are, and the digest of each one's reading, number and hash."""
    count, digest = 0, hashlib.sha256()
    for batch in pq.ParquetFile(events).iter_batches(columns=["reading", "seq", "hash"]):
        lines = [f"{row['reading']} {row['seq']} {row['hash']}\n" for row in batch.to_pylist()]
        digest.update("".join(lines).encode())
        count += len(lines)
    return count, digest.hexdigest()


if __name__ == "__main__":
    print(json.dumps(_export(json.loads(sys.stdin.read()))))
