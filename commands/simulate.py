"""`readerstudy simulate`: a whole study of the demonstration's cases, read by bots and the offline baselines."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from commands._data import Data

app = typer.Typer()


@app.command()
def simulate(
    data: Data,
    readers: Annotated[int, typer.Option(min=2, max=200, help="How many bots read.")] = 8,
    seed: Annotated[int, typer.Option(min=0, help="Draws the allocation and the answers.")] = 0,
    slug: Annotated[str, typer.Option(help="The study's short name.")] = "simulated",
    to: Annotated[
        Path | None, typer.Option("--to", metavar="DIR", help="Where to export; default: DIR of the data, export/SLUG.")
    ] = None,
) -> None:
    """Play a study from invitation to export: careful, hurried, returning, disconnecting bots, and models."""
    from baselines.bots import simulate as play
    from baselines.demonstration import protocol
    from commands._progress import stages
    from study import demo
    from study.bundle import read
    from study.database import open_box
    from study.exporting.export import export

    with open_box(data) as box, stages() as tell:
        bundle = read(demo.build(box.server.data / "bundle", lambda done, total: tell("images", done, total)))
        played = play(box, bundle, protocol(), slug, readers, seed, tell)
        folder = to or box.server.data / "export" / slug
        export(box.owner, played.study, folder)
    typer.echo(
        f"{played.readers} simulated readers and {len(played.models)} models ({', '.join(played.models)}) read the "
        f"study {slug!r}: {played.turns} turns by readers. Synthetic throughout. Exported to {folder}."
    )
