"""``readerstudy grade --judge``: models as judges of the diagnoses that wait, and what is left for humans."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console

from commands._data import opened
from commands._progress import counted
from commands._study import find_study
from study.database import Record, StudyError

if TYPE_CHECKING:
    from baselines.declared import Declared
    from baselines.judging.planning import Bench, Plan
    from baselines.running.run import Ended
    from baselines.running.tally import Tally


@dataclass(frozen=True)
class Asked:
    """What was said on the command line of judges."""

    judges: tuple[str, ...]
    models: Path | None
    scale: str
    seed: int
    one_is_enough: bool
    allow_family: tuple[str, ...]
    everything: bool
    repeat: int
    of: float
    permitted_only: bool
    budget: float | None
    dry_run: bool
    as_json: bool


def judge(data: Path | None, slug: str | None, asked: Asked) -> None:
    """Have the judges grade; exit 1 where one of them ended before its lines did, or did not answer."""
    from baselines.declared import check_keys
    from baselines.judging import planning

    judges, console = _judges(asked), Console(soft_wrap=True, highlight=False, stderr=asked.as_json)
    terms = _terms(asked)
    with opened(data) as record:
        made = planning.plan(record.owner, find_study(record.owner, slug), judges, terms)
        _say_plan(made, console)
        results: list[dict[str, Any]] = []
        if not asked.dry_run:
            check_keys(judges)
            results = [_told(*one) for one in _work(record, made, console)]
            left = _left(record, made)
    if asked.dry_run:
        return
    console.print(f"{left} lines wait for a human on {made.terms.scale.title}.", markup=False)
    if asked.as_json:
        typer.echo(json.dumps({"rubric": made.terms.rubric.name, "judges": results, "waiting": left}, indent=2))
    if any(one["why"] or (one["open"] and not one["graded"]) for one in results):
        raise typer.Exit(130 if any(one["why"] == "interrupted" for one in results) else 1)


def _judges(asked: Asked) -> list[Declared]:
    from baselines.declared import read

    if asked.models is None:
        raise StudyError("Judges are declared in a file of models: name it with --models models.toml.")
    declared = {one.name: one for one in read(asked.models)}
    unknown = [name for name in asked.judges if name not in declared]
    if unknown:
        raise StudyError(f"{asked.models} declares no {', '.join(unknown)}; it declares {', '.join(declared)}.")
    return [declared[name] for name in dict.fromkeys(asked.judges)]


def _terms(asked: Asked) -> Any:
    from baselines.judging.rubric import rubric_of
    from baselines.judging.terms import Terms
    from study.grading import scale_of

    scale = scale_of(asked.scale)
    return Terms(
        scale=scale,
        rubric=rubric_of(scale),
        seed=asked.seed,
        alone=asked.one_is_enough,
        allowed=frozenset(asked.allow_family),
        everything=asked.everything,
        repeat=asked.repeat,
        share=asked.of if asked.repeat else 0.0,
        permitted_only=asked.permitted_only,
        budget=asked.budget,
    )


def _say_plan(made: Plan, console: Console) -> None:
    console.print(
        f"{made.lines} distinct lines to judge on {made.terms.scale.title} by the rubric {made.terms.rubric.name}"
        + (f"; {made.settled} equal the diagnosis and need no judge" if made.settled else "")
        + (f"; {made.kept_in} are left to humans, for they may not be sent outside" if made.kept_in else "")
        + ".",
        markup=False,
    )
    for warning in made.warnings:
        console.print(f"Warning: {warning}", markup=False)
    for bench in made.benches:
        tokens, cost = made.cost(bench)
        price = "" if cost is None else f", about ${cost:.2f}"
        left = f"{len(bench.open)} of {bench.tasks} gradings are left, about {tokens:,} tokens{price}"
        console.print(f"{bench.judge.name}: {left}.", markup=False)


def _work(record: Record, made: Plan, console: Console) -> Sequence[tuple[Bench, Tally, Ended]]:
    """Each judge in turn; after an interruption none is begun any more."""
    from baselines.judging.session import judge as begin
    from baselines.running.tally import Tally

    done: list[tuple[Bench, Tally, Ended]] = []
    spent = 0.0
    for bench in made.benches:
        tally = Tally()
        with counted(bench.judge.name) as progress:
            ended = begin(record, made, bench, tally, spent, progress)
        spent += tally.spent
        done.append((bench, tally, ended))
        _say_end(bench, tally, ended, console)
        if ended.why in ("interrupted", "budget"):
            break
    return done


def _say_end(bench: Bench, tally: Tally, ended: Ended, console: Console) -> None:
    failed = ", ".join(f"{number} {outcome}" for outcome, number in sorted(tally.failed.items()))
    parts = [
        f"{bench.judge.name}: {tally.completed} graded, {sum(tally.failed.values())} without a grade"
        + (f" ({failed})" if failed else ""),
        f"{tally.taken_up + tally.cached} from stored replies" if tally.taken_up + tally.cached else "",
        f"{tally.repeats} perhaps paid twice" if tally.repeats else "",
        f"${tally.cost:.4f}" if tally.cost else "",
    ]
    console.print("; ".join(part for part in parts if part) + ".", markup=False)
    if ended.why:
        console.print(ended.sentence, style="red", markup=False)


def _told(bench: Bench, tally: Tally, ended: Ended) -> dict[str, Any]:
    return {
        "judge": bench.judge.name,
        "open": len(bench.open),
        "graded": tally.completed,
        "without": dict(tally.failed),
        "stored": tally.taken_up,
        "cached": tally.cached,
        "repeated": tally.repeats,
        "cost": round(tally.cost, 6),
        "why": ended.why,
    }


def _left(record: Record, made: Plan) -> int:
    from study.desk import GraderDesk
    from study.grading import waiting

    return len(waiting(GraderDesk(record.owner).queue(made.status.study), made.status.slug, made.terms.scale))
