"""``readerstudy login`` and ``logout``: who the command line is on a Supabase project."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from commands.study import AsJson
from study.database import StudyError
from study.desk import Me, SignIn, VisitorDesk

if TYPE_CHECKING:
    from study.database.accounts import Tokens
    from study.database.project import Project

app = typer.Typer()
PASSWORD = "READERSTUDY_PASSWORD"
TRIES = 3


@app.command()
def login(
    email: Annotated[str | None, typer.Option("--email", help="The address; asked for without.")] = None,
    code: Annotated[str | None, typer.Option("--code", help="A code that was sent to the address before.")] = None,
    password: Annotated[
        bool, typer.Option("--password", help=f"By password: the one in ${PASSWORD}, else asked for.")
    ] = False,
    redeem: Annotated[
        str | None, typer.Option("--redeem", metavar="CODE", help="Take up an invitation by its code.")
    ] = None,
    status: Annotated[bool, typer.Option("--status", help="Say who is signed in, and change nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Sign in to the project of SUPABASE_URL by a code sent by e-mail; the session is kept on this machine."""
    if code and (password or not email):
        raise StudyError("A code goes with the address that it was sent to: give --email and --code, not --password.")
    with _project() as project:
        joined = 0
        if not status and (redeem is None or email or password):
            joined = _sign_in(project, email, code, password)
        desk = VisitorDesk(project.owner)
        if redeem is not None:
            joined += _taken_up(desk.redeem(redeem))
        _tell(project, desk.me(), joined, as_json)


@app.command()
def logout() -> None:
    """End this machine's session on the project of SUPABASE_URL, there and here."""
    from study.database.signing import sign_out

    with _project() as project:
        email = sign_out(project)
        _say(f"{email} is signed out of {project.host}.")


@contextmanager
def _project() -> Iterator[Project]:
    from study.database.project import open_project, settings

    given = settings()
    if given is None:
        raise StudyError(
            "SUPABASE_URL and SUPABASE_KEY name the project to sign in to, and neither is set. "
            "In a data folder on this machine the command line acts as its owner and needs no sign-in."
        )
    with open_project(given) as project:
        yield project


def _sign_in(project: Project, email: str | None, code: str | None, password: bool) -> int:
    """Sign in and keep the session; returns how many invitations that took up."""
    from study.database.signing import sign_in

    address = (email or typer.prompt("E-mail", err=True)).strip()
    if password:
        secret = os.environ.get(PASSWORD) or typer.prompt("Password", hide_input=True, err=True)
        tokens = project.accounts.with_password(address, secret)
    elif code:
        tokens = project.accounts.with_code(address, "".join(code.split()))
    else:
        tokens = _by_code(project, address)
    return sign_in(project, address, tokens)


def _by_code(project: Project, address: str) -> Tokens:
    """Have a code sent and ask for it, again where it was mistyped."""
    from study.database.accounts import SignInRefused

    project.accounts.send_code(address)
    Console(stderr=True).print(f"A code was sent to {address}.", markup=False, highlight=False)
    for left in reversed(range(TRIES)):
        try:
            return project.accounts.with_code(address, "".join(_asked_code(address).split()))
        except SignInRefused as refusal:
            if refusal.reason != "code" or not left:
                raise
            Console(stderr=True).print(str(refusal), markup=False, highlight=False)
    raise AssertionError("the last try returns or raises")


def _asked_code(address: str) -> str:
    try:
        return str(typer.prompt("Code", err=True))
    except typer.Abort:
        raise StudyError(
            f"No code was typed. Go on with `readerstudy login --email {address} --code CODE` once it has arrived."
        ) from None


def _taken_up(answer: SignIn) -> int:
    if answer.ok:
        return 1
    if answer.reason == "paused":
        raise StudyError("Too many wrong codes were tried. Wait a quarter of an hour and try again.")
    raise StudyError(
        f"This is no invitation code that waits for somebody ({answer.tries_left} tries are left). "
        "Look again, or have the study's coordinator make a new one."
    )


def _tell(project: Project, me: Me, joined: int, as_json: bool) -> None:
    from study.database.login import Login

    email = Login.read(project.host, project.accounts).email
    roles = [{"study": one.slug, "role": one.role} for one in me.memberships]
    if as_json:
        print(json.dumps({"host": project.host, "email": email, "owner": me.owner, "joined": joined, "roles": roles}))
        return
    _say(f"{email} is signed in to {project.host}.")
    _say("They own the studies of this project." if me.owner else "They do not own the studies of this project.")
    if joined:
        _say(f"{joined} {'invitation was' if joined == 1 else 'invitations were'} taken up.")
    if roles:
        _say("Roles: " + ", ".join(f"{one['role']} of {one['study']}" for one in roles) + ".")


def _say(words: str) -> None:
    Console().print(words, markup=False, highlight=False, soft_wrap=True)
