"""Sums of weighted means over groups, tasks and subsets of cases: what they equal, and what does not change them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from scoring import missing, mrmc
from scoring.missing import Term, combined

Array = npt.NDArray[np.float64]


def effects(seed: int, readers: int = 6, cases: int = 40) -> Array:
    rng = np.random.default_rng(seed)
    effect = 0.2 * rng.normal(size=(readers, 1)) + 0.4 * rng.normal(size=cases)
    return np.asarray(effect + rng.normal(size=(readers, cases)))


def part(x: Array, cases: slice) -> Array:
    """The scores of some cases; the others are missing."""
    kept = np.full_like(x, np.nan)
    kept[:, cases] = x[:, cases]
    return kept


def test_two_tasks_of_one_group_equal_the_analysis_of_their_difference() -> None:
    ddx, fdx = effects(1), effects(2)
    found = combined([Term(1, "human", ddx), Term(-1, "human", fdx)])
    gap = mrmc.one_group(ddx - fdx)
    assert (found.estimate, found.se, found.df, found.p) == pytest.approx((gap.estimate, gap.se, gap.df, gap.p))


def test_group_by_task_equals_the_contrast_of_the_gaps() -> None:
    ddx, fdx, models_ddx, models_fdx = effects(1), effects(2), effects(3, 4), effects(4, 4)
    terms = [Term(1, "human", ddx), Term(-1, "human", fdx), Term(-1, "model", models_ddx), Term(1, "model", models_fdx)]
    found, gaps = combined(terms), missing.contrast(ddx - fdx, models_ddx - models_fdx)
    assert (found.estimate, found.se, found.df) == pytest.approx((gaps.estimate, gaps.se, gaps.df))


def test_two_subsets_of_cases_share_readers_and_nothing_else() -> None:
    """By hand for complete data: readers' differences vary by their mean square, cases within each subset."""
    x = effects(5)
    first, second = slice(0, 15), slice(15, 40)
    found = combined([Term(1, "human", part(x, first)), Term(-1, "human", part(x, second))])
    own = x[:, first].mean(axis=1) - x[:, second].mean(axis=1)
    shared = [missing.moments(x[:, cases], np.ones_like(x[:, cases])).case for cases in (first, second)]
    assert found.estimate == pytest.approx(own.mean())
    assert found.se**2 == pytest.approx(own.var(ddof=1) / 6 + sum(shared))


def test_an_interaction_of_group_task_and_subset_holds_its_error_rate() -> None:
    """No effect: (human gap - model gap) on one half of the cases minus the other; limits .02 to .085 of 500."""
    rejected = []
    for seed in range(500):
        h, m = effects(2 * seed, 8, 60), effects(2 * seed + 1, 4, 60)
        halves = [(1, slice(0, 30)), (-1, slice(30, 60))]
        terms = [Term(sign, "human", part(h, half)) for sign, half in halves]
        terms += [Term(-sign, "model", part(m, half)) for sign, half in halves]
        rejected.append(combined(terms).p < 0.05)
    assert 0.02 < np.mean(rejected) < 0.085


def test_forms_read_by_different_readers_of_a_case_leave_the_case_out_of_the_difference() -> None:
    """Each reader reads half of the cases in each form: a case's difficulty cancels, so the error is smaller than of
    two unrelated sets of cases.
    """
    rng = np.random.default_rng(6)
    x = 3 * rng.normal(size=40) + rng.normal(size=(8, 40))
    image = (np.arange(8)[:, None] + np.arange(40)) % 2 == 0
    found = combined([Term(1, "human", np.where(image, x, np.nan)), Term(-1, "human", np.where(image, np.nan, x))])
    assert found.se < 0.25
    assert found.estimate == pytest.approx(x[image].mean() - x[~image].mean())


def test_a_constant_moves_a_complete_design_and_a_centred_one_with_holes_by_itself() -> None:
    x, holes = effects(7), np.random.default_rng(7).random((6, 40)) < 0.3
    pairs = [(mrmc.one_group(x), mrmc.one_group(x + 9))]
    open_cells = np.where(holes, np.nan, x)
    pairs.append((missing.panel(open_cells, centred=True), missing.panel(open_cells + 9, centred=True)))
    for own, moved in pairs:
        assert (moved.estimate - own.estimate, moved.se, moved.df) == pytest.approx((9, own.se, own.df))


def test_order_and_names_of_readers_and_cases_do_not_matter_with_holes() -> None:
    rng = np.random.default_rng(8)
    h, m = (np.where(rng.random(x.shape) < 0.3, np.nan, x) for x in (effects(8), effects(9, 4)))
    rows, columns = rng.permutation(6), rng.permutation(40)
    for analysis in (missing.contrast, missing.within_case, missing.within_case_fixed):
        own, shuffled = analysis(h, m), analysis(h[rows][:, columns], m[:, columns])
        assert (shuffled.estimate, shuffled.se, shuffled.df) == pytest.approx((own.estimate, own.se, own.df))


def test_swapping_the_groups_turns_the_sign_and_nothing_else() -> None:
    h, m = effects(10), effects(11, 5)
    own, swapped = mrmc.group_contrast(h, m), mrmc.group_contrast(m, h)
    assert (-swapped.estimate, swapped.se, swapped.df, swapped.p) == pytest.approx(
        (own.estimate, own.se, own.df, own.p)
    )


def test_duplicated_readers_keep_the_estimate_and_the_part_of_the_cases() -> None:
    """Twice the same readers: the mean square goes down by (2r - 2)/(2r - 1), half of it a reader; cases stay."""
    x = effects(12)
    own, doubled = mrmc.one_group(x, "cases"), mrmc.one_group(np.vstack([x, x]), "cases")
    assert (doubled.estimate, doubled.se) == pytest.approx((own.estimate, own.se), rel=1e-9)
    readers, twice = mrmc.one_group(x, "readers"), mrmc.one_group(np.vstack([x, x]), "readers")
    assert twice.se**2 == pytest.approx(readers.se**2 * 5 / 11)
