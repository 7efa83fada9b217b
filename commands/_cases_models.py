"""What ``readerstudy cases`` is told of a model: its declaration, its calls' file, what it may cost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from study.bundle import Bundle
from study.database import StudyError

if TYPE_CHECKING:
    from baselines.options.terms import Cost, Terms
    from baselines.running.ledger import Ledger
    from baselines.running.run import Ended
    from baselines.running.tally import Tally

ModelsFile = Annotated[Path | None, typer.Option("--models", help="The file that declares models.")]
Calls = Annotated[Path | None, typer.Option("--calls", help="The file of calls; beside the bundle without.")]
Budget = Annotated[float | None, typer.Option("--budget", min=0.0, help="US dollars that this may cost at most.")]
PermittedOnly = Annotated[bool, typer.Option("--permitted-only", help="Leave out cases that may not be sent outside.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be asked; send and write nothing.")]
SUFFIX = ".calls.jsonl"
INTERRUPTED = 130


@dataclass(frozen=True)
class Asked:
    """What was said on the command line."""

    model: str
    models: Path | None
    calls: Path | None
    budget: float | None
    permitted_only: bool
    dry_run: bool


def terms(asked: Asked) -> Terms:
    """The terms; raises ``StudyError`` where the model is declared nowhere."""
    from baselines.declared import read
    from baselines.options.terms import Terms

    if asked.models is None:
        raise StudyError("Models are declared in a file: name it with --models models.toml.")
    found = {one.name: one for one in read(asked.models)}
    if asked.model not in found:
        raise StudyError(f"{asked.models} declares no model {asked.model!r}; it declares: {', '.join(found)}.")
    return Terms(found[asked.model], asked.budget, asked.permitted_only)


@contextmanager
def ledger(found: Bundle, asked: Asked) -> Iterator[Ledger]:
    """The file of calls, beside the bundle where none is named."""
    from baselines.running.ledger import opened

    folder = found.path.resolve()
    with opened(asked.calls or folder.with_name(folder.name + SUFFIX)) as one:
        yield one


def say_cost(console: Console, terms: Terms, cost: Cost) -> None:
    """What would be asked."""
    dollars = "" if cost.dollars is None else f", about ${cost.dollars:.2f}"
    stored = f"; {cost.stored} answers are stored" if cost.stored else ""
    console.print(
        f"{terms.declared.name}: {cost.calls} calls, about {cost.input_tokens:,} tokens{dollars}{stored}.", markup=False
    )


def say_end(console: Console, terms: Terms, ended: Ended, tallies: list[Tally]) -> None:
    """What was asked, and how it ended."""
    sent, stored = sum(one.sent for one in tallies), sum(one.taken_up for one in tallies)
    failed = sum(sum(one.failed.values()) for one in tallies)
    cost, repeats = sum(one.cost for one in tallies), sum(one.repeats for one in tallies)
    parts = [f"{sent} calls", f"{stored} stored answers", f"{failed} without an answer" if failed else ""]
    parts += [f"{repeats} perhaps paid twice" if repeats else "", f"${cost:.4f}" if cost else ""]
    console.print(f"{terms.declared.name}: {'; '.join(part for part in parts if part)}.", markup=False)
    if ended.why:
        console.print(ended.sentence, style="red", markup=False)


def code(ended: Ended) -> int:
    """The exit status that follows."""
    return INTERRUPTED if ended.why == "interrupted" else 1
