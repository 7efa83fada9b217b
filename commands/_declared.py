"""What ``readerstudy models`` says of a file of declared models, before any of them is asked."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

ModelsFile = Annotated[Path, typer.Argument(metavar="FILE", help="The file that declares models, as models.toml does.")]


def check(file: ModelsFile) -> None:
    """Read a file of declared models: refuse it with every fault, or say what each can do and what is warned of."""
    from baselines.declared import read, warnings

    declared = read(file)
    for model in declared:
        able = ", ".join(name for name, can in asdict(model.can).items() if can) or "words alone"
        where = model.answers if model.adapter == "replay" else model.host
        typer.echo(
            f"{model.name}: {model.model} by {model.adapter} at {where}{' (local)' if model.local else ''}; {able}"
        )
    for warning in (warning for model in declared for warning in warnings(model)):
        typer.echo(f"Warning: {warning}.")


def schema() -> None:
    """Print the JSON Schema of models.toml."""
    from baselines.declared import json_schema

    typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
