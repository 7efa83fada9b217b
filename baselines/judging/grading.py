"""One judge grades its lines: each reply is on record before it is read, each grade is saved as it comes.

What a judge does not answer stays without its grade: a refusal, a cut or unreadable answer, or none at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from baselines.judging.known import Known
from baselines.judging.planning import Bench, Plan, Task
from baselines.running.asking import Asking
from baselines.running.collector import Collector
from baselines.running.errands import Errands
from baselines.running.sources import Errand
from baselines.running.workplace import Workplace
from scoring.adjudication import source_of

Saves = Collector[Mapping[str, Any], None]


class Grading:
    """One worker's run of one judge."""

    def __init__(self, workplace: Workplace, plan: Plan, bench: Bench, known: Known, saves: Saves) -> None:
        """Make it ready; nothing is asked yet."""
        self._at, self._plan, self._bench = workplace, plan, bench
        self._known, self._saves, self._asking = known, saves, Asking(workplace)

    @property
    def errands(self) -> Errands[Task]:
        """Every line that the judge has not graded yet."""
        return Errands(self._at, self._bench.open, self._grade)

    async def _grade(self, task: Task) -> None:
        question, rubric = self._plan.question(task), self._plan.terms.rubric
        stored = await self._known.stored(self._at, question, task.number)
        place = Errand.of("judge", self._bench.judge.name, task.number, stored)
        answer = await self._asking.answer(place, question, lambda said: rubric.grade(said.text))
        await self._saves.ask(self._row(task, answer.answer, answer.call))

    def _row(self, task: Task, grade: int, call: str) -> dict[str, Any]:
        terms, judge = self._plan.terms, self._bench.judge
        return {
            "case": task.case,
            "line": task.line,
            "scale": terms.scale.id,
            "version": terms.scale.version,
            "grade": grade,
            "source": source_of(judge.name, task.number),
            "note": terms.note(judge, call).text(),
        }
