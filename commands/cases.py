"""``readerstudy cases ...``: check, look at, import and complete case bundles; no database is needed."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from commands import _cases_import, _cases_preview
from commands._progress import counted
from study import bundle, bundle_write
from study.bundle_report import WARNING_KINDS, Report
from study.schema import bundle_schemas

if TYPE_CHECKING:
    from study.distractors import Proposal

app = typer.Typer(no_args_is_help=True, help="Check, preview, import and complete case bundles.")
app.add_typer(_cases_import.app, name="import")
BundlePath = Annotated[Path, typer.Argument(metavar="PATH", help="The folder that holds study.yaml and cases/.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]


@app.command()
def schema(
    file: Annotated[str | None, typer.Argument(help="case.yaml or study.yaml; both without.")] = None,
) -> None:
    """Print the JSON Schema of the bundle's files."""
    schemas = bundle_schemas()
    if file is not None and file not in schemas:
        _refuse(f"there is no schema of {file!r}; there are {', '.join(schemas)}")
    typer.echo(json.dumps(schemas[file] if file else schemas, indent=2, ensure_ascii=False))


@app.command()
def check(path: BundlePath, as_json: AsJson = False) -> None:
    """List every fault and warning of a bundle by file and field; exit 1 where it has faults."""
    with counted("Checking cases") as progress:
        report = bundle.check(path, progress)
    if as_json:
        typer.echo(json.dumps(report.as_json(), indent=2, ensure_ascii=False))
    else:
        show_report(report)
    raise typer.Exit(0 if report.ok else 1)


@app.command()
def preview(
    path: BundlePath,
    case: Annotated[str | None, typer.Option("--case", help="The key of one case; all without.")] = None,
) -> None:
    """Show what a reader will see, block by block: neither the diagnosis nor which option is right."""
    found = _read(path)
    chosen = [one for one in found.cases if case is None or one.key == case]
    if not chosen:
        _refuse(f"{path} has no case {case!r}; there are {', '.join(one.key for one in found.cases)}")
    for one in chosen:
        _cases_preview.show(Console(), one, found)


@app.command()
def options(
    path: BundlePath,
    pool: Annotated[list[str], typer.Option("--pool", help="A bundle's folder, a CSV of terms, or icd10cm.")],
    count: Annotated[int, typer.Option("--count", min=1, max=9, help="Distractors a case.")] = 3,
    seed: Annotated[int, typer.Option("--seed", help="Orders terms of equal likeness.")] = 0,
) -> None:
    """Propose distractors for cases without options: diagnoses worded alike, each to be reviewed by a clinician."""
    from study import distractors, pools

    found = _read(path)
    try:
        with Console(stderr=True).status("Reading the pools"):
            terms = [term for name in pool for term in pools.read(name)]
    except pools.PoolRefused as error:
        _refuse(str(error))
    with counted("Proposing distractors") as progress:
        proposals = distractors.propose(found.cases, terms, count, seed, progress)
    written = _write_options(found, proposals)
    console = Console()
    console.print(f"{written} of {len(proposals)} case(s) without options got some, out of {len(terms):,} terms.")
    for proposal in (one for one in proposals if one.missing):
        console.print(f"{proposal.case}: {proposal.missing} of {count} distractors found no term that may stand there.")
    if written:
        console.print("Each is marked `review: proposed`: a clinician has to say that the evidence rules it out.")


def _write_options(found: bundle.Bundle, proposals: list[Proposal]) -> int:
    """Write the proposals into the case files, all prepared before the first is touched; how many were written."""
    texts: dict[Path, str] = {}
    for proposal in proposals:
        if proposal.options:
            file = found.path / "cases" / proposal.case / "case.yaml"
            try:
                texts[file] = bundle_write.with_options(file.read_text(encoding="utf-8"), proposal.options)
            except ValueError as error:
                _refuse(f"{file}: {error}; nothing was written")
    for file, text in texts.items():
        fresh = file.with_name(".case.yaml.new")
        fresh.write_text(text, encoding="utf-8")
        os.replace(fresh, file)
    return len(texts)


def show_report(report: Report) -> None:
    """Faults and warnings as a table, or line by line where a program reads, and a closing line that counts."""
    console = Console(soft_wrap=True)
    if not console.is_terminal:
        for notice in (*report.faults, *report.warnings):
            place = notice.file if notice.line is None else f"{notice.file}:{notice.line}"
            typer.echo(f"{notice.level} {notice.kind}: {place}: {notice.field}: {notice.message}")
    elif report.notices:
        table = Table("", "Kind", "File", "Field", "Line", "What was found")
        for notice in (*report.faults, *report.warnings):
            style = "red" if notice.level == "fault" else "yellow"
            line = "" if notice.line is None else str(notice.line)
            cells = (notice.level, notice.kind, notice.file, notice.field, line, notice.message)
            table.add_row(*map(Text, cells), style=style)
        console.print(table)
    for kind, number in report.warning_counts().items():
        console.print(f"{number} x {kind}: {WARNING_KINDS[kind]}; opening a study asks for a reason.", markup=False)
    console.print(
        f"{report.cases} case(s), {report.images} image(s): {len(report.faults)} fault(s), "
        f"{len(report.warnings)} warning(s)." + ("" if report.ok else " The bundle is refused."),
        markup=False,
    )


def _read(path: Path) -> bundle.Bundle:
    try:
        with counted("Reading cases") as progress:
            return bundle.read(path, progress)
    except bundle.BundleRefused as error:
        show_report(error.report)
        raise typer.Exit(1) from error


def _refuse(message: str) -> NoReturn:
    Console(stderr=True).print(message, style="red", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(1)
