"""Judges at work, one after another: what they work with is made, signals are heeded, connections given back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from baselines.conversation import Rules
from baselines.declared import adapter_of
from baselines.judging.grading import Grading, Saves
from baselines.judging.known import Known
from baselines.judging.planning import Bench, Plan
from baselines.running.collector import Collector
from baselines.running.errands import Watch, carried_out, patience_of, place_in, unwatched
from baselines.running.run import Ended
from baselines.running.sources import Endpoint
from baselines.running.tally import Tally
from baselines.running.workplace import Workplace
from study.database import Record
from study.desk import GraderDesk
from study.desk._base import request_id
from study.protocol import Protocol

INTERRUPTED = "Interrupted: what was in flight has come to its end, and its grades are saved. Run it again to go on."


def judge(
    record: Record, plan: Plan, bench: Bench, tally: Tally, spent: float = 0.0, watch: Watch = unwatched
) -> Ended:
    """Have one judge grade what it has not graded yet; ``tally`` counts meanwhile, ``spent`` dollars are gone already.

    ``watch`` is told now and then how many are done, of how many. Raises ``StudyError`` where the judge cannot
    be asked.
    """
    tally.readings, tally.before = bench.tasks, bench.tasks - len(bench.open)
    return asyncio.run(_judge(record, plan, bench, tally, spent, watch))


async def _judge(record: Record, plan: Plan, bench: Bench, tally: Tally, spent: float, watch: Watch) -> Ended:
    source = Endpoint(bench.judge, adapter_of(bench.judge))
    try:
        at = _workplace(record, plan, source, tally, spent)
        known = Known(await asyncio.to_thread(lambda: list(at.desk.all_calls(at.study))), bench.judge.name)
        for finish in known.in_flight:
            await at.act(finish)
        errands = Grading(at, plan, bench, known, _saves(record, at.study)).errands
        ended = await carried_out(errands, at, watch, INTERRUPTED)
        tally.spent = at.budget.spent
        return ended
    finally:
        await source.close()


def _workplace(record: Record, plan: Plan, source: Endpoint, tally: Tally, spent: float) -> Workplace:
    rules = Rules(Protocol.model_validate(plan.status.protocol), plan.status.texts)
    budget = None if plan.terms.budget is None else max(0.0, plan.terms.budget - spent)
    patience = patience_of(source.declared, plan.terms.first_wait)
    return place_in(record, plan.status.study, source, rules, budget, patience, tally)


def _saves(record: Record, study: str) -> Saves:
    """Grades as they come, a few calls a second; the same again is the same act."""
    desk = GraderDesk(record.owner)

    def save(grades: Sequence[Mapping[str, Any]]) -> list[None]:
        desk.save(study, grades, request_id(study, "grades", *(f"{one['source']}{one['note']}" for one in grades)))
        return [None] * len(grades)

    return Collector(save, most=100, flights=1)
