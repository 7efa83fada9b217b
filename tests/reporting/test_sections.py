"""Reports of studies of other kinds: evidence left out, lists after every block, an arm without answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from study.protocol import preset
from study.reporting.check import check
from study.reporting.write import report
from tests.home import Home
from tests.model_study import protocol, read
from tests.reporting.conftest import grade_all, silent
from tests.small_study import small_study

pytestmark = pytest.mark.database


def test_sensitivities_stand_with_their_scatter_and_hold(home: Home, tmp_path: Path) -> None:
    made = small_study(home, protocol())
    for condition, right in (("main", 0.85), ("without-x-ray", 0.25), ("finding-x-ray", 0.7)):
        read(made, condition, right)
    made.close(unblind=True)
    folder = tmp_path / "out"
    report(home.owner, made.study, folder, silent)
    told = json.loads((folder / "numbers.json").read_text("utf-8"))["numbers"]
    assert told["sensitivity.M.x-ray.nmse.n"]["value"] == 3
    assert told["sensitivity.M.x-ray.s_image"]["value"] > told["sensitivity.M.x-ray.s_text"]["value"] > 0
    assert (folder / "figures" / "sensitivity-M.svg").read_text("utf-8").count("<circle") == 3
    assert "conditions finding-x-ray, without-x-ray" in (folder / "report.md").read_text("utf-8")
    assert check(folder).faults == ()


def test_lists_after_every_block_give_trajectories_with_their_figure(home: Home, tmp_path: Path) -> None:
    made = small_study(home, preset("sequential"))
    for lines in (["Pneumonia"], ["Gout", "Otosclerosis"]):
        made.read_all(made.add_reader(), lines)
    made.add_model("clever", ["Pneumonia", "Gout", "Otosclerosis"])
    made.close()
    grade_all(made)
    made.act("unblind", study=made.study, reason="done")
    folder = tmp_path / "out"
    report(home.owner, made.study, folder, silent)
    told = json.loads((folder / "numbers.json").read_text("utf-8"))["numbers"]
    covered = [told[f"trajectories.stand.{group}.1.covered"]["value"] for group in ("human", "model")]
    assert covered == [0.5, 1.0], "of three cases one reader lists one truth, the other two"
    assert told["trajectories.passage.human.never"]["value"] == 3
    assert "<polyline" in (folder / "figures" / "trajectories.svg").read_text("utf-8")
    assert check(folder).faults == ()


def test_agreement_of_judges_and_clinicians_stands_beside_scores_under_each_alone(home: Home, tmp_path: Path) -> None:
    made = small_study(home)
    for lines in (["Flu", "Gout"], ["Croup", "Mumps"], ["Angina", "Flu"]):
        made.read_all(made.add_reader(), lines)
    made.close()
    for source, grade in (("judge:one", 0), ("judge:one#2", 2), ("judge:two", 2), ("ann", 2)):
        grade_all(made, grade, source, every=True)
    made.act("unblind", study=made.study, reason="done")
    folder = tmp_path / "out"
    report(home.owner, made.study, folder, silent)
    told = json.loads((folder / "numbers.json").read_text("utf-8"))["numbers"]
    value = {name: entry["value"] for name, entry in told.items()}
    assert value["agreement.one.two.all.n"] > 5
    assert (value["agreement.one.two.all.equal"], value["agreement.two.human.all.equal"]) == (0, 1)
    assert value["agreement.repeats.one.gradings"] == 2 * value["agreement.repeats.one.lines"]
    assert value["agreement.under.one.human.coverage.n"] == 9
    assert value["agreement.kind.judge with judge.lines"] == value["agreement.one.two.all.n"]
    assert check(folder).faults == ()


def test_an_arm_without_answers_prints_no_rate(home: Home, tmp_path: Path) -> None:
    made = small_study(home)
    made.add_reader()
    made.act("enrol_model", study=made.study, name="silent", details={}, samples=1)
    made.close(unblind=True)
    report(home.owner, made.study, tmp_path / "out", silent)
    text = (tmp_path / "out" / "report.md").read_text("utf-8")
    rates = [line for line in text.splitlines() if line.startswith(("| silent |", "| Human panel"))]
    assert "| silent | – | – | – | – | – | no answers |" in text
    assert not any("0.0" in line or "100.0" in line for line in rates), rates
    assert check(tmp_path / "out").faults == ()
