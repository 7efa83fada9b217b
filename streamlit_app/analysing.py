"""The analysis of a study for the screens: computed in a process of its own, kept until grades or answers change.

What is kept belongs to the process, not to a session. So a page asks the record for the study's state as the person
who looks, and only then comes here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, TimeoutError
from functools import partial
from itertools import chain, islice
from typing import Any, TypeVar

import streamlit as st
from pydantic import BaseModel

from streamlit_app.catalogue import say
from streamlit_app.kept_results import Kept, program
from streamlit_app.resident import Job, Json, Resident, Source, Uncomputed
from study.beside import Beside
from study.canonical import digest
from study.desk import AnalystDesk, StudyStatus
from study.evidence_use import EvidenceUse
from study.findings import SUBJECTS, Findings
from study.gap import Gap
from study.held import CaseRows, Cases
from study.plans import Pilot, Plan

SHOWN = {
    "gap": ("gap",),
    "beside": ("beside", "subgroups"),
    "tests": ("noninferiority", "multiplicity"),
    "cases": ("cases",),
    "lists": ("lists",),
    "trajectories": ("trajectories",),
    "sensitivity": ("sensitivity",),
    "agreement": ("agreement", "relative"),
    "calibration": ("calibration",),
    "advice": ("advice",),
    "times": ("times",),
    "plan": ("pilot:gap",),
}
"""What each section shows, in the order of the menu."""
CHUNK = 200
BRIEF = 0.2
MOMENT = 0.5
Kind = TypeVar("Kind", bound=BaseModel)
RESIDENT = Resident()
KEPT = Kept()
FAILED: set[tuple[str, str]] = set()
"""What is not prepared again: it is computed, and fails, where a page asks for it."""


def version(desk: AnalystDesk, status: StudyStatus) -> str:
    """What the results of an unblinded study can still depend on: its record, and the program."""
    return digest([status.study, status.results_head, status.readings, status.readers, program()])


def prepare(desk: AnalystDesk, status: StudyStatus) -> list[Future[str]]:
    """Begin to compute every subject in the background, so that each page finds its own computed; what is to come."""
    own = version(desk, status)
    subjects = dict.fromkeys([*chain(*SHOWN.values()), *SUBJECTS])
    missing = [one for one in subjects if (own, one) not in FAILED and KEPT.get(status.study, own, one) is None]
    return [_ask(status, own, one, desk, first=False) for one in missing]


def gap(study: str, version: str, _desk: AnalystDesk, _status: StudyStatus) -> Gap:
    """The scores, intervals and contrasts; raises ``StudyError`` where the computation failed."""
    return _subject(Gap, version, "gap", _desk, _status)


def beside(study: str, version: str, _desk: AnalystDesk, _status: StudyStatus) -> Beside:
    """Humans minus models in every measure, and what was read in each arm; raises as ``gap`` does."""
    return _subject(Beside, version, "beside", _desk, _status)


def evidence_use(study: str, version: str, _desk: AnalystDesk, _status: StudyStatus) -> EvidenceUse:
    """Evidence Sensitivity of the study's models; raises as ``gap`` does."""
    return _subject(EvidenceUse, version, "sensitivity", _desk, _status)


def findings(study: str, version: str, subject: str, _desk: AnalystDesk, _status: StudyStatus) -> Findings:
    """One subject of ``study.findings`` alone; raises as ``gap`` does."""
    return _subject(Findings, version, subject, _desk, _status)


def pilot(study: str, version: str, outcome: str, _desk: AnalystDesk, _status: StudyStatus) -> Pilot:
    """The study's variances in an outcome, for a plan; raises as ``gap`` does."""
    return _subject(Pilot, version, f"pilot:{outcome}", _desk, _status)


def cases(version: str, desk: AnalystDesk, status: StudyStatus) -> Cases:
    """Which cases were read, and how many grades are simulated; raises as ``gap`` does."""
    return _subject(Cases, version, "cases", desk, status)


