"""Evidence Sensitivity: numbers worked out by hand, properties, and the figures of a simulation without any effect."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.estimates import TooLittleData
from scoring.nulls import null_of
from scoring.sensitivity import Array, evidence_sensitivity, jensen_shannon, utilisation_gap
from scoring.utilisation import Contrast, Read, utilisation

WEIGHTS = st.lists(st.floats(0.001, 1), min_size=4, max_size=4)


def shares(weights: list[float]) -> list[float]:
    return [weight / sum(weights) for weight in weights]


def test_disjoint_distributions_are_one_bit_apart_and_equal_ones_nothing() -> None:
    assert evidence_sensitivity([1, 0], [0, 1]) == pytest.approx(1.0, abs=1e-15)
    assert evidence_sensitivity([0.5, 0.5, 0, 0], [0, 0, 0.9, 0.1]) == pytest.approx(1.0, abs=1e-15)
    assert evidence_sensitivity([0.2, 0.3, 0.5], [0.2, 0.3, 0.5]) == 0


def test_a_divergence_worked_out_by_hand() -> None:
    # p = (1, 0), q = (1/2, 1/2), m = (3/4, 1/4): KL(p|m) = log2(4/3), KL(q|m) = (log2(2/3) + log2(2)) / 2.
    by_hand = (math.log2(4 / 3) + 0.5 * (math.log2(2 / 3) + 1)) / 2
    assert evidence_sensitivity([1, 0], [0.5, 0.5]) == pytest.approx(by_hand, abs=1e-15)
    assert by_hand == pytest.approx(0.311278, abs=5e-7)


def test_the_logarithms_base_scales_the_divergence() -> None:
    bits = evidence_sensitivity([0.9, 0.1], [0.2, 0.8])
    assert evidence_sensitivity([0.9, 0.1], [0.2, 0.8], base=math.e) == pytest.approx(bits * math.log(2))
    with pytest.raises(ValueError, match="base is above 1"):
        evidence_sensitivity([1, 0], [0, 1], base=1)


@given(WEIGHTS, WEIGHTS)
def test_it_is_symmetric_between_0_and_1_and_knows_no_labels(one: list[float], other: list[float]) -> None:
    p, q = shares(one), shares(other)
    found = evidence_sensitivity(p, q)
    assert 0 <= found <= 1
    assert evidence_sensitivity(q, p) == pytest.approx(found, abs=1e-12)
    order = [2, 0, 3, 1]
    assert evidence_sensitivity([p[i] for i in order], [q[i] for i in order]) == pytest.approx(found, abs=1e-12)


@pytest.mark.parametrize(
    ("full", "without", "sentence"),
    [
        ([0.5, 0.6], [0.5, 0.5], "add up to 1"),
        ([1.5, -0.5], [0.5, 0.5], "no less than 0"),
        ([float("nan"), 1], [0.5, 0.5], "no less than 0"),
        ([1, 0, 0], [0.5, 0.5], "3 options with the evidence and 2 without"),
        ([1], [1], "two probabilities or more"),
    ],
)
def test_what_is_no_pair_of_distributions_is_refused(full: list[float], without: list[float], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        evidence_sensitivity(full, without)


def test_nmse_worked_out_by_hand_with_the_shares_about_the_identity_line() -> None:
    # ((.1-.4)^2 + (.5-.5)^2 + (.6-.2)^2) / (.4^2 + .5^2 + .2^2) = .25 / .45
    gap = utilisation_gap([0.1, 0.5, 0.6, float("nan")], [0.4, 0.5, 0.2, 0.3])
    assert gap.estimate == pytest.approx(0.25 / 0.45)
    assert (gap.below, gap.above, gap.on) == pytest.approx((1 / 3, 1 / 3, 1 / 3))
    assert (gap.n, gap.left_out, float(gap)) == (3, 1, gap.estimate)


def test_nmse_is_0_where_both_forms_agree_and_1_where_images_move_nothing() -> None:
    text = [0.3, 0.1, 0.7]
    assert utilisation_gap(text, text).estimate == 0
    assert utilisation_gap([0, 0, 0], text).estimate == 1
    assert all(
        utilisation_gap([2 * text[i] for i in order], [text[i] for i in order]).estimate == pytest.approx(1)
        for order in permutations(range(3))
    )


def test_a_gap_that_nothing_can_be_measured_against_is_refused() -> None:
    with pytest.raises(TooLittleData, match="no finding moved any answer"):
        utilisation_gap([0.1, 0.2], [0, 0])
    with pytest.raises(TooLittleData, match="no case has"):
        utilisation_gap([float("nan")], [0.1])
    with pytest.raises(ValueError, match="come in pairs"):
        utilisation_gap([0.1], [0.1, 0.2])


# statistics.md section 8: with no effect at all JSD averaged these bits, and NMSE stayed at .55 to .59.
@pytest.mark.parametrize(("samples", "bits"), [(5, 0.219), (10, 0.113), (20, 0.057), (50, 0.023)])
def test_frequencies_without_any_effect_give_the_simulated_bias(samples: int, bits: float) -> None:
    rng = np.random.default_rng(samples)
    p = rng.dirichlet(np.ones(4), size=20_000)
    image, text, without = (rng.multinomial(samples, p) / samples for _ in range(3))
    s_image, s_text = (jensen_shannon(form, without) for form in (image, text))
    assert s_image.mean() == pytest.approx(bits, abs=0.006)
    assert 0.54 < utilisation_gap(s_image, s_text).estimate < 0.60


def one_hot(rng: np.random.Generator, p: Array, samples: int) -> list[Array | None]:
    """Choices of each case, one row a sample."""
    return [np.eye(p.shape[1])[rng.choice(p.shape[1], samples, p=own)] for own in p]


def no_effect(cases: int, samples: int, seed: int = 1) -> Read:
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.ones(4), size=cases)
    names = tuple(f"case-{n}" for n in range(cases))
    return Read(names, names, {arm: one_hot(rng, p, samples) for arm in ("main", "without-ct", "finding-ct")})


CT = {"ct": Contrast(("main", "without-ct"), ("finding-ct", "without-ct"))}


def test_halves_of_the_full_samples_show_the_bias_of_half_as_many_samples() -> None:
    # 40 samples a case: halves of 20, so .057 bits; the arms themselves, at that size, show no more than that.
    found = utilisation(no_effect(400, 40), CT, draws=2, halvings=20).types[0]
    assert found.s_image.null == pytest.approx(0.057, abs=0.006)
    assert found.s_image.at_null_size == pytest.approx(found.s_image.null or 0, abs=0.004)
    assert found.s_image.estimate == pytest.approx(0.029, abs=0.004)
    assert 0.5 < (found.nmse.null or 0) < 0.64
    assert found.below.null == pytest.approx(0.49, abs=0.04)


def test_an_effect_stands_out_from_its_null() -> None:
    rng = np.random.default_rng(3)
    p = np.tile([0.7, 0.1, 0.1, 0.1], (60, 1))
    names = tuple(map(str, range(60)))
    arms = {"main": p[:, ::-1], "without-ct": p, "finding-ct": p[:, ::-1]}
    read = Read(names, names, {arm: one_hot(rng, own, 50) for arm, own in arms.items()})
    image = utilisation(read, CT, draws=200, halvings=20).types[0].s_image
    true = evidence_sensitivity([0.1, 0.1, 0.1, 0.7], [0.7, 0.1, 0.1, 0.1])
    assert image.null is not None
    assert image.at_null_size is not None
    assert image.at_null_size - image.null > 0.2
    assert image.ci is not None
    assert image.ci[0] < true < image.ci[1]
    # The mean over 60 cases has a standard error of .011.
    assert image.corrected == pytest.approx(true, abs=0.034)


def test_without_an_effect_the_interval_reaches_0_although_the_estimate_is_biased() -> None:
    found = utilisation(no_effect(80, 50), CT, draws=300, halvings=5).types[0].s_image
    assert found.estimate is not None
    assert found.estimate > 0.015
    assert found.ci is not None
    assert found.ci[0] == 0
    assert found.ci[1] < 0.02


def test_a_case_without_one_form_counts_for_the_other_alone() -> None:
    read = no_effect(6, 4)
    text = [None, *list(read.arms["finding-ct"])[1:]]
    found = utilisation(Read(read.cases, read.families, {**read.arms, "finding-ct": text}), CT, draws=20, halvings=5)
    (ct,) = found.types
    assert (ct.s_image.n, ct.s_text.n, ct.nmse.n, ct.one_form) == (6, 5, 5, 1)
    assert ct.cases[0].s_text is None
    assert ct.cases[0].samples == {"main": 4, "without-ct": 4}


def test_nmse_is_averaged_over_the_types_that_have_one() -> None:
    read = no_effect(5, 10)
    twice = {**CT, "mri": Contrast(("main", "nothing"), ("finding-ct", "nothing"))}
    arms = {**read.arms, "nothing": [None] * 5}
    found = utilisation(Read(read.cases, read.families, arms), twice, draws=20, halvings=5)
    assert found.nmse.n == 1
    assert found.nmse.estimate == found.types[0].nmse.estimate
    assert found.types[1].nmse.estimate is None


def test_one_sample_a_case_has_no_null_and_the_same_seed_gives_the_same_figures() -> None:
    one = utilisation(no_effect(5, 1), CT, draws=20, halvings=5)
    assert (one.types[0].s_image.null, one.types[0].nmse.null) == (None, None)
    many = [utilisation(no_effect(5, 9), CT, draws=60, halvings=7, seed=4) for _ in range(2)]
    assert many[0] == many[1]
    assert many[0] != utilisation(no_effect(5, 9), CT, draws=60, halvings=7, seed=5)


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 13), st.integers(0, 5))
def test_a_null_never_holds_a_sample_against_itself(samples: int, seed: int) -> None:
    # Every sample names an option of its own, so two parts without a sample in common are one bit apart.
    arms = {arm: [np.eye(samples)] for arm in ("full", "without")}
    null = null_of(arms, ("full", "without"), ("full", "without"), 2.0, 20, np.random.default_rng(seed))
    assert null.under("s_image") == pytest.approx(np.ones(20))
    if samples >= 3:
        assert null.pairs[0][0] == pytest.approx(np.ones((20, 1)))


def test_translations_of_a_case_are_drawn_together() -> None:
    # Two cases read in two languages each, the same within a case: as wide as two cases, not as four.
    p = np.array([[1.0, 0.0], [1.0, 0.0], [0.5, 0.5], [0.5, 0.5]])
    arms = {"main": [row[None] for row in p], "without-ct": [np.array([[0.0, 1.0]])] * 4}
    arms["finding-ct"] = arms["main"]
    one = utilisation(Read(tuple("abcd"), tuple("aacc"), arms), CT, draws=2000, halvings=2).types[0].s_image
    low = evidence_sensitivity([0.5, 0.5], [0, 1])
    assert list(one.ci or ()) == pytest.approx([low, 1.0])
