"""``readerstudy study push|pull|stay``: a study from the data folder to the Supabase project, or the other way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer
from rich.console import Console

from commands._data import Data, Where, opened
from commands._progress import stages
from commands._study import Slug, find_study
from study.database import Record, StudyError, open_box

if TYPE_CHECKING:
    from study.moving.move import Moved

GiveUp: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--give-up",
        metavar="REASON",
        help="Remove what has arrived so far, and let the study go on where it was; not once it has arrived.",
    ),
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON for another program.")]
Reason: TypeAlias = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept in the study's chain.")]


def push(data: Data, study: Slug = None, give_up: GiveUp = None, as_json: AsJson = False) -> None:
    """Move a study from the data folder to the project of SUPABASE_URL; the same again goes on where it broke.

    The study must not be open. All of it moves, is compared row by row and checked there; what stays here can be read,
    and takes no acts any more. Nothing is overwritten.
    """
    with open_box(data) as box, _project() as project:
        _carry(box, project, study, give_up, as_json)


def pull(data: Data, study: Slug = None, give_up: GiveUp = None, as_json: AsJson = False) -> None:
    """Move a study from the project of SUPABASE_URL to the data folder; the same again goes on where it broke.

    The study must not be open. All of it moves, is compared row by row and checked here; what stays there can be read,
    and takes no acts any more. Nothing is overwritten, the original of a study that was pushed as little as another.
    """
    with _project() as project, open_box(data) as box:
        _carry(project, box, study, give_up, as_json)


def stay(data: Where, reason: Reason, study: Slug = None) -> None:
    """Let a study that was moved go on here; only where its other copy is gone for good.

    A move that has not ended is given up with `push --give-up` or `pull --give-up` instead.
    """
    from study.moving.move import stay as let_stay

    with opened(data) as record:
        found = find_study(record.owner, study)
        let_stay(record, found, reason)
        _say(f"The study goes on in {record.name}.")


@contextmanager
def _project() -> Iterator[Record]:
    """The project that the environment names, of this program's form."""
    from study.database.project import open_project, settings  # a box needs none of Supabase's libraries

    given = settings()
    if given is None:
        raise StudyError("SUPABASE_URL and SUPABASE_KEY name the project on the other side; neither is set.")
    with open_project(given) as project:
        project.check()
        yield project


def _carry(source: Record, target: Record, slug: str | None, give_up: str | None, as_json: bool) -> None:
    from study.moving.move import give_up as end
    from study.moving.move import move

    study = find_study(source.owner, slug)
    if give_up is not None:
        end(source, target, study, give_up)
        _say(f"Nothing of the study is in {target.name}; it goes on in {source.name}.")
        return
    with stages() as tell:
        done = move(source, target, study, tell)
    if as_json:
        facts = {"study": study, "slug": done.slug, "rows": done.rows, "images": done.images, "to": target.name}
        print(json.dumps(facts | {"holds": done.verdict.holds, "before": done.before}))
    else:
        _show(done, source, target)
    raise typer.Exit(0 if done.verdict.holds else 1)


def _show(done: Moved, source: Record, target: Record) -> None:
    from commands.verify import show

    if done.before:
        _say(f"{done.slug} had arrived in {target.name} before.")
    else:
        counted = f"{done.rows:,} rows and {done.images} images, as they were in {source.name}"
        _say(f"{done.slug} is in {target.name}: {counted}.")
    show(done.verdict)


def _say(sentence: str) -> None:
    Console(soft_wrap=True, highlight=False).print(sentence, markup=False)
