"""``readerstudy analyse``: the gap of humans and of models from a long table, with its uncertainty."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from commands import _table_file
from commands._choices import Estimator, OtherForm
from commands._data import Where
from study.database.wire import StudyError

if TYPE_CHECKING:
    from scoring.analysis import Analysis, Group, ModelAgainstPanel
    from scoring.comparing import Figure


app = typer.Typer()
DIFFERENCES = (
    "difference_models_fixed",
    "within_case_models_fixed",
    "difference",
    "within_case",
    "readers_fixed",
    "cases_fixed",
    "pooled",
)


@app.command()
def analyse(
    data: Where,
    file: Annotated[
        Path | None, typer.Argument(help="CSV: reader, group (human|model), case, ddx, fdx[, run][, options].")
    ] = None,
    study: Annotated[
        str | None, typer.Option("--study", metavar="S", help="An unblinded study of the data folder, by short name.")
    ] = None,
    pooled: Annotated[
        bool, typer.Option("--pooled", help="Also the difference with equal variances assumed, which models break.")
    ] = False,
    mixed: Annotated[
        bool, typer.Option("--mixed", help="Also mixed models, linear and logistic, with crossed readers and cases.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    sensitivity: Annotated[
        bool, typer.Option("--sensitivity", help="How far each type of evidence moves the models' answers.")
    ] = False,
    contamination: Annotated[
        bool, typer.Option("--contamination", help="Models' results before and after their knowledge cut-off.")
    ] = False,
    cutoff: Annotated[
        list[str] | None,
        typer.Option("--cutoff", metavar="MODEL=DATE", help="In place of the cut-off that was declared; repeatable."),
    ] = None,
    only: Annotated[list[str] | None, typer.Option("--only", metavar="MODEL", help="This model; repeatable.")] = None,
    estimator: Annotated[
        Estimator | None, typer.Option("--estimator", help="Of the distributions; the first there is without.")
    ] = None,
    others: Annotated[
        OtherForm, typer.Option("--others", help="The form of all other evidence beside a finding.")
    ] = OtherForm.image,
    log_base: Annotated[float, typer.Option("--log-base", help="2 for bits, 2.718281828 for nats.")] = 2.0,
    draws: Annotated[int, typer.Option("--draws", min=100, help="Draws for the intervals of sensitivities.")] = 2000,
    seed: Annotated[int, typer.Option("--seed", help="Draws samples, cases and halves.")] = 20_260_225,
    plots: Annotated[
        Path | None, typer.Option("--plots", metavar="DIR", help="Write a scatter of each model there (SVG).")
    ] = None,
) -> None:
    """Estimate coverage, selection and the gap between them, by group and reader: of a table, or of a study.

    With --sensitivity: how far each type of evidence moves the models' answers, as image and as expert finding.
    With --contamination: results on cases that were public before a model's knowledge cut-off, and on later ones.
    """
    if (file is None) == (study is None):
        raise StudyError("Give either a CSV file, or --study S for an unblinded study.")
    if (sensitivity or contamination) and study is None:
        raise StudyError("Models' sensitivity and contamination are analysed of a study: give --study S.")
    if sensitivity and contamination:
        raise StudyError("Ask for --sensitivity or for --contamination, one at a time.")
    of_model = {"--estimator": bool(estimator), "--others": others != OtherForm.image, "--log-base": log_base != 2.0}
    of_model |= {"--draws": draws != 2000, "--seed": seed != 20_260_225, "--plots": bool(plots)}
    _refuse("--sensitivity", sensitivity, of_model)
    _refuse("--contamination", contamination, {"--cutoff": cutoff})
    _refuse("--sensitivity or --contamination", sensitivity or contamination, {"--only": only})
    _refuse("the analysis of the gap", not (sensitivity or contamination), {"--pooled": pooled, "--mixed": mixed})
    if contamination:
        _contamination(data, study, only or [], cutoff or [], as_json)
        return
    if sensitivity:
        settings = {"estimator": estimator and estimator.value, "others": others.value, "base": log_base}
        _sensitivity(data, study, settings | {"draws": draws, "seed": seed}, only or [], plots, as_json)
        return
    if study is not None:
        from commands import _analyse_study

        found = _analyse_study.analysed(data, study, pooled=pooled, mixed=mixed, findings=as_json)
        plain, analysis = _analyse_study.as_json(found), found.analysis
        if not as_json:
            _analyse_study.show(found, Console())
    elif file is not None:
        analysis = _analysed(file, pooled)
        plain = analysis.to_json()
        if mixed:
            from commands import _mixed

            plain |= _mixed.of_table(file)
    if as_json:
        typer.echo(json.dumps(plain, ensure_ascii=False, indent=2, allow_nan=False))
    elif analysis is not None:
        _print(analysis)
        if file is not None and mixed:
            _mixed.show(plain, Console())


def _refuse(whose: str, asked: bool, given: Mapping[str, object]) -> None:
    """Raises ``StudyError`` for what belongs to an analysis that was not asked for: it would be passed over unsaid."""
    names = [name for name, value in given.items() if value]
    if names and not asked:
        raise StudyError(f"{', '.join(names)}: for {whose} alone; leave it out, or ask for that.")


def _contamination(data: Path | None, slug: str | None, only: list[str], cutoffs: list[str], as_json: bool) -> None:
    from commands import _contamination as told

    status, found = told.analysed(data, slug, only, cutoffs)
    probes = told.probed(data, status.study, only)
    if as_json:
        typer.echo(json.dumps(told.as_json(status, found, probes), ensure_ascii=False, indent=2, allow_nan=False))
        return
    told.show(status, found, probes, Console())


def _sensitivity(
    data: Path | None, slug: str | None, chosen: dict[str, Any], only: list[str], plots: Path | None, as_json: bool
) -> None:
    from commands import _sensitivity as told
    from study.sensitivity import Settings

    status, found = told.analysed(data, slug, Settings(**chosen), only)
    written = told.write_plots(status, found, plots) if plots else []
    if as_json:
        typer.echo(json.dumps(told.as_json(status, found), ensure_ascii=False, indent=2, allow_nan=False))
        return
    told.show(status, found, Console())
    for path in written:
        typer.echo(f"The scatter is in {path}.")


def _analysed(file: Path, pooled: bool) -> Analysis:
    from scoring import analysis
    from scoring.estimates import TooLittleData

    try:
        return analysis.analyse(_table_file.read(file), pooled=pooled)
    except (StudyError, TooLittleData) as error:
        told = f"{file} was not analysed: {error}." if isinstance(error, TooLittleData) else str(error)
        typer.echo(told, err=True)
        raise typer.Exit(1) from None


def _print(analysis: Analysis) -> None:
    console = Console()
    for name, group in (("Humans", analysis.human), ("Models", analysis.models)):
        if group is not None:
            console.print(_group(name, group))
    if any(getattr(analysis, name) is not None for name in DIFFERENCES):
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
    for name in sorted(DIFFERENCES, key=lambda name: name != analysis.leads):
        figure = getattr(analysis, name)
        if figure is not None:
            table.add_row(figure.method, *_row(figure))
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
    for column in first:
        table.add_column(column, overflow="fold")  # On a narrow screen names go on below: numbers stay whole.
    for column in ("estimate", "95 % CI", "SE", "df", "p", "n"):
        table.add_column(column, no_wrap=True)
    return table


def _row(figure: Figure | ModelAgainstPanel) -> tuple[str, ...]:
    interval = "–" if figure.ci is None else f"{_plain(figure.ci[0])}, {_plain(figure.ci[1])}"
    se = "–" if figure.se is None else f"{figure.se:.4f}"
    df = "–" if figure.df is None else "∞" if math.isinf(figure.df) else f"{figure.df:.1f}"
    p = "–" if figure.p is None else "<.0001" if figure.p < 1e-4 else f"{figure.p:.4f}"
    return (_plain(figure.estimate), interval, se, df, p, str(figure.n))


def _plain(value: float) -> str:
    return f"{round(value, 3) + 0.0:.3f}"  # Nothing is shown as a negative nought.
