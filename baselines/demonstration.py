"""The demonstration: a study of synthetic cases to read, and the same study already read by bots to look at."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from baselines.bots.simulation import REASON, door, prepare, read_models, simulate
from baselines.grading import grade_simulated
from study import demo
from study.bundle import Bundle, read
from study.database import Box, StudyError, open_box
from study.desk import CoordinatorDesk
from study.protocol import Protocol, preset

Progress = Callable[[str, int, int], None]
READ, FINISHED = "demo", "demo-finished"
MARK = "demonstration"
"""The file that says of a data folder that it was made for a demonstration."""
BOTS = 8
PLACES = 60
SEED = 20261122


@dataclass(frozen=True)
class Doors:
    """Where the demonstration lies, and the file with the codes of its doors."""

    data: Path
    file: Path


def demonstrate(data: Path, progress: Progress, bundle: Path | None = None) -> Doors:
    """Make the demonstration in ``data``, or find it there; one that was broken off anywhere is completed.

    ``bundle`` is shown instead of the demo's own cases where one is given.
    """
    doors = Doors(data, data / "demo.json")
    if doors.file.exists():
        return doors
    with open_box(data) as box:
        (data / MARK).touch(mode=0o600)
        cases = read(bundle) if bundle else demo_cases(box.server.data, progress)
        study = prepare(box, cases, protocol(), READ, PLACES, SEED, progress)
        read_models(box, study, progress=progress)
        finished = _finished(box, cases, progress)
        codes = {role: door(box, study, role, f"Demo {role}") for role in ("reader", "coordinator")}
        _write(doors.file, codes | {"analyst": door(box, finished, "analyst", "Demo analyst")})
    return doors


def demo_cases(data: Path, progress: Progress) -> Bundle:
    """The demo's own bundle, drawn into ``data`` where it is not there yet."""
    try:
        return read(demo.build(data / "bundle", lambda done, total: progress("drawing the demo's images", done, total)))
    except demo.NotADemo as fault:
        raise StudyError(str(fault)) from None


def protocol() -> Protocol:
    """The demonstration's protocol: staged, and alone in giving feedback after each reading."""
    return preset("medsyn-staged").model_copy(update={"feedback": "after_reading"})


def _finished(box: Box, bundle: Bundle, progress: Progress) -> str:
    """The study that bots have read, graded, closed and unblinded; its id."""
    desk = CoordinatorDesk(box.owner)
    there = next((row for row in desk.studies() if row.slug == FINISHED), None)
    if there and there.state == "unblinded":
        return there.study
    played = simulate(box, bundle, protocol(), FINISHED, BOTS, SEED, progress)
    grade_simulated(box.owner, played.study, bundle)
    desk.unblind(played.study, REASON)
    return played.study


def _write(file: Path, codes: dict[str, str]) -> None:
    """Keep the codes for the app's own process alone; the file appears whole, as the last thing that is done."""
    handle, made = tempfile.mkstemp(dir=file.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        json.dump(codes, out)
    os.replace(made, file)
