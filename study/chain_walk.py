"""What a check learns from the study's own chain, and what it then asks of readings, erasures and grades. Pure."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from study.chain import START, Event, Fault, StudyEvent, grades_digest, head_fault, reading_fault, study_fault
from study.database.wire import StudyError
from study.exporting.manifest import Manifest
from study.projection import Projection, differences

NotedHeads = dict[str, dict[tuple[int, str], str]]
"""For each reading the heads taken down for it: (number of rows, head) -> where it was noted."""


@dataclass
class Walked:
    """The study's own chain after one pass: its acts without their lists of heads, those heads, its first fault."""

    study: str
    acts: list[StudyEvent] = field(default_factory=list)
    hashes: list[str] = field(default_factory=list)
    noted: NotedHeads = field(default_factory=lambda: defaultdict(dict))
    fault: Fault | None = None

    @property
    def count(self) -> int:
        """How many rows the chain has."""
        return len(self.hashes)

    @property
    def head(self) -> str:
        """The hash of its last row."""
        return self.hashes[-1] if self.hashes else START

    @property
    def noted_events(self) -> int:
        """How many events the noted heads speak of, at most."""
        return sum(max(heads)[0] for heads in self.noted.values() if heads)

    def without_notes(self) -> Walked:
        """The same, of which nothing is believed but that it has a fault."""
        return replace(self, acts=[], noted=defaultdict(dict))

    def against(self, earlier: Manifest) -> list[Fault]:
        """Whether the chain still passes through the head that an earlier export took down for it."""
        self.same_study(earlier)
        where, last = f"the export of {earlier.created_at}", earlier.study_chain
        fault = head_fault("study chain", self.hashes, {last.count: last.head}, where)
        return [fault] if fault else []

    def same_study(self, earlier: Manifest) -> None:
        """Raise ``StudyError`` where the earlier export is of another study."""
        if earlier.study.id != self.study:
            raise StudyError(f"The earlier export is of another study ({earlier.study.slug}). Name one of this study.")

    def note_heads(self, earlier: Manifest) -> None:
        """Ask of every reading that it passes through the head of an earlier export too."""
        for head in earlier.heads:
            self.noted[head.reading].setdefault((head.count, head.head), f"the export of {earlier.created_at}")


def walk(acts: Iterable[StudyEvent], study: str) -> Walked:
    """Check the chain row by row and take from it what later checks need, without holding its lists of heads."""
    found = Walked(study)

    def passing() -> Iterator[StudyEvent]:
        for act in acts:
            found.hashes.append(act.hash)
            found.acts.append(_noted(act, found.noted))
            yield act

    rows = passing()
    found.fault = study_fault(rows, study)
    for _ in rows:
        """Count the rows after a fault too."""
    return found


def _noted(act: StudyEvent, noted: NotedHeads) -> StudyEvent:
    """The act without its list of heads, which goes into ``noted``."""
    body = _object(act.body)
    heads = body.pop("heads", None)
    if heads is None:
        return act
    for entry in heads:
        where = f"the study chain's row {act.seq} ({act.kind})"
        noted[entry["reading"]].setdefault((entry["count"], entry["head"]), where)
    return act.model_copy(update={"body": json.dumps(body)})


def reading_faults(
    stored: Projection | None, name: str, events: Sequence[Event], noted: Mapping[tuple[int, str], str]
) -> Iterator[Fault]:
    """At most the first row of a reading's chain that does not hold; then noted heads, and the stored projection."""
    broken = reading_fault(events)
    if broken:
        yield broken
    hashes = [event.hash for event in events]
    for (count, head), where in sorted(noted.items()):
        fault = head_fault(f"reading {name}", hashes, {count: head}, where)
        if fault:
            yield fault
            break
    if not broken and stored is not None:
        yield from (Fault(f"reading {name}", what) for what in differences(stored, events))


def erasure_faults(acts: Sequence[StudyEvent], erased: Mapping[str, int], names: Mapping[str, str]) -> Iterator[Fault]:
    """A payload is missing only where the study chain notes an erasure, and as many as it notes."""
    noted: Counter[str] = Counter()
    for act in acts:
        if act.kind == "withdrawn":
            body = _object(act.body)
            noted[body["member"]] += body.get("payloads_erased") or 0
    for member in sorted(noted.keys() | erased.keys()):
        if noted[member] != erased.get(member, 0):
            what = f"{erased.get(member, 0)} payloads are gone, the study chain notes {noted[member]} as erased"
            yield Fault(names.get(member, f"reader {member}"), what)


def grade_faults(acts: Sequence[StudyEvent], grades: Iterable[Mapping[str, Any]]) -> Iterator[Fault]:
    """Whether the stored grades, in their order, are those that the acts of grading sealed."""
    left = iter(grades)
    for act in acts:
        if act.kind == "graded":
            body = _object(act.body)
            saved = list(islice(left, body["count"]))
            if len(saved) != body["count"] or grades_digest(saved) != body["digest"]:
                yield Fault(f"grades of the study chain's row {act.seq}", "they are not those that were sealed there")
                return
    if (more := next(left, None)) is not None:
        yield Fault(f"grade {more['seq']}", "no act in the study chain notes it")


def _object(text: str) -> dict[str, Any]:
    """The body of an act; one that is no object notes nothing."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
