"""The crossed bootstrap against its variance with infinitely many draws, which is closed form."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring import weights
from scoring.bootstrap import crossed, resampled, weighted_median, within_cases
from scoring.estimates import TooLittleData
from scoring.joint import Comparison, max_t
from scoring.weights import plain, stream

Array = npt.NDArray[np.float64]
DRAWS = 2000
PANEL = Path(__file__).parents[1] / "../shared/refdata/panel_synth.csv"


def ideal_variance(x: Array) -> float:
    """Variance of sum w_r v_c x_rc / (R K) over multinomial weights: E[w_r w_s] is 1 - 1/R, and 2 - 1/R for r = s."""
    r, k = x.shape
    rows, columns, total = (x.sum(axis=1) ** 2).sum(), (x.sum(axis=0) ** 2).sum(), x.sum() ** 2
    second = (x**2).sum() + (1 - 1 / k) * rows + (1 - 1 / r) * columns + (1 - 1 / r) * (1 - 1 / k) * total
    return float(second / (r * k) ** 2 - (x.sum() / (r * k)) ** 2)


def ideal_covariance(x: Array, y: Array) -> float:
    """Two groups share only the cases: [sum of products of case means - product of sums / K] / K^2."""
    a, b = x.mean(axis=0), y.mean(axis=0)
    return float(((a * b).sum() - a.sum() * b.sum() / len(a)) / len(a) ** 2)


def scores(seed: int = 0) -> tuple[Array, list[str]]:
    rng = np.random.default_rng(seed)
    x = (0.4 * rng.normal(size=(11, 1)) + 0.5 * rng.normal(size=60) + rng.normal(size=(11, 60)) > 0).astype(float)
    return x, ["human"] * 7 + ["model"] * 4


def test_standard_errors_approach_the_ideal() -> None:
    x, group = scores()
    found = crossed(x, group, DRAWS, seed=1)
    humans, models = x[:7], x[7:]
    difference = ideal_variance(humans) + ideal_variance(models) - 2 * ideal_covariance(humans, models)
    for se, variance in (
        (found.se("human"), ideal_variance(humans)),
        (found.se("model"), ideal_variance(models)),
        (found.se("human", "model"), difference),
    ):
        assert abs(se / math.sqrt(variance) - 1) <= 4 / math.sqrt(2 * DRAWS)


def reference_gap() -> tuple[Array, list[str]]:
    """Gaps (readers, cases) of the reference panel, humans first, and each reader's group."""
    if not PANEL.exists():
        pytest.skip("the reference data (panel_synth.csv) are not beside this checkout")
    import pandas as pd

    table = pd.read_csv(PANEL)
    table["gap"] = table["ddx_top5"] - table["fdx_correct"]
    wide = table.pivot(index=["group", "reader"], columns="case", values="gap")
    return wide.to_numpy(float), list(wide.index.get_level_values("group"))


def test_reference_panel_gap() -> None:
    x, groups = reference_gap()
    h, m = x[:12], x[12:]
    assert math.sqrt(ideal_variance(h) + ideal_variance(m) - 2 * ideal_covariance(h, m)) == pytest.approx(
        0.05980799, abs=5e-9
    )
    se = crossed(x, groups, 10_000, seed=20261122).se("human", "model")
    assert abs(se / 0.05980799 - 1) <= 4 / math.sqrt(20_000)


def test_reference_panel_quantiles() -> None:
    """The percentile interval of 200,000 draws elsewhere, within 4 Monte Carlo errors of 10,000."""
    x, groups = reference_gap()
    low, high = crossed(x, groups, 10_000, seed=20261122).interval("human", "model")
    assert (low, high) == pytest.approx((-0.19513889, 0.04111111), abs=4 * 0.000358 * math.sqrt(20))


def test_seed_alone_decides_whatever_the_number_of_threads() -> None:
    x, group = scores()
    one, four = (crossed(x, group, 1200, seed=7, threads=threads) for threads in (1, 4))
    assert np.array_equal(one.draws, four.draws)
    assert not np.array_equal(one.draws, crossed(x, group, 1200, seed=8).draws)


def test_all_outcomes_share_one_set_of_weights() -> None:
    x, group = scores()
    found = crossed(np.stack([x, 1 - x, 2 * x]), group, 300)
    assert np.allclose(found.draws[0] + found.draws[1], 1)
    assert np.allclose(2 * found.draws[0], found.draws[2])


def test_missing_cells_leave_the_weighted_mean_of_the_rest() -> None:
    x, group = scores()
    constant = np.where(np.random.default_rng(2).random(x.shape) < 0.3, np.nan, 0.25)
    found = crossed(constant, group, 300)
    assert np.allclose(found.draws, 0.25)
    assert found.estimates == pytest.approx(0.25)


def test_a_draw_without_any_cell_is_counted_and_left_out() -> None:
    x = np.array([[1.0, np.nan], [0.0, np.nan]])
    found = crossed(x, ["human"] * 2, 400, seed=3)
    assert 60 < found.empty < 140
    low, high = found.interval("human")
    assert (low, high) == (0.0, 1.0)


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(7)), st.permutations(range(60)))
def test_estimates_and_spread_do_not_depend_on_the_order(readers: list[int], cases: list[int]) -> None:
    x, group = scores()
    order = [*readers, 7, 8, 9, 10]
    found, shuffled = crossed(x, group, 1000), crossed(x[order][:, cases], group, 1000)
    assert shuffled.estimates == pytest.approx(found.estimates)
    assert shuffled.se("human") == pytest.approx(found.se("human"), rel=8 / math.sqrt(2000))


