"""The demonstration: a study of synthetic cases to read, and the same study already read by bots to look at."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from baselines.bots.simulation import REASON, Simulated, read_models, simulate
from baselines.grading import grade_simulated
from study import demo
from study.bundle import Bundle, read
from study.database import Box, Refused, open_box
from study.database.media import MediaFolder
from study.desk import CoordinatorDesk, SetupDesk
from study.protocol import Protocol, preset
from study.setup import create_study

Progress = Callable[[str, int, int], None]
READ, FINISHED = "demo", "demo-finished"
BOTS = 8
SEED = 20261122


@dataclass(frozen=True)
class Doors:
    """Where the demonstration lies, and the file with the codes of its doors."""

    data: Path
    file: Path


def demonstrate(data: Path, progress: Progress) -> Doors:
    """Make the demonstration in ``data``, or find it there; a set-up that was broken off is completed."""
    doors = Doors(data, data / "demo.json")
    with open_box(data) as box:
        if doors.file.exists():
            return doors
        bundle = read(demo.build(box.server.data / "bundle", lambda done, total: progress("images", done, total)))
        codes = _to_read(box, bundle, progress)
        _finished(box, bundle, progress)
        _write(doors.file, codes)
    return doors


def protocol() -> Protocol:
    """The demonstration's protocol: staged, and alone in giving feedback after each reading."""
    return preset("medsyn-staged").model_copy(update={"feedback": "after_reading"})


def _to_read(box: Box, bundle: Bundle, progress: Progress) -> dict[str, str]:
    """The study that a visitor reads; the codes of its doors, by role."""
    desk = CoordinatorDesk(box.owner)
    study = create_study(
        SetupDesk(box.owner),
        MediaFolder(box.media),
        bundle,
        protocol(),
        READ,
        SEED,
        progress=lambda done, total, _: progress("study", done, total),
    )
    warnings = bundle.report.warning_counts()
    if desk.status(study).state == "draft":
        desk.open(study, warnings, dict.fromkeys(warnings, REASON))
    read_models(box, bundle, study, progress)
    return {role: desk.invite(study, role, name=f"Demo {role}")[1].text for role in ("reader", "coordinator")}


def _finished(box: Box, bundle: Bundle, progress: Progress) -> Simulated | None:
    """The study that bots have read, graded, closed and unblinded."""
    desk = CoordinatorDesk(box.owner)
    try:
        if desk.status(desk.find(FINISHED).study).state == "unblinded":
            return None
    except Refused:
        pass
    played = simulate(box, bundle, protocol(), FINISHED, BOTS, SEED, progress)
    grade_simulated(box.owner, played.study, bundle)
    desk.unblind(played.study, REASON)
    return played


def _write(file: Path, codes: dict[str, str]) -> None:
    """Keep the codes for the app's own process alone."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        json.dump(codes, out)
