"""``readerstudy report``: a study's results as a page, as Markdown with figures, and as a script that repeats them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from commands._data import Where, opened
from commands._progress import stages
from commands._study import Slug, find_study

app = typer.Typer()


@app.command()
def report(
    data: Where,
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="A folder that does not exist yet, or is empty.")],
    study: Slug = None,
) -> None:
    """Write the report of an unblinded study, beside the export that every number of it follows from.

    report.html is one file that needs no network; report.md has its figures beside it; numbers.json holds every number
    by its id, and analysis.py computes each of them again from the export alone.
    """
    from study.reporting.write import report as write

    with opened(data) as record, stages() as tell:
        made = write(record.owner, find_study(record.owner, study), to, tell)
    typer.echo(
        f"The report of {made.study} is in {to}: report.html and report.md with {made.numbers} numbers and "
        f"{made.figures} figures. `readerstudy verify --report {to}` derives each of them again."
    )