def test_numpy_and_the_compiled_loop_give_the_same_weights() -> None:
    for n in (1, 2, 7, 60, 1001):
        plain, compiled = np.empty((13, n)), np.empty((13, n))
        weights.plain(weights.stream(3, n), 5, plain)
        weights.filler(weights.COMPILED_FROM)(weights.stream(3, n), 5, compiled)
        assert np.array_equal(plain, compiled)
        assert (plain.sum(axis=1) == n).all()


def test_weights_are_multinomial_and_streams_have_nothing_in_common() -> None:
    """Mean 1, variance 1 - 1/n, covariance -1/n, over 20,000 draws; two streams are uncorrelated within 4 SE."""
    first, second = np.empty((20_000, 10)), np.empty((20_000, 10))
    for number, out in enumerate((first, second)):
        weights.plain(weights.stream(1, number), 0, out)
    covariance = np.cov(first.T)
    assert first.mean(axis=0) == pytest.approx(1, abs=4 * 0.0068)
    assert np.diag(covariance) == pytest.approx(0.9, abs=0.04)
    assert covariance[~np.eye(10, dtype=bool)] == pytest.approx(-0.1, abs=0.03)
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 4 / math.sqrt(200_000)


def test_any_statistic_is_resampled_by_the_same_weights() -> None:
    x, group = scores()
    x[2, 5] = np.nan
    means = resampled(x, group, lambda values, w: (w @ values) / w.sum(axis=1), 300, seed=4)
    assert np.allclose(means.draws, crossed(x, group, 300, seed=4).draws)
    medians = resampled(np.arange(55.0).reshape(5, 11), ["human"] * 5, weighted_median, 300, seed=4)
    assert medians.estimates == pytest.approx(27)
    assert medians.se("human") > 3


def test_a_median_weighs_what_it_is_told() -> None:
    values, w = np.array([3.0, 1.0, 2.0]), np.array([[1.0, 1, 1], [5, 1, 1], [0, 0, 0]])
    assert weighted_median(values, w)[:2].tolist() == [2.0, 3.0]
    assert math.isnan(weighted_median(values, w)[2])


def test_joint_tests_are_wider_than_each_alone_and_no_wider_than_bonferroni() -> None:
    x, group = scores()
    own = crossed(np.stack([x, np.random.default_rng(5).random(x.shape), 1 - x]), group, 4000, seed=6)
    found = max_t(own, [Comparison(outcome, "human", "model") for outcome in range(3)])
    alone = max_t(own, [Comparison(0, "human", "model")])
    assert alone.critical < found.critical < 2.6
    assert found.p[0] >= alone.p[0]
    assert found.p[0] == pytest.approx(found.p[2]), "an outcome and its opposite are one test"
    assert found.intervals[0][0] < alone.intervals[0][0]
    assert found.se[0] == pytest.approx(own.se("human", "model"))


def test_joint_tests_hold_their_level_over_three_outcomes() -> None:
    """No effect: the smallest adjusted p is below .05 in about .05 of 200 panels; the limit is .11."""
    rng = np.random.default_rng(7)
    smallest = []
    for seed in range(200):
        x = rng.normal(size=(3, 1, 40)) + rng.normal(size=(3, 16, 40))
        own = crossed(x, ["human"] * 8 + ["model"] * 8, 300, seed=seed)
        smallest.append(min(max_t(own, [Comparison(outcome, "human", "model") for outcome in range(3)]).p))
    assert np.mean(np.array(smallest) < 0.05) < 0.11


def test_a_comparison_that_does_not_vary_is_refused() -> None:
    own = crossed(np.ones((4, 6)), ["human"] * 4, 50)
    with pytest.raises(TooLittleData, match="does not vary"):
        max_t(own, [Comparison(0, "human")])


def test_without_the_compiler_the_result_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    x, group = scores()
    draws = weights.COMPILED_FROM // 71 + 1
    compiled = crossed(x, group, draws, seed=9)
    monkeypatch.setitem(sys.modules, "numba", None)
    weights._compiled.cache_clear()
    plain = crossed(x, group, draws, seed=9)
    weights._compiled.cache_clear()
    assert np.array_equal(compiled.draws, plain.draws)


def test_a_panel_drawn_within_cases_is_the_crossed_bootstrap_where_no_cell_is_missing() -> None:
    x = np.random.default_rng(5).normal(size=(2, 4, 30))
    own, whole = within_cases(x, 200, 9), crossed(x, ["panel"] * 4, 200, 9)
    assert own.draws == pytest.approx(whole.draws)
    assert own.estimates == pytest.approx(whole.estimates)


def test_with_missing_cells_every_case_counts_alike_and_each_draw_is_that_mean_of_its_weights() -> None:
    rng = np.random.default_rng(6)
    x = rng.normal(size=(3, 12)) + rng.normal(size=12)
    x[rng.random(x.shape) < 0.3] = np.nan
    x[0] = rng.normal(size=12)
    x[:, 4] = np.nan
    own = within_cases(x[None], 50, 1)
    assert own.estimates[0, 0] == pytest.approx(np.nanmean(np.delete(x, 4, axis=1), axis=0).mean())
    v, w = np.empty((50, 12)), np.empty((50, 3))
    plain(stream(1, 0), 0, v)
    plain(stream(1, 1), 0, w)
    for draw in range(50):
        weights = w[draw][:, None] * ~np.isnan(x)
        read = weights.sum(axis=0) > 0
        means = (weights * np.nan_to_num(x)).sum(axis=0)[read] / weights.sum(axis=0)[read]
        assert own.draws[0, 0, draw] == pytest.approx(np.average(means, weights=v[draw][read]))


def test_a_panel_drawn_within_cases_needs_two_readers() -> None:
    with pytest.raises(TooLittleData, match="two readers"):
        within_cases(np.zeros((1, 1, 5)))
