"""``readerstudy models run --models FILE``: declared models read a study, one after another."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import typer
from pydantic import ValidationError
from rich.console import Console

from baselines.adapters.replay import Replay, read_answers
from baselines.declared import Declared, check_keys, read, replay_of
from baselines.running.estimate import estimate
from baselines.running.order import Order
from baselines.running.preparing import Plan, plan
from baselines.running.replaying import extent
from baselines.running.run import Ended
from baselines.running.session import read_model
from baselines.running.tally import Tally
from baselines.running.workplace import Distribution, Workplace
from commands import _models_told as told
from commands._data import opened
from commands._models_progress import shown
from commands._study import find_study
from study.conditions import MAIN
from study.database import Record, StudyError
from study.desk.work import WorkDesk

INTERRUPTED = 130


@dataclass(frozen=True)
class Wanted:
    """What the command line asks for, of each model and condition alike."""

    samples: int | None = None
    budget: float | None = None
    distribution: Distribution = "none"
    cache: bool = True
    permitted_only: bool = False
    as_json: bool = False


def declared(file: Path, only: Sequence[str]) -> list[Declared]:
    """The models of the file, or those named; raises ``StudyError`` that lists them where one is not there."""
    found = read(file)
    missing = [name for name in only if name not in {model.name for model in found}]
    if missing:
        there = ", ".join(model.name for model in found)
        raise StudyError(f"{file} declares no model {missing[0]!r}; it declares: {there}.")
    return [model for model in found if not only or model.name in only]


def in_file(file: Path, only: Sequence[str]) -> list[Declared]:
    """The models that have answers in a file, or those named."""
    found = read_answers(file)
    missing = [name for name in only if name not in found.models]
    if missing:
        raise StudyError(f"{file} has no answers of {missing[0]!r}; it has those of {', '.join(found.models)}.")
    return [_replayed(found, name) for name in found.models if not only or name in only]


def _replayed(found: Replay, name: str) -> Declared:
    """A model as the file knows it: by the version that its first line tells."""
    version = next(
        (line.version for (model, _), (line, _) in found.lines.items() if model == name and line.version), name
    )
    try:
        return Declared.model_validate({"name": name, "adapter": "replay", "model": version, "answers": found.path})
    except ValidationError:
        raise StudyError(
            f"{name!r} cannot be a model's name: use at most 100 letters, digits and . _ : / @ -"
        ) from None


def orders(study: str, models: Iterable[Declared], conditions: Sequence[str], wanted: Wanted) -> list[Order]:
    """An order for each model and condition; a file of answers is read for those that it has.

    Raises ``StudyError`` with the faults of all the files of answers.
    """
    faults: list[str] = []
    found: list[Order] = []
    for model in models:
        try:
            samples = _samples(model, conditions, wanted)
        except StudyError as fault:
            faults.append(str(fault))
            continue
        cache = wanted.cache and model.adapter != "replay"
        found += [
            Order(study, model, condition, number, wanted.distribution, wanted.budget, cache, wanted.permitted_only)
            for condition, number in samples.items()
        ]
    if faults:
        raise StudyError("\n".join(dict.fromkeys(faults)))
    return found


def _samples(model: Declared, conditions: Sequence[str], wanted: Wanted) -> dict[str, int | None]:
    """How many samples of each condition; of a file of answers those that it has."""
    if model.adapter != "replay":
        return dict.fromkeys(conditions, wanted.samples)
    found = extent(replay_of(model), model.name)
    there = [name for name in found.conditions if name in conditions or conditions == [MAIN]]
    return {name: wanted.samples or found.samples(name) for name in there}


def look(
    data: Path | None, slug: str | None, models: Sequence[Declared], conditions: Sequence[str], wanted: Wanted
) -> None:
    """Say what would be sent, and send nothing."""
    with opened(data) as record:
        study = find_study(record.owner, slug)
        plans = _planned(record, orders(study, models, conditions, wanted))
        counts = WorkDesk(record.owner).summary(study)
    found = [(made, estimate(made, counts)) for made in plans]
    if wanted.as_json:
        typer.echo(json.dumps([told.dry(made.order, made, one) for made, one in found], ensure_ascii=False))
        return
    for made, one in found:
        _say(told.dry_sentences(made.order, made, one))
    if len(found) > 1:
        _say([told.dry_total([one for _, one in found])])


def run(
    data: Path | None, slug: str | None, models: Sequence[Declared], conditions: Sequence[str], wanted: Wanted
) -> None:
    """Have them read. Exits with 1 where one could not, or has no reading but failed ones; 130 where interrupted."""
    with opened(data) as record:
        study = find_study(record.owner, slug)
        plans = _planned(record, orders(study, models, conditions, wanted))
        check_keys(models)
        read_all(record, plans, wanted)


def read_all(record: Record, plans: Sequence[Plan], wanted: Wanted) -> None:
    """One after another; the budget is for all of them together. Exits as ``run`` does."""
    results: list[dict[str, Any]] = []
    code, left = 0, wanted.budget
    for warning in dict.fromkeys(warning for made in plans for warning in made.warnings):
        Console(stderr=True).print(f"Warning: {warning}.", markup=False, highlight=False, soft_wrap=True)
    down: set[str] = set()
    for made in plans:
        if made.order.declared.name in down:
            results.append(told.result(made.order, made, Ended("endpoint", told.NOT_BEGUN), Tally()))
            _say([] if wanted.as_json else [told.not_begun(made.order)])
            continue
        ended, tally, left = _one(record, made, left)
        results.append(told.result(made.order, made, ended, tally))
        if not wanted.as_json:
            _say(told.sentences(made.order, made, ended, tally))
        if ended.why == "endpoint":
            down.add(made.order.declared.name)
        code = max(code, 1 if ended.why or tally.fruitless else 0)
        if ended.why in ("interrupted", "budget", "study"):
            code = INTERRUPTED if ended.why == "interrupted" else 1
            break
    if wanted.as_json:
        typer.echo(json.dumps(results, ensure_ascii=False))
    if code:
        raise typer.Exit(code)


def _one(record: Record, made: Plan, budget: float | None) -> tuple[Ended, Tally, float | None]:
    """One run, and what is left of the budget after it."""
    tally, at = Tally(), list[Workplace]()
    made = replace(made, order=replace(made.order, budget=budget))
    with shown(made.order, tally) as drawn:

        def watch(workplace: Workplace) -> None:
            drawn.watch(workplace)
            at.append(workplace)

        ended = read_model(record, made, tally, watch)
    return ended, tally, None if budget is None else max(0.0, budget - sum(one.budget.spent for one in at))


def _planned(record: Record, wanted: Iterable[Order]) -> list[Plan]:
    """Every plan; raises ``StudyError`` with the faults of all of them, before any model is asked."""
    plans: list[Plan] = []
    faults: list[str] = []
    for order in wanted:
        try:
            plans.append(plan(record.owner, order))
        except StudyError as fault:
            faults.append(str(fault))
    if faults:
        raise StudyError("\n".join(dict.fromkeys(faults)))
    return plans


def _say(lines: Iterable[str]) -> None:
    console = Console()
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
