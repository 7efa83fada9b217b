"""``readerstudy plan``: how many readers and cases a study needs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import typer
from rich.console import Console
from rich.table import Table

from commands._data import Where
from study.database import StudyError

if TYPE_CHECKING:
    from scoring.planning import Basis, Planned

app = typer.Typer()
Compare: TypeAlias = Literal["panel", "models_fixed", "models_random"]
Outcome: TypeAlias = Literal["gap", "ddx", "fdx"]
Spread: TypeAlias = tuple[float, float, float]
TOLD = {
    "panel": "the human panel's mean against zero",
    "models_fixed": "humans minus these models, models fixed",
    "models_random": "humans minus models like these, models random",
}


@app.command()
def plan(
    data: Where,
    file: Annotated[Path | None, typer.Argument(help="A pilot's table (see analyse): its variances are used.")] = None,
    study: Annotated[str | None, typer.Option("--study", metavar="S", help="An unblinded study as the pilot.")] = None,
    human_sd: Annotated[
        Spread | None, typer.Option("--human-sd", metavar="READER CASE REST", help="Stated spreads, without a pilot.")
    ] = None,
    model_sd: Annotated[
        Spread | None, typer.Option("--model-sd", metavar="READER CASE REST", help="The same of the models.")
    ] = None,
    shared: Annotated[
        float, typer.Option("--shared", min=-1, max=1, help="Correlation of a case's human and model part, as stated.")
    ] = 0.5,
    outcome: Annotated[Outcome, typer.Option("--outcome", help="What is scored.")] = "gap",
    compare: Annotated[Compare | None, typer.Option("--compare", help="What is tested; models fixed if any.")] = None,
    effect: Annotated[float, typer.Option("--effect", help="The difference to be found, in score units.")] = 0.1,
    readers: Annotated[str, typer.Option("--readers", help="Numbers of human readers.")] = "4,6,8,12,16,24",
    cases: Annotated[str, typer.Option("--cases", help="Numbers of cases.")] = "25,50,100,200,400",
    models: Annotated[int | None, typer.Option("--models", min=1, help="How many models; else the pilot's.")] = None,
    share: Annotated[float, typer.Option("--share", help="Share of the cases that each human reads.")] = 1.0,
    power: Annotated[float | None, typer.Option("--target-power", min=0.05, max=0.999)] = None,
    width: Annotated[float | None, typer.Option("--target-width", min=0.0, help="Of the 95 % interval.")] = None,
    plots: Annotated[Path | None, typer.Option("--plots", metavar="DIR", help="Write the curves there (SVG).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Power and width of the interval for readers by cases by models, and the smallest design for a target.

    The variances come from a pilot (a table or an unblinded study), or are stated as standard deviations between
    readers, between cases, and of a single answer beside those two.
    """
    from commands import _plan

    stated = _stated(human_sd, model_sd, shared)
    basis, pilot = _plan.basis(data, file, study, stated, outcome)
    models = models or pilot.models
    chosen: Compare = compare or ("models_fixed" if basis.model is not None and models else "panel")
    power = 0.8 if power is None and width is None else power
    numbers = (_numbers("--readers", readers), _numbers("--cases", cases))
    asked = _plan.Asked(chosen, effect, *numbers, models, share, power, width)
    grid, least = _plan.planned(basis, asked)
    if plots is not None:
        _plan.write_curves(asked, grid, plots)
    if as_json:
        typer.echo(json.dumps(_plan.as_json(basis, asked, grid, least), indent=2, allow_nan=False))
        return
    for note in pilot.notes:
        typer.echo(note)
    _show(basis, asked, grid, least, outcome)


def _stated(human: Spread | None, model: Spread | None, shared: float) -> Basis | None:
    from scoring import planning

    if human is None and model is None:
        return None
    if human is None:
        raise StudyError("The models' spreads were given without the humans': add --human-sd READER CASE REST.")
    if min(*human, *(model or (0.0,))) < 0:
        raise StudyError("A standard deviation cannot be below 0.")
    squares = [planning.Spread(*(sd**2 for sd in one)) for one in (human, model) if one is not None]
    covariance = shared * human[1] * model[1] if model is not None else 0.0
    return planning.Basis(squares[0], squares[1] if model is not None else None, covariance)


def _numbers(option: str, words: str) -> list[int]:
    parts = [part.strip() for part in words.split(",")]
    if not all(part.isdigit() and int(part) > 0 for part in parts):
        raise StudyError(f"{option} {words!r} is no list of whole numbers above 0; write them like 4,8,12.")
    return sorted({int(part) for part in parts})


def _show(basis: Basis, asked: Any, grid: list[Planned], least: list[Planned | None], outcome: str) -> None:
    console = Console(highlight=False)
    console.print(f"{outcome}: {TOLD[asked.comparison]}; an effect of {asked.effect:g}, two-sided at .05.")
    for name, spread in (("humans", basis.human), ("models", basis.model)):
        if spread is not None:
            sds = ", ".join(f"{part} {value**0.5:.3f}" for part, value in vars(spread).items())
            console.print(f"Standard deviations of {name}: {sds}.")
    if asked.share < 1:
        console.print(f"Split: each human reads {100 * asked.share:g} % of the cases, models read all.")
    console.print(_table("Power, and width of the 95 % interval", grid))
    target = f"power {asked.power:g}" if asked.power is not None else f"an interval of {asked.width:g}"
    reached = [one for one in least if one is not None]
    if not reached:
        console.print(f"No design with these readers reaches {target}, with however many cases.")
        return
    console.print(_table(f"Fewest cases for {target}", reached))
    missed = len(least) - len(reached)
    if missed:
        console.print(f"{missed} of the numbers of readers do not reach it with however many cases.")
    best = min(reached, key=lambda one: one.design.readers * one.design.cases * one.design.share)
    readings = round(best.design.readers * best.design.cases * best.design.share)
    told = f"Fewest readings: {readings:,}, by {best.design.readers} readers on {best.design.cases:,} cases."
    console.print(told)


def _table(title: str, rows: list[Planned]) -> Table:
    table = Table(title=title, title_justify="left")
    for column in ("readers", "cases", "models", "SE", "df", "width", "power"):
        table.add_column(column, justify="right")
    for one in rows:
        numbers = (one.design.readers, one.design.cases, one.design.models)
        df = "∞" if one.df == float("inf") else f"{one.df:.1f}"
        table.add_row(*map(str, numbers), f"{one.se:.4f}", df, f"{one.width:.3f}", f"{one.power:.3f}")
    return table
