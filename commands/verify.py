"""``readerstudy verify``: whether a study's record, or an export of it, holds, recomputed outside its database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from commands._data import Where, opened
from commands._progress import counted
from commands._study import Slug, find_study
from study.database import StudyError

if TYPE_CHECKING:
    from study.audit import Audit
    from study.exporting.manifest import Manifest
    from study.parity import Parity
    from study.reporting.check import Checked
    from study.verify import Verdict

app = typer.Typer()
SHOWN = 20


@app.command()
def verify(
    data: Where,
    export: Annotated[
        Path | None, typer.Argument(metavar="[EXPORT]", help="An export's folder: check its files, without a database.")
    ] = None,
    study: Slug = None,
    against: Annotated[
        Path | None,
        typer.Option("--against", metavar="EXPORT", help="An earlier export, or its manifest.json: shows cut tails."),
    ] = None,
    parity: Annotated[
        bool, typer.Option("--parity", help="Show, stage by stage, whether humans and models saw the same.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="DIR", help="A report's folder: derive each of its numbers again."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")] = False,
) -> None:
    """Recompute chains, projections and hashes of a study outside its database; exit 1 where anything does not hold.

    With an earlier export, the record must also still pass through every head that was taken down then. A report is
    derived again from the export in its folder: a digit that was changed in it, in a figure or in the export is named.
    """
    if report is not None:
        if export is not None or against is not None or parity:
            raise StudyError("A report is checked by itself: leave out --against, --parity and the export's folder.")
        _check_report(report, as_json)
    from study.exporting.manifest import manifest
    from study.verify import verify as check

    earlier = manifest(against) if against else None
    if export is not None:
        _check_export(export, earlier, parity, as_json)
    with opened(data) as record, counted("Checking events") as progress:
        verdict = check(record.owner, find_study(record.owner, study), record.images, progress, earlier)
    if as_json:
        typer.echo(_json(verdict, verdict.parity if parity else None))
    else:
        show(verdict, parity)
    raise typer.Exit(0 if verdict.holds and not (parity and not verdict.parity.holds) else 1)


def _check_export(folder: Path, earlier: Manifest | None, parity: bool, as_json: bool) -> NoReturn:
    """Check the files of an export and end: 1 where anything does not hold."""
    from study.audit import audit

    if parity:
        raise StudyError("Parity is shown from the record: leave out --parity, or the export's folder.")
    with counted("Checking events") as progress:
        found = audit(folder, earlier, progress)
    if as_json:
        typer.echo(_json(found, None))
    else:
        _show_faults(found)
    raise typer.Exit(0 if found.holds else 1)


def _check_report(folder: Path, as_json: bool) -> NoReturn:
    """Derive a report again and end: 1 where anything does not hold."""
    from study.reporting.check import check

    with counted("Checking the report") as progress:
        found = check(folder, progress)
    if as_json:
        typer.echo(_json(found, None))
    else:
        _show_faults(found)
    raise typer.Exit(0 if found.holds else 1)


def show(verdict: Verdict, parity: bool = False) -> None:
    """Print what does not hold, what was not checked, the stages where asked, and last the line that counts."""
    if parity:
        _show_parity(verdict.parity)
    _show_faults(verdict)


def _show_faults(verdict: Verdict | Audit | Checked) -> None:
    console = Console(soft_wrap=True, highlight=False)
    for fault in verdict.faults[:SHOWN]:
        console.print(Text(f"does not hold: {fault}", style="red"))
    if len(verdict.faults) > SHOWN:
        console.print(Text(f"... and {len(verdict.faults) - SHOWN} more", style="red"))
    for what in verdict.unchecked:
        console.print(Text(f"not checked: {what}", style="yellow"))
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


def _json(verdict: Verdict | Audit | Checked, parity: Parity | None) -> str:
    import json
    from dataclasses import asdict

    told: dict[str, Any] = {
        "study": verdict.study,
        "holds": verdict.holds,
        "counted": dict(verdict.counted),
        "faults": [asdict(fault) for fault in verdict.faults],
        "unchecked": list(verdict.unchecked),
    }
    if parity is not None:
        stages = [asdict(stage) for stage in parity.stages]
        told["parity"] = {"holds": parity.holds, "left_out": parity.left_out, "stages": stages}
    return json.dumps(told, ensure_ascii=False, indent=2)
