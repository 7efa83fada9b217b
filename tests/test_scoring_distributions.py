"""Distributions over options by three estimators: what each takes, what it leaves out, what it is worth."""

from __future__ import annotations

import math

import numpy as np
import pytest

from scoring.distributions import by_elicitation, by_frequency, by_logprobs

OPTIONS = ("Gout", "Malaria", "Pneumonia")


def test_token_probabilities_are_renormalised_and_averaged_by_option() -> None:
    found = by_logprobs([{"Gout": 0.6, "Malaria": 0.2}, {"Gout": 0.3, "Malaria": 0.3, "Pneumonia": 0.3}], OPTIONS)
    assert found.p == pytest.approx([(0.75 + 1 / 3) / 2, (0.25 + 1 / 3) / 2, 1 / 6])
    assert (found.n, found.unreported, found.left_out) == (2, 1, {})


def test_a_preference_for_a_label_goes_out_where_labels_are_permuted() -> None:
    # The model gives label A .6 and the others .2, whatever stands under A: over all orders every option has a third.
    orders = [(0, 1, 2), (1, 2, 0), (2, 0, 1)]
    samples = [{OPTIONS[option]: (0.6, 0.2, 0.2)[place] for place, option in enumerate(order)} for order in orders]
    assert by_logprobs(samples, OPTIONS).p == pytest.approx([1 / 3] * 3)


def test_a_sample_whose_first_token_was_no_label_is_left_out_and_counted() -> None:
    found = by_logprobs([{"Gout": 0.1, "Malaria": 0.1}, {}, {"Gout": 0.9}], OPTIONS)
    assert (found.n, found.left_out) == (1, {"the first token was no label": 2})
    assert by_logprobs([{"Gout": 0.1}], OPTIONS, least_mass=0.05).p == pytest.approx([1, 0, 0])


def test_elicited_probabilities_are_renormalised_and_per_cents_will_do() -> None:
    found = by_elicitation([{"Gout": 50, "Malaria": 30, "Pneumonia": 0}], OPTIONS)
    assert found.p == pytest.approx([0.625, 0.375, 0])
    assert found.enough


@pytest.mark.parametrize(
    ("stated", "why"),
    [
        ({"Gout": 0.5, "Malaria": 0.5}, "not the options that were shown"),
        ({"Gout": 1, "Malaria": 0, "Pneumonia": 0, "Dengue": 0}, "not the options that were shown"),
        ({"Gout": -0.1, "Malaria": 0.6, "Pneumonia": 0.5}, "not probabilities"),
        ({"Gout": math.nan, "Malaria": 0.6, "Pneumonia": 0.4}, "not probabilities"),
        ({"Gout": 0, "Malaria": 0, "Pneumonia": 0}, "not probabilities"),
        ({"Gout": "high", "Malaria": 0.6, "Pneumonia": 0.4}, "not probabilities"),
    ],
)
def test_what_is_no_distribution_is_left_out_and_counted(stated: dict[str, float], why: str) -> None:
    found = by_elicitation([stated], OPTIONS)
    assert (found.p, found.n, found.left_out) == (None, 0, {why: 1})


def test_frequencies_below_50_samples_are_descriptive() -> None:
    found = by_frequency(["Gout"] * 30 + ["Malaria"] * 19, OPTIONS)
    assert found.p == pytest.approx([30 / 49, 19 / 49, 0])
    assert not found.enough
    assert by_frequency(["Gout"] * 50, OPTIONS).enough


def test_cannot_tell_is_no_option() -> None:
    found = by_frequency(["Gout", None, "Typhus"], OPTIONS)
    assert found.left_out == {"cannot tell": 1, "no option that was shown": 1}
    assert np.array_equal(found.samples, [[1, 0, 0]])


def test_a_distribution_needs_options() -> None:
    with pytest.raises(ValueError, match="two different options"):
        by_frequency(["Gout"], ["Gout"])