def case(version: str, key: str, desk: AnalystDesk, status: StudyStatus) -> CaseRows:
    """Everybody's rows of one case with the grades of its lines; raises as ``gap`` does."""
    asked = _ask(status, version, f"case:{key}", desk)
    return _read(CaseRows.__name__, version, f"case:{key}", CaseRows, _awaited(asked))


def plan(variances: str, asked: str) -> Plan:
    """The plan from variances for what is asked, both as JSON; raises as ``gap`` does."""
    key = digest([variances, asked])
    return _plan(key, variances, asked)


@st.cache_resource(max_entries=200, show_spinner=False)
def _plan(key: str, _variances: str, _asked: str) -> Plan:
    told = {"do": "plan", "variances": json.loads(_variances), "asked": json.loads(_asked)}
    return Plan.model_validate_json(RESIDENT.ask(Job("", f"plan:{key}", told)).result())


def _subject(kind: type[Kind], version: str, subject: str, desk: AnalystDesk, status: StudyStatus) -> Kind:
    told = KEPT.get(status.study, version, subject)
    if told is None:
        told = _awaited(_ask(status, version, subject, desk))
    return _read(kind.__name__, version, subject, kind, told)


@st.cache_resource(max_entries=60, show_spinner=False)
def _read(name: str, version: str, subject: str, _kind: type[Kind], _told: str) -> Kind:
    return _kind.model_validate_json(_told)


def _ask(status: StudyStatus, version: str, subject: str, desk: AnalystDesk, first: bool = True) -> Future[str]:
    needs = ("rows", "stages") if subject in SUBJECTS else ("rows",)
    asked = {"do": "tell", "study": version, "subject": subject}
    answer = RESIDENT.ask(Job(version, subject, asked, needs, _source(desk, status)), first)
    if not subject.startswith("case:"):
        answer.add_done_callback(partial(_keep, status.study, version, subject))
    return answer


def _keep(study: str, version: str, subject: str, answer: Future[str]) -> None:
    fault = answer.exception()
    if isinstance(fault, Uncomputed):
        FAILED.add((version, subject))
    if fault is None and KEPT.get(study, version, subject) is None:
        told = answer.result()
        KEPT.put(study, version, subject, told, in_files=not quotes(subject, told))


def quotes(subject: str, told: str) -> bool:
    """Whether a result holds words that somebody wrote: they may be erased yet, and no file is to outlast that."""
    return subject == "gap" and bool((json.loads(told).get("agreement") or {}).get("overrides"))


def _source(desk: AnalystDesk, status: StudyStatus) -> Source:
    study = status.study

    def start() -> Json:
        return {
            "protocol": status.protocol,
            "grades": [grade.model_dump(mode="json") for grade in desk.grades(study)],
            "models": [model.model_dump(mode="json") for model in desk.models(study)],
        }

    def parts(read: Any) -> Iterator[Sequence[Json]]:
        rows = iter(read(study))
        while chunk := list(islice(rows, CHUNK)):
            yield chunk

    return Source(start, {"rows": partial(parts, desk.readings), "stages": partial(parts, desk.stages)})


def _awaited(answer: Future[str]) -> str:
    """The answer; while it is not there, the page says what is being computed."""
    try:
        return answer.result(BRIEF)
    except TimeoutError:
        pass
    place = st.empty()
    with place:
        shown = st.status(_doing(), state="running")
    while True:
        try:
            told = answer.result(MOMENT)
        except TimeoutError:
            shown.update(label=_doing())
        else:
            place.empty()
            return told


def _doing() -> str:
    now = RESIDENT.doing
    if now.what in ("rows", "stages"):
        return say(f"computing_{now.what}", n=now.read)
    section = next((name for name, subjects in SHOWN.items() if now.what in subjects), None)
    what = say(f"results_{section}") if section else say("computing_more")
    return say("computing_now", what=what, n=now.waiting) if now.what else say("computing")
