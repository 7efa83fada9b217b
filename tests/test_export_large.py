"""More than 1,000 rows of everything come over every wire whole: PostgREST cuts a set at 1,000 and says nothing."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from study.desk import AnalystDesk, GraderDesk, RunnerDesk, Turn, Verdict
from study.exporting.export import export
from study.exporting.manifest import manifest
from study.verify import verify
from tests.home import Home
from tests.record.acts import as_superuser
from tests.small_study import SmallStudy, small_study

SAMPLES, CASES, MANY = 135, 4, 1000
HASHES = """
select count(*), encode(sha256(convert_to(string_agg(hash, '' order by reading::text, seq), 'utf8')), 'hex')
from study.events where reading in (select reading from study.readings where study = %s)
"""


@pytest.fixture(scope="module")
def large(home: Home) -> SmallStudy:
    """Two models of many samples have each given a differential of their own to every case."""
    made = small_study(home, places=2 * SAMPLES)
    desk = RunnerDesk(home.owner)
    models = [model for name in ("one", "two") for model in desk.enrol(made.study, name, {}, SAMPLES)]
    readings = [row.reading for model in models for row in model.readings]
    assert len(readings) == 2 * SAMPLES * CASES > MANY
    for step in range(-1, 3):
        answers = ({"lines": [f"Line {n}"], "confidence": 50} if step == 2 else {} for n in range(len(readings)))
        turns = [Turn(reading, step, 1, answer) for reading, answer in zip(readings, answers, strict=True)]
        assert {type(one) for one in desk.turns(turns)} == {Verdict}
    return made


@pytest.fixture(scope="module")
def lines(large: SmallStudy) -> list[Any]:
    """The lines that wait for a grader once the study is closed, each graded."""
    large.close(unblind=True)
    desk = GraderDesk(large.home.owner)
    found = list(desk.queue(large.study).lines)
    graded = {"scale": "bond", "version": "1", "grade": 2}
    desk.save(large.study, [{**graded, "case": one.case, "line": one.line} for one in found])
    return found


@pytest.fixture(scope="module")
def folder(large: SmallStudy, lines: list[Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The export of it all."""
    to = tmp_path_factory.mktemp("large") / "out"
    export(large.home.owner, large.study, to)
    return to


def rows(folder: Path, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(folder / f"{name}.parquet").to_pylist()
    return found


def test_every_event_is_exported_once_and_their_hashes_are_those_of_the_record(large: SmallStudy, folder: Path) -> None:
    events = sorted(rows(folder, "events"), key=lambda row: (row["reading"], row["seq"]))
    hashes = hashlib.sha256("".join(row["hash"] for row in events).encode()).hexdigest()
    assert as_superuser(large, HASHES, large.study) == [(len(events), hashes)]
    assert len(events) > 8 * MANY


def test_every_reading_is_exported_and_its_head_is_its_last_event(large: SmallStudy, folder: Path) -> None:
    found = as_superuser(large, "select reading::text, head, count from study.readings where study = %s", large.study)
    last: dict[str, tuple[str, int]] = {}
    for row in sorted(rows(folder, "events"), key=lambda row: row["seq"]):
        last[row["reading"]] = (row["hash"], row["seq"])
    heads = {reading: (head, count) for reading, head, count in found}
    assert len(heads) == 2 * SAMPLES * CASES
    assert {row["reading"] for row in rows(folder, "readings")} == set(heads)
    assert heads == last
    assert {head.reading: (head.head, head.count) for head in manifest(folder / "manifest.json").heads} == heads


def test_every_line_is_told_to_the_grader_and_every_grade_is_exported(
    large: SmallStudy, lines: list[Any], folder: Path
) -> None:
    stored = "select count(*) from study.grades where study = %s"
    told = {(one.case, one.line) for one in lines}
    assert len(told) == len(lines) == 2 * SAMPLES * (CASES - 1)
    assert as_superuser(large, stored, large.study) == [(len(lines),)]
    assert {(row["case"], row["line"]) for row in rows(folder, "grades")} == told
    assert len(AnalystDesk(large.home.owner).grades(large.study)) == len(lines)


def test_verify_reads_and_counts_everything(large: SmallStudy, folder: Path) -> None:
    verdict = verify(large.home.owner, large.study, large.home.images, earlier=manifest(folder / "manifest.json"))
    assert verdict.faults == ()
    assert verdict.counted["readings"] == 2 * SAMPLES * CASES
    assert verdict.counted["events"] == len(rows(folder, "events"))
