"""What each block of evidence did to the list: where the truth stood, when it came and went, what was gained."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

from scoring.grades import rank
from scoring.matching import normalise
from study.findings._material import Material, mean_of, states
from study.findings._result import GROUPS, Finding, Group, Result, Value, left_out, wilson
from study.results import Graded, Row, clinical_case, who


class Stand(Result):
    """Where the truth stood after the ``stage``-th list, over ``n`` readings, of a group, or in one ``case``.

    ``rank`` is the mean place where it is listed; ``probability`` the mean that the confidence in the first line leaves
    to the truth (see the finding's method), over ``n_probability`` readings.
    """

    group: Group
    case: str | None
    stage: int
    n: int
    covered: float
    top1: float
    reciprocal_rank: float
    rank: float | None
    probability: float | None
    n_probability: int


class Gain(Result):
    """What evidence of one type did, where a list was asked before and after it and nothing else came between.

    ``reciprocal_rank`` is the mean change; ``bits`` the mean change of log2 of the truth's probability.
    """

    group: Group
    type: str
    n: int
    reciprocal_rank: Value
    bits: Value
    entered: int
    left: int


class Passage(Result):
    """Readings by when the truth first entered the list; how many lost it again, and how many had it back."""

    group: Group
    n: int
    entered: dict[int, int]
    never: int
    left: dict[int, int]
    returned: int


class Closure(Result):
    """Premature closure: ``closed`` of ``share.n`` readings whose first list had a wrong first line.

    Closed are those that kept this line first in every later list, whatever evidence came, and never lowered their
    confidence in it, where they told one.
    """

    group: Group
    closed: int
    share: Value


class Trajectories(Finding):
    """Lists block by block; where a protocol asks for one list alone, ``why`` says that there is no path to follow."""

    stands: tuple[Stand, ...] = ()
    gains: tuple[Gain, ...] = ()
    passages: tuple[Passage, ...] = ()
    closures: tuple[Closure, ...] = ()


FLOOR = 0.005
METHOD = (
    "Lists of completed readings that were asked for two or more, each as it was locked. The truth's probability is "
    "the confidence where the truth stands first; elsewhere what the confidence leaves is shared evenly by the other "
    "lines that count and by something else, kept from .005 to .995. Evidence is credited with a change where it alone "
    "was released between two lists. Premature closure: of readings whose first list had a wrong first line, those "
    "that kept that line first to the last list and never lowered their confidence in it."
)


@dataclass(frozen=True)
class Stop:
    """One list: the rank of the truth, None where it is not listed, and its probability; ``step`` of the script."""

    step: int
    rank: int | None
    probability: float | None
    first: str
    confidence: float | None

    @property
    def reciprocal(self) -> float:
        return 1 / self.rank if self.rank else 0.0


@dataclass(frozen=True)
class Path:
    """The lists of one reading in their order."""

    reading: str
    reader: str
    group: Group
    case: str
    stops: tuple[Stop, ...]


def find(material: Material) -> Trajectories:
    """The paths of all readings with two lists; those in which an open grade can change a rank are left out."""
    found = [
        _path(material, row)
        for row, reading in zip(material.rows, material.readings, strict=True)
        if reading.state == "completed"
    ]
    single = sum(isinstance(path, Path) and len(path.stops) < 2 for path in found)
    paths = [path for path in found if path is not None and len(path.stops) > 1]
    groups = [group for group in GROUPS if any(path.group == group for path in paths)]
    return Trajectories(
        method=METHOD,
        n=len(paths),
        counted="completed readings with two lists or more",
        left_out=left_out(
            ("readings", single, "one list alone was asked for"),
            ("readings", sum(path is None for path in found), "a line that matters waits for a grade"),
            *(("readings", n, state.replace("_", " ")) for state, n in states(material.readings).items()),
        ),
        why="" if paths else "no reading has two lists that are graded: there is no path to follow",
        notes=() if material.stages is not None else ("What each step released was not told, so gains are not there.",),
        stands=tuple(_stands(paths)),
        gains=tuple(one for group in groups for one in _gains(material, paths, group)),
        passages=tuple(_passage(paths, group) for group in groups),
        closures=tuple(_closure(paths, group) for group in groups),
    )


def _path(material: Material, row: Row) -> Path | None:
    """None where an open grade can change where the truth stands."""
    stops: list[Stop] = []
    for answer in row["answers"]:
        if answer["kind"] == "ddx" and not answer.get("late"):
            said = answer["answer"]
            lines = material.lines(row, said.get("lines") or ())[: material.cap]
            stop = _stop(material, int(answer.get("step", len(stops))), lines, said.get("confidence"))
            if stop is None:
                return None
            stops.append(stop)
    return Path(str(row.get("reading")), who(row), row["kind"], clinical_case(row), tuple(stops))


def _stop(material: Material, step: int, lines: Sequence[Graded], confidence: int | None) -> Stop | None:
    scale = material.scale
    low, high = (
        rank([fill if line.grade is None else line.grade for line in lines], scale.correct_from)
        for fill in (scale.nothing, scale.exact)
    )
    if low != high:
        return None
    share = None if confidence is None else confidence / 100
    probability = None
    if share is not None and lines:
        p = share if low == 1 else (1 - share) / len(lines)
        probability = min(max(p, FLOOR), 1 - FLOOR)
    return Stop(step, low, probability, normalise(lines[0].text) if lines else "", share)


def _stands(paths: Sequence[Path]) -> Iterator[Stand]:
    """By group, then by group and case."""
    found: dict[tuple[Group, str | None, int], list[Stop]] = {}
    for path in paths:
        for stage, stop in enumerate(path.stops, 1):
            found.setdefault((path.group, None, stage), []).append(stop)
            found.setdefault((path.group, path.case, stage), []).append(stop)
    for (group, case, stage), stops in sorted(found.items(), key=lambda one: (one[0][1] or "", one[0][0], one[0][2])):
        listed = [stop.rank for stop in stops if stop.rank]
        told = [stop.probability for stop in stops if stop.probability is not None]
        yield Stand(
            group=group,
            case=case,
            stage=stage,
            n=len(stops),
            covered=len(listed) / len(stops),
            top1=sum(one == 1 for one in listed) / len(stops),
            reciprocal_rank=fmean(stop.reciprocal for stop in stops),
            rank=fmean(listed) if listed else None,
            probability=fmean(told) if told else None,
            n_probability=len(told),
        )


def _gains(material: Material, paths: Sequence[Path], group: Group) -> Iterator[Gain]:
    changes: dict[str, list[tuple[Path, Stop, Stop]]] = {}
    for path in paths if material.stages else ():
        if path.group == group:
            for before, after in pairwise(path.stops):
                types = _released(material, path.reading, before.step, after.step)
                if len(types) == 1:
                    changes.setdefault(types.pop(), []).append((path, before, after))
    for kind, own in sorted(changes.items()):
        told = [(p, a, b) for p, a, b in own if a.probability is not None and b.probability is not None]
        yield Gain(
            group=group,
            type=kind,
            n=len(own),
            reciprocal_rank=mean_of((p.reader, p.case, b.reciprocal - a.reciprocal) for p, a, b in own),
            bits=mean_of((p.reader, p.case, _bits(a, b)) for p, a, b in told),
            entered=sum(a.rank is None and b.rank is not None for _, a, b in own),
            left=sum(a.rank is not None and b.rank is None for _, a, b in own),
        )


def _bits(before: Stop, after: Stop) -> float:
    return math.log2((after.probability or FLOOR) / (before.probability or FLOOR))


def _released(material: Material, reading: str, after: int, before: int) -> set[str]:
    """The types of evidence that the steps between two lists released."""
    told = (material.stages or {}).get(reading)
    if told is None:
        return set()
    blocks = (block for step in told["steps"][after + 1 : before] for block in step["evidence"])
    return {str(told["types"].get(block["id"], "other")) for block in blocks}


def _passage(paths: Sequence[Path], group: Group) -> Passage:
    entered: Counter[int] = Counter()
    left: Counter[int] = Counter()
    own = [path for path in paths if path.group == group]
    never = returned = 0
    for path in own:
        listed = [stop.rank is not None for stop in path.stops]
        first = listed.index(True) + 1 if any(listed) else None
        never += first is None
        if first:
            entered[first] += 1
            gone = next((stage for stage in range(first, len(listed)) if not listed[stage]), None)
            if gone is not None:
                left[gone + 1] += 1
                returned += any(listed[gone:])
    told = {"entered": dict(sorted(entered.items())), "left": dict(sorted(left.items()))}
    return Passage(group=group, n=len(own), never=never, returned=returned, **told)


def _closure(paths: Sequence[Path], group: Group) -> Closure:
    eligible = [path for path in paths if path.group == group and path.stops[0].first and path.stops[0].rank != 1]
    closed = sum(map(_closed, eligible))
    return Closure(group=group, closed=closed, share=wilson(closed, len(eligible)))


def _closed(path: Path) -> bool:
    """Whether the wrong first line stayed first, and confidence in it, where it was told, never fell."""
    stayed = all(stop.first == path.stops[0].first for stop in path.stops)
    told = [stop.confidence for stop in path.stops if stop.confidence is not None]
    return stayed and all(after >= before for before, after in pairwise(told))
