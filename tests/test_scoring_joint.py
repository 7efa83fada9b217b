"""Joint tests and the panel drawn within cases: what must not change them, and the closed form of their spread."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.bootstrap import crossed, crossed_and_alone, within_cases
from scoring.joint import Comparison, max_t
from tests.test_scoring_bootstrap import ideal_covariance, ideal_variance

Array = npt.NDArray[np.float64]
GROUPS = ["human"] * 5 + ["model"] * 4
BOTH = [Comparison(place, "human", "model") for place in range(3)]


def panel(seed: int) -> Array:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(3, 9, 25)) + rng.normal(size=(3, 9, 1)) + rng.normal(size=(3, 1, 25)) + rng.normal(size=25)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(-9, 9), st.floats(0.1, 9), st.permutations([0, 1, 2]))
def test_constants_units_and_the_order_of_outcomes_change_no_joint_p(
    seed: int, constant: float, unit: float, order: list[int]
) -> None:
    x = panel(seed)
    first = max_t(crossed(x, GROUPS, 300, seed), BOTH)
    second = max_t(crossed(unit * x[order] + constant, GROUPS, 300, seed), BOTH)
    assert second.p == pytest.approx([first.p[place] for place in order], abs=2 / 301)
    assert second.critical == pytest.approx(first.critical)
    assert second.se == pytest.approx([unit * first.se[place] for place in order])


def test_groups_that_change_places_turn_the_sign_and_an_outcome_said_twice_counts_once() -> None:
    drawn = crossed(panel(1), GROUPS, 300, 2)
    first = max_t(drawn, BOTH)
    turned = max_t(drawn, [Comparison(place, "model", "human") for place in range(3)])
    assert turned.estimates == pytest.approx([-one for one in first.estimates])
    assert (turned.p, turned.critical) == (first.p, first.critical)
    assert max_t(drawn, [*BOTH, BOTH[1]]).p == (*first.p, first.p[1])


def test_a_joint_interval_leaves_zero_out_where_the_joint_p_is_small() -> None:
    """Estimate +- critical x SE, and p = (1 + draws in which the largest |T| is as large) / (draws + 1)."""
    drawn = crossed(panel(3), GROUPS, 400, 3)
    found = max_t(drawn, BOTH)
    t = drawn.draws[:, 0] - drawn.draws[:, 1] - (drawn.estimates[:, 0] - drawn.estimates[:, 1])[:, None]
    largest = np.abs(t / np.array(found.se)[:, None]).max(axis=0)
    for d, se, p, ends in zip(found.estimates, found.se, found.p, found.intervals, strict=True):
        assert p == (1 + int((largest >= abs(d / se) - 1e-12).sum())) / 401
        assert ends == pytest.approx((d - found.critical * se, d + found.critical * se))
    assert found.critical == pytest.approx(np.quantile(largest, 0.95))


def test_the_spread_of_a_difference_and_of_a_panel_within_cases_is_the_closed_form() -> None:
    draws = 4000
    x = panel(4)
    h, m = x[0, :5], x[0, 5:]
    ideal = math.sqrt(ideal_variance(h) + ideal_variance(m) - 2 * ideal_covariance(h, m))
    assert crossed(x, GROUPS, draws, 5).se("human", "model") == pytest.approx(ideal, rel=4 / math.sqrt(2 * draws))
    panel_alone = within_cases(x[:, :5], draws, 5)
    assert panel_alone.se("panel") == pytest.approx(math.sqrt(ideal_variance(h)), rel=4 / math.sqrt(2 * draws))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(-9, 9))
def test_a_constant_moves_a_panel_with_holes_by_itself_in_every_draw(seed: int, constant: float) -> None:
    x = panel(seed)
    x[np.random.default_rng(seed).random(x.shape) < 0.2] = np.nan
    first, second = within_cases(x, 50, seed), within_cases(x + constant, 50, seed)
    assert second.estimates == pytest.approx(first.estimates + constant)
    assert second.draws == pytest.approx(first.draws + constant, nan_ok=True)


@pytest.mark.parametrize("holes", [0.0, 0.3])
def test_readers_alone_are_drawn_as_groups_of_one_beside_their_groups(holes: float) -> None:
    x = panel(7)
    x[np.random.default_rng(7).random(x.shape) < holes] = np.nan
    names = [f"r{place}" for place in range(9)]
    groups, alone = crossed_and_alone(x, GROUPS, names, 250, 4)
    for found, wanted in ((groups, crossed(x, GROUPS, 250, 4)), (alone, crossed(x, names, 250, 4))):
        assert found.groups == wanted.groups
        assert found.estimates == pytest.approx(wanted.estimates)
        assert found.draws == pytest.approx(wanted.draws, nan_ok=True)
        assert found.empty == wanted.empty
