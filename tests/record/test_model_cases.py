"""What a runner is told of the cases of models' readings, and that nobody's page tells it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from study.database import Refused
from study.desk import RunnerDesk
from tests.home import Home
from tests.small_study import SmallStudy, case, small_study

PERMITTED: dict[str, tuple[bool, bool | None]] = {
    "warm-up": (True, None),
    "alpha": (True, False),
    "beta": (False, None),
    "gamma": (False, True),
}


@pytest.fixture(scope="module")
def made(home: Home) -> SmallStudy:
    contents = []
    for key, (synthetic, allowed) in PERMITTED.items():
        contents.append(case(key) | {"synthetic": synthetic, "permissions": {"external_models": allowed}})
    study = small_study(home, contents=contents, opened=False)
    study.act("open_study", study=study.study, warnings={}, reasons={})
    return study


def test_an_author_permits_models_outside_else_only_synthetic_cases_may_go_there(made: SmallStudy) -> None:
    told = {one.case: one.external for one in RunnerDesk(made.home.owner).cases(made.study)}
    assert told == {"warm-up": True, "alpha": False, "beta": False, "gamma": True}


def test_each_reading_of_a_model_is_told_its_case_in_the_order_asked(made: SmallStudy) -> None:
    desk = RunnerDesk(made.home.owner)
    rows = desk.enrol(made.study, "told of cases", {}, 2)
    asked = [row.reading for sample in rows for row in sample.readings][::-1]
    told = desk.cases(made.study, asked)
    assert [one.reading for one in told] == asked
    assert sorted(one.case for one in told) == sorted([*PERMITTED, *PERMITTED])
    assert [one.practice for one in told] == [one.case == "warm-up" for one in told]


def test_a_persons_reading_is_not_told_and_readers_may_not_ask(made: SmallStudy) -> None:
    wire = made.add_reader()
    theirs = [row["reading"] for row in made.readings(wire)]
    assert RunnerDesk(made.home.owner).cases(made.study, theirs) == []
    with pytest.raises(Refused):
        RunnerDesk(wire).cases(made.study)


def test_a_page_tells_neither_the_key_nor_the_permission(made: SmallStudy) -> None:
    desk = RunnerDesk(made.home.owner)
    reading = desk.enrol(made.study, "shown a page", {}, 1)[0].readings[0].reading
    page: Any = made.home.owner.call("open_reading", reading=reading, visit=None)
    assert "external" not in json.dumps(page)
    assert not {"key", "case_key", "permissions"} & page["case"].keys()
