"""``readerstudy verify``: whether a study's record holds, recomputed outside its database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from commands._data import Data
from commands._progress import counted
from commands._study import Slug, find_study
from study.database import open_box

if TYPE_CHECKING:
    from study.parity import Parity
    from study.verify import Verdict

app = typer.Typer()
SHOWN = 20


@app.command()
def verify(
    data: Data,
    study: Slug = None,
    parity: Annotated[
        bool, typer.Option("--parity", help="Show, stage by stage, whether humans and models saw the same.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")] = False,
) -> None:
    """Recompute chains, projections and hashes of a study outside its database; exit 1 where anything does not hold."""
    from study.verify import verify as check

    with open_box(data) as box, counted("Checking events") as progress:
        verdict = check(box.owner, find_study(box.owner, study), box.media, progress)
    if as_json:
        typer.echo(_json(verdict, parity))
    else:
        show(verdict, parity)
    raise typer.Exit(0 if verdict.holds and not (parity and not verdict.parity.holds) else 1)


def show(verdict: Verdict, parity: bool = False) -> None:
    """Print what does not hold, what was not checked, the stages where asked, and last the line that counts."""
    console = Console(soft_wrap=True, highlight=False)
    for fault in verdict.faults[:SHOWN]:
        console.print(Text(f"does not hold: {fault}", style="red"))
    if len(verdict.faults) > SHOWN:
        console.print(Text(f"... and {len(verdict.faults) - SHOWN} more", style="red"))
    for what in verdict.unchecked:
        console.print(Text(f"not checked: {what}", style="yellow"))
    if parity:
        _show_parity(verdict.parity)
    console.print(Text(verdict.line, style="green" if verdict.holds else "bold red"))


def _show_parity(parity: Parity) -> None:
    table = Table("case", "arm", "stage", "shown", "humans n", "models n", "same?", "difference")
    for stage in parity.stages:
        same = {True: "yes", False: "NO", None: "-"}[stage.same]
        numbers = (str(stage.stage), stage.shown, str(stage.humans), str(stage.models))
        table.add_row(*(Text(cell) for cell in (stage.case, stage.arm, *numbers, same, stage.difference)))
    console = Console()
    console.print(table)
    console.print(Text(f"Parity: {parity.line}"), soft_wrap=True)


def _json(verdict: Verdict, parity: bool) -> str:
    import json
    from dataclasses import asdict

    told: dict[str, Any] = {
        "study": verdict.study,
        "holds": verdict.holds,
        "counted": dict(verdict.counted),
        "faults": [asdict(fault) for fault in verdict.faults],
        "unchecked": list(verdict.unchecked),
    }
    if parity:
        stages = [asdict(stage) for stage in verdict.parity.stages]
        told["parity"] = {"holds": verdict.parity.holds, "left_out": verdict.parity.left_out, "stages": stages}
    return json.dumps(told, ensure_ascii=False, indent=2)
