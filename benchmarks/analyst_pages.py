"""The analyst's pages over a large study: with nothing prepared, after the preparation, and once more.

The rows, stages and grades are at hand in this process, as the record's replies are once they have been read; they go
to the process that computes as in the app. Nothing is kept on disk. What is timed is a section's whole run, figures and
tables included. With nothing prepared there is no such process at all: it is started, given the study, and asked. A
section is prepared where everything was computed in the background, as the app begins to do when results are opened;
what that takes, from the start of the process to the last subject, is a row of its own.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from benchmarks.analyst_rows import stages_of, study
from benchmarks.database import Row
from study.desk.staff import Grade
from study.protocol import preset

SECTIONS = (
    "gap",
    "beside",
    "tests",
    "cases",
    "lists",
    "trajectories",
    "sensitivity",
    "agreement",
    "calibration",
    "times",
    "plan",
)
BAR, COLD, PREPARED = 1.0, 5.0, 10.0
"""Seconds of a look, of a cold look, and of processor that the whole preparation may take."""


@dataclass(frozen=True)
class Size:
    """How large the study is."""

    humans: int
    models: int
    cases: int


FULL, QUICK = Size(30, 20, 500), Size(4, 3, 12)


class Held:
    """What an analyst's desk tells of a study, at hand instead of in a database."""

    def __init__(self, size: Size) -> None:
        self.rows, grades = study(size.humans, size.models, size.cases)
        self.timed = stages_of(self.rows)
        self.all = [Grade.model_validate(grade) for grade in grades]

    def readings(self, study: str) -> list[dict[str, Any]]:
        """The rows."""
        return self.rows

    def grades(self, study: str) -> list[Grade]:
        """The grades."""
        return self.all

    def models(self, study: str) -> list[Any]:
        """No model was declared."""
        return []

    def stages(self, study: str) -> list[Any]:
        """What each step released, and humans' times."""
        return self.timed


HELD: dict[str, Held] = {}
PROTOCOL = preset("medsyn-staged").model_dump(mode="json")


def status_of() -> Any:
    """Where the study stands."""
    from study.desk import StudyStatus

    told: dict[str, Any] = {
        "study": "s",
        "slug": "s",
        "synthetic": True,
        "protocol": PROTOCOL,
        "head": "0",
        "results_head": "0",
    }
    return StudyStatus.model_construct(**told, readings={}, readers={}, state="unblinded")


def page(section: str) -> None:
    """One section as the page runs it."""
    from importlib import import_module

    from benchmarks.analyst_pages import HELD, status_of

    import_module(f"streamlit_app.pages.analyst_{section}").section(HELD["study"], status_of())


def rows(size: Size) -> list[Row]:
    """A row a section with nothing prepared, the preparation's own row, and a row a section after it."""
    HELD["study"] = Held(size)
    what = f"{size.humans} readers, {size.models} models, {size.cases} cases"
    cold = [_cold(section, what) for section in SECTIONS]
    return [*cold, _preparation(what), *(_prepared(section, what) for section in SECTIONS)]


def _cold(section: str, what: str) -> Row:
    _forget()
    taken, used = _run(AppTest.from_function(page, args=(section,), default_timeout=900))
    told = f"{taken:.2f} s ({used:.2f} s of the page's processor)"
    return Row(f"analyst's page {section}, nothing prepared, {what}", told, f"under {COLD:.0f} s", taken < COLD)


def _preparation(what: str) -> Row:
    from streamlit_app import analysing

    _forget()
    began, own = time.perf_counter(), _processor()
    desk: Any = HELD["study"]
    wait(analysing.prepare(desk, status_of()))
    taken, own = time.perf_counter() - began, _processor() - own
    assert analysing.RESIDENT.process is not None
    theirs, most = _of_process(analysing.RESIDENT.process.pid)
    used = own + theirs
    told = f"{taken:.1f} s ({used:.1f} s of processor), {most:.0f} MB"
    return Row(f"preparation of all results, {what}", told, f"under {PREPARED:.0f} s of processor", used < PREPARED)


def _prepared(section: str, what: str) -> Row:
    test = AppTest.from_function(page, args=(section,), default_timeout=900)
    (first, used), (second, _) = _run(test), _run(test)
    told = f"first {first:.2f} s ({used:.2f} s of the page's processor), again {second:.2f} s"
    return Row(f"analyst's page {section}, prepared, {what}", told, "each under 1 s", max(first, second) < BAR)


def _forget() -> None:
    """As if nobody had looked: no process, and nothing kept."""
    import streamlit as st

    from streamlit_app import analysing
    from streamlit_app.kept_results import Kept

    analysing.RESIDENT.stop()
    analysing.KEPT = Kept()
    st.cache_resource.clear()


def _of_process(pid: int) -> tuple[float, float]:
    """Seconds of processor that a process has taken, and the most memory that it held, in MB."""
    folder = Path(f"/proc/{pid}")
    ticks = (folder / "stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[11:13]
    lines = (folder / "status").read_text(encoding="utf-8").splitlines()
    most = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK"), most


def _run(test: AppTest) -> tuple[float, float]:
    """Seconds that passed, and seconds of processor in this process and in those that have ended."""
    began, used = time.perf_counter(), _processor()
    done = test.run()
    taken, used = time.perf_counter() - began, _processor() - used
    if done.exception:
        raise RuntimeError(f"the page failed: {done.exception[0].message}")
    return taken, used


def _processor() -> float:
    now = os.times()
    return now.user + now.system + now.children_user + now.children_system
