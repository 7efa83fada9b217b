"""Fine-tuning mixtures: shares by deficit, drawn by seed, written as trainers read them, told in a manifest."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from baselines.mixture import Deficit, deficits, drawn, manifest, wanted, written
from baselines.training_pool import TrainingPool, read
from baselines.twins import Twin
from study.conditions import medsyn
from study.database import StudyError
from study.sensitivity import ModelSensitivity, Settings, computed
from tests.model_rows import OPTIONS, told
from tests.pool_file import sample, write

PROTOCOL: dict[str, Any] = {
    "conditions": {name: rule.model_dump(mode="json") for name, rule in medsyn(["ct", "microscopy", "mri"]).items()}
}
FLAT = dict.fromkeys(OPTIONS, 0.25)


def towards(right: float) -> dict[str, float]:
    return {option: right if option == "Malaria" else (1 - right) / 3 for option in OPTIONS}


def model(**right: tuple[float, float]) -> ModelSensitivity:
    """A model whose answer goes to the right option with these probabilities, by type as image and as finding."""
    rows = [told(case, FLAT, arm) for arm in (f"without-{kind}" for kind in right) for case in "ab"]
    rows += [told(case, towards(next(iter(right.values()))[0])) for case in "ab"]
    rows += [told(case, towards(text), f"finding-{kind}") for kind, (_, text) in right.items() for case in "ab"]
    return computed(rows, PROTOCOL, Settings(draws=20, halvings=2)).models[0]


def pool(tmp_path: Path, **counts: int) -> TrainingPool:
    samples = [sample(number, kind) for kind, count in counts.items() for number in range(count)]
    return read(write(tmp_path / "pool.jsonl", *samples))


def deficit(kind: str, value: float) -> Deficit:
    return Deficit(kind, value, 0.1, 0.1 + value, 0.5, 10)


def test_shares_are_in_proportion_to_the_deficits() -> None:
    found = [deficit("microscopy", 0.3), deficit("ct", 0.1), deficit("mri", 0.0)]
    assert wanted(found, 40) == {"microscopy": 30, "ct": 10, "mri": 0}
    # 7.5 and 2.5: the halves' tie goes by name, and the sum is what was asked for.
    assert wanted(found, 10) == {"microscopy": 7, "ct": 3, "mri": 0}
    assert all(sum(wanted(found, size).values()) == size for size in range(1, 30))


def test_a_deficit_is_how_much_further_the_finding_moves_the_answer() -> None:
    found = {one.type: one for one in deficits(model(ct=(0.5, 0.9), mri=(0.5, 0.3)), "difference")}
    assert found["ct"].deficit == pytest.approx(found["ct"].s_text - found["ct"].s_image)
    assert found["mri"].deficit == 0, "an image that moves the answer further than its finding is not under-used"
    assert (found["ct"].n, found["mri"].n) == (2, 2)
    by_gap = {one.type: one.deficit for one in deficits(model(ct=(0.5, 0.9), mri=(0.5, 0.3)), "nmse")}
    assert by_gap["mri"] > by_gap["ct"] > 0


def test_a_model_that_under_uses_nothing_gets_no_mixture() -> None:
    with pytest.raises(StudyError, match="M under-uses no type of evidence"):
        deficits(model(ct=(0.9, 0.5)), "difference")


def test_the_mixture_has_the_counts_asked_for_and_hangs_on_the_seed_alone(tmp_path: Path) -> None:
    found = pool(tmp_path, microscopy=30, ct=20, mri=9)
    made = drawn(found.samples, {"microscopy": 12, "ct": 4}, 0, 1)
    assert Counter(one.type for one in made.samples) == {"microscopy": 12, "ct": 4}
    assert made == drawn(found.samples[::-1], {"microscopy": 12, "ct": 4}, 0, 1), "the pool's order says nothing"
    assert made != drawn(found.samples, {"microscopy": 12, "ct": 4}, 0, 2)
    assert len({one.id for one in made.samples}) == 16


def test_the_rest_is_drawn_whatever_its_type_and_never_twice(tmp_path: Path) -> None:
    found = pool(tmp_path, ct=6, mri=6)
    made = drawn(found.samples, {"ct": 5}, 7, 3)
    assert len({one.id for one in made.samples}) == 12


def test_every_shortage_of_the_pool_is_named(tmp_path: Path) -> None:
    found = pool(tmp_path, ct=3)
    with pytest.raises(
        StudyError, match="4 of ct are wanted and the pool has 3; 2 of mri are wanted and the pool has 0"
    ):
        drawn(found.samples, {"ct": 4, "mri": 2}, 0, 1)
    with pytest.raises(StudyError, match="5 samples are wanted and the pool has 3"):
        drawn(found.samples, {"ct": 2}, 3, 1)


def test_a_line_holds_messages_and_images_alone_named_from_the_mixtures_folder(tmp_path: Path) -> None:
    (tmp_path / "one.png").write_bytes(b"1")
    messages = [{"role": "user", "content": "<image> What is it?"}, {"role": "assistant", "content": "Gout."}]
    found = read(write(tmp_path / "pool.jsonl", sample(1, messages=messages, images=["one.png"])))
    (line,) = written(drawn(found.samples, {"ct": 1}, 0, 1), found, tmp_path / "out")
    assert json.loads(line) == {"messages": messages, "images": ["../one.png"]}


def test_the_manifest_tells_shares_counts_samples_and_what_was_left_out(tmp_path: Path) -> None:
    of_model, found = model(ct=(0.5, 0.9), mri=(0.5, 0.3)), pool(tmp_path, ct=9, mri=9)
    lacking = deficits(of_model, "difference")
    made = drawn(found.samples, wanted(lacking, 4), 2, 1)
    twin = Twin("ct-8", "alpha", "repeats 90 % of its evidence")
    plain = json.loads(json.dumps(manifest(made, lacking, of_model, [twin], seed=1), allow_nan=False))
    ct = next(one for one in plain["types"] if one["type"] == "ct")
    assert (ct["share"], ct["wanted"], plain["rest"], plain["seed"]) == (1.0, 4, 2, 1)
    assert sum(plain["counts"].values()) == len(plain["samples"]) == 6
    assert plain["near_duplicates_left_out"][0]["sample"] == "ct-8"
    assert (plain["model"], plain["estimator"]) == ("M", "logprobs")
