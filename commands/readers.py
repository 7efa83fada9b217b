"""``readerstudy readers``: who takes part. Codes are shown once, here; the record keeps their hashes."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

from commands._data import Where, opened
from commands._study import Slug, find_study
from commands.study import AsJson, Reason
from study.codes import Code
from study.database import StudyError
from study.desk import CoordinatorDesk, Person

app = typer.Typer(help="The people of a study and their invitation codes.", no_args_is_help=True)

Who = Annotated[str, typer.Argument(metavar="READER", help="The pseudonym, such as R03.")]


@app.command()
def invite(
    data: Where,
    study: Slug = None,
    number: Annotated[int, typer.Option("--number", "-n", min=1, max=500, help="How many codes.")] = 1,
    role: Annotated[
        Literal["reader", "coordinator", "grader", "analyst", "runner"], typer.Option("--role", help="What they do.")
    ] = "reader",
    name: Annotated[str | None, typer.Option("--name", help="Kept apart from answers, erasable.")] = None,
    email: Annotated[str | None, typer.Option("--email", help="Kept apart from answers, erasable.")] = None,
    trial: Annotated[bool, typer.Option("--trial", help="A test reader, whose record is never analysed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make invitation codes; each is shown once, now."""
    if number > 1 and (name or email):
        raise StudyError("A name or an e-mail belongs to one person: leave out --number.")
    with opened(data) as record:
        desk = CoordinatorDesk(record.owner)
        found = find_study(record.owner, study)
        made = [desk.invite(found, role, name, email, trial) for _ in range(number)]
    _show_codes([(invited.pseudonym or "", code) for invited, code in made], as_json)


@app.command("list")
def list_(data: Where, study: Slug = None, as_json: AsJson = False) -> None:
    """Everybody with a role in the study, and whether their code was used."""
    with opened(data) as record:
        people = CoordinatorDesk(record.owner).people(find_study(record.owner, study))
    if as_json:
        print(json.dumps([person.model_dump(mode="json") for person in people]))
        return
    table = Table("who", "role", "state", "languages", "name", "code")
    for person in people:
        code = "used" if person.redeemed_at else "waiting" if person.invitation else "none"
        who = f"{person.pseudonym}{' (test)' if person.trial else ''}"
        table.add_row(who, person.role, person.state, ", ".join(person.languages), person.name or "", code)
    Console().print(table)


@app.command()
def reissue(reader: Who, data: Where, study: Slug = None, as_json: AsJson = False) -> None:
    """A new code for somebody; the old one and every session begun with it end."""
    with opened(data) as record:
        desk = CoordinatorDesk(record.owner)
        person = _person(desk.people(find_study(record.owner, study)), reader)
        if person.invitation is None:
            raise StudyError(f"{reader} has no code to replace: they are {person.state}.")
        _, code = desk.reissue(person.invitation)
    _show_codes([(person.pseudonym, code)], as_json)


@app.command()
def withdraw(
    reader: Who,
    mode: Annotated[
        Literal["keep", "exclude", "erase"],
        typer.Option("--mode", help="keep their answers, exclude them, or erase what they wrote."),
    ],
    data: Where,
    reason: Reason = "",
    study: Slug = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again before erasing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Withdraw a reader. Erasing removes every answer, draft and name of theirs; the record's chain still holds."""
    if mode == "erase" and not yes:
        typer.confirm(f"Erase everything that {reader} wrote? It cannot be brought back", abort=True)
    with opened(data) as record:
        desk = CoordinatorDesk(record.owner)
        person = _person(desk.people(find_study(record.owner, study)), reader)
        done = desk.withdraw(person.member, mode, reason)
    if as_json:
        print(done.model_dump_json())
        return
    erased = f"; {done.payloads_erased} payloads erased" if mode == "erase" else ""
    Console().print(f"{person.pseudonym} is withdrawn ({mode}){erased}.", highlight=False)


@app.command()
def remove(
    who: Annotated[str, typer.Argument(metavar="WHO", help="The pseudonym of one of the staff, such as G01.")],
    data: Where,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept in the study's record.")],
    study: Slug = None,
    as_json: AsJson = False,
) -> None:
    """Remove somebody who is no reader: what they did stays, their way in ends at once."""
    with opened(data) as record:
        desk = CoordinatorDesk(record.owner)
        person = _person(desk.people(find_study(record.owner, study)), who)
        desk.remove(person.member, reason)
    if as_json:
        print(json.dumps({"removed": person.pseudonym}))
        return
    Console().print(f"{person.pseudonym} is removed; what they did stays in the record.", highlight=False)


@app.command()
def link(
    reader: Who,
    data: Where,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept in the study's record.")],
    study: Slug = None,
    as_json: AsJson = False,
) -> None:
    """Which results are a reader's: the id that exports call them by. The study's record notes who asked, and why."""
    with opened(data) as record:
        desk = CoordinatorDesk(record.owner)
        found = desk.link(_person(desk.people(find_study(record.owner, study)), reader).member, reason)
    if as_json:
        print(found.model_dump_json())
        return
    told = f"{found.pseudonym} is {found.result_id} in the results. The study's record notes that this was asked."
    Console().print(told, highlight=False)


def _person(people: list[Person], pseudonym: str) -> Person:
    for person in people:
        if person.pseudonym == pseudonym and person.kind == "human":
            return person
    names = ", ".join(person.pseudonym for person in people if person.kind == "human")
    raise StudyError(f"There is nobody called {pseudonym!r} in this study; there are: {names}.")


def _show_codes(codes: list[tuple[str, Code]], as_json: bool) -> None:
    if as_json:
        print(json.dumps([{"reader": who, "code": code.text} for who, code in codes]))
        return
    table = Table("who", "invitation code (shown this once)")
    for who, code in codes:
        table.add_row(who, code.text)
    Console().print(table)
