"""Made-up grades for a simulated study, so that its results can be looked at; marked as simulated."""

from __future__ import annotations

from scoring.grades import SCALES
from study.bundle import Bundle
from study.case import Case
from study.database import Wire
from study.desk import GraderDesk
from study.draws import Draws
from study.grading import waiting

SCALE = SCALES["kanjee2023"]
SOURCE = "simulated"


def grade_simulated(wire: Wire, study: str, bundle: Bundle) -> int:
    """Grade every line that waits for a grader: a distractor 2 or 3, all else 0; returns how many were graded."""
    desk = GraderDesk(wire)
    cases = {case.key: case for case in bundle.cases}
    graded = [
        {
            "case": line.case,
            "line": line.line,
            "scale": SCALE.id,
            "version": SCALE.version,
            "source": SOURCE,
            "grade": _grade(cases[line.case], line.line),
        }
        for line in waiting(desk.queue(study), study, SCALE)
    ]
    return desk.save(study, graded)


def _grade(case: Case, line: str) -> int:
    distractor = line in {option.text for option in case.options if not option.right}
    return 2 + Draws("grade", case.key, line).below(2) if distractor else 0
