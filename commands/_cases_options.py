"""``readerstudy cases options``: distractors out of a model's differential, or out of pools of terms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from commands import _cases_models
from commands._progress import counted
from study import bundle_write
from study.bundle import Bundle
from study.database import StudyError

if TYPE_CHECKING:
    from study.distractors import Proposal

TO_REVIEW = "Each is marked `review: proposed`: a clinician has to say that the evidence rules it out."


def by_pool(found: Bundle, pool: list[str], count: int, seed: int) -> None:
    """Propose diagnoses of these pools for cases without options."""
    from study import distractors, pools

    try:
        with Console(stderr=True).status("Reading the pools"):
            terms = [term for name in pool for term in pools.read(name)]
    except pools.PoolRefused as error:
        raise StudyError(str(error)) from None
    with counted("Proposing distractors") as progress:
        proposals = distractors.propose(found.cases, terms, count, seed, progress)
    written = write(found, proposals)
    console = Console()
    console.print(f"{written} of {len(proposals)} case(s) without options got some, out of {len(terms):,} terms.")
    for proposal in (one for one in proposals if one.missing):
        console.print(f"{proposal.case}: {proposal.missing} of {count} distractors found no term that may stand there.")
    if written:
        console.print(TO_REVIEW)


def by_model(found: Bundle, asked: _cases_models.Asked, count: int) -> None:
    """Propose a model's differential for the cases that have too few; every one of them gets enough, or none does."""
    from baselines.options import proposing
    from baselines.options.terms import cost, permitted

    terms, console = _cases_models.terms(asked), Console(soft_wrap=True, highlight=False)
    wanting = proposing.wanting(found.cases, count)
    if not wanting:
        console.print(f"Every case has {count} distractors already: there is nothing to propose.")
        return
    cases = permitted(terms, wanting)
    with _cases_models.ledger(found, asked) as ledger:
        if asked.dry_run:
            first = proposing.questions(cases, count)
            _cases_models.say_cost(console, terms, cost(ledger, terms, ((one, n) for (_, n), one in first.items())))
            return
        with counted(terms.declared.name) as progress:
            made = proposing.propose(ledger, terms, cases, found.cases, count, watch=progress)
    _cases_models.say_end(console, terms, made.ended, made.tallies)
    for key, missing in made.short.items():
        console.print(f"{key}: {missing} of {count} distractors are missing.", markup=False)
    if made.ended.why or made.short:
        console.print("Nothing was written. What was answered is stored: run it again to go on.", style="red")
        raise typer.Exit(_cases_models.code(made.ended))
    written = write(found, made.proposals.values())
    console.print(f"{written} case(s) have {count} distractors now. {TO_REVIEW if written else ''}".strip())


def write(found: Bundle, proposals: Iterable[Proposal]) -> int:
    """Write the proposals into the case files, or nothing at all; how many were written."""
    lists = {one.case: {"options": one.options} for one in proposals if one.options}
    bundle_write.write_lists(found.path, lists)
    return len(lists)
