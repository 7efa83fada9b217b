"""``readerstudy cases audit``: whether options give themselves away, and the replacement of those that do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console

from commands import _cases_models
from commands._progress import counted
from study import bundle_write
from study.bundle import Bundle
from study.case import Case
from study.database import StudyError

if TYPE_CHECKING:
    from baselines.options.auditing import Look, Plan
    from baselines.options.replacing import Replaced

SHOWN = ("options", "history")
WORDS = {"options": "the options alone", "history": "the options with the history alone"}


@dataclass(frozen=True)
class Wanted:
    """What is shown, how often each case is guessed at, and in how many rounds what leaks is replaced."""

    shown: tuple[str, ...]
    samples: int
    rounds: int
    seed: int
    as_json: bool


def run(found: Bundle, asked: _cases_models.Asked, wanted: Wanted) -> None:
    """Audit the cases with options. Exits with 1 where the model could not be asked to the end, or answered nothing."""
    from baselines.options.auditing import by_classifier

    cases, console = [case for case in found.cases if case.options], Console(soft_wrap=True, highlight=False)
    if not cases:
        raise StudyError("No case has options: there is nothing to audit.")
    if set(wanted.shown) - set(SHOWN):
        raise StudyError(f"--shown is {' or '.join(SHOWN)}.")
    if asked.model:
        _by_model(found, cases, asked, wanted, console)
        return
    if wanted.rounds:
        raise StudyError("Distractors are drawn anew by a model: name it with --model and --models.")
    look = by_classifier(cases)
    if wanted.as_json:
        typer.echo(json.dumps({"looks": [look.as_json()]}, ensure_ascii=False))
    else:
        _say(console, look)


def _by_model(found: Bundle, cases: list[Case], asked: _cases_models.Asked, wanted: Wanted, console: Console) -> None:
    from baselines.options import auditing, replacing
    from baselines.options.terms import cost, permitted

    terms = _cases_models.terms(asked)
    cases = permitted(terms, cases)
    plan = auditing.Plan(terms, wanted.shown, wanted.samples, wanted.seed)  # type: ignore[arg-type]
    with _cases_models.ledger(found, asked) as ledger:
        if asked.dry_run:
            each = [auditing.questions(plan, cases, shown) for shown in plan.shown]
            put = ((question, n) for one in each for (_, n), question in one.items())
            _cases_models.say_cost(console, terms, cost(ledger, terms, put))
            return
        with counted(terms.declared.name) as progress:
            made = replacing.replace(ledger, plan, cases, found.cases, wanted.rounds, progress)
    _end(found, plan, made, wanted, console)


def _end(found: Bundle, plan: Plan, made: Replaced, wanted: Wanted, console: Console) -> None:
    ended = made.last.ended
    if not ended.why:
        changed = [case for case in made.cases if case.key in made.replaced]
        bundle_write.write_lists(found.path, {case.key: bundle_write.lists_of(case) for case in changed})
    if wanted.as_json:
        typer.echo(json.dumps(_told(made), ensure_ascii=False))
    else:
        _cases_models.say_end(console, plan.terms, ended, [one for audit in made.rounds for one in audit.tallies])
        for number, audit in enumerate(made.rounds if not ended.why else [], 1):
            if len(made.rounds) > 1:
                console.print(f"Round {number}")
            for look in audit.looks:
                _say(console, look)
        if wanted.rounds and not ended.why:
            _say_replaced(console, made)
    if ended.why or made.last.silent:
        raise typer.Exit(_cases_models.code(ended))


def _say(console: Console, look: Look) -> None:
    for line in _lines(look):
        console.print(line, markup=False)


def _lines(look: Look) -> Iterator[str]:
    what = f"{look.by}, shown {WORDS[look.shown]}"
    if look.figure is None:
        yield f"{what}: no figure; {look.why}"
        return
    one = look.figure
    low, high = one.ci
    verdict = "beats chance" if one.beats_chance else "does not beat chance"
    yield (
        f"{what}: {one.hits} of {one.n} right, {one.estimate:.1%} (exact 95 % interval {low:.1%} to {high:.1%}); "
        f"chance is {one.chance:.1%}, p = {one.p:.3g}: {verdict}."
    )
    # Where a classifier is no better than chance, what it got right tells of no case.
    if look.leaks and (one.beats_chance or look.by != "classifier"):
        every = "" if look.by == "classifier" else " in every sample"
        yield f"  Told{every}: {', '.join(look.leaks)}."
    for why in dict.fromkeys(look.left_out.values()):
        keys = [key for key, reason in look.left_out.items() if reason == why]
        yield f"  Not guessed at, for {why}: {', '.join(keys)}."


def _say_replaced(console: Console, made: Replaced) -> None:
    for key, number in made.replaced.items():
        console.print(f"{key}: {number} distractors were drawn anew, and are to be reviewed.", markup=False)
    for key, why in made.stuck.items():
        console.print(f"{key}: left as it was, for {why}.", markup=False)
    if made.replaced:
        console.print("The last figures are of options that this same guesser chose: audit once more by another model.")
    left, unknown = ", ".join(made.last.leaks), ", ".join(made.last.unanswered)
    if left or not unknown:
        console.print(f"Told still: {left}." if left else "No case is told any more.", markup=False)
    if unknown:
        console.print(f"Whether it is told is not known, for no answer could be read: {unknown}.", markup=False)


def _told(made: Replaced) -> dict[str, Any]:
    whole = not made.last.ended.why
    rounds = [[look.as_json() for look in audit.looks] for audit in made.rounds] if whole else []
    told: dict[str, Any] = {"why": made.last.ended.why, "rounds": rounds, "looks": rounds[-1] if rounds else []}
    if whole:
        told |= {"replaced": made.replaced, "stuck": made.stuck, "leaks": made.last.leaks}
    return told
