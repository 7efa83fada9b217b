"""Whether humans and models were shown the same content, texts and option order rule, stage by stage. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from study.allocation import option_order
from study.answers import ASSISTED
from study.chain import StudyEvent
from study.exporting.source import Drawn, Member, Tables

MODELS = "models"
_Generators = Mapping[str, frozenset[str]]
"""What drew the allocation of each pool."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one reading was shown: its script, and the steps that were released in its first attempt.

    ``odd`` says that its option order does not follow from its seed; False also where the seed may not be read.
    """

    reading: str
    member: str
    case: str
    arm: str
    practice: bool
    script: str
    length: int
    steps: frozenset[int]
    odd: bool = False


def is_odd(drawn: Drawn, n_options: int) -> bool:
    """Whether the option order as drawn is not the one that its seed draws."""
    return drawn.order != option_order(int(drawn.seed), n_options)


@dataclass(frozen=True)
class Stage:
    """One stage of a case in an arm: how many of each group it was released to, and whether it was the same.

    ``same`` is None where only one group came to it; ``difference`` names what differs.
    """

    case: str
    arm: str
    stage: int
    shown: str
    humans: int
    models: int
    same: bool | None
    difference: str = ""


@dataclass(frozen=True)
class Parity:
    """Every unaided stage of every case and arm; practice cases and trial readers are left out and counted."""

    stages: tuple[Stage, ...]
    left_out: int

    @property
    def holds(self) -> bool:
        """Whether no stage differed; stages that only one group saw cannot differ."""
        return all(stage.same is not False for stage in self.stages)

    @property
    def line(self) -> str:
        """One line that counts the stages."""
        same = sum(stage.same is True for stage in self.stages)
        differ = sum(stage.same is False for stage in self.stages)
        one = len(self.stages) - same - differ
        told = f"{same} stages the same for humans and models, {differ} different, {one} seen by one group or neither"
        return f"{told}; {self.left_out} readings left out (practice cases, trial readers)"


def compare(tables: Tables, acts: Iterable[StudyEvent], seen: Iterable[Seen]) -> Parity:
    """Humans against models for each case and arm that anybody was allotted."""
    members = {member.member: member for member in tables.members}
    groups: dict[tuple[str, str], list[tuple[Member, Seen]]] = {}
    left_out = 0
    for one in seen:
        member = members.get(one.member)
        if member is None or member.trial or one.practice:
            left_out += 1
        else:
            groups.setdefault((one.case, one.arm), []).append((member, _unaided(one, tables)))
    generators = _generators(acts)
    stages = [stage for key in sorted(groups) for stage in _stages(key, groups[key], tables, generators)]
    return Parity(tuple(stages), left_out)


def _unaided(seen: Seen, tables: Tables) -> Seen:
    """The reading less what comes with advice, which models are not shown: steps are numbered without it."""
    steps = tables.scripts.get(seen.script, {}).get("steps", [])
    kept = [place for place, step in enumerate(steps) if not _comes_with_advice(step)]
    if len(kept) == len(steps):
        return seen
    return replace(seen, length=len(kept), steps=frozenset(n for n, place in enumerate(kept) if place in seen.steps))


def _comes_with_advice(step: Mapping[str, Any]) -> bool:
    return step["kind"] == "advice" or str(step["kind"]).startswith(ASSISTED)


def _stages(
    key: tuple[str, str], readings: Sequence[tuple[Member, Seen]], tables: Tables, generators: _Generators
) -> Iterator[Stage]:
    """The stages of one case in one arm, and last its option order rule."""
    humans = [seen for member, seen in readings if member.kind != "model"]
    models = [seen for member, seen in readings if member.kind == "model"]
    length = max(seen.length for _, seen in readings)
    for step in range(length):
        mine, theirs = _content(humans, step, tables), _content(models, step, tables)
        ours, others = (sum(step in seen.steps for seen in group) for group in (humans, models))
        yield _stage(key, step + 1, _told(mine or theirs), ours, others, mine, theirs)
    asked = [[seen for seen in group if _selects(seen, tables)] for group in (humans, models)]
    if any(asked):
        yield _option_stage(key, length + 1, asked[0], asked[1], tables, generators)


def _stage(
    key: tuple[str, str],
    number: int,
    shown: str,
    humans: int,
    models: int,
    mine: frozenset[str],
    theirs: frozenset[str],
) -> Stage:
    if not humans or not models:
        return Stage(*key, number, shown, humans, models, None)
    if mine == theirs and len(mine) == 1:
        return Stage(*key, number, shown, humans, models, True)
    return Stage(*key, number, shown, humans, models, False, _difference(mine, theirs))


def _content(group: Sequence[Seen], step: int, tables: Tables) -> frozenset[str]:
    """All that decides what was shown at a step, as canonical text: one entry where everybody saw the same."""
    found = set()
    for seen in group:
        if step in seen.steps:
            script = tables.scripts.get(seen.script, {})
            case = {part: script.get(part) for part in ("case", "language", "protocol")}
            found.add(json.dumps({**case, **_step(seen, step, tables)}, sort_keys=True))
    return frozenset(found)


def _step(seen: Seen, step: int, tables: Tables) -> dict[str, Any]:
    steps = tables.scripts.get(seen.script, {}).get("steps", [])
    steps = [one for one in steps if not _comes_with_advice(one)]
    found: dict[str, Any] = steps[step] if 0 <= step < len(steps) else {}
    return found


def _selects(seen: Seen, tables: Tables) -> bool:
    """Whether this reading came to the selection, where the options are shown."""
    return any(_step(seen, step, tables).get("kind") == "selection" for step in seen.steps)


def _option_stage(
    key: tuple[str, str],
    number: int,
    humans: Sequence[Seen],
    models: Sequence[Seen],
    tables: Tables,
    generators: _Generators,
) -> Stage:
    """Whether each reading's option order follows from its seed by one rule, from one generator for both groups."""
    options = next((case.options or () for case in tables.cases if case.key == key[0]), ())
    odd = [seen.reading for seen in (*humans, *models) if seen.odd]
    pools = frozenset().union(*(names for pool, names in generators.items() if pool != MODELS))
    own = generators.get(MODELS, frozenset())
    shown = f"order of {len(options)} options"
    differences = [f"{len(odd)} orders do not follow from their seed, the first in reading {odd[0]}"] if odd else []
    if humans and models and pools != own:
        differences.append(f"drawn by {', '.join(sorted(pools))} and by {', '.join(sorted(own))}")
    same = False if differences else True if humans and models else None
    return Stage(*key, number, shown, len(humans), len(models), same, "; ".join(differences))


