"""``readerstudy export``: a study's record as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from commands._data import Where, opened
from commands._field_files import Fdx, field_files
from commands._progress import counted
from commands._study import Slug, find_study

app = typer.Typer()
Form: TypeAlias = Literal["record", "imrmc", "rjafroc", "or-dbm", "tidy"]


@app.command()
def export(
    data: Where,
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="A folder that does not exist yet, or is empty.")],
    study: Slug = None,
    form: Annotated[Form, typer.Option("--format", help="The record, or its scores for another program.")] = "record",
    fdx: Annotated[
        Fdx | None, typer.Option("--fdx", help="Held against ddx in two-test files; else the plan's.")
    ] = None,
    table: Annotated[
        Path | None,
        typer.Option("--table", metavar="CSV", help="Scores of a table (see analyse) instead of a study's."),
    ] = None,
) -> None:
    """Write answers, stages, events, readings and readers as CSV and Parquet, with a data dictionary and a manifest.

    A running study may be exported. Diagnoses, right options and grades are added once the study is unblinded.
    With another --format, the scores of an unblinded study for iMRMC, RJafroc, OR-DBM and MRMCaov, or lme4 (tidy).
    """
    if form != "record":
        field_files(data, study, table, form, fdx, to)
        return
    if table is not None or fdx is not None:
        raise typer.BadParameter("--table and --fdx need a --format of scores: imrmc, rjafroc, or-dbm or tidy.")
    from study.exporting.export import export as write

    with opened(data) as record, counted("Exporting events") as progress:
        done = write(record.owner, find_study(record.owner, study), to, progress)
    console = Console(soft_wrap=True, highlight=False)
    shown = Table("file", "rows", "bytes", "SHA-256")
    for file in done.files:
        shown.add_row(file.name, f"{file.rows:,}", f"{file.bytes:,}", file.sha256[:16] + "...")
    console.print(shown)
    if done.watermarked:
        console.print(Text("Demonstration with feedback after each reading: not for analysis.", style="yellow"))
    if not done.unblinded:
        console.print("The study is not unblinded: no diagnosis, right option or grade is in these files.")
    console.print(Text(f"{done.study} is in {to}; manifest.json seals every file and names every reading's head."))
