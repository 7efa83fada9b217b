"""Whether a study's record holds: chains, projections and hashes recomputed outside the database that wrote them."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from study.canonical import digest
from study.chain import Event, Fault, StudyEvent, head_fault, reading_fault, study_fault
from study.database.media import MediaFolder
from study.database.wire import NOT_ALLOWED, Refused, Wire
from study.exporting import source
from study.exporting.source import Drawn, Tables
from study.parity import Parity, Seen, compare
from study.projection import StoredReading, differences

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Verdict:
    """What was checked, what did not hold, and what could not be checked from here and why."""

    study: str
    counted: Mapping[str, int]
    faults: tuple[Fault, ...]
    unchecked: tuple[str, ...]
    parity: Parity

    @property
    def holds(self) -> bool:
        """Whether everything that was checked holds."""
        return not self.faults

    @property
    def line(self) -> str:
        """One line that says what was counted and whether it holds."""
        told = ", ".join(f"{number} {name}" for name, number in self.counted.items())
        ending = "everything holds" if self.holds else f"{len(self.faults)} do not hold, the first: {self.faults[0]}"
        return f"{self.study}: {told}; {ending}"


@dataclass
class _Tally:
    """What the pass over the readings adds up."""

    faults: list[Fault] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)
    erased: Counter[str] = field(default_factory=Counter)
    seen: list[Seen] = field(default_factory=list)


def verify(wire: Wire, study: str, media: Path | None = None, progress: Progress | None = None) -> Verdict:
    """Check the whole record of a study, as of one moment; ``media`` is the folder of its images, where it is at hand.

    Raises ``Refused`` where the caller does not coordinate the study.
    """
    tables = source.tables(wire, study)
    acts = list(source.acts(wire, study, tables.study.count))
    contents, orders, unchecked = _owners_part(wire, study)
    if media is None:
        unchecked.append("images: their folder is not on this machine")
    counted_acts, broken = len(acts), list(_chain_faults(tables, acts))
    if broken:
        acts = []
        unchecked.append("what the study chain notes (heads, hashes, erasures): the chain itself does not hold")
    faults = [
        *broken,
        *_frozen_faults(tables, acts),
        *_case_faults(tables, acts, contents),
        *(_media_faults(tables, media) if media is not None else ()),
    ]
    tally = _read(wire, tables, noted_heads(acts), progress)
    faults += tally.faults
    if not broken:
        faults += _erasure_faults(tables, acts, tally.erased)
    counted = {
        "readings": len(tables.readings),
        "events": tally.counted["events"],
        "payloads": tally.counted["payloads"],
        "erased": tally.counted["erased"],
        "study events": counted_acts,
        "scripts": len(tables.scripts),
        "cases": len(contents),
        "media": 0 if media is None else len(tables.media),
    }
    parity = compare(tables, acts, tally.seen, orders)
    return Verdict(tables.study.slug, counted, tuple(faults), tuple(unchecked), parity)


def noted_heads(acts: Sequence[StudyEvent]) -> dict[str, dict[int, tuple[str, str]]]:
    """For each reading the heads that the study's chain notes: count -> (head, which act noted it)."""
    noted: dict[str, dict[int, tuple[str, str]]] = defaultdict(dict)
    for act in acts:
        for entry in json.loads(act.body).get("heads") or ():
            noted[entry["reading"]].setdefault(entry["count"], (entry["head"], f"row {act.seq} ({act.kind})"))
    return noted


def _owners_part(wire: Wire, study: str) -> tuple[dict[str, Any], dict[str, Drawn] | None, list[str]]:
    """The cases' whole contents and the seeds, or none and why: they tell the truth, which the owner alone reads."""
    try:
        return source.case_contents(wire, study), source.option_orders(wire, study), []
    except Refused as refusal:
        if refusal.code != NOT_ALLOWED:
            raise
        why = "cases and option orders: contents and seeds are read by the owner of the data folder alone"
        return {}, None, [why]


def _chain_faults(tables: Tables, acts: Sequence[StudyEvent]) -> Iterator[Fault]:
    """The study's own chain, and whether it ends where the study says."""
    study = tables.study
    fault = study_fault(acts, study.study)
    if fault:
        yield fault
    elif len(acts) != study.count or (acts and acts[-1].hash != study.head):
        yield Fault("study chain", f"the study names row {study.count} as its last, the chain ends at row {len(acts)}")


def _frozen_faults(tables: Tables, acts: Sequence[StudyEvent]) -> Iterator[Fault]:
    """Protocol, texts, scripts, and the hash under which the study was opened."""
    study = tables.study
    if study.protocol is not None and digest(study.protocol) != study.protocol_hash:
        yield Fault("protocol", "its content does not have the hash under which it is stored")
    if _last(acts, "protocol_set", "hash") not in (None, study.protocol_hash):
        yield Fault("protocol", "its hash is not the one that the study chain notes")
    for name, languages in study.texts.items():
        for language, text in languages.items():
            if hashlib.sha256(text["text"].encode("utf-8")).hexdigest() != text["hash"]:
                yield Fault(f"text {name} ({language})", "its words do not have the hash under which they are stored")
    for name, content in tables.scripts.items():
        if digest(content) != name:
            yield Fault(f"script {name}", "its content does not have the hash under which it is stored")
    if study.frozen_hash is not None and study.frozen_hash != _frozen(tables):
        yield Fault("study", "its protocol and cases are not those that were frozen at opening")
    if _last(acts, "opened", "frozen") not in (None, study.frozen_hash):
        yield Fault("study", "the hash frozen at opening is not the one that the study chain notes")


