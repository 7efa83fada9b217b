"""``readerstudy analyse``: the gap of humans and of models from a long table, with its uncertainty."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from commands._data import Where
from study.database.wire import StudyError

if TYPE_CHECKING:
    from scoring.analysis import Analysis, Figure, Group, ModelAgainstPanel


app = typer.Typer()


@app.command()
def analyse(
    data: Where,
    file: Annotated[
        Path | None, typer.Argument(help="CSV: reader, group (human|model), case, ddx, fdx[, run][, options].")
    ] = None,
    study: Annotated[
        str | None, typer.Option("--study", metavar="S", help="An unblinded study of the data folder, by short name.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Estimate coverage, selection and the gap between them, by group and reader: of a table, or of a study."""
    if (file is None) == (study is None):
        raise StudyError("Give either a CSV file, or --study S for an unblinded study.")
    if study is not None:
        from commands import _analyse_study

        found = _analyse_study.analysed(data, study)
        plain, analysis = _analyse_study.as_json(found), found.analysis
        if not as_json:
            _analyse_study.show(found, Console())
    elif file is not None:
        analysis = _analysed(file)
        plain = analysis.to_json()
    if as_json:
        typer.echo(json.dumps(plain, ensure_ascii=False, indent=2, allow_nan=False))
    elif analysis is not None:
        _print(analysis)


def _analysed(file: Path) -> Analysis:
    from scoring import analysis
    from scoring.estimates import TooLittleData
    from scoring.table import TableFaults, read_table

    try:
        return analysis.analyse(read_table(_lines(file)))
    except TableFaults as error:
        listed = "\n".join(f"  {fault}" for fault in error.faults)
        raise _refusal(f"{file} was not analysed; {len(error.faults)} fault(s):\n{listed}") from None
    except TooLittleData as error:
        raise _refusal(f"{file} was not analysed: {error}.") from None


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    except UnicodeDecodeError as error:
        raise _refusal(f"{file} is not UTF-8 text (byte {error.start}); save it as CSV in UTF-8.") from None
    except OSError as error:
        raise _refusal(f"{file} cannot be read: {error.strerror}. Give the path of a CSV file.") from None


def _refusal(message: str) -> typer.Exit:
    typer.echo(message, err=True)
    return typer.Exit(1)


def _print(analysis: Analysis) -> None:
    console = Console()
    for name, group in (("Humans", analysis.human), ("Models", analysis.models)):
        if group is not None:
            console.print(_group(name, group))
    if analysis.difference is not None or analysis.within_case is not None:
        console.print(_differences(analysis))
    console.print(_readers(analysis))
    if analysis.model_vs_panel:
        console.print(_against(analysis.model_vs_panel))
    _print_left_out(console, analysis)


def _print_left_out(console: Console, analysis: Analysis) -> None:
    for note in (*analysis.missing.notes, *analysis.refused):
        console.print(f"• {escape(note)}")
    for cell in analysis.missing.cells:
        left_out = f"{cell.no_row} without a row, {cell.blank} blank, of {cell.cases} cases"
        console.print(f"• {escape(cell.reader)} ({cell.group}), {cell.outcome}: {left_out}")


def _group(name: str, group: Group) -> Table:
    table = _table(f"{name} (readers: {group.readers}, cases: {group.cases})", "outcome")
    for outcome in ("ddx", "fdx", "gap", "lost", "rescued", "fdx_corrected", "gap_corrected"):
        figure = getattr(group, outcome)
        if figure is not None:
            table.add_row(outcome, *_row(figure))
    return table


def _differences(analysis: Analysis) -> Table:
    table = _table("Gap, humans minus models", "comparison")
    for name in ("difference", "difference_models_fixed", "within_case", "within_case_models_fixed"):
        figure = getattr(analysis, name)
        if figure is not None:
            table.add_row(figure.method, *_row(figure))
    table.columns[0].no_wrap = False
    return table


def _readers(analysis: Analysis) -> Table:
    table = Table(title="Readers", title_justify="left")
    for column in ("reader", "group", "n", "ddx", "fdx", "gap"):
        table.add_column(column)
    for reader in analysis.readers:
        shown = ("–" if value is None else f"{value:.3f}" for value in (reader.ddx, reader.fdx, reader.gap))
        table.add_row(escape(reader.reader), reader.group, str(reader.n), *shown)
    return table


def _against(rows: tuple[ModelAgainstPanel, ...]) -> Table:
    table = _table("Panel minus each model", "model", "outcome")
    for row in rows:
        table.add_row(escape(row.model), row.outcome, *_row(row))
    return table


def _table(title: str, *first: str) -> Table:
    table = Table(title=title, title_justify="left")
    for column in (*first, "estimate", "95 % CI", "SE", "df", "p", "n"):
        table.add_column(column, no_wrap=True)
    return table


def _row(figure: Figure | ModelAgainstPanel) -> tuple[str, ...]:
    interval = "–" if figure.ci is None else f"{figure.ci[0]:.3f}, {figure.ci[1]:.3f}"
    se = "–" if figure.se is None else f"{figure.se:.4f}"
    df = "–" if figure.df is None else f"{figure.df:.1f}"
    p = "–" if figure.p is None else "<.0001" if figure.p < 1e-4 else f"{figure.p:.4f}"
    return (f"{figure.estimate:.3f}", interval, se, df, p, str(figure.n))
