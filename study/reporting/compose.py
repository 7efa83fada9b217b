"""The sections of a report in their order."""

from __future__ import annotations

from collections.abc import Callable

from study.reporting.agreement import agreement
from study.reporting.calibration import calibration
from study.reporting.checklist import checklists
from study.reporting.comparison import comparison
from study.reporting.compute import compute
from study.reporting.contamination import contamination
from study.reporting.facts import COMPUTED, Facts, facts
from study.reporting.flow import flow
from study.reporting.further import further
from study.reporting.methods import methods
from study.reporting.parts import Report, Section
from study.reporting.sensitivity import sensitivity
from study.reporting.source import Source
from study.reporting.specialty import specialty
from study.reporting.table2 import table2
from study.reporting.times import times
from study.reporting.trajectories import trajectories

SECTIONS: tuple[Callable[[Facts], Section], ...] = (
    table2,
    comparison,
    specialty,
    contamination,
    sensitivity,
    trajectories,
    agreement,
    calibration,
    times,
    further,
    compute,
    flow,
    methods,
    checklists,
)


def composed(source: Source, progress: Callable[[int, int], None] = lambda done, total: None) -> Report:
    """The report that follows from an export; the same export gives the same report, byte for byte.

    ``progress`` hears of the results computed and the sections written, and of all there are.
    """
    total = COMPUTED + len(SECTIONS)
    progress(0, total)
    known, sections = facts(source, lambda steps: progress(steps, total)), []
    for done, section in enumerate(SECTIONS, start=COMPUTED + 1):
        sections.append(section(known))
        progress(done, total)
    return Report(f"Report of {source.study['title']}", tuple(_marks(source, known)), tuple(sections))


def _marks(source: Source, known: Facts) -> list[str]:
    marks = []
    if source.manifest["synthetic"]:
        marks.append("Synthetic cases: not patients. Nothing here may be read as a result about clinicians or models.")
    if source.manifest["watermarked"]:
        marks.append("Demonstration: readers were told after each reading how they did. Not for analysis.")
    simulated = known.gap.sources.get("simulated")
    if simulated:
        marks.append(f"{simulated} grades are simulated: made up by a program, given by no clinician.")
    if known.gap.ungraded:
        marks.append(f"Provisional: {known.gap.ungraded} answers wait for a grade.")
    return marks
