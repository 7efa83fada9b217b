"""``readerstudy models``: models take part in a study as readers, through the same pages."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from commands._data import Where, opened
from commands._study import Slug, find_study
from study.database import StudyError


class Baseline(StrEnum):
    """The baselines that need no key and no network."""

    retrieval = "retrieval"
    chance = "chance"


app = typer.Typer(help="Models as readers of a study.", no_args_is_help=True)


@app.callback()
def models() -> None:
    """Models as readers of a study."""


@app.command()
def run(
    data: Where,
    study: Slug = None,
    only: Annotated[
        list[Baseline] | None,
        typer.Option("--only", help="This baseline alone; repeat for several. Both without."),
    ] = None,
    collection: Annotated[
        Path | None,
        typer.Option(
            metavar="BUNDLE", help="A case bundle to look cases up in; the project's own presentations without."
        ),
    ] = None,
) -> None:
    """Have the baselines that need no key and no network read an open study; a run that was broken off goes on.

    Retrieval leaves out of the collection the case that it reads, its near twins and its translations.
    """
    from baselines.bots.simulation import read_models
    from baselines.collection import OWN, labelled
    from commands._progress import stages
    from study.bundle import BundleRefused, read

    try:
        cases = labelled(read(collection)) if collection else None
    except BundleRefused as refused:
        raise StudyError(str(refused)) from None
    source = collection.resolve().name if collection else OWN
    with opened(data) as record, stages() as tell:
        read_by = read_models(record, find_study(record.owner, study), only or (), cases, source, tell)
    typer.echo(f"{', '.join(read_by)} have read the study; the collection was {source}.")
