"""Missing cells: exact where the design is complete, unbiased where it is not, fair where humans stop before hard
cases.
"""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import pytest

from scoring import missing, mrmc
from scoring.estimates import TooLittleData

Array = npt.NDArray[np.float64]


def effects(rng: np.random.Generator, readers: int, cases: int, spread: float = 0.3) -> Array:
    effect = spread * rng.normal(size=(readers, 1)) + 0.7 * rng.normal(size=cases)
    return np.asarray(effect + rng.normal(size=(readers, cases)))


def with_holes(rng: np.random.Generator, x: Array, share: float) -> Array:
    return np.where(rng.random(x.shape) < share, np.nan, x)


def test_a_complete_design_gives_the_closed_form() -> None:
    rng = np.random.default_rng(1)
    humans, models = effects(rng, 6, 40), effects(rng, 4, 40)
    shared = rng.normal(size=40)
    whole, parts = mrmc.group_contrast(humans, models + shared), missing.contrast(humans, models + shared)
    assert (parts.estimate, parts.se, parts.df) == pytest.approx((whole.estimate, whole.se, whole.df), rel=1e-9)
    one, moments = mrmc.one_group(humans), missing.panel(humans)
    assert (moments.se, moments.df) == pytest.approx((one.se, one.df), rel=1e-9)


def test_within_case_equals_cell_means_when_nothing_is_missing() -> None:
    rng = np.random.default_rng(2)
    humans, models = effects(rng, 6, 40), effects(rng, 4, 40)
    within, cells = missing.within_case(humans, models), missing.contrast(humans, models)
    assert (within.estimate, within.se) == pytest.approx((cells.estimate, cells.se), rel=1e-9)
    fixed, closed = missing.within_case_fixed(humans, models), mrmc.model_against_panel(humans, models.mean(axis=0))
    assert (fixed.estimate, fixed.se, fixed.df) == pytest.approx((closed.estimate, closed.se, closed.df), rel=1e-9)


def test_moments_are_means_over_pairs_of_cells() -> None:
    """The variance parts, from their definition: an average over all pairs of cells of each kind, one by one."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(3, 4))
    d = np.array([[1, 1, 0, 1], [1, 0, 1, 1], [0, 1, 1, 1]], dtype=float)
    cells = [(r, c) for r in range(3) for c in range(4) if d[r, c]]
    products: dict[tuple[bool, bool], list[float]] = {}
    for (r, c), (s, e) in itertools.product(cells, cells):
        products.setdefault((r == s, c == e), []).append(x[r, c] * x[s, e])
    m11, m10, m01, m00 = (
        np.mean(products[kind]) for kind in [(True, True), (False, True), (True, False), (False, False)]
    )
    a11, a10, a01, a00 = (
        len(products[kind]) / len(cells) ** 2 for kind in [(True, True), (False, True), (True, False), (False, False)]
    )
    found = missing.moments(x * d, d)
    assert found.reader + found.case == pytest.approx(a11 * m11 + a10 * m10 + a01 * m01 + (a00 - 1) * m00)


def test_the_variance_is_unbiased_with_holes() -> None:
    """Over 600 panels the mean estimated variance is within 15 % of the variance of the estimates."""
    rng = np.random.default_rng(4)
    holes = rng.random((6, 30)) < 0.3
    panels = [np.where(holes, np.nan, effects(rng, 6, 30)) for _ in range(600)]
    parts = [missing.moments(np.nan_to_num(x), (~holes).astype(float)) for x in panels]
    estimated = np.mean([part.reader + part.case for part in parts])
    assert estimated == pytest.approx(np.var([part.mean for part in parts]), rel=0.15)


def test_rejections_with_holes_stay_near_nominal() -> None:
    """No true difference, 25 % holes: the df rule rejects about .05 of 400 panels (binomial limits .025 to .095)."""
    rng = np.random.default_rng(5)
    rejected = []
    for common in rng.normal(size=(400, 60)):
        humans = with_holes(rng, common + effects(rng, 8, 60), 0.25)
        rejected.append(missing.contrast(humans, common + effects(rng, 5, 60)).p < 0.05)
    assert 0.025 < np.mean(rejected) < 0.095


def test_within_case_is_fair_when_humans_skip_hard_cases() -> None:
    """Equal groups; humans answer hard cases half as often: cell means favour them, case by case nobody is favoured."""
    rng = np.random.default_rng(6)
    cells, within = [], []
    for _ in range(60):
        ease = rng.normal(size=80)
        humans = ease + rng.normal(size=(8, 80))
        humans[(rng.random((8, 80)) < 0.5) & (ease < 0)] = np.nan
        models = ease + rng.normal(size=(4, 80))
        cells.append(missing.contrast(humans, models).estimate)
        within.append(missing.within_case(humans, models).estimate)
    assert np.mean(cells) > 0.15
    assert abs(np.mean(within)) < 0.05


def test_a_negative_variance_falls_back_to_the_truncated_form_and_says_so() -> None:
    """Two readers who always disagree: their case variance is negative."""
    humans = np.array([[1, 0, 1, 0, 1, 0], [0, 1, 0, 1, 0, 1.0]])
    found = missing.panel(humans)
    assert found.method.endswith("truncated")
    assert found.se > 0


@pytest.mark.parametrize(
    "scores",
    [
        [[1.0, np.nan], [np.nan, 0.0]],
        [[1.0, 0.0], [np.nan, np.nan]],
        [[1.0, np.nan], [0.0, np.nan]],
    ],
)
def test_designs_that_cannot_tell_readers_from_cases_are_refused(scores: list[list[float]]) -> None:
    with pytest.raises(TooLittleData):
        missing.panel(scores)
