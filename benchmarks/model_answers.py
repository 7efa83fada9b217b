"""Many answers of models through the plural call on both wires: how fast, and how many bytes each leaves behind.

An answer is a locked differential, open diagnosis or selection. The turns that show evidence, begin and close are made
beside them and counted in the rate and the bytes of the answers, as each answer needs them. What a model's own program
takes, and reading the pages, is not in it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from baselines.bots.simulation import prepare
from benchmarks.both_wires import BOX, SUPABASE, BothWires
from benchmarks.database import Row
from study.bundle import Bundle
from study.desk import Failure, RunnerDesk, Turn, Verdict
from study.protocol import preset

GOAL = 750_000
ASKED = 3  # a reading's differential, open diagnosis and selection
SAMPLES = 50  # a model's
Send = Callable[[Sequence[Turn]], Sequence[Verdict | Failure]]
LINES = ["Gout", "Septic arthritis", "Pseudogout", "Reactive arthritis", "Rheumatoid arthritis"]
ANSWERS: dict[str, dict[str, object]] = {
    "ddx": {"lines": LINES, "none": False, "confidence": 55, "unchanged": False},
    "open": {"diagnosis": "Gout", "none": False, "confidence": 60},
    "selection": {"choice": "A", "confidence": 70},
}
CLOSING: dict[str, object] = {"seen_before": "no", "looked_up": False, "comment": ""}
NOTES: dict[str, object] = {"latency_ms": 1830.4, "tokens": 412}
SCRIPTS = """
select r.reading::text, jsonb_path_query_array(c.content, '$.steps[*].kind')
from study.readings r join study.members m on m.member = r.member
join study.scripts c on c.study = r.study and c.hash = r.script where r.study = %s and m.model = %s
"""
SIZES = """
select c.relname::text, pg_total_relation_size(c.oid) from pg_class c
where c.relnamespace = 'study'::regnamespace and c.relkind = 'r'
"""


@dataclass(frozen=True)
class Size:
    """Answers through the plural call, and by a call each; ``together`` readings go side by side."""

    answers: int
    singly: int
    together: int = 200


FULL = Size(20_000, 1000)
QUICK = Size(60, 12, 10)


@dataclass
class Made:
    """What was made: answers, turns, and the seconds that the calls took."""

    answers: int = 0
    turns: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds


def rows(both: BothWires, bundle: Bundle, size: Size) -> list[Row]:
    """A row a wire, each with its single calls beside it, and one of the bytes that the plural ones left.

    The wires take turns, some readings each, so that what else the machine does meets both alike.
    """
    places = 2 * (_samples(bundle, size.answers) + _samples(bundle, size.singly))
    study = prepare(both.home.record, bundle, preset("medsyn-staged"), "bench-answers", places, 1)
    desks = {name: RunnerDesk(wire) for name, wire in both.wires.items()}
    single = _all(
        {name: _making(both, desk, study, name, _singly(desk), 5) for name, desk in desks.items()}, size.singly
    )
    before = _bytes(both)
    makers = {name: _making(both, desk, study, name, desk.turns, size.together) for name, desk in desks.items()}
    plural = _all(makers, size.answers)
    grown = {table: now - before[table] for table, now in _bytes(both).items()}
    ratio = plural[BOX].rate / plural[SUPABASE].rate
    found = [_row(name, made, single[name], ratio, size) for name, made in plural.items()]
    return [*found, _size_row(grown, sum(made.answers for made in plural.values()))]


def _samples(bundle: Bundle, answers: int) -> int:
    """How many samples of all cases make so many answers, in whole models."""
    return ceil(answers / ASKED / len(bundle.cases) / SAMPLES + 1) * SAMPLES


def _singly(desk: RunnerDesk) -> Send:
    return lambda turns: [desk.turn(t.reading, t.step, t.attempt, t.answer, t.client).verdict for t in turns]


def _all(makers: dict[str, Iterator[Made]], wanted: int) -> dict[str, Made]:
    """What each has made once all have made enough."""
    made = {name: next(maker) for name, maker in makers.items()}
    while short := [name for name, one in made.items() if one.answers < wanted]:
        for name in short:
            made[name] = next(makers[name])
    return made


def _making(both: BothWires, desk: RunnerDesk, study: str, wire: str, send: Send, together: int) -> Iterator[Made]:
    """Read ``together`` readings side by side, then the next, by models that are enrolled as they are needed."""
    made = Made()
    for kinds in _models(both, desk, study, f"{wire} {together}"):
        readings = list(kinds)
        for start in range(0, len(readings), together):
            _read({reading: kinds[reading] for reading in readings[start : start + together]}, send, made)
            yield made


def _models(both: BothWires, desk: RunnerDesk, study: str, name: str) -> Iterator[dict[str, list[str]]]:
    """The readings of one model after another, each with the kinds of its steps."""
    number = 0
    while number := number + 1:
        desk.enrol(study, f"{name} {number}", {}, SAMPLES)
        with both.home.database() as conn:
            found = conn.execute(SCRIPTS, [study, f"{name} {number}"]).fetchall()
        yield {str(reading): list(kinds) for reading, kinds in found}


def _read(kinds: dict[str, list[str]], send: Send, made: Made) -> None:
    """Turn the pages of all these readings, a step of each at a time."""
    for step in range(-1, max(map(len, kinds.values()))):
        asked = [(reading, _kind(steps, step)) for reading, steps in kinds.items() if step < len(steps)]
        turns = [Turn(reading, step, 1, _answer(kind), NOTES) for reading, kind in asked]
        began = time.perf_counter()
        verdicts = send(turns)
        made.seconds += time.perf_counter() - began
        wrong = [verdict for verdict in verdicts if isinstance(verdict, Failure) or not verdict.ok]
        if wrong:
            raise RuntimeError(f"{len(wrong)} of {len(turns)} turns were not taken, the first: {wrong[0]}")
        made.turns += len(turns)
        made.answers += sum(kind in ANSWERS for _, kind in asked)


def _kind(steps: list[str], step: int) -> str:
    return steps[step] if step >= 0 else "begin"


def _answer(kind: str) -> dict[str, object]:
    return ANSWERS.get(kind, CLOSING if kind == "closing" else {})


def _bytes(both: BothWires) -> dict[str, int]:
    """Each table of the record with its indexes and what is stored beside it."""
    with both.home.database() as conn:
        return {str(name): int(size) for name, size in conn.execute(SIZES).fetchall()}


def _row(name: str, made: Made, single: Made, ratio: float, size: Size) -> Row:
    hours = GOAL / made.rate / 3600
    told = (
        f"{made.rate:,.0f} answers a second ({made.turns / made.seconds:,.0f} turns), {size.together} turns a call; "
        f"a call a turn: {single.rate:,.0f}; ratio {made.rate / single.rate:.1f}; {GOAL:,} would take {hours:.1f} h"
    )
    if name == SUPABASE:
        told += f"; the {BOX} is {ratio:.1f} times as fast"
    return Row(f"{made.answers:,} model answers, {name}", told, "none set", made.answers >= size.answers)


def _size_row(grown: dict[str, int], answers: int) -> Row:
    whole = sum(grown.values())
    largest = sorted(grown.items(), key=lambda item: -item[1])[:4]
    parts = ", ".join(f"{table} {size / answers:,.0f}" for table, size in largest)
    told = (
        f"{whole / answers:,.0f}, indexes included ({parts}); {GOAL:,} would take {whole / answers * GOAL / 1e9:.1f} GB"
    )
    return Row("bytes an answer in the database", told, "none set", True)
