"""``readerstudy grade``: the queue of diagnoses that wait for a grade, to a file and back, or to models that judge."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from commands._data import Where, opened
from commands._study import Slug, find_study, studies
from study.database import StudyError, Wire

app = typer.Typer()


@app.command()
def grade(
    data: Where,
    study: Slug = None,
    to: Annotated[Path | None, typer.Option("--to", metavar="FILE", help="Write the queue to this CSV file.")] = None,
    source: Annotated[Path | None, typer.Option("--from", metavar="FILE", help="Take the grades of this file.")] = None,
    judge: Annotated[
        list[str] | None, typer.Option("--judge", metavar="NAME", help="Have this model judge; two at least.")
    ] = None,
    models: Annotated[Path | None, typer.Option("--models", metavar="FILE", help="Declares the judges.")] = None,
    scale: Annotated[str, typer.Option("--scale", help="kanjee2023, amie, sdbench or craftmd.")] = "kanjee2023",
    seed: Annotated[int, typer.Option("--seed", help="Draws the order of the lines, and samples of them.")] = 0,
    by: Annotated[str, typer.Option("--by", help="Who graded, as stored with each grade.")] = "human",
    regrade: Annotated[bool, typer.Option("--regrade", help="Write lines that have a grade already, too.")] = False,
    one_is_enough: Annotated[
        bool, typer.Option("--one-judge-is-enough", help="Take one judge's word; every result will say so.")
    ] = False,
    allow_family: Annotated[
        list[str] | None,
        typer.Option("--allow-family", metavar="NAME", help="Let judges of a family that took part grade."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--judge-everything", help="Ask about lines that equal the diagnosis, too.")
    ] = False,
    repeat: Annotated[int, typer.Option("--repeat", min=0, help="Judge a sample of the lines so often more.")] = 0,
    of: Annotated[
        float, typer.Option("--of", min=0.0, max=1.0, help="The share that --repeat or --regrade takes.")
    ] = 1.0,
    permitted_only: Annotated[
        bool, typer.Option("--permitted-only", help="Leave cases that may not be sent outside to humans.")
    ] = False,
    budget: Annotated[float | None, typer.Option("--budget", metavar="USD", min=0, help="Spend no more.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what judges would be asked; ask nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what the judges did as JSON.")] = False,
) -> None:
    """Write the diagnoses that wait for a grade to a CSV file (--to), take the grades of one (--from), or have models
    judge them (--judge, --models).

    Lines of humans and models are mixed and shuffled and name no author. Lines that equal the diagnosis need no grader.
    """
    if (to is not None) + (source is not None) + bool(judge) != 1:
        raise StudyError(
            "Give one of --to FILE, to write the queue, --from FILE, to take its grades, or --judge NAME for each "
            "model that is to judge, with --models FILE."
        )
    if judge:
        from commands import _judge

        asked = _judge.Asked(
            judges=tuple(judge),
            models=models,
            scale=scale,
            seed=seed,
            one_is_enough=one_is_enough,
            allow_family=tuple(allow_family or ()),
            everything=everything,
            repeat=repeat,
            of=of,
            permitted_only=permitted_only,
            budget=budget,
            dry_run=dry_run,
            as_json=as_json,
        )
        _judge.judge(data, study, asked)
        return
    _refuse_of_judges(
        {
            "--models": models,
            "--one-judge-is-enough": one_is_enough,
            "--allow-family": allow_family,
            "--judge-everything": everything,
            "--repeat": repeat,
            "--permitted-only": permitted_only,
            "--budget": budget is not None,
            "--dry-run": dry_run,
            "--json": as_json,
        }
    )
    with opened(data) as record:
        found = find_study(record.owner, study)
        slug = next(one["slug"] for one in studies(record.owner) if one["study"] == found)
        if to is not None:
            told = _write(record.owner, found, slug, to, scale, seed, of if regrade else None)
        elif source is not None:
            told = _take(record.owner, found, slug, source, by)
    Console(soft_wrap=True, highlight=False).print(told, markup=False)


def _refuse_of_judges(given: Mapping[str, object]) -> None:
    """Raises ``StudyError`` for what is said of judges where none is named: it would be passed over unsaid."""
    names = [name for name, value in given.items() if value]
    if names:
        raise StudyError(f"{', '.join(names)} is said of judges: name them with --judge, or leave it out.")


def _write(wire: Wire, study: str, slug: str, to: Path, name: str, seed: int, again: float | None) -> str:
    """Write the lines that wait, and of those that have a grade the share ``again``."""
    from study import grading
    from study.desk import CoordinatorDesk
    from study.desk.others import GraderDesk
    from study.plan import asks_source

    scale = grading.scale_of(name)
    lines = grading.waiting(GraderDesk(wire).queue(study), slug, scale, seed, again is not None, again or 0.0)
    if not lines:
        return f"Nothing of {slug} waits for a grade on {scale.id}; no file was written."
    if to.exists():
        raise StudyError(f"{to} is there already and may hold grades. Name a new file.")
    try:
        guess = asks_source(CoordinatorDesk(wire).status(study).protocol)
        to.write_text(grading.written(lines, slug, scale, guess), "utf-8", newline="")
    except OSError as fault:
        raise StudyError(f"{to} cannot be written ({fault.strerror}). Choose another place.") from None
    cases = len({line.case for line in lines})
    return f"{len(lines)} lines of {cases} cases wait for a grade on {scale.title} (version {scale.version}): {to}"


def _take(wire: Wire, study: str, slug: str, file: Path, by: str) -> str:
    from scoring.adjudication import is_human
    from study import grading
    from study.desk.others import GraderDesk

    if not is_human(by):
        raise StudyError(f"{by!r} is the name of a program's grades; say with --by who graded.")
    desk = GraderDesk(wire)
    filled = grading.read(file, desk.queue(study), slug, by)
    if not filled.grades:
        return f"{file} holds no grade yet; nothing was saved."
    desk.save(study, filled.grades)
    left = len(grading.waiting(desk.queue(study), slug, filled.scale))
    return f"{len(filled.grades)} grades saved ({filled.blank} rows without one); {left} lines still wait."
