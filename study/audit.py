"""Whether an export holds by its files alone: seals, chains, heads and projections, without the database.

Nothing here needs the record that the files came from; ``docs/record.md`` says which bytes are hashed.
"""

from __future__ import annotations

import csv
import hashlib
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any, ClassVar

import pyarrow.parquet as pq
from pydantic import TypeAdapter, ValidationError

from study.cells import unguarded
from study.chain import Event, Fault, StudyEvent
from study.chain_walk import Walked, erasure_faults, grade_faults, reading_faults, walk
from study.exporting.manifest import Manifest, manifest
from study.projection import rebuild

Progress = Callable[[int, int], None]
BATCH = 5000
_COLUMNS = Event._fields
_Text = str | None
_EVENTS = TypeAdapter(list[tuple[str, int, str, int, int, str, str, datetime, _Text, str, str, str, str, _Text, _Text]])
_ACTS = TypeAdapter(list[StudyEvent])
_PROJECTED = ("state", "step", "attempt", "completed_attempt", "events", "head")
CHECKED_BY_SEAL = ("answers", "stages", "readers", "cases", "truth", "telemetry", "study.json")


@dataclass(frozen=True)
class Audit:
    """What the files hold, what does not hold, and what files alone cannot tell."""

    SENTENCE: ClassVar[str] = "export of {study}: {told}; {ending}"
    study: str
    counted: Mapping[str, int]
    faults: tuple[Fault, ...]
    unchecked: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether everything that was checked holds."""
        return not self.faults

    @property
    def line(self) -> str:
        """One line that says what was counted and whether it holds."""
        told = ", ".join(f"{number} {name}" for name, number in self.counted.items())
        ending = "everything holds" if self.holds else f"{len(self.faults)} do not hold, the first: {self.faults[0]}"
        return self.SENTENCE.format(study=self.study, told=told, ending=ending)


def audit(folder: Path, earlier: Manifest | None = None, progress: Progress | None = None) -> Audit:
    """Check an export folder; ``earlier`` is the manifest of an export taken before, whose heads must be in this one.

    Raises ``StudyError`` where the folder has no manifest of an export, or ``earlier`` is of another study.
    """
    told = manifest(folder)
    faults, counted = list(_seal_faults(folder, told)), Counter({"files": len(told.files)})
    whole = {fault.where for fault in faults}
    chain = _chain(folder, told, whole)
    if earlier is not None:
        faults += _against(told, chain, earlier)
        chain.note_heads(earlier)
    chain.note_heads(told)
    if chain.fault:
        faults.append(chain.fault)
    erased: Counter[str] = Counter()
    for name, reader in (("events.parquet", _parquet), ("events.csv", _csv)):
        if not whole & {f"file {name}", "file readings.parquet"}:
            erased = Counter()
            faults += _events_faults(reader(folder / name), folder, name, told, chain, counted, erased, progress)
    if told.unblinded and not chain.fault and chain.count:
        faults += erasure_faults(chain.acts, erased, {})
    if told.unblinded and not chain.fault and chain.count and "file grades.parquet" not in whole:
        grades = pq.read_table(folder / "grades.parquet").to_pylist()
        faults += grade_faults(chain.acts, ({**grade, **_grade_names(grade)} for grade in grades))
    counted["study events"] = chain.count
    return Audit(told.study.slug, dict(counted), tuple(faults), tuple(_unchecked(told, chain)))


def _unchecked(told: Manifest, chain: Walked) -> Iterator[str]:
    if not chain.count:
        yield "the study's own chain: an export carries it once the study is unblinded"
    yield f"{', '.join(CHECKED_BY_SEAL)}: by the manifest's SHA-256 alone"
    yield "the manifest itself: compare it with a copy kept elsewhere, or name one with --against"


def _seal_faults(folder: Path, told: Manifest) -> Iterator[Fault]:
    """Every file that the manifest names, by size and SHA-256."""
    for one in told.files:
        path = folder / one.name
        if Path(one.name).name != one.name or not path.is_file():
            yield Fault(f"file {one.name}", "the manifest names it, but it is not there")
            continue
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != one.sha256:
                yield Fault(f"file {one.name}", "its SHA-256 is not the one that the manifest names")


def _chain(folder: Path, told: Manifest, whole: set[str]) -> Walked:
    """The study's own chain, where the export carries it."""
    if not told.unblinded or "file chain.parquet" in whole:
        return Walked(told.study.id)
    rows = pq.ParquetFile(folder / "chain.parquet").iter_batches(50)
    chain = walk((act for batch in rows for act in _ACTS.validate_python(batch.to_pylist())), told.study.id)
    end = told.study_chain
    if not chain.fault and (chain.count, chain.head) != (end.count, end.head):
        chain.fault = Fault("study chain", f"the manifest names row {end.count} as its last; it ends at {chain.count}")
    return chain


