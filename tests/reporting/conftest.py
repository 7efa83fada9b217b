"""An unblinded study of three readers and two models, graded, and its report: made once, to be looked at only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from study.database import Box, Wire, open_box
from study.desk import AnalystDesk, GraderDesk
from study.grading import waiting
from study.reporting.source import Source, source
from study.reporting.write import EXPORT, report
from study.results import planned_scale
from tests.conftest import open_folder
from tests.small_study import TRUTHS, SmallStudy, small_study

LINES = (["Flu", "Gout"], ["Pneumonia", "Croup"], ["Otosclerosis", "Pneumonia", "Gout"])


@dataclass
class Reported:
    """A study in its box, and where its report lies."""

    box: Box
    data: Path
    study: SmallStudy
    folder: Path

    @property
    def source(self) -> Source:
        """The report's export, read back."""
        return source(self.folder / EXPORT)

    @property
    def analyst(self) -> AnalystDesk:
        """The record as an analyst sees it."""
        return AnalystDesk(self.box.owner)


def silent(what: str, done: int, total: int) -> None:
    """For whom nobody watches."""


def measure(made: SmallStudy, reader: Wire) -> None:
    """The reader's browser measures the first page of the first case that counts."""
    practice, first, *_ = made.readings(reader)
    made.read(reader, practice["reading"], ["Gout"])
    page: Any = reader.call("open_reading", reading=first["reading"], visit=None)
    page = made.turn(reader, page, {}) if page["step"] < 0 else page
    where = {"reading": page["reading"], "step": page["step"], "attempt": page["attempt"]}
    made.act("mark_ready", reader, **where, client={})
    body: Any = {"visible_ms": 40, "hidden_ms": 10, "idle_ms": 0}
    reader.call("save_telemetry", **where, tab="t", number=1, body=body)


def grade_all(made: SmallStudy, grade: int = 2, source: str = "me", every: bool = False) -> None:
    """Give every waiting line the same grade, or every line that is not the diagnosis itself."""
    scale, desk = planned_scale(None), GraderDesk(made.home.owner)
    queue = desk.queue(made.study)
    lines = [one for one in queue.lines if one.line not in TRUTHS.values()] if every else None
    given = {"scale": scale.id, "version": scale.version, "source": source, "grade": grade}
    items = [{"case": one.case, "line": one.line, **given} for one in lines or waiting(queue, made.study, scale)]
    desk.save(made.study, items)


@pytest.fixture(scope="session")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reported]:
    """The study and its report; a fourth reader stopped in the middle."""
    with open_folder() as data, open_box(data) as box:
        made = small_study(box)
        for lines in LINES:
            made.read_all(made.add_reader(), lines)
        stopped = made.add_reader()
        measure(made, stopped)
        for row in made.readings(stopped)[:2]:
            made.read(stopped, row["reading"], ["Gout"])
        made.add_model("clever", ["Pneumonia", "Gout", "Otosclerosis"])
        made.add_model("simple", ["Gout"])
        made.close()
        grade_all(made)
        made.act("unblind", study=made.study, reason="done")
        folder = tmp_path_factory.mktemp("report") / "out"
        report(box.owner, made.study, folder, silent)
        yield Reported(box, data, made, folder)
