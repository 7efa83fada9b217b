"""``readerstudy cases import ...``: public case collections become bundles."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from commands._progress import counted
from study.importing import Imported, ImportRefused, Parsed, write
from study.importing import agentclinic as agentclinic_file
from study.importing import craftmd as craftmd_file
from study.importing.parsed import Progress

app = typer.Typer(no_args_is_help=True, help="Turn a public case collection into a bundle.")
File = Annotated[Path, typer.Argument(metavar="FILE", help="The collection's file.")]
Into = Annotated[Path, typer.Option("--into", metavar="DIR", help="Where the bundle goes: a new or empty folder.")]
Mask = Annotated[bool, typer.Option("--mask-leaks", help="Replace the diagnosis inside the evidence by [masked].")]
Skip = Annotated[bool, typer.Option("--skip-invalid", help="Leave malformed records out, and list them.")]
_Parse = Callable[[Path, Progress], Parsed]


@app.command()
def agentclinic(file: File, into: Into, mask_leaks: Mask = False, skip_invalid: Skip = False) -> None:
    """Import AgentClinic's JSON lines: history, examination and every named test become blocks in order."""
    _import(agentclinic_file.parse, file, into, mask_leaks, skip_invalid)


@app.command()
def craftmd(file: File, into: Into, mask_leaks: Mask = False, skip_invalid: Skip = False) -> None:
    """Import CRAFT-MD's CSV: the vignette becomes one block, its four choices the options."""
    _import(craftmd_file.parse, file, into, mask_leaks, skip_invalid)


def _import(parse: _Parse, file: Path, into: Path, mask: bool, skip: bool) -> None:
    try:
        with counted("Reading records") as progress:
            parsed = parse(file, progress)
        with counted("Writing cases") as progress:
            done = write(parsed, into, mask=mask, skip_invalid=skip, progress=progress)
    except ImportRefused as error:
        Console(stderr=True).print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from error
    for line in _told(parsed, done):
        typer.echo(line)


def _told(parsed: Parsed, done: Imported) -> list[str]:
    """What the import did, left out and did not know, line by line."""
    kinds = ", ".join(f"{kind} {number}" for kind, number in done.types.most_common())
    lines = [f"{done.cases} case(s) of {parsed.source} in {done.folder}. Blocks: {kinds}."]
    lines += [f"Left out, line {refusal.line}: {refusal.message}" for refusal in done.left_out]
    lines += [f"Not taken over: {name} ({number} record(s))." for name, number in parsed.left_out.most_common()]
    lines += [
        f"Unknown name {name!r} ({number}): put in `other` or `unspecified`." for name, number in parsed.unknown.items()
    ]
    fate = "masked" if done.masked else "left as it is; --mask-leaks masks it"
    lines += [f"Leak in {key}: {', '.join(fields)} names the diagnosis ({fate})." for key, fields in done.leaks.items()]
    lines.append(f"{len(done.leaks)} of {done.cases} case(s) name their diagnosis inside the evidence.")
    if done.unspecified:
        lines.append(f"{done.unspecified} case(s) have the specialty `unspecified`: the source names none.")
    if done.no_options:
        lines.append(f"{done.no_options} case(s) have no options; `readerstudy cases options` proposes some.")
    return lines
