"""`readerstudy simulate`: a whole study, read by bots and the offline baselines, exported."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from commands._data import Data
from study.protocol import PRESETS, preset

app = typer.Typer()


@app.command()
def simulate(
    data: Data,
    readers: Annotated[int, typer.Option(min=2, max=200, help="How many bots read.")] = 8,
    seed: Annotated[int, typer.Option(min=0, max=(1 << 48) - 1, help="Draws the allocation and the answers.")] = 0,
    slug: Annotated[
        str | None, typer.Option(help="The study's short name; without, one of the number of readers and the seed.")
    ] = None,
    rules: Annotated[
        str | None, typer.Option("--protocol", metavar="NAME", help=f"{', '.join(PRESETS)}; the demo's own without.")
    ] = None,
    bundle: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A synthetic case bundle; the demo's own without.")
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="DIR", help="Where to export; export/SLUG in the data folder without."),
    ] = None,
) -> None:
    """Play a study from invitation to export: careful, hurried, returning, disconnecting bots, and models.

    The same readers, seed and bundle play the same answers. A simulation that was broken off goes on where it stopped.
    """
    from baselines.bots.simulation import simulate as play
    from baselines.demonstration import demo_cases, protocol
    from commands._progress import stages
    from commands._synthetic import synthetic
    from study.database import open_box
    from study.exporting.export import export

    name = slug or f"simulated-{readers}-{seed}"
    with open_box(data) as box, stages() as tell:
        cases = synthetic(bundle) if bundle else demo_cases(box.server.data, tell)
        played = play(box, cases, preset(rules) if rules else protocol(), name, readers, seed, tell)
        folder = to or _free(box.server.data / "export" / name)
        export(box.owner, played.study, folder)
    typer.echo(
        f"{played.readers} simulated readers and {len(played.models)} models ({', '.join(played.models)}) have read "
        f"the study {name}, which is closed: {played.turns} turns of readers were played now. Synthetic throughout. "
        f"Exported to {folder}."
    )


def _free(folder: Path) -> Path:
    """The folder, or one of that name with a number behind it: an export never overwrites another."""
    folder.parent.mkdir(exist_ok=True, mode=0o700)
    number = 2
    free = folder
    while free.exists():
        free = folder.with_name(f"{folder.name}-{number}")
        number += 1
    return free
