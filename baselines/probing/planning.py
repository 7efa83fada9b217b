"""What each model is to be probed with: the cases that it may be shown and that a probe fits, and in which words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from baselines.adapters import Message
from baselines.conversation import Question
from baselines.declared import Declared, may_show
from baselines.probe_grades import grade
from baselines.probes import Kind, Probe, blocks, build, paraphrase_request, version
from baselines.running.tokens import likely
from study.canonical import digest
from study.database import StudyError, Wire
from study.desk import CoordinatorDesk, RunnerDesk, StudyStatus
from study.exporting import source

Words = Mapping[str, Mapping[str, str]]
ANSWER_TOKENS = 40
REWORDING = "rewording"
BESIDE_ORIGINAL: tuple[Kind, ...] = ("image-removed", "paraphrase")


@dataclass(frozen=True)
class Terms:
    """How models are probed. ``kinds`` are the probes, ``samples`` how often each is asked of a case."""

    kinds: tuple[Kind, ...]
    samples: int = 1
    paraphraser: Declared | None = None
    permitted_only: bool = False
    budget: float | None = None
    first_wait: float = 0.5


@dataclass(frozen=True)
class Task:
    """One question: a probe of a case; ``sample`` counts its repeats."""

    kind: Kind
    case: str
    sample: int


@dataclass(frozen=True)
class Block:
    """A block of a case that is to stand in other words."""

    case: str
    block: str


@dataclass(frozen=True)
class Bench:
    """A model with all its tasks."""

    declared: Declared
    tasks: tuple[Task, ...]


@dataclass(frozen=True)
class Plan:
    """What is to be asked, found sound; nothing was sent. ``fits`` counts the cases that each probe fits.

    ``kept_in`` counts, by model, the cases that it may not be shown.
    """

    status: StudyStatus
    terms: Terms
    contents: Mapping[str, Mapping[str, Any]]
    benches: tuple[Bench, ...]
    blocks: tuple[Block, ...]
    fits: Mapping[Kind, int]
    kept_in: Mapping[str, int] = field(default_factory=dict)

    def probe(self, task: Task, words: Words) -> Probe | None:
        """The probe of a task; None for a paraphrase that nobody has written."""
        content = self.contents[task.case]
        if task.kind == "paraphrase" and set(blocks(content)) - set(words.get(task.case, ())):
            return None
        return build(task.kind, content, task.sample, words.get(task.case))

    def question(self, bench: Bench, task: Task, probe: Probe) -> Question:
        """The probe as a model is asked it; the record is told which probe it is of which case, and not the answer."""
        told = self._about(task.kind, task.case) | {"sample": task.sample, "version": probe.version}
        told["adapter"] = bench.declared.adapter  # by which the raw reply is read again
        by = self.terms.paraphraser.name if self.terms.paraphraser and task.kind == "paraphrase" else None
        return _question(probe.prompt, told | ({"by": by} if by else {}))

    def rewording(self, block: Block) -> Question:
        """What the paraphraser is asked about a block."""
        content = self.contents[block.case]
        told = self._about(REWORDING, block.case) | {"block": block.block}
        prompt = paraphrase_request(blocks(content)[block.block], str(content["language"]))
        return _question(prompt, told | {"version": version()})

    def _about(self, kind: str, case: str) -> dict[str, Any]:
        return {"probe": kind, "case": case, "case_hash": digest(self.contents[case])}

    def cost(self, bench: Bench) -> tuple[int, float | None]:
        """The input tokens of a model's questions and the dollars, as far as they can be foreseen."""
        as_written = {case: blocks(content) for case, content in self.contents.items()}
        found = (self.probe(task, as_written) for task in bench.tasks)
        tokens = sum(likely(len(one.prompt.encode())) for one in found if one)
        return tokens, bench.declared.cost(tokens, ANSWER_TOKENS * len(bench.tasks))


