"""The process that computes results for the screens: the same numbers, nothing lost with it, nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from streamlit_app.analysing import quotes
from streamlit_app.kept_results import Kept
from streamlit_app.resident import Job, Json, Resident, Source, Uncomputed
from study import beside, gap, plans
from study.database import StudyError
from study.findings import SUBJECTS, findings_of
from study.held import CaseRows, Cases, Held
from tests.findings_rows import grades_of, rows_of

CASES = 6
ROWS = rows_of(4, 2, CASES, lists=2)
GRADES = grades_of(CASES)
PLAIN = [grade.model_dump(mode="json") for grade in GRADES]


def held() -> Held:
    made = Held(None, PLAIN, [])
    made.add(ROWS[:10])
    made.add(ROWS[10:])
    return made


def source(rows: list[Any] = ROWS, read: list[str] | None = None) -> Source:
    def part(name: str, content: list[Any]) -> Iterator[list[Any]]:
        if read is not None:
            read.append(name)
        yield content

    start = lambda: {"protocol": None, "grades": PLAIN, "models": []}
    return Source(start, {"rows": lambda: part("rows", rows), "stages": lambda: part("stages", [])})


def job(subject: str, told: Source | None = None, study: str = "s") -> Job:
    asked = {"do": "tell", "study": study, "subject": subject}
    return Job(study, subject, asked, ("rows", "stages") if subject in SUBJECTS else ("rows",), told or source())


@pytest.fixture
def resident() -> Iterator[Resident]:
    made = Resident()
    yield made
    made.stop()


def test_what_was_scored_once_tells_every_subject_as_the_rows_alone_do() -> None:
    one = held()
    assert one.told("beside") == beside.computed(ROWS, GRADES, None)
    assert one.told("gap") == gap.computed(ROWS, GRADES, None)
    assert one.told("pilot:gap") == plans.pilot_of(ROWS, GRADES, None, "gap")
    for subject in reversed(SUBJECTS):
        assert one.told(subject) == findings_of(ROWS, GRADES, stages=[], only=[subject]), subject


def test_a_pilot_whose_lines_wait_for_a_grade_says_so() -> None:
    waiting = plans.pilot_of([row for row in ROWS if row["kind"] == "human"], [], None, "gap")
    assert "wait for a grade and are absent." in " ".join((*waiting.notes, waiting.why))


def test_rows_of_other_conditions_stand_beside_the_main_reading_and_not_in_it() -> None:
    more = [
        {**row, "condition": "without-ct", "reading": f"{row['reading']}x"} for row in ROWS if row["kind"] == "model"
    ]
    one = held()
    one.add(more)
    assert one.told("beside") == beside.computed([*ROWS, *more], GRADES, None)
    assert one.told("gap") == gap.computed(ROWS, GRADES, None)


def test_a_case_is_told_with_everybodys_rows_and_the_grades_of_its_lines() -> None:
    one = held()
    assert one.told("cases") == Cases(cases=tuple(f"case-{n:03}" for n in range(CASES)), simulated=0)
    found = one.told("case:case-002")
    assert isinstance(found, CaseRows)
    assert {(row["reader"], row["case"]) for row in found.rows} == {(r["reader"], "case-002") for r in ROWS}
    assert {grade.case for grade in found.grades} == {"case-002"}


def test_the_process_tells_what_is_computed_here_and_is_given_the_rows_once(resident: Resident) -> None:
    read: list[str] = []
    told = [resident.ask(job(subject, source(read=read))).result() for subject in ("gap", "calibration", "beside")]
    assert told[0] == gap.computed(ROWS, GRADES, None).model_dump_json()
    assert told[2] == beside.computed(ROWS, GRADES, None).model_dump_json()
    assert read == ["rows", "stages"]


def test_a_process_that_is_killed_loses_nothing_but_time(resident: Resident) -> None:
    first = resident.ask(job("cases")).result()
    assert resident.process is not None
    killed = resident.process.pid
    os.kill(killed, signal.SIGKILL)
    assert resident.ask(job("cases")).result() == first
    assert resident.process.pid != killed


def test_a_process_that_is_killed_at_its_work_does_it_again(resident: Resident) -> None:
    def cut() -> Iterator[list[Any]]:
        yield ROWS[:3]
        if resident.process is not None and not killed:
            killed.append(resident.process.pid)
            os.kill(killed[0], signal.SIGKILL)
            resident.process.wait()
        yield ROWS[3:]

    killed: list[int] = []
    told = resident.ask(job("cases", Source(source().start, {"rows": cut}))).result()
    assert len(Cases.model_validate_json(told).cases) == CASES
    assert len(killed) == 1


def test_what_a_page_asks_for_goes_before_what_is_prepared(resident: Resident) -> None:
    begin, done = threading.Event(), list[str]()
    note = lambda name, _: done.append(name)

    def start() -> Json:
        begin.wait()
        return source().start()

    slow = Source(start, source().parts)
    resident.ask(job("case:x", slow, study="slow"))
    jobs = [resident.ask(job("calibration"), first=False), resident.ask(job("gap"), first=False)]
    jobs += [resident.ask(job("cases")), resident.ask(job("gap"))]
    for name, answer in zip(("calibration", "gap", "cases"), jobs, strict=False):
        answer.add_done_callback(partial(note, name))
    begin.set()
    jobs[0].result()
    assert jobs[3] is jobs[1]
    assert done[:2] == ["gap", "cases"]


def test_a_fault_is_a_sentence_and_everything_else_is_told(resident: Resident) -> None:
    read: list[str] = []
    with pytest.raises(Uncomputed, match="could not be computed: KeyError"):
        resident.ask(job("gap", source([{"kind": "human"}]), study="broken")).result()
    with pytest.raises(Uncomputed, match="there is no finding named weather"):
        resident.ask(job("weather", source(read=read))).result()
    assert resident.ask(job("cases", source(read=read))).result()
    assert read == ["rows"]


def test_rows_that_cannot_be_taken_in_are_read_anew(resident: Resident) -> None:
    unreadable = Source(lambda: {"protocol": None, "grades": [{}], "models": []}, source().parts)
    with pytest.raises(Uncomputed, match="could not be computed: ValidationError"):
        resident.ask(job("cases", unreadable)).result()
    assert len(Cases.model_validate_json(resident.ask(job("cases")).result()).cases) == CASES


def test_a_record_that_cannot_be_read_is_no_reason_to_forget_how(resident: Resident) -> None:
    def cut() -> Iterator[list[Any]]:
        yield ROWS[:3]
        raise StudyError("The record is away.")

    with pytest.raises(StudyError, match="away"):
        resident.ask(job("cases", Source(source().start, {"rows": cut}))).result()
    assert len(Cases.model_validate_json(resident.ask(job("cases")).result()).cases) == CASES


def test_a_study_without_readings_has_results_that_say_so() -> None:
    empty = Held(None, [], [])
    for subject in ("gap", "beside", "cases", "sensitivity", "pilot:gap", *SUBJECTS):
        assert empty.told(subject)


def test_a_process_without_work_ends_and_is_started_again() -> None:
    resident = Resident(idle=0.0)
    for _ in range(2):
        assert resident.ask(job("cases")).result()
        worker = resident._worker
        if worker is not None:
            worker.join()
        assert resident.process is None


def test_an_app_that_is_killed_leaves_no_process_behind() -> None:
    words = "from tests.test_resident import *; r = Resident(); r.ask(job('cases')).result(); "
    words += "print(r.process.pid, flush=True); threading.Event().wait()"
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", words], stdout=pipe, stderr=pipe, text=True) as app:
        assert app.stdout is not None
        assert int(app.stdout.readline()) != app.pid
        app.kill()
        # Both write their errors to this pipe, so it ends where both have ended.
        app.communicate(timeout=120)


def test_kept_results_outlive_the_app_for_its_account_alone_and_are_of_one_version(tmp_path: Path) -> None:
    kept = Kept(lambda: tmp_path)
    kept.put("s", "v1", "gap", "{}")
    kept.put("s", "v2", "gap", "[1]")
    kept.put("s", "v2", "case:ä", "[2]")
    again = Kept(lambda: tmp_path)
    assert [again.get("s", "v2", name) for name in ("gap", "case:ä", "times")] == ["[1]", "[2]", None]
    assert again.get("s", "v1", "gap") is None
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [stat.S_IMODE(path.stat().st_mode) for path in files] == [0o600, 0o600]
    assert json.loads(files[0].read_text()) in ([1], [2])


def test_a_result_that_quotes_what_somebody_wrote_is_in_no_file_for_it_may_be_erased_yet(tmp_path: Path) -> None:
    rows, grades = rows_of(2, 1, 2), grades_of(2)
    judged = [grades[0].model_copy(update={"grade": 4, "source": f"judge:{name}"}) for name in "ab"]
    plain, replaced = (gap.computed(rows, given, None).model_dump_json() for given in (grades, [*judged, *grades]))
    assert (quotes("gap", replaced), quotes("gap", plain), quotes("times", "{}")) == (True, False, False)
    kept = Kept(lambda: tmp_path)
    kept.put("s", "v", "gap", replaced, in_files=False)
    assert (kept.get("s", "v", "gap"), list(tmp_path.iterdir())) == (replaced, [])
