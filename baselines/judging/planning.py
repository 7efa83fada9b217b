"""What each judge is to grade: distinct lines of the queue, in an order drawn by seed, less what it has graded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from baselines.conversation import Question
from baselines.declared import Declared, may_show
from baselines.judging.bench import faults, warnings
from baselines.judging.terms import Terms
from baselines.running.tokens import likely
from scoring.adjudication import source_of
from scoring.matching import normalise
from study.database import StudyError, Wire
from study.desk import CoordinatorDesk, GraderDesk, GradingQueue, RunnerDesk, StudyStatus
from study.draws import Draws
from study.grading import distinct, drawn
from study.judged import note_of
from study.results import Key

ANSWER_TOKENS = 60


@dataclass(frozen=True)
class Task:
    """One line for one judge. ``number`` 1 is its grading, 2 and more are repeats; the seed drew its ``place``."""

    case: str
    line: str
    number: int
    place: int


@dataclass(frozen=True)
class Bench:
    """A judge with all its tasks, of which ``open`` are not graded yet."""

    judge: Declared
    tasks: int
    open: tuple[Task, ...]


@dataclass(frozen=True)
class Plan:
    """What is to be graded, found sound: nothing has been written, and nothing was sent.

    ``settled`` counts the lines that need no judge, ``kept_in`` those of cases that no judge of the run may be shown.
    """

    status: StudyStatus
    terms: Terms
    benches: tuple[Bench, ...]
    diagnoses: Mapping[str, Mapping[str, Any]]
    lines: int
    settled: int
    kept_in: int
    warnings: tuple[str, ...]

    def question(self, task: Task) -> Question:
        """What a judge is asked about the task's line."""
        told = {"seed": self.terms.seed, "place": task.place}
        return self.terms.rubric.question(self.diagnoses[task.case], task.line, told)

    def cost(self, bench: Bench) -> tuple[int, float | None]:
        """The input tokens of what a judge is still to be asked, and the dollars, as far as they can be foreseen."""
        tokens = sum(likely(sum(len(str(p).encode()) for p in self.question(t).messages[0].parts)) for t in bench.open)
        return tokens, bench.judge.cost(tokens, ANSWER_TOKENS * len(bench.open))


def plan(wire: Wire, study: str, judges: Sequence[Declared], terms: Terms) -> Plan:
    """What these judges would grade on these terms; raises ``StudyError`` with every reason why they may not."""
    status, runner = CoordinatorDesk(wire).status(study), RunnerDesk(wire)
    queue, took_part = GraderDesk(wire).queue(study), runner.models(study)
    lines, everything = distinct(queue, everything=terms.everything), distinct(queue, everything=True)
    external = {one.case: one.external for one in runner.cases(study)}
    found = faults(judges, terms, took_part, queue.grades)
    benches, kept_in = [], set()
    for judge in judges:
        shown = {key: line for key, line in lines.items() if may_show(judge, external.get(key[0], False))}
        away = sorted({case for case, _ in lines.keys() - shown.keys()})
        kept_in |= lines.keys() - shown.keys()
        if away and not terms.permitted_only:
            found.append(_may_not(judge, away))
        benches.append(_bench(status.slug, judge, shown, queue, terms))
    if found:
        raise StudyError("\n".join(found))
    settled = len(everything) - len(lines)
    more = tuple(warnings(took_part))
    return Plan(status, terms, tuple(benches), queue.cases, len(lines), settled, len(kept_in), more)


def _may_not(judge: Declared, cases: Sequence[str]) -> str:
    named = ", ".join(cases[:10]) + (" ..." if len(cases) > 10 else "")
    return (
        f"{judge.name} is outside the institution ({judge.host}), and the diagnoses of {len(cases)} cases may not be "
        f"sent there: {named}. Their authors allow it by permissions.external_models; --permitted-only leaves them to "
        "humans."
    )


def _bench(slug: str, judge: Declared, lines: Mapping[Key, str], queue: GradingQueue, terms: Terms) -> Bench:
    keys = [(key, 1) for key in sorted(lines)]
    again = drawn(lines, terms.share, "repeat", slug, terms.scale.id, terms.seed) if terms.repeat else []
    keys += [(key, number) for key in sorted(again) for number in range(2, terms.repeat + 2)]
    order = Draws("judging", slug, terms.scale.id, judge.name, terms.seed).shuffled(keys)
    tasks = [Task(key[0], lines[key], number, place) for place, (key, number) in enumerate(order, 1)]
    done = _done(queue, terms)
    left = [one for one in tasks if (one.case, normalise(one.line), source_of(judge.name, one.number)) not in done]
    return Bench(judge, len(tasks), tuple(left))


def _done(queue: GradingQueue, terms: Terms) -> set[tuple[str, str, str]]:
    """What was graded by this very rubric, by case, wording and source."""
    return {
        (grade.case, normalise(grade.line), grade.source)
        for grade in queue.grades
        if (grade.scale, grade.version) == (terms.scale.id, terms.scale.version)
        and (note := note_of(grade)) is not None
        and note.rubric_hash == terms.rubric.hash
    }
