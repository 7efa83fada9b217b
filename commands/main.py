"""``readerstudy ...``: the command groups, and one place where a refusal becomes a sentence and exit code 1."""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass

import typer
from rich.console import Console

from study.database.wire import SIGN_IN_FIRST, StudyError


@dataclass(frozen=True)
class Group:
    """One module of ``commands`` whose ``app`` is mounted: under ``name``, or at the top where it has none."""

    module: str
    name: str | None = None


# One line each. A group imports what is slow (pandas, model SDKs) inside its commands, so that --help stays quick.
GROUPS: tuple[Group, ...] = (
    Group("commands.cases", "cases"),
    Group("commands.doctor"),
    Group("commands.login"),
    Group("commands.study", "study"),
    Group("commands.readers", "readers"),
    Group("commands.backup"),
    Group("commands.export"),
    Group("commands.grade"),
    Group("commands.verify"),
    Group("commands.analyse"),
    Group("commands.report"),
    Group("commands.plan"),
    Group("commands.models", "models"),
    Group("commands.simulate"),
    Group("commands.serve"),
)


def build() -> typer.Typer:
    """The whole command line."""
    app = typer.Typer(
        name="readerstudy",
        help="Clinicians and models read the same cases under the same rules.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    app.callback()(_version)
    for group in GROUPS:
        mounted: typer.Typer = importlib.import_module(group.module).app
        app.add_typer(mounted, name=group.name)
    return app


def _version() -> None:
    """Clinicians and models read the same cases under the same rules."""


def run() -> None:
    """The console script. Exit codes: 0 done, 1 refused or not holding, 2 wrongly called, 130 interrupted."""
    try:
        build()()
    except StudyError as fault:
        Console(stderr=True).print(_sentence(fault), style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _sentence(fault: StudyError) -> str:
    """What the fault says, and how one signs in on a command line where that is what it asks for."""
    sentence = str(fault)
    return f"{sentence} Run `readerstudy login`." if sentence == SIGN_IN_FIRST else sentence


if __name__ == "__main__":
    run()
