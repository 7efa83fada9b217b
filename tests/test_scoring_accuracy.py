"""Accuracy clustered by case, paired differences, Wilson, McNemar, Holm: against published and worked figures."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from scoring.accuracy import CLUSTERED, WILSON, accuracy, difference, holm, wilson
from scoring.estimates import TooLittleData


def test_wilson_gives_the_interval_of_the_physicians_of_medsyn() -> None:
    assert wilson(287, 398) == pytest.approx((0.675, 0.763), abs=5e-4)


def test_one_answer_a_case_has_wilsons_interval() -> None:
    found = accuracy({f"c{n}": [float(n < 3)] for n in range(4)})
    assert (found.estimate, found.n, found.method) == (0.75, 4, WILSON)
    assert found.ci == pytest.approx(wilson(3, 4))


def test_samples_of_a_case_are_no_cases() -> None:
    # Case means 1, .5, 0: mean .5, sd .5, so .5 +- 4.303 * .5 / sqrt(3), cut at 0 and 1.
    found = accuracy({"a": [1, 1], "b": [1, 0], "c": [0, 0]})
    assert (found.estimate, found.n, found.answers, found.method) == (0.5, 3, 6, CLUSTERED)
    assert found.ci == (0, 1)
    many = {f"{name}{n}": own for n in range(10) for name, own in {"a": [1, 1], "b": [1, 0], "c": [0, 0]}.items()}
    half = stats.t.ppf(0.975, 29) * np.std([1, 0.5, 0] * 10, ddof=1) / np.sqrt(30)
    assert accuracy(many).ci == pytest.approx((0.5 - half, 0.5 + half))
    assert accuracy({case: own * 7 for case, own in many.items()}).ci == pytest.approx((0.5 - half, 0.5 + half))


def test_a_rate_of_nothing_is_refused() -> None:
    with pytest.raises(TooLittleData, match="there is no rate"):
        accuracy({"a": []})
    with pytest.raises(TooLittleData, match="share of nothing"):
        wilson(0, 0)


def test_binary_pairs_are_tested_by_mcnemar_exactly() -> None:
    # 9 cases gained, 2 lost, 20 unchanged: two-sided binomial p = 2 * P(X <= 2 | 11, 1/2) = 134 / 2048.
    first = {f"g{n}": [1] for n in range(9)} | {f"l{n}": [0] for n in range(2)} | {f"s{n}": [1] for n in range(20)}
    second = {f"g{n}": [0] for n in range(9)} | {f"l{n}": [1] for n in range(2)} | {f"s{n}": [1] for n in range(20)}
    found = difference(first, second)
    assert (found.estimate, found.n) == pytest.approx((7 / 31, 31))
    assert found.p == pytest.approx(134 / 2048)
    # Bonett and Price: gained and lost plus one each, of n + 2.
    up, down = 10 / 33, 3 / 33
    half = 1.959964 * np.sqrt((up + down - (up - down) ** 2) / 33)
    assert found.ci == pytest.approx((up - down - half, up - down + half), abs=1e-6)


def test_no_case_that_changed_is_no_proof_of_no_difference() -> None:
    found = difference({"a": [1], "b": [0]}, {"a": [1], "b": [0]})
    assert (found.estimate, found.p) == (0, 1)
    assert found.ci is not None
    assert found.ci[0] < -0.5 < 0.5 < found.ci[1]


def test_several_samples_a_case_are_tested_by_flipping_signs_and_drawn_by_case() -> None:
    first = {f"c{n}": [1, 1, 0] for n in range(6)}
    second = {f"c{n}": [0, 1, 0] for n in range(5)} | {"c5": [0, 0, 0], "alone": [1, 1, 1]}
    found = difference(first, second)
    assert (found.estimate, found.n) == pytest.approx(((5 / 3 + 2 / 3) / 6, 6))
    assert found.p == pytest.approx(2 / 64), "all six cases go one way: 2 of the 64 signs do"
    assert found.ci is not None
    assert 1 / 3 <= found.ci[0] < found.ci[1] <= 2 / 3
    with pytest.raises(TooLittleData, match="both ways"):
        difference(first, {"other": [1]})


def test_cases_that_did_not_move_say_nothing_about_the_direction() -> None:
    rng = np.random.default_rng(0)
    few = {f"c{n}": [value, value] for n, value in enumerate(rng.normal(0.3, 1, 12))}
    still = {f"z{n}": [0, 0] for n in range(40)}
    nothing = {case: [0, 0] for case in few | still}
    assert difference(few | still, nothing).p == difference(few, nothing).p


def test_signs_drawn_for_many_cases_agree_with_the_t_test() -> None:
    rng = np.random.default_rng(1)
    moved = {f"c{n}": [value, value] for n, value in enumerate(rng.normal(0.35, 1, 60))}
    found = difference(moved, {case: [0, 0] for case in moved})
    t = stats.ttest_1samp([own[0] for own in moved.values()], 0).pvalue
    assert found.p == pytest.approx(t, abs=0.02)
    assert found == difference(moved, {case: [0, 0] for case in moved}), "the same seed, the same figures"


def test_holm_adjusts_as_worked_out() -> None:
    # .01 * 4, max(.04, .02 * 3), max(.06, .03 * 2), max(.06, .5)
    assert holm([0.03, 0.01, 0.5, 0.02]) == pytest.approx([0.06, 0.04, 0.5, 0.06])
    assert holm([]) == []
