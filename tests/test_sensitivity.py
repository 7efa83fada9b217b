"""Evidence Sensitivity of a study's rows: which arms are held against one another, and what is told with a result."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scoring.sensitivity import evidence_sensitivity
from study.conditions import Condition, medsyn
from study.sensitivity import Sensitivity, Settings, computed
from tests.model_rows import OPTIONS, failed, row, told

FAST = Settings(draws=40, halvings=6)
PROTOCOL: dict[str, Any] = {
    "arms": {"images": {"visual": "image", "by_type": {}}},
    "conditions": {name: rule.model_dump(mode="json") for name, rule in medsyn(["ct"]).items()},
}


def p(*shares: float) -> dict[str, float]:
    return dict(zip(OPTIONS, shares, strict=True))


FLAT, BARE = p(0.25, 0.25, 0.25, 0.25), p(0.4, 0.2, 0.2, 0.2)
IMAGE, TEXT, ALL = p(0.1, 0.7, 0.1, 0.1), p(0, 1, 0, 0), p(0.05, 0.85, 0.05, 0.05)
ARMS = {"main": IMAGE, "without-ct": FLAT, "finding-ct": TEXT, "findings": ALL, "without-ct-findings": BARE}


def s(one: dict[str, float], other: dict[str, float]) -> float:
    return evidence_sensitivity(list(one.values()), list(other.values()))


def rows(samples: int = 1, **arms: dict[str, float]) -> list[Any]:
    own = ARMS | arms
    return [told(case, own[arm], arm, n) for arm in own for case in ("a", "b") for n in range(1, samples + 1)]


def only(found: Sensitivity) -> Any:
    return found.models[0].use.types[0]  # type: ignore[union-attr]


def test_the_image_is_held_against_the_same_reading_without_it_and_so_is_the_finding() -> None:
    ct = only(computed(rows(), PROTOCOL, FAST))
    assert (ct.type, ct.s_image.estimate) == ("ct", pytest.approx(s(IMAGE, FLAT)))
    assert ct.s_text.estimate == pytest.approx(s(TEXT, FLAT))
    assert ct.nmse.estimate == pytest.approx(((s(IMAGE, FLAT) - s(TEXT, FLAT)) / s(TEXT, FLAT)) ** 2)
    assert (ct.below.estimate, ct.above.estimate) == (1, 0)


def test_the_form_of_the_other_evidence_decides_what_the_finding_is_held_against() -> None:
    found = computed(rows(), PROTOCOL, Settings(others="finding", draws=40, halvings=6))
    assert only(found).s_text.estimate == pytest.approx(s(ALL, BARE))
    assert only(found).contrast.text == ("findings", "without-ct-findings")
    assert found.settings.others == "finding"


def test_arms_are_known_by_what_they_change_and_not_by_their_names() -> None:
    renamed = {"b": "without-ct", "c": "finding-ct"}
    protocol = {"conditions": {new: PROTOCOL["conditions"][old] for new, old in renamed.items()}}
    made = [told(case, ARMS[renamed.get(arm, arm)], arm) for arm in ("main", "b", "c") for case in ("x", "y")]
    assert only(computed(made, protocol, FAST)).s_image.estimate == pytest.approx(s(IMAGE, FLAT))


def test_labels_are_permuted_over_samples_and_options_are_not() -> None:
    # The labels of sample 1, 2 ... stand in another order each; S by option is as if there were one order.
    assert only(computed(rows(samples=4), PROTOCOL, FAST)).s_image.estimate == pytest.approx(s(IMAGE, FLAT))


def test_the_best_estimator_that_all_arms_carry_is_used_and_named() -> None:
    assert computed(rows(), PROTOCOL, FAST).models[0].estimator == "logprobs"
    some = [one | {"distribution": None} if one["condition"] == "without-ct" else one for one in rows()]
    model = computed(some, PROTOCOL, FAST).models[0]
    assert (model.estimator, model.descriptive, model.fewest) == ("frequencies", True, 1)


def test_frequencies_from_fewer_than_50_samples_are_descriptive_and_from_50_are_not() -> None:
    for samples, descriptive in ((49, True), (50, False)):
        made = [row(case, "Malaria", arm, n) for arm in ARMS for case in "ab" for n in range(samples)]
        model = computed(made, PROTOCOL, Settings("frequencies", draws=10, halvings=2)).models[0]
        assert (model.descriptive, model.fewest) == (descriptive, samples)
        assert "biased upward" in model.rule


def test_what_was_left_out_is_counted_by_arm_and_reason() -> None:
    odd = told("a", p(0.9, 0.2, 0.1, -0.1), "without-ct", 2, "elicited")
    made = [one | {"distribution": {**one["distribution"], "estimator": "elicited"}} for one in rows()]
    made += [odd, failed("a", "without-ct", 3, "invalid"), row("b", "Gout", "without-ct", 2)]
    model = computed(made, PROTOCOL, Settings("elicited", draws=10, halvings=2)).models[0]
    assert model.left_out == {
        "without-ct": {"not probabilities": 1, "failed: invalid": 1, "no such distribution was kept": 1}
    }


def test_two_distributions_may_be_kept_with_one_choice() -> None:
    made = rows()
    for one in made:
        other = {"estimator": "elicited", "p": {option["label"]: 0.25 for option in one["options"]}}
        one["distribution"] = [one["distribution"], other]
    assert only(computed(made, PROTOCOL, FAST)).s_image.estimate == pytest.approx(s(IMAGE, FLAT))
    flat = only(computed(made, PROTOCOL, Settings("elicited", draws=10, halvings=2)))
    assert (flat.s_image.estimate, flat.nmse.estimate) == (0, None)


def test_a_form_that_the_study_has_no_condition_for_is_named() -> None:
    conditions = {"without-ct": Condition.model_validate({"by_type": {"ct": "absent"}}).model_dump(mode="json")}
    made = [one for one in rows() if one["condition"] in ("main", "without-ct")]
    found = computed(made, {"conditions": conditions}, FAST)
    assert (only(found).s_image.n, only(found).s_text.n, only(found).one_form) == (2, 0, 2)
    assert any("ct as text: the study has not both" in note for note in found.notes)


def test_models_are_apart_and_each_has_the_accuracy_of_its_main_reading() -> None:
    other = [one | {"model": "N"} for one in rows(main=p(0.9, 0.1, 0, 0))]
    found = computed([*rows(), *other], PROTOCOL, FAST)
    accuracies = {model.model: model.accuracy.estimate for model in found.models if model.accuracy}
    assert accuracies == {"M": 1.0, "N": 0.0}
    assert [model.model for model in computed([*rows(), *other], PROTOCOL, FAST, ["N"]).models] == ["N"]


def test_one_sample_a_case_says_that_it_has_no_null() -> None:
    model = computed(rows(), PROTOCOL, FAST).models[0]
    assert "no null" in model.why[0]
    assert computed(rows(samples=4), PROTOCOL, FAST).models[0].why == ()


def test_the_result_is_json_with_its_settings() -> None:
    plain = json.loads(json.dumps(computed(rows(samples=3), PROTOCOL, FAST).to_json(), allow_nan=False))
    assert plain["settings"]["base"] == 2
    assert plain["models"][0]["use"]["types"][0]["cases"][0]["case"] == "a"
    assert plain["models"][0]["use"]["nmse"]["n"] == 1
