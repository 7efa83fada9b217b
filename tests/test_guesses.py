"""Graders' guesses of who wrote a line: asked where the plan asks, kept with the grade, sealed, exported, read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from study import grading
from study.chain import grade_digest
from study.database import Refused
from study.desk import AnalystDesk, GraderDesk
from study.exporting.export import export
from study.grading import GradeFileError
from study.plan import asks_source
from study.protocol import preset, protocol_from
from study.verify import verify
from tests.home import Home
from tests.small_study import SmallStudy, small_study
from tests.test_grade_files import SCALE, queue

GRADE = {"case": "alpha", "line": "Gout", "scale": "kanjee2023", "version": "1", "grade": 0}
ASKS = protocol_from({"plan": {"guess_source": True}})


def test_a_plan_that_does_not_ask_keeps_its_protocols_hash_and_one_that_asks_has_another() -> None:
    plain = protocol_from({})
    assert "guess_source" not in plain.model_dump(mode="json")["plan"]
    assert plain.hash == preset("medsyn-staged").hash != ASKS.hash
    assert [asks_source(one.model_dump(mode="json")) for one in (plain, ASKS)] == [False, True]
    assert not asks_source(None)


def test_the_file_has_a_column_for_the_guess_where_it_is_asked_and_takes_no_other_word(tmp_path: Path) -> None:
    lines, path = grading.waiting(queue(), "s", SCALE), tmp_path / "grades.csv"
    assert "guess" not in grading.written(lines, "s", SCALE)
    text = grading.written(lines, "s", SCALE, guess=True)
    for cells, told in ((",2,,model", None), (",2,,robot", "guess: 'robot' is none of"), (",,,human", "has none")):
        path.write_text(text.replace(f",{lines[0].line},,,", f",{lines[0].line}{cells}"), "utf-8")
        if told is None:
            (only,) = grading.read(path, queue(), "s").grades
            assert (only["grade"], only["guess"]) == (2, "model")
        else:
            with pytest.raises(GradeFileError, match=told):
                grading.read(path, queue(), "s")


def test_a_guess_is_sealed_with_its_grade() -> None:
    row: dict[str, Any] = {**GRADE, "seq": 1, "case_key": "alpha", "grader": "g", "source": "human", "note": None}
    row["at"] = pd.Timestamp("2026-01-01T00:00:00Z").to_pydatetime()
    assert grade_digest(row) == grade_digest(row | {"guess": None}) != grade_digest(row | {"guess": "model"})


def graded(home: Home, protocol: Any) -> tuple[SmallStudy, GraderDesk]:
    made = small_study(home, protocol)
    guest = home.guest()
    assert guest.enter(made.invite("grader")[1].text)["ok"]
    return made, GraderDesk(home.wire(guest.token))


@pytest.mark.database
def test_a_guess_is_refused_where_the_plan_does_not_ask_and_where_it_is_no_answer(home: Home) -> None:
    made, desk = graded(home, preset("medsyn"))
    with pytest.raises(Refused, match="does not ask graders who wrote a line"):
        desk.save(made.study, [GRADE | {"guess": "model"}])
    assert desk.save(made.study, [GRADE]) == 1
    made, desk = graded(home, ASKS)
    with pytest.raises(Refused, match="human, model or unsure"):
        desk.save(made.study, [GRADE | {"guess": "robot"}])


@pytest.mark.database
def test_a_guess_is_kept_with_its_grade_exported_and_told_to_the_analyst_alone(home: Home, tmp_path: Path) -> None:
    made, desk = graded(home, ASKS)
    others = [GRADE | {"line": "Flu", "guess": "model"}, GRADE | {"line": "x"}]
    desk.save(made.study, [GRADE | {"guess": "unsure"}, *others])
    assert [one.guess for one in desk.queue(made.study).grades] == [None, None, None]
    made.close(unblind=True)
    assert [one.guess for one in AnalystDesk(home.owner).grades(made.study)] == ["unsure", "model", None]
    export(home.owner, made.study, tmp_path / "out")
    told = pd.read_parquet(tmp_path / "out" / "grades.parquet")["guess"].fillna("")
    assert list(told) == ["unsure", "model", ""]
    assert verify(home.owner, made.study, home.images).holds
    with made.home.database() as conn:
        conn.execute("alter table study.grades disable trigger append_only")
        conn.execute("update study.grades set guess = 'human' where study = %s and guess = 'model'", [made.study])
        conn.execute("alter table study.grades enable trigger append_only")
        conn.commit()
    assert not verify(home.owner, made.study, home.images).holds
