"""``readerstudy doctor``: whether this machine, and the folder or project it is set to, can run a study."""

from __future__ import annotations

import importlib.metadata
import json
import platform
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from commands._data import Where, chosen, chosen_project
from commands.study import AsJson
from study.database import StudyError, open_box
from study.database.examination import Finding, mend, ok
from study.database.examination_inside import inside

if TYPE_CHECKING:
    from pathlib import Path

app = typer.Typer()
COLOURS = {"ok": "green", "mend": "red", "not shown": "yellow"}


@app.command()
def doctor(
    data: Where,
    mail: Annotated[
        str | None, typer.Option("--mail", metavar="ADDRESS", help="Have a code sent there, and ask what arrived.")
    ] = None,
    readers: Annotated[
        int, typer.Option("--readers", min=1, help="How many will sign in behind one address, for the rate limits.")
    ] = 50,
    as_json: AsJson = False,
) -> None:
    """Say what must be mended before a study runs here; exit code 1 where something must.

    Of a data folder: the database is started, migrated and examined. Of the Supabase project of SUPABASE_URL: its
    address, exposure, grants, images, sign-in and clock from outside; its rights from inside, for its owner; its mail
    server, templates and rate limits with SUPABASE_ACCESS_TOKEN. It changes nothing.
    """
    found = list(_findings(data, mail, readers))
    bad = sum(finding.state == "mend" for finding in found)
    if as_json:
        print(json.dumps({"ok": not bad, "findings": [asdict(finding) for finding in found]}, ensure_ascii=False))
    else:
        _show(found, bad)
    if bad:
        raise typer.Exit(1)


def _findings(data: Path | None, mail: str | None, readers: int) -> Iterator[Finding]:
    ours = f"Python {platform.python_version()}, readerstudy {importlib.metadata.version('readerstudy')}."
    yield ok("machine", ours)
    try:
        project = chosen_project(data)
    except StudyError as fault:
        yield mend("settings", str(fault), "Set SUPABASE_URL and SUPABASE_KEY as the dashboard shows them.")
        return
    if project is None:
        yield from _of_box(chosen(data))
        return
    from study.database.examiner import Wishes, examine_project  # a box needs none of Supabase's libraries

    yield from examine_project(project, Wishes(readers, mail, _arrived))


def _of_box(data: Path) -> Iterator[Finding]:
    try:
        with open_box(data) as box:
            box.wire(None).call("about")
            yield ok("database", f"{data}: the database runs and its schema is this version's.")
            yield from inside(box.owner)
    except StudyError as fault:
        yield mend("database", str(fault), "Mend this, or choose another folder with --data.")


def _arrived(address: str) -> str | None:
    """What somebody at the terminal says; None where nobody is there."""
    try:
        return str(typer.prompt(f"What came to {address}? Its code, or 'link', or 'nothing'", err=True))
    except typer.Abort:
        return None


def _show(found: list[Finding], bad: int) -> None:
    table = Table("what", "state", "seen, and what to do")
    for finding in found:
        told = f"{finding.seen}\n-> {finding.do}" if finding.do else finding.seen
        table.add_row(finding.check, Text(finding.state, COLOURS[finding.state]), Text(told))
    console = Console()
    console.print(table)
    unseen = sum(finding.state == "not shown" for finding in found)
    if bad:
        console.print(f"{bad} to mend.", style="red")
    elif unseen:
        console.print(f"Nothing to mend in what was seen; {unseen} could not be seen.")
    else:
        console.print("Everything that a study needs is here.")
