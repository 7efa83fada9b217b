"""The crossed bootstrap against its variance with infinitely many draws, which is closed form."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.bootstrap import crossed

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


def test_reference_panel_gap() -> None:
    if not PANEL.exists():
        pytest.skip("the reference data (panel_synth.csv) are not beside this checkout")
    import pandas as pd

    table = pd.read_csv(PANEL)
    table["gap"] = table["ddx_top5"] - table["fdx_correct"]
    wide = table.pivot(index=["group", "reader"], columns="case", values="gap")
    groups = list(wide.index.get_level_values("group"))
    x = wide.to_numpy(float)
    h, m = x[:12], x[12:]
    assert math.sqrt(ideal_variance(h) + ideal_variance(m) - 2 * ideal_covariance(h, m)) == pytest.approx(
        0.05980799, abs=5e-9
    )
    se = crossed(x, groups, 10_000, seed=20261122).se("human", "model")
    assert abs(se / 0.05980799 - 1) <= 4 / math.sqrt(20_000)


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