def _against(told: Manifest, chain: Walked, earlier: Manifest) -> Iterator[Fault]:
    """The study's chain against the head that an earlier export took down, as far as these files go."""
    if chain.count:
        yield from chain.against(earlier)
        return
    chain.same_study(earlier)
    now, then = told.study_chain, earlier.study_chain
    if now.count < then.count or (now.count == then.count and now.head != then.head):
        yield Fault("study chain", f"it had {then.count} rows in the export of {earlier.created_at}, now {now.count}")


def _events_faults(
    events: Iterable[Event],
    folder: Path,
    name: str,
    told: Manifest,
    chain: Walked,
    counted: Counter[str],
    erased: Counter[str],
    progress: Progress | None,
) -> Iterator[Fault]:
    """Each reading's chain, heads and row in the table of readings, from one file of events."""
    table = pq.read_table(folder / "readings.parquet", columns=["reading", *_PROJECTED])
    stored = {row["reading"]: row for row in table.to_pylist()}
    heads = {head.reading: head for head in told.heads}
    empty = {reading for reading, head in heads.items() if head.count == 0}
    left, done, total = set(heads) - empty, 0, sum(head.count for head in heads.values())
    for reading, group in groupby(events, key=lambda event: event.reading):
        rows = list(group)
        left.discard(reading)
        noted = chain.noted.get(reading, {})
        for fault in (*reading_faults(None, reading, rows, noted), *_row_faults(reading, rows, heads, stored)):
            yield Fault(f"{name}: {fault.where}", fault.what)
        erased.update({rows[0].reader: sum(event.erased for event in rows)})
        done += len(rows)
        if progress:
            progress(done, total)
    for reading in sorted(left):
        yield Fault(f"{name}: reading {reading}", "the manifest names its head, but its rows are gone")
    counted[f"events in {name}"] = done
    counted["readings"] = len(heads)


def _row_faults(
    reading: str, events: list[Event], heads: Mapping[str, Any], stored: Mapping[str, Mapping[str, Any]]
) -> Iterator[Fault]:
    """The reading's row in the table of readings, and that the export ends where its manifest says."""
    head, row, now = heads.get(reading), stored.get(reading), rebuild(events)
    where = f"reading {reading}"
    if head is None or head.count != len(events):
        yield Fault(where, f"it has {len(events)} rows, the manifest notes {head.count if head else 'no such reading'}")
    if row is None:
        yield Fault(where, "it is not in the table of readings")
        return
    found = (now.state, now.step, now.attempt, now.completed_attempt, now.count, now.head)
    for part, value in zip(_PROJECTED, found, strict=True):
        if row[part] != value:
            yield Fault(where, f"its {part} in the table is {row[part]!r}, its events add up to {value!r}")


def _parquet(path: Path) -> Iterator[Event]:
    for batch in pq.ParquetFile(path).iter_batches(BATCH, columns=list(_COLUMNS)):
        columns = batch.to_pydict()
        yield from map(Event._make, zip(*(columns[name] for name in _COLUMNS), strict=True))


def _csv(path: Path) -> Iterator[Event]:
    """The events of a CSV file; an empty cell is nothing where a column may hold nothing."""
    csv.field_size_limit(sys.maxsize)
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            cells: list[str | None] = [unguarded(row.get(name) or "") for name in _COLUMNS]
            for name in ("request_id", "nonce", "payload"):
                place = _COLUMNS.index(name)
                cells[place] = cells[place] or None
            try:
                yield from map(Event._make, _EVENTS.validate_python([tuple(cells)]))
            except ValidationError:
                yield Event(row.get("reading") or "?", 0, "unreadable", 0, 0, "", "", datetime.min, *[""] * 7)


def _grade_names(grade: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"case_key": grade["case"], "version": grade["scale_version"]}
