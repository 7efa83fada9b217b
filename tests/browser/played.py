"""A study that bots have read to its end, for whoever analyses it in the browser."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from baselines.bots.simulation import simulate
from baselines.grading import grade_simulated
from study.bundle import read
from study.database import open_box
from study.desk import AnalystDesk, CoordinatorDesk
from study.gap import Gap, computed
from study.protocol import preset
from tests.browser.app_process import AppProcess
from tests.synthetic_bundle import synthetic_bundle


def play(app: AppProcess, folder: Path) -> tuple[str, Gap]:
    """Play, grade and unblind a study of three cases: its id, and its gap."""
    bundle = read(synthetic_bundle(folder / "bundle", 3))
    with open_box(app.data) as box:
        study = simulate(box, bundle, preset("medsyn-staged"), f"played-{uuid4().hex[:6]}", 3, 1).study
        grade_simulated(box.owner, study, bundle)
        desk, analyst = CoordinatorDesk(box.owner), AnalystDesk(box.owner)
        desk.unblind(study, "a test")
        return study, computed(list(analyst.readings(study)), analyst.grades(study), desk.status(study).protocol)
