"""The analysis of a study for the screens: computed in a process of its own, kept until grades or readers change.

What is kept belongs to the process, not to a session. So a page asks the record for the study's state as the person
who looks, and only then comes here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import streamlit as st

from study.canonical import digest
from study.database import StudyError
from study.desk import AnalystDesk, StudyStatus
from study.desk.staff import Grade
from study.gap import Gap

SECONDS = 900


def version(desk: AnalystDesk, status: StudyStatus) -> str:
    """What the results of an unblinded study can still depend on: its grades, and who was withdrawn."""
    grades = [(grade.case, grade.line, grade.grade) for grade in desk.grades(status.study)]
    return digest([status.readings, status.readers, grades])


@st.cache_resource(max_entries=3, show_spinner=False)
def rows(study: str, version: str, _desk: AnalystDesk) -> tuple[list[dict[str, Any]], list[Grade]]:
    """The study's readings with answers and truth, and all grades, as they were in this version."""
    return list(_desk.readings(study)), _desk.grades(study)


@st.cache_resource(max_entries=20, show_spinner=False)
def gap(study: str, version: str, _desk: AnalystDesk, _status: StudyStatus) -> Gap:
    """The scores, intervals and contrasts; raises ``StudyError`` where the computation failed."""
    readings, grades = rows(study, version, _desk)
    asked = {
        "rows": readings,
        "grades": [grade.model_dump(mode="json") for grade in grades],
        "protocol": _status.protocol,
    }
    try:
        done = subprocess.run(
            [sys.executable, "-m", "study.gap"],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=SECONDS,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},  # The pages go first.
            check=True,
        )
    except subprocess.TimeoutExpired:
        raise StudyError(f"The analysis took longer than {SECONDS // 60} minutes and was stopped.") from None
    except subprocess.CalledProcessError as fault:
        last = fault.stderr.strip().splitlines()[-1:] or ["no reason was given"]
        raise StudyError(f"The analysis could not be computed: {last[0]}") from None
    return Gap.model_validate_json(done.stdout)