def plan(wire: Wire, study: str, models: Sequence[Declared], terms: Terms) -> Plan:
    """What these models would be asked; raises ``StudyError`` with every reason why they may not."""
    status = CoordinatorDesk(wire).status(study)
    external = {one.case: one.external for one in RunnerDesk(wire).cases(study) if not one.practice}
    contents = {key: content for key, content in source.case_contents(wire, study).items() if key in external}
    faults = [*_of_terms(models, terms)]
    if status.state not in ("open", "paused", "closed", "unblinded"):
        faults.append(f"{status.slug} is not open yet: models are probed about cases that are fixed.")
    kinds = terms.kinds
    fitting = {kind: [key for key, content in contents.items() if _fits(kind, content)] for kind in kinds}
    asked = sorted({key for keys in fitting.values() for key in keys})
    kept_in: dict[str, int] = {}
    for model in [*models, *filter(None, [terms.paraphraser])]:
        away = [key for key in asked if not may_show(model, external[key])]
        kept_in |= {model.name: len(away)} if away else {}
        if away and not terms.permitted_only:
            faults.append(_may_not(model, away))
    if not asked:
        faults.append(f"No case of {status.slug} is one that {', '.join(kinds)} fits.")
    if faults:
        raise StudyError("\n".join(faults))
    benches = tuple(Bench(model, _tasks(model, fitting, external, terms)) for model in models)
    fits = {kind: len(keys) for kind, keys in fitting.items()}
    return Plan(status, terms, contents, benches, _blocks(fitting, contents, external, terms), fits, kept_in)


def _of_terms(models: Sequence[Declared], terms: Terms) -> list[str]:
    found = [
        f"{model.name} is a {model.adapter}: probes are asked question by question. Declare it as chat or responses."
        for model in [*models, *filter(None, [terms.paraphraser])]
        if model.adapter not in ("chat", "responses")
    ]
    if ("paraphrase" in terms.kinds) != (terms.paraphraser is not None):
        found.append("The probe `paraphrase` needs a model that writes it, and no other does: name it --paraphraser.")
    if terms.paraphraser and terms.paraphraser.name in {model.name for model in models}:
        found.append(f"{terms.paraphraser.name} would be probed with its own words: leave it out, or name another.")
    found += [
        f"{model.name} declares no prices or no limit of output tokens, so a budget cannot be kept: declare both."
        for model in [*models, *filter(None, [terms.paraphraser])]
        if terms.budget is not None and not (model.local and model.prices is None)
        if model.prices is None or model.limits.max_output_tokens is None
    ]
    return found


def _fits(kind: Kind, content: Mapping[str, Any]) -> bool:
    """Whether the probe can be asked and its own answer would be a hit."""
    probe = build(kind, content, 1, blocks(content))
    return probe is not None and bool(grade(probe, probe.expected).hit)


def _tasks(
    model: Declared, fitting: Mapping[Kind, Sequence[str]], external: Mapping[str, bool], terms: Terms
) -> tuple[Task, ...]:
    return tuple(
        Task(kind, key, sample)
        for kind, keys in fitting.items()
        for key in keys
        if may_show(model, external[key])
        for sample in range(1, terms.samples + 1)
    )


def _blocks(
    fitting: Mapping[Kind, Sequence[str]],
    contents: Mapping[str, Mapping[str, Any]],
    external: Mapping[str, bool],
    terms: Terms,
) -> tuple[Block, ...]:
    keys = [key for key in fitting.get("paraphrase", ()) if may_show(terms.paraphraser, external[key])]  # type: ignore[arg-type]
    return tuple(Block(key, block) for key in keys for block in blocks(contents[key]))


def _may_not(model: Declared, cases: Sequence[str]) -> str:
    named = ", ".join(cases[:10]) + (" ..." if len(cases) > 10 else "")
    return (
        f"{model.name} is outside the institution ({model.host}), and {len(cases)} cases may not be sent there: "
        f"{named}. Their authors allow it by permissions.external_models; --permitted-only leaves them out."
    )


def _question(prompt: str, told: Mapping[str, Any]) -> Question:
    return Question((Message("user", (prompt,)),), {"kind": "probe", "text": dict(told)}, (), None)
