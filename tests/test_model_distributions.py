"""What the analyst is told of models: distributions kept with choices, failures, and since when cases are public."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from study.desk import AnalystDesk, WorkDesk
from study.desk.acts import Fail
from study.protocol import preset
from study.sensitivity import Settings, computed
from tests.home import Home
from tests.model_study import protocol, read
from tests.small_study import TRUTHS, SmallStudy, case, small_study


@pytest.fixture(scope="module")
def unblinded(home: Home) -> SmallStudy:
    contents = [case(key) | {"source": {"licence": "CC0-1.0", "published": "2025-03-01"}} for key in TRUTHS]
    study = small_study(home, protocol(), contents=contents)
    for condition, right in (("main", 0.4), ("without-x-ray", 0.25), ("finding-x-ray", 0.85)):
        read(study, condition, right)
    study.close(unblind=True)
    return study


def test_a_distribution_kept_with_a_choice_comes_back_by_label_with_its_estimator(unblinded: SmallStudy) -> None:
    rows = list(AnalystDesk(unblinded.home.owner).readings(unblinded.study))
    kept = [row["distribution"] for row in rows if row["condition"] == "finding-x-ray"]
    assert [[one["estimator"] for one in own] for own in kept] == [["elicited"]] * 3
    row = next(row for row in rows if row["condition"] == "finding-x-ray")
    right = next(option["label"] for option in row["options"] if option["right"])
    assert row["distribution"][0]["p"][right] == 0.85
    assert {row["published"] for row in rows} == {"2025-03-01"}


def test_a_models_declared_cut_off_is_told_once_a_condition(unblinded: SmallStudy) -> None:
    told = AnalystDesk(unblinded.home.owner).models(unblinded.study)
    assert [one.condition for one in told] == ["finding-x-ray", "main", "without-x-ray"]
    assert {(one.model, one.samples, one.details["cutoff"]) for one in told} == {("M", 1, "2025-01-31")}


def test_sensitivity_of_the_record_is_that_of_the_probabilities_the_model_stated(unblinded: SmallStudy) -> None:
    from scoring.sensitivity import evidence_sensitivity

    rows = list(AnalystDesk(unblinded.home.owner).readings(unblinded.study))
    status: Any = unblinded.home.owner.call("study_status", study=unblinded.study)
    (model,) = computed(rows, status["protocol"], Settings(draws=50, halvings=5)).models
    assert model.use is not None
    bare = [0.25] * 4
    (xray,) = model.use.types
    assert (model.estimator, xray.type, xray.nmse.n) == ("elicited", "x-ray", 3)
    assert xray.s_image.estimate == pytest.approx(evidence_sensitivity([0.4, 0.2, 0.2, 0.2], bare))
    assert xray.s_text.estimate == pytest.approx(evidence_sensitivity([0.85, 0.05, 0.05, 0.05], bare))


def test_a_failed_reading_says_how_it_failed(home: Home) -> None:
    study = small_study(home, preset("medsyn"))
    study.act("enrol_model", study=study.study, name="M", details={}, samples=1)
    worker, desk = str(uuid4()), WorkDesk(home.owner)
    held = desk.claim(study.study, ["M"], "main", worker, 9, 60).claimed
    done = desk.work(study.study, [Fail(one, worker, -1, 1, "refused", "It would not.") for one in held])
    assert {getattr(one, "state", one) for one in done} == {"failed"}
    study.close(unblind=True)
    rows = list(AnalystDesk(home.owner).readings(study.study))
    assert [row["outcome"] for row in rows if row["state"] == "failed"] == ["refused"] * 3
