"""``readerstudy models probe``: models are asked what they may have read; `analyse --contamination` tells what came."""

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
    from baselines.probing.planning import Plan, Terms
    from baselines.running.errands import Came

INTERRUPTED = 130


@dataclass(frozen=True)
class Asked:
    """What was said on the command line."""

    models: Path
    only: tuple[str, ...]
    kinds: tuple[str, ...]
    paraphraser: str | None
    samples: int
    budget: float | None
    permitted_only: bool
    dry_run: bool
    as_json: bool


def probe(data: Path | None, slug: str | None, asked: Asked) -> None:
    """Have the models answer; exits with 1 where one of them ended before its questions did, 130 when interrupted."""
    from baselines.declared import check_keys
    from baselines.probing.planning import plan

    models, terms = _models(asked)
    console = Console(soft_wrap=True, highlight=False, stderr=asked.as_json)
    with opened(data) as record:
        made = plan(record.owner, find_study(record.owner, slug), models, terms)
        _say_plan(made, console)
        if not asked.dry_run:
            check_keys([*models, *filter(None, [terms.paraphraser])])
        results = [] if asked.dry_run else _work(record, made, console)
    if asked.dry_run:
        return
    if asked.as_json:
        typer.echo(json.dumps(results, ensure_ascii=False))
    else:
        console.print("Their rates are told by `readerstudy analyse --contamination` once the study is unblinded.")
    if any(one["why"] or not one["answered"] for one in results):
        raise typer.Exit(INTERRUPTED if any(one["why"] == "interrupted" for one in results) else 1)


def _models(asked: Asked) -> tuple[list[Declared], Terms]:
    from baselines.declared import read
    from baselines.probing.planning import BESIDE_ORIGINAL, Terms

    there = {one.name: one for one in read(asked.models)}
    unknown = [name for name in (*asked.only, *filter(None, [asked.paraphraser])) if name not in there]
    if unknown:
        raise StudyError(f"{asked.models} declares no model {unknown[0]!r}; it declares: {', '.join(there)}.")
    models = [one for one in there.values() if one.name != asked.paraphraser]
    if asked.only:
        models = [there[name] for name in dict.fromkeys(asked.only)]
    kinds = asked.kinds or ("title-completion", "which-source", "image-removed", "original")
    if asked.paraphraser and not asked.kinds:
        kinds = (*kinds, "paraphrase")
    if "original" not in kinds and set(kinds) & set(BESIDE_ORIGINAL):
        kinds = (*kinds, "original")
    by = there[asked.paraphraser] if asked.paraphraser else None
    return models, Terms(kinds, asked.samples, by, asked.permitted_only, asked.budget)  # type: ignore[arg-type]


def _say_plan(made: Plan, console: Console) -> None:
    fits = ", ".join(f"{kind} {count}" for kind, count in made.fits.items())
    console.print(f"Cases that each probe fits: {fits}.", markup=False)
    for name, count in made.kept_in.items():
        console.print(f"{name}: {count} cases are left out, for it may not be shown them.", markup=False)
    for bench in made.benches:
        tokens, cost = made.cost(bench)
        price = "" if cost is None else f", about ${cost:.4f}"
        told = f"{bench.declared.name}: {len(bench.tasks)} questions, about {tokens:,} tokens in{price}."
        console.print(told + " What is stored already is not asked for again.", markup=False)


def _work(record: Record, made: Plan, console: Console) -> list[dict[str, Any]]:
    """The paraphrases first, where some are wanted, then each model; after an interruption none is begun any more."""
    from baselines.probing.run import probe, reword, words_of

    results: list[dict[str, Any]] = []
    words, left = words_of(None), made.terms.budget
    if made.blocks and made.terms.paraphraser:
        written = reword(record, made, counted)
        words, left = words_of(written), _less(left, written.spent)
        results.append(_told(made.terms.paraphraser.name, "paraphrases", len(made.blocks), written, console))
    for bench in made.benches:
        if _over(results):
            break
        came = probe(record, made, bench, words, left, counted)
        left = _less(left, came.spent)
        results.append(_told(bench.declared.name, "probes", len(bench.tasks), came, console))
    return results


def _over(results: Sequence[dict[str, Any]]) -> bool:
    return bool(results) and results[-1]["why"] in ("interrupted", "budget", "study")


def _less(budget: float | None, spent: float) -> float | None:
    return None if budget is None else max(0.0, budget - spent)


def _told(name: str, what: str, questions: int, came: Came[Any, Any], console: Console) -> dict[str, Any]:
    """What came of one model's questions, said and returned."""
    tally, ended = came.tally, came.ended
    failed = ", ".join(f"{number} {outcome}" for outcome, number in sorted(tally.failed.items()))
    parts = [
        f"{name}, {what}: {len(came.answers)} of {questions} questions answered"
        + (f"; failed: {failed}" if failed else ""),
        f"{questions - tally.readings} not asked, for want of a paraphrase" if questions > tally.readings else "",
        f"{tally.taken_up + tally.cached} from stored replies" if tally.taken_up + tally.cached else "",
        f"{tally.repeats} perhaps paid twice" if tally.repeats else "",
        f"${tally.cost:.4f}" if tally.cost else "",
    ]
    console.print("; ".join(part for part in parts if part) + ".", markup=False)
    if ended.why:
        console.print(ended.sentence, style="red", markup=False)
    return {
        "model": name,
        "what": what,
        "questions": questions,
        "asked": tally.readings,
        "answered": len(came.answers),
        "failed": dict(tally.failed),
        "calls": dict(tally.calls),
        "taken_up": tally.taken_up,
        "cached": tally.cached,
        "repeats": tally.repeats,
        "cost": round(tally.cost, 6),
        "why": ended.why,
    }
