"""Answers that were made elsewhere become readings like any other: the same pages, the same calls on record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from baselines.adapters import Said
from baselines.adapters.faults import Rejected
from baselines.adapters.replay import Place, Replay
from baselines.answers import CANNOT_TELL, parse
from baselines.running.collector import Collector
from baselines.running.preparing import Plan
from baselines.running.sources import Asked
from study.answers import AnswerError
from study.canonical import canonical
from study.database import StudyError
from study.desk.calls import Held
from study.desk.work import WorkDesk
from study.script import Script

NOT_ASKED = '{"seen_before": "unsure", "looked_up": false, "comment": ""}'
SHOWN = 10
LABEL = "A"
"""Of whichever option: what labels a reading shows is not known before it is read."""


@dataclass(frozen=True)
class Extent:
    """Which readings of a model a file answers: by condition the cases and samples, and the most samples."""

    readings: frozenset[tuple[str, str, int]]

    @property
    def conditions(self) -> list[str]:
        """The conditions, in order of their names."""
        return sorted({condition for condition, _, _ in self.readings})

    def samples(self, condition: str) -> int:
        """How many samples of this condition the file goes up to."""
        return max(sample for name, _, sample in self.readings if name == condition)


def extent(replay: Replay, model: str) -> Extent:
    """What the file has of a model."""
    return Extent(frozenset(place[:3] for place in replay.places(model)))


def check(replay: Replay, plan: Plan) -> None:
    """Raises ``StudyError`` where the file names cases that are not read, or leaves out what the protocol asks.

    The closing questions may be left out: hardly anybody has asked them elsewhere.
    """
    name, condition = plan.order.declared.name, plan.order.condition
    there = {place for place in replay.places(name) if place[0] == condition}
    scripts = {read.case.key: read.scripts[0] for read in plan.reads}
    strange = sorted({place[1] for place in there if place[1] not in scripts})
    if strange:
        raise StudyError(
            f"{replay.path.name} answers for cases that {condition} does not read: {_some(strange)}. Name cases by key."
        )
    lacking = [
        f"{case}, sample {sample}: {kind} {number}"
        for case, sample in sorted({(place[1], place[2]) for place in there})
        for kind, number in _asked(scripts[case])
        if (condition, case, sample, kind, number) not in there
        and not _is_over([place for place in there if place[:3] == (condition, case, sample)], replay, name)
    ]
    if lacking:
        raise StudyError(
            f"{replay.path.name} lacks answers that the protocol asks for: {_some(lacking)}. Give each of them, or its "
            "outcome where there was none."
        )
    malformed = list(_malformed(replay, plan, sorted(there)))
    if malformed:
        raise StudyError(
            f"{replay.path.name} has answers that are not in the form that the protocol asks for: {_some(malformed)} "
            "Nothing was read. What a model wrote itself, give as `text`: it is read as strictly, and may be invalid."
        )


class Replayed:
    """The file as what is asked. ``holds`` says which readings it answers; the others are left as they are."""

    resumes = False

    def __init__(self, replay: Replay, desk: WorkDesk, study: str, model: str) -> None:
        self._replay, self._desk, self._study, self._model = replay, desk, study, model
        self._there = extent(replay, model).readings
        self._cases: dict[str, str] = {}
        self._collector: Collector[str, str] = Collector(self._asked)

    async def holds(self, held: Held) -> bool:
        """Whether the file answers this reading."""
        return (held.condition, await self._case(held.reading), held.sample) in self._there

    async def said(self, call: str, asked: Asked) -> Said:
        """The file's answer; a failure where it says that there was none."""
        case = await self._case(asked.place.held.reading)
        try:
            return self._found(asked, case)
        except Rejected as none:
            return Said("failed", str(none), none.raw or "", self._model, None, None, 0.0)

    def heard(self, asked: Asked, raw: str, milliseconds: float) -> Said:
        """The same: the line is still there, and says which option it means."""
        return self._found(asked, self._cases[asked.place.held.reading])

    async def close(self) -> None:
        """Nothing is open."""

    def _found(self, asked: Asked, case: str) -> Said:
        place, held = asked.place, asked.place.held
        where: Place = (held.condition, case, held.sample, place.kind, place.number)
        if place.kind == "closing" and (self._model, where) not in self._replay.lines:
            return Said("ok", NOT_ASKED, '{"not_asked": true}', self._model, None, None, 0.0)
        return self._replay.said(self._model, where, place.options)

    async def _case(self, reading: str) -> str:
        if reading not in self._cases:
            (self._cases[reading],) = await self._collector.ask(reading)
        return self._cases[reading]

    def _asked(self, readings: Sequence[str]) -> list[str]:
        cases = {one.reading: one.case for one in self._desk.cases(self._study, readings)}
        return [cases[reading] for reading in readings]


def _asked(script: Script) -> Iterator[tuple[str, int]]:
    """The questions of a script that a file must answer, each with which of its kind it is."""
    counts: Counter[str] = Counter()
    for step in script.steps:
        if step["kind"] not in ("show", "closing"):
            counts[step["kind"]] += 1
            yield step["kind"], counts[step["kind"]]


def _malformed(replay: Replay, plan: Plan, places: Sequence[Place]) -> Iterator[str]:
    """What is wrong with answers that are given as such: a reading that failed by their form could not be read anew."""
    languages = {read.case.key: read.case.language for read in plan.reads}
    for place in places:
        _, case, sample, kind, number = place
        recorded, _ = replay.lines[plan.order.declared.name, place]
        if recorded.answer is None or recorded.outcome != "ok":
            continue
        said = dict(recorded.answer)
        if kind == "selection" and isinstance(said.pop("option", said.get("choice")), str):
            said["choice"] = LABEL if said.get("choice") != CANNOT_TELL else CANNOT_TELL
        try:
            parse(plan.rules.step(kind, languages[case]), canonical(said), (LABEL,))
        except AnswerError as fault:
            yield f"{case}, sample {sample}: {kind} {number}: {fault}"


def _is_over(own: Sequence[Place], replay: Replay, model: str) -> bool:
    """Whether a reading ended early in the file, by an answer that was none."""
    return any(replay.lines[model, place][0].outcome != "ok" for place in own)


def _some(found: Sequence[str]) -> str:
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return "; ".join(found[:SHOWN]) + more
