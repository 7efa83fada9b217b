"""``readerstudy models``: models take part in a study as readers, through the same pages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from commands import _declared, _reading
from commands._choices import Deficit, Distribution, OtherForm, ProbeKind
from commands._data import Where
from commands._study import Slug
from study.database import StudyError

app = typer.Typer(help="Models as readers of a study.", no_args_is_help=True)
app.command()(_declared.check)
app.command()(_declared.schema)
app.command()(_reading.run)
app.command()(_reading.status)
app.command()(_reading.cost)
app.command("import")(_reading.import_)


@app.callback()
def models() -> None:
    """Models as readers of a study."""


@app.command()
def ablate(
    data: Where,
    study: Slug = None,
    tables: Annotated[
        bool, typer.Option("--tables", help="Print the tables alone; an unblinded study has them.")
    ] = False,
    models_file: Annotated[
        Path | None, typer.Option("--models", metavar="FILE", help="The models that this file declares; all without.")
    ] = None,
    only: Annotated[list[str] | None, typer.Option("--only", metavar="MODEL", help="This model; repeatable.")] = None,
    distribution: _reading.AskedFor = Distribution.none,
    budget: _reading.Budget = None,
    dry_run: _reading.DryRun = False,
    no_cache: _reading.NoCache = False,
    permitted_only: _reading.PermittedOnly = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Have models read every condition of an open study's protocol; of an unblinded one, print what came of it.

    The conditions (findings, text removed, a type left out ...) are held against the main reading, case by case.
    """
    from commands import _ablation

    if models_file and not tables and _reading.is_open(data, study):
        asked = _reading.Asked(distribution, budget, no_cache, permitted_only, as_json, dry_run)
        return _reading.read_every_condition(data, study, models_file, only or [], asked)
    if dry_run:
        raise StudyError("A dry run is of models that would read an open study: give --models FILE, and no --tables.")
    if not tables and not models_file:
        raise StudyError("Say what to do: --models FILE has models read, --tables prints accuracy by condition.")
    status, found = _ablation.analysed(data, study, _named(models_file, only))
    if as_json:
        typer.echo(json.dumps(_ablation.as_json(status, found), ensure_ascii=False, indent=2, allow_nan=False))
        return None
    _ablation.show(status, found, Console())
    return None


def _named(models_file: Path | None, only: list[str] | None) -> list[str]:
    """The models asked for: those named, else those declared, else all (none named)."""
    from baselines.declared import read

    declared = [one.name for one in read(models_file)] if models_file else []
    unknown = [name for name in only or () if declared and name not in declared]
    if unknown:
        raise StudyError(f"{models_file} declares no model {unknown[0]!r}; it has: {', '.join(declared)}.")
    return only or declared


@app.command()
def probe(
    data: Where,
    models_file: Annotated[
        Path, typer.Option("--models", metavar="FILE", help="The file that declares models (models.toml).")
    ],
    study: Slug = None,
    only: _reading.Only = None,
    kind: Annotated[
        list[ProbeKind] | None, typer.Option("--kind", help="This probe alone; repeat for several. All without.")
    ] = None,
    paraphraser: Annotated[
        str | None, typer.Option("--paraphraser", metavar="NAME", help="The model that writes the paraphrases.")
    ] = None,
    samples: Annotated[int, typer.Option("--samples", metavar="N", min=1, help="How often each is asked.")] = 1,
    budget: _reading.Budget = None,
    permitted_only: _reading.PermittedOnly = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be asked; send nothing.")] = False,
    as_json: _reading.AsJson = False,
) -> None:
    """Ask models what they may have read: titles, sources, and diagnoses without images or in other words.

    A run that was broken off goes on, and asks again for nothing that is stored. `analyse --contamination` tells what
    came of it.
    """
    from commands import _probe

    kinds = tuple(one.value for one in kind or ())
    chosen = (tuple(only or ()), kinds, paraphraser, samples, budget, permitted_only, dry_run, as_json)
    _probe.probe(data, study, _probe.Asked(models_file, *chosen))


@app.command("sft-mix")
def sft_mix(
    data: Where,
    model: Annotated[str, typer.Option("--model", metavar="M", help="The model that is to be trained.")],
    size: Annotated[int, typer.Option("--size", metavar="N", min=1, help="How many samples.")],
    pool: Annotated[Path, typer.Option("--from", metavar="POOL.jsonl", help="Where to draw from; see docs/models.md.")],
    study: Slug = None,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="A new file; its manifest stands beside.")
    ] = None,
    by: Annotated[Deficit, typer.Option("--by", help="What a type's share is in proportion to.")] = Deficit.difference,
    rest: Annotated[
        float, typer.Option("--rest", min=0, max=0.95, help="The part that is drawn from the pool whatever its type.")
    ] = 0.0,
    without_duplicates: Annotated[
        bool, typer.Option("--without-duplicates", help="Leave near-duplicates of the study's cases out, by name.")
    ] = False,
    others: Annotated[OtherForm, typer.Option("--others", help="As for `analyse --sensitivity`.")] = OtherForm.image,
    seed: Annotated[int, typer.Option("--seed", help="Draws the samples.")] = 0,
) -> None:
    """Write training samples enriched in the types of evidence that a model uses less as images than as findings.

    Never from the study's own cases: near-duplicates are found, and refused by name.
    """
    from commands import _sft_mix
    from study.sensitivity import Settings

    asked = _sft_mix.Asked(size, rest, by.value, seed, without_duplicates)
    typer.echo(_sft_mix.make(data, study, model, pool, to, asked, Settings(others=others.value)))