def _generators(acts: Iterable[StudyEvent]) -> dict[str, frozenset[str]]:
    """What drew the allocation of each pool, by name and version, seeds aside."""
    found: dict[str, set[str]] = {}
    for act in acts:
        if act.kind == "allocated":
            body = json.loads(act.body)
            found.setdefault(body["pool"], set()).add(_name(body["generator"]))
    return {pool: frozenset(names) for pool, names in found.items()}


def _name(generator: Any) -> str:
    if isinstance(generator, dict):
        return json.dumps({part: value for part, value in generator.items() if part != "seed"}, sort_keys=True)
    return str(generator)


def _told(content: frozenset[str]) -> str:
    """The stage in a few words: its evidence with the form of each, or what it asks."""
    if not content:
        return ""
    step = json.loads(min(content))
    if step.get("kind") == "show":
        return ", ".join(f"{item['id']} ({item['form']})" for item in step.get("evidence", []))
    return str(step.get("kind", ""))


def _difference(mine: frozenset[str], theirs: frozenset[str]) -> str:
    """The parts that differ, humans' value first."""
    if len(mine) > 1 or len(theirs) > 1:
        return f"{len(mine)} versions among humans, {len(theirs)} among models"
    ours, other = json.loads(min(mine)), json.loads(min(theirs))
    parts = sorted(part for part in ours.keys() | other.keys() if ours.get(part) != other.get(part))
    return "; ".join(f"{part}: {json.dumps(ours.get(part))} and {json.dumps(other.get(part))}" for part in parts)
