"""How the tests of judges work: a small study that was read, judges of the tests' server, one run of them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from baselines.declared import Declared
from baselines.judging.planning import Plan, plan
from baselines.judging.rubric import rubric_of
from baselines.judging.session import judge
from baselines.judging.terms import Terms
from baselines.running.run import Ended
from baselines.running.tally import Tally
from scoring.grades import SCALES
from study.database import Box
from study.desk import GraderDesk
from study.desk.staff import Grade
from tests.home import Home
from tests.model_server import Act, Asked, Say
from tests.running.runs import model
from tests.small_study import SmallStudy, small_study

Lines: TypeAlias = tuple[list[str], list[str]]
SCALE = SCALES["kanjee2023"]
LINES = (["Influenza", "gout"], ["Mumps", "Influenza"])
# Three cases: Influenza and Mumps in each, gout where it is not the truth.
WAITING = 8


def read_study(home: Home | Box, family: str | None = "readers", lines: Lines = LINES) -> SmallStudy:
    """A closed study that a human and a model of this family have read, each writing the same list in every case."""
    made = small_study(home)
    human, models = lines
    made.read_all(made.add_reader(), human)
    details = {"kind": "model", "family": family}
    made.act("enrol_model", study=made.study, name="reader-1", details=details, samples=1)
    found: Any = made.home.owner.call("model_readings", study=made.study, name="reader-1")
    for row in found[0]["readings"]:
        made.read(made.home.owner, row["reading"], models)
    made.close()
    return made


def judges(url: str, *families: str, **more: Any) -> list[Declared]:
    """A judge of each family; they differ in their version, by which the server's scripts know them.

    Their weights are this test's own: what other tests' judges said of the same line is not theirs.
    """
    revision = os.environ.get("PYTEST_CURRENT_TEST", "").split(" ")[0]
    return [
        model(
            url,
            f"judge {family}",
            **{"model": f"{family}-2025-01-31", "revision": revision, "family": family} | more,
        )
        for family in families or ("north", "south")
    ]


def terms(**more: Any) -> Terms:
    """The terms of a run; waits are short."""
    told: dict[str, Any] = {"scale": SCALE, "rubric": rubric_of(SCALE), "first_wait": 0.02}
    return Terms(**told | more)


def planned(made: SmallStudy, *who: Declared, **more: Any) -> Plan:
    """The plan of a run."""
    return plan(made.home.owner, made.study, who, terms(**more))


def run(made: SmallStudy, *who: Declared, **more: Any) -> list[tuple[Ended, Tally]]:
    """Each judge's run to its end."""
    found, asked = [], planned(made, *who, **more)
    for bench in asked.benches:
        tally = Tally()
        found.append((judge(made.home.record, asked, bench, tally), tally))
    return found


def grades(made: SmallStudy) -> list[Grade]:
    """All grades of the study, oldest first."""
    return list(GraderDesk(made.home.owner).queue(made.study).grades)


def told(asked: Asked) -> dict[str, Any]:
    """What a judge was asked to grade."""
    found: dict[str, Any] = json.loads(asked.text[asked.text.rindex("\n") + 1 :])
    return found


def says(grade: Any) -> Say:
    """A judge's answer."""
    return Say(text=json.dumps({"reason": "As it seems.", "grade": grade}))


def by_line(given: Mapping[str, Mapping[str, int]]) -> Callable[[Asked], Act]:
    """A script: the grade of each family's judge by line."""
    return lambda asked: says(given[asked.model.split("-")[0]][told(asked)["answer"]])
