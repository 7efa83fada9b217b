"""Findings from a record that was read to its end: what analysts are told of stages is what findings are made from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from study.database import StudyError
from study.desk import AnalystDesk
from study.findings import findings_of
from study.protocol import preset
from tests.home import Home
from tests.small_study import TRUTHS, SmallStudy, small_study

pytestmark = pytest.mark.database
PROTOCOL = preset("sequential")


def read_in_stages(made: SmallStudy, wire: Any, reading: str) -> None:
    """No diagnosis after the first block, the right one after the second, then the first option."""
    with made.home.database() as conn:
        row = conn.execute("select case_key from study.readings where reading = %s", [reading]).fetchone()
    assert row is not None
    lists: Iterator[dict[str, Any]] = iter([{"none": True, "lines": []}, {"lines": [TRUTHS[row[0]]], "confidence": 80}])
    answers = {"show": {}, "open": {"diagnosis": TRUTHS[row[0]], "confidence": 60}}
    answers |= {"selection": {"choice": "A", "confidence": 50}}
    answers |= {"closing": {"seen_before": "no", "looked_up": False, "comment": ""}}
    page: Any = wire.call("open_reading", reading=reading, visit=str(uuid4()))
    while page["state"] in ("assigned", "reading"):
        kind = page["current"]["kind"] if page["current"] else "show"
        page = made.turn(wire, page, next(lists) if kind == "ddx" else answers[kind])


@pytest.fixture(scope="module")
def played(home: Home) -> SmallStudy:
    """A sequential study that two readers and a model have read, not yet closed."""
    made = small_study(home, PROTOCOL)
    for wire in (made.add_reader(), made.add_reader()):
        for row in made.readings(wire):
            read_in_stages(made, wire, row["reading"])
    made.act("enrol_model", study=made.study, name="m", details={"kind": "test"}, samples=1)
    for row in made.home.owner.call("model_readings", study=made.study, name="m")[0]["readings"]:  # type: ignore
        read_in_stages(made, made.home.owner, row["reading"])
    return made


def test_stages_are_told_after_unblinding_alone_and_findings_follow_from_them(played: SmallStudy) -> None:
    desk = AnalystDesk(played.home.owner)
    with pytest.raises(StudyError, match="closed and unblinded"):
        list(desk.stages(played.study))
    played.close(unblind=True)
    stages = list(desk.stages(played.study))
    assert len(stages) == 9
    assert {tuple(sorted(one["types"].values())) for one in stages} == {("history", "x-ray")}
    assert [bool(one["events"]) for one in stages].count(True) == 6  # of people alone
    rows, plan = list(desk.readings(played.study)), PROTOCOL.model_dump(mode="json")
    found = findings_of(rows, desk.grades(played.study), plan, desk.models(played.study), stages)
    assert found.trajectories is not None
    gains = {(one.group, one.type): one for one in found.trajectories.gains}
    assert gains["human", "x-ray"].entered == 6
    assert gains["human", "x-ray"].reciprocal_rank.estimate == 1.0
    assert gains["model", "x-ray"].n == 3
    assert {one.group: one.entered for one in found.trajectories.passages} == {"human": {2: 6}, "model": {2: 3}}
    assert found.times is not None
    assert (found.times.n, sorted({one.position for one in found.times.positions})) == (6, [1, 2, 3])
    assert found.calibration is not None
    assert {one.n for one in found.calibration.calibrated if one.stage == "first" and one.group == "human"} == {6, 3}
