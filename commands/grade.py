"""``readerstudy grade``: the queue of diagnoses that wait for a clinician's grade, to a file and back."""

from __future__ import annotations

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
    scale: Annotated[str, typer.Option("--scale", help="kanjee2023, amie, sdbench or craftmd.")] = "kanjee2023",
    seed: Annotated[int, typer.Option("--seed", help="Draws the order of the lines.")] = 0,
    by: Annotated[str, typer.Option("--by", help="Who graded, as stored with each grade.")] = "human",
    regrade: Annotated[bool, typer.Option("--regrade", help="Write lines that have a grade already, too.")] = False,
) -> None:
    """Write the diagnoses that wait for a grade to a CSV file (--to), or take the grades of one (--from).

    Lines of humans and models are mixed and shuffled and name no author. Lines that equal the diagnosis need no grader.
    """
    if (to is None) == (source is None):
        raise StudyError("Give either --to FILE, to write the queue, or --from FILE, to take its grades.")
    with opened(data) as record:
        found = find_study(record.owner, study)
        slug = next(one["slug"] for one in studies(record.owner) if one["study"] == found)
        if to is not None:
            told = _write(record.owner, found, slug, to, scale, seed, regrade)
        elif source is not None:
            told = _take(record.owner, found, slug, source, by)
    Console(soft_wrap=True, highlight=False).print(told, markup=False)


def _write(wire: Wire, study: str, slug: str, to: Path, name: str, seed: int, regrade: bool) -> str:
    from study import grading
    from study.desk.others import GraderDesk

    scale = grading.scale_of(name)
    lines = grading.waiting(GraderDesk(wire).queue(study), slug, scale, seed, regrade)
    if not lines:
        return f"Nothing of {slug} waits for a grade on {scale.id}; no file was written."
    if to.exists():
        raise StudyError(f"{to} is there already and may hold grades. Name a new file.")
    try:
        to.write_text(grading.written(lines, slug, scale), "utf-8", newline="")
    except OSError as fault:
        raise StudyError(f"{to} cannot be written ({fault.strerror}). Choose another place.") from None
    cases = len({line.case for line in lines})
    return f"{len(lines)} lines of {cases} cases wait for a grade on {scale.title} (version {scale.version}): {to}"


def _take(wire: Wire, study: str, slug: str, file: Path, by: str) -> str:
    from study import grading
    from study.desk.others import GraderDesk

    desk = GraderDesk(wire)
    filled = grading.read(file, desk.queue(study), slug, by)
    if not filled.grades:
        return f"{file} holds no grade yet; nothing was saved."
    desk.save(study, filled.grades)
    left = len(grading.waiting(desk.queue(study), slug, filled.scale))
    return f"{len(filled.grades)} grades saved ({filled.blank} rows without one); {left} lines still wait."
