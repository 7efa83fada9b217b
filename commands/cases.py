"""``readerstudy cases ...``: check, look at, import and complete case bundles; no database is needed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from commands import _cases_audit, _cases_import, _cases_models, _cases_options, _cases_preview, _cases_review
from commands._progress import counted
from study import bundle
from study.bundle_report import WARNING_KINDS, Report
from study.schema import bundle_schemas

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
    pool: Annotated[
        list[str] | None, typer.Option("--pool", help="A bundle's folder, a CSV of terms, icd10cm.")
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", help="A declared model: its differential is proposed.")
    ] = None,
    models: _cases_models.ModelsFile = None,
    count: Annotated[int, typer.Option("--count", min=1, max=9, help="Distractors a case.")] = 3,
    seed: Annotated[int, typer.Option("--seed", help="Orders terms of equal likeness.")] = 0,
    calls: _cases_models.Calls = None,
    budget: _cases_models.Budget = None,
    permitted_only: _cases_models.PermittedOnly = False,
    dry_run: _cases_models.DryRun = False,
) -> None:
    """Propose distractors, each to be reviewed by a clinician: a model's differential, or diagnoses worded alike."""
    if bool(pool) == bool(model):
        _refuse("Say where distractors come from: --model NAME --models models.toml, or --pool; one of the two.")
    found = _read(path)
    if model:
        asked = _cases_models.Asked(model, models, calls, budget, permitted_only, dry_run)
        _cases_options.by_model(found, asked, count)
    else:
        _cases_options.by_pool(found, pool or [], count, seed)


@app.command()
def audit(
    path: BundlePath,
    model: Annotated[str | None, typer.Option("--model", help="A declared model that guesses, too.")] = None,
    models: _cases_models.ModelsFile = None,
    shown: Annotated[list[str] | None, typer.Option("--shown", help="options, history, or both.")] = None,
    samples: Annotated[int, typer.Option("--samples", min=1, max=50, help="How often each case is guessed at.")] = 3,
    replace: Annotated[bool, typer.Option("--replace", help="Draw distractors of what leaks anew.")] = False,
    rounds: Annotated[int, typer.Option("--rounds", min=1, max=10, help="How often at most.")] = 3,
    seed: Annotated[int, typer.Option("--seed", help="Draws the order of options for each sample.")] = 0,
    calls: _cases_models.Calls = None,
    budget: _cases_models.Budget = None,
    permitted_only: _cases_models.PermittedOnly = False,
    dry_run: _cases_models.DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Can the right option be told from the options alone, or with the history alone? By a classifier, and a model."""
    found = _read(path)
    asked = _cases_models.Asked(model or "", models, calls, budget, permitted_only, dry_run)
    wanted = _cases_audit.Wanted(tuple(shown or _cases_audit.SHOWN), samples, rounds if replace else 0, seed, as_json)
    _cases_audit.run(found, asked, wanted)


@app.command()
def review(
    path: BundlePath,
    out: Annotated[Path | None, typer.Option("--out", help="Write the list to this CSV file.")] = None,
    take: Annotated[Path | None, typer.Option("--in", help="Read decisions from this CSV file.")] = None,
    by: Annotated[str, typer.Option("--by", help="Who decided, where a line does not say.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="List what was decided, too.")] = False,
) -> None:
    """A clinician's review of distractors as a file: accept, edit or reject, and which block rules it out."""
    if bool(out) == bool(take):
        _refuse("Say --out FILE.csv to write the list, or --in FILE.csv to read decisions; one of the two.")
    found = _read(path)
    if out:
        _cases_review.out(found, out, everything)
    elif take:
        _cases_review.take(found, take, by)


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
