"""Models probed one after another; where a paraphrase is wanted, another model writes it first, and it is checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from baselines.adapters import Said
from baselines.probe_grades import ProbeGrade, grade
from baselines.probes import Probe, blocks, faults_of_paraphrase
from baselines.probing.planning import Bench, Block, Plan, Task, Words
from baselines.probing.session import Probing, ask
from baselines.running.errands import Came
from study.answers import AnswerError
from study.database import Record

Watch = Callable[[str], AbstractContextManager[Callable[[int, int], None]]]


def reword(record: Record, plan: Plan, watch: Watch) -> Came[Block, str]:
    """Have the paraphraser write each block in other words; one that changes a number or keeps the wording is none."""
    declared = plan.terms.paraphraser
    assert declared is not None

    def read(block: Block, said: Said) -> str:
        faults = faults_of_paraphrase(blocks(plan.contents[block.case])[block.block], said.text)
        if faults:
            raise AnswerError(f"It is no paraphrase: {'; '.join(faults)}.")
        return said.text

    questions = {block: (plan.rewording(block), 1) for block in plan.blocks}
    terms = plan.terms
    with watch(f"{declared.name}, paraphrases") as drawn:
        return ask(record, Probing(plan.status.study, declared, questions, read, terms.budget, terms.first_wait), drawn)


def words_of(came: Came[Block, str] | None) -> Words:
    """The paraphrases by case and block."""
    found: dict[str, dict[str, str]] = {}
    for block, words in (came.answers if came else {}).items():
        found.setdefault(block.case, {})[block.block] = words
    return found


def probe(
    record: Record, plan: Plan, bench: Bench, words: Words, budget: float | None, watch: Watch
) -> Came[Task, ProbeGrade]:
    """Ask one model; a reply that its probe's rule cannot read is no answer."""
    probes = dict(_built(plan, bench, words))

    def read(task: Task, said: Said) -> ProbeGrade:
        found = grade(probes[task], said.text)
        if found.hit is None:
            raise AnswerError("The reply cannot be read by the rule of its probe.")
        return found

    questions = {task: (plan.question(bench, task, one), task.sample) for task, one in probes.items()}
    with watch(bench.declared.name) as drawn:
        return ask(
            record,
            Probing(plan.status.study, bench.declared, questions, read, budget, plan.terms.first_wait),
            drawn,
        )


def _built(plan: Plan, bench: Bench, words: Words) -> Iterator[tuple[Task, Probe]]:
    for task in bench.tasks:
        found = plan.probe(task, words)
        if found is not None:
            yield task, found