def _frozen(tables: Tables) -> str:
    lines = sorted((case.key.encode(), f"{case.key} {case.hash}") for case in tables.cases)
    text = "\n".join(["readerstudy-frozen-1", tables.study.protocol_hash or "", *(line for _, line in lines)])
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _case_faults(tables: Tables, acts: Sequence[StudyEvent], contents: Mapping[str, Any]) -> Iterator[Fault]:
    """Each case's content against its hash, and its hash against the one noted when it was added."""
    added = {}
    for act in acts:
        if act.kind == "case_added":
            body = json.loads(act.body)
            added[body["key"]] = body["hash"]
    for case in tables.cases:
        if acts and added.get(case.key) != case.hash:
            yield Fault(f"case {case.key}", "its hash is not the one that the study chain notes")
        if case.key in contents and digest(contents[case.key]) != case.hash:
            yield Fault(f"case {case.key}", "its content does not have the hash under which it is stored")
    for key in sorted(added.keys() - {case.key for case in tables.cases}):
        yield Fault(f"case {key}", "the study chain notes it, but it is gone")


def _media_faults(tables: Tables, folder: Path) -> Iterator[Fault]:
    for image in tables.media:
        path = MediaFolder(folder).path(image.sha256)
        if not path.is_file():
            yield Fault(f"image {image.sha256}", f"it is not in {folder}")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != image.sha256:
            yield Fault(f"image {image.sha256}", "the bytes of its file are not those that were stored")


def _read(
    wire: Wire, tables: Tables, noted: Mapping[str, Mapping[int, tuple[str, str]]], progress: Progress | None
) -> _Tally:
    """Every reading's chain, projection and noted heads, a few readings at a time."""
    tally = _Tally()
    readings = {reading.reading: reading for reading in tables.readings}
    tally.faults += [
        Fault(f"reading {gone}", "the study chain notes its head, but it is gone")
        for gone in sorted(noted.keys() - readings)
    ]
    counts = {name: reading.count for name, reading in readings.items()}
    total, done = sum(counts.values()), 0
    for name, events in source.readings_events(wire, tables.study.study, counts):
        tally.faults += _reading_faults(readings[name], events, tables, noted.get(name, {}))
        _count(tally, readings[name], events)
        done += len(events)
        if progress:
            progress(done, total)
    return tally


def _reading_faults(
    reading: StoredReading, events: Sequence[Event], tables: Tables, noted: Mapping[int, tuple[str, str]]
) -> Iterator[Fault]:
    """At most the first row of the chain that does not hold; then heads, projection and what was shown."""
    broken = reading_fault(events)
    if broken:
        yield broken
    for count, (head, act) in sorted(noted.items()):
        fault = head_fault(reading.reading, [event.hash for event in events], {count: head}, f"the study chain's {act}")
        if fault:
            yield fault
            break
    if not broken:
        where = f"reading {reading.reading}"
        yield from (Fault(where, what) for what in differences(reading.projection, events))
        yield from _shown_faults(reading, events, tables)


def _shown_faults(reading: StoredReading, events: Sequence[Event], tables: Tables) -> Iterator[Fault]:
    """Whether each release was of the evidence that the reading's script names for that step."""
    script = tables.scripts.get(reading.script)
    if script is None:
        yield Fault(f"reading {reading.reading}", f"its script {reading.script} is gone")
        return
    for event in events:
        if event.kind != "shown" or event.payload is None:
            continue
        steps = script["steps"]
        named = steps[event.step].get("evidence", []) if 0 <= event.step < len(steps) else None
        if json.loads(event.payload).get("evidence", []) != named:
            yield Fault(
                f"reading {reading.reading}, row {event.seq}", "it released evidence that its script does not name"
            )
            return


def _count(tally: _Tally, reading: StoredReading, events: Sequence[Event]) -> None:
    erased = sum(event.erased for event in events)
    tally.counted.update(events=len(events), payloads=len(events) - erased, erased=erased)
    if erased:
        tally.erased[reading.member] += erased
    first = frozenset(event.step for event in events if event.kind == "shown" and event.attempt == 1)
    tally.seen.append(Seen(reading, first))


def _erasure_faults(tables: Tables, acts: Sequence[StudyEvent], erased: Mapping[str, int]) -> Iterator[Fault]:
    """A payload is missing only where the study chain notes an erasure, and as many as it notes."""
    noted: Counter[str] = Counter()
    for act in acts:
        if act.kind == "withdrawn":
            body = json.loads(act.body)
            noted[body["member"]] += body.get("payloads_erased") or 0
    names = {member.member: member.result_id for member in tables.members}
    for member in sorted(noted.keys() | erased.keys()):
        if noted[member] != erased.get(member, 0):
            what = f"{erased.get(member, 0)} payloads are gone, the study chain notes {noted[member]} as erased"
            yield Fault(f"reader {names.get(member, member)}", what)


def _last(acts: Sequence[StudyEvent], kind: str, part: str) -> Any:
    """One part of the last act of a kind; None where there was none."""
    return next((json.loads(act.body).get(part) for act in reversed(acts) if act.kind == kind), None)
