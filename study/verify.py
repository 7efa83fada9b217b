"""Whether a study's record holds: chains, projections and hashes recomputed outside the database that wrote them."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from study.canonical import digest
from study.chain import Event, Fault, StudyEvent
from study.chain_walk import Walked, erasure_faults, grade_faults, reading_faults, walk
from study.database.media import MediaStore
from study.database.wire import LOCKED, NOT_ALLOWED, Refused, StudyError, Unreachable, Wire
from study.exporting import source
from study.exporting.manifest import Manifest
from study.exporting.source import Drawn, Tables
from study.parity import Parity, Seen, compare, is_odd
from study.projection import StoredReading

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


def verify(
    wire: Wire,
    study: str,
    images: MediaStore | None = None,
    progress: Progress | None = None,
    earlier: Manifest | None = None,
) -> Verdict:
    """Check the whole record of a study; ``images`` is where its images lie, where that is at hand.

    ``earlier`` is the manifest of an export taken before: the record must still pass through every head in it. Raises
    ``Refused`` where the caller does not coordinate the study, ``StudyError`` for an export of another study.
    """
    tables = source.tables(wire, study)
    chain = walk(source.acts(wire, study, tables.study.count), tables.study.study)
    contents, owner, unchecked = _owners_part(wire, study)
    if images is None:
        unchecked.append("images: their folder is not on this machine")
    faults = list(_end_faults(tables, chain))
    if earlier is not None:
        faults += chain.against(earlier)
    if chain.fault:
        unchecked.append("what the study chain notes (heads, hashes, erasures): the chain itself does not hold")
        chain = chain.without_notes()
    if earlier is not None:
        chain.note_heads(earlier)
    faults += [
        *_frozen_faults(tables, chain.acts),
        *_case_faults(tables, chain.acts, contents),
        *(_media_faults(tables, images) if images is not None else ()),
    ]
    tally = _read(wire, tables, chain, owner, progress)
    faults += tally.faults
    if not chain.fault:
        names = {member.member: f"reader {member.result_id}" for member in tables.members}
        faults += erasure_faults(chain.acts, tally.erased, names)
        try:
            faults += grade_faults(chain.acts, (grade.model_dump() for grade in source.grades(wire, study)))
        except Refused as refusal:
            if refusal.code != LOCKED:
                raise
            unchecked.append("grades: before unblinding the owner of the data folder alone reads them")
    counted = {
        "readings": tally.counted["readings"],
        "events": tally.counted["events"],
        "payloads": tally.counted["payloads"],
        "erased": tally.counted["erased"],
        "study events": chain.count,
        "scripts": len(tables.scripts),
        "cases": len(contents),
        "media": 0 if images is None else len(tables.media),
    }
    parity = compare(tables, chain.acts, tally.seen)
    return Verdict(tables.study.slug, counted, tuple(faults), tuple(unchecked), parity)


def _owners_part(wire: Wire, study: str) -> tuple[dict[str, Any], bool, list[str]]:
    """The cases' whole contents, or none and why: they tell the truth, which the owner alone reads."""
    try:
        return source.case_contents(wire, study), True, []
    except Refused as refusal:
        if refusal.code != NOT_ALLOWED:
            raise
        why = "cases and option orders: contents and seeds are read by the owner of the data folder alone"
        return {}, False, [why]


def _end_faults(tables: Tables, chain: Walked) -> Iterator[Fault]:
    """The study's own chain, and whether it ends where the study says."""
    study = tables.study
    if chain.fault:
        yield chain.fault
    elif (chain.count, chain.head) != (study.count, study.head):
        yield Fault(
            "study chain", f"the study names row {study.count} as its last, the chain ends at row {chain.count}"
        )


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


def _media_faults(tables: Tables, images: MediaStore) -> Iterator[Fault]:
    for image in tables.media:
        try:
            content = images.read(tables.study.study, image.sha256)
        except FileNotFoundError:
            yield Fault(f"image {image.sha256}", "it is not where images are kept")
        except Unreachable:
            raise
        except StudyError as fault:
            yield Fault(f"image {image.sha256}", str(fault))
        else:
            if hashlib.sha256(content).hexdigest() != image.sha256:
                yield Fault(f"image {image.sha256}", "its bytes are not those that were stored")


def _read(wire: Wire, tables: Tables, chain: Walked, owner: bool, progress: Progress | None) -> _Tally:
    """Every reading's chain, projection and noted heads, a few readings at a time."""
    tally, gone = _Tally(), set(chain.noted)
    done = 0
    for chunk in source.stored_readings(wire, tables.study.study):
        stored = {reading.reading: reading for reading in chunk}
        gone -= stored.keys()
        orders = source.option_orders(wire, tables.study.study, list(stored)) if owner else {}
        counts = {name: reading.count for name, reading in stored.items()}
        for name, events in source.readings_events(wire, tables.study.study, counts):
            tally.faults += reading_faults(stored[name].projection, name, events, chain.noted.get(name, {}))
            tally.faults += _shown_faults(stored[name], events, tables)
            _count(tally, stored[name], events, _odd(stored[name], orders, tables))
            done += len(events)
            if progress:
                progress(done, max(done, chain.noted_events))
    tally.faults += [Fault(f"reading {name}", "its head was noted, but it is gone") for name in sorted(gone)]
    return tally


def _odd(reading: StoredReading, orders: Mapping[str, Drawn], tables: Tables) -> bool:
    """Whether its option order does not follow from its seed, where that may be read."""
    case = tables.case_of.get(reading.case_key)
    options = (case.options if case else None) or ()
    return reading.reading in orders and is_odd(orders[reading.reading], len(options))


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
        where, released = f"reading {reading.reading}, row {event.seq}", json.loads(event.payload)
        if released.get("evidence", []) != named:
            yield Fault(where, "it released evidence that its script does not name")
            return
        if (digest(released["advice"]) if "advice" in released else None) != steps[event.step].get("advice"):
            yield Fault(where, "it released advice that is not the one that its script names by hash")
            return


def _count(tally: _Tally, reading: StoredReading, events: Sequence[Event], odd: bool) -> None:
    erased = sum(event.erased for event in events)
    tally.counted.update(readings=1, events=len(events), payloads=len(events) - erased, erased=erased)
    if erased:
        tally.erased[reading.member] += erased
    first = frozenset(event.step for event in events if event.kind == "shown" and event.attempt == 1)
    place = (reading.reading, reading.member, reading.case_key, reading.arm, reading.practice, reading.script)
    tally.seen.append(Seen(*place, reading.steps, first, odd))


def _last(acts: Sequence[StudyEvent], kind: str, part: str) -> Any:
    """One part of the last act of a kind; None where there was none."""
    return next((json.loads(act.body).get(part) for act in reversed(acts) if act.kind == kind), None)
