"""Each closed form again, written out pair by pair on drawn panels: no sign and no count hangs on stored data."""

from __future__ import annotations

import math
from itertools import combinations, permutations

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from scoring import missing, mrmc
from scoring.analysis import analyse

Array = npt.NDArray[np.float64]


def drawn(readers: int, cases: int, seed: int, tests: int = 1, shared: float = 1.0) -> Array:
    """Scores (tests, readers, cases) with effects of reader, case, reader by test and case by test."""
    rng = np.random.default_rng(seed)
    case = rng.normal(size=(1, 1, cases)) + shared * rng.normal(size=(tests, 1, cases))
    reader = rng.normal(size=(1, readers, 1)) + 0.5 * rng.normal(size=(tests, readers, 1))
    return case + reader + rng.normal(size=(tests, readers, cases))


def cov(a: Array, b: Array) -> float:
    """The covariance of two means over the same cases."""
    k = len(a)
    return float(((a - a.mean()) * (b - b.mean())).sum()) / (k - 1) / k


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


@pytest.mark.parametrize(("tests", "readers"), [(2, 4), (3, 5)])
def test_several_tests_with_readers_and_cases_random_with_fixed_readers_and_with_fixed_cases(
    tests: int, readers: int
) -> None:
    x = drawn(readers, 30, 1, tests)
    theta = x.mean(axis=2)
    t, r, pairs = tests, readers, list(permutations(range(readers), 2))
    both = list(permutations(range(tests), 2))
    var = mean([cov(x[i, j], x[i, j]) for i in range(t) for j in range(r)])
    cov1 = mean([cov(x[i, j], x[h, j]) for i, h in both for j in range(r)])
    cov2 = mean([cov(x[i, j], x[i, k]) for i in range(t) for j, k in pairs])
    cov3 = mean([cov(x[i, j], x[h, k]) for i, h in both for j, k in pairs])
    assert cov2 > cov3 > 0
    ms_t = r * sum((theta[i].mean() - theta.mean()) ** 2 for i in range(t)) / (t - 1)
    rest = theta - theta.mean(axis=1, keepdims=True) - theta.mean(axis=0) + theta.mean()
    ms_tr = float((rest**2).sum()) / ((t - 1) * (r - 1))
    found, den = mrmc.crossed(x), ms_tr + r * (cov2 - cov3)
    df2 = den**2 / (ms_tr**2 / ((t - 1) * (r - 1)))
    assert (found.F, found.df1, found.df2) == pytest.approx((ms_t / den, t - 1, df2))
    assert found.p == pytest.approx(stats.f.sf(ms_t / den, t - 1, df2))
    pair = found.differences[0, 1]
    assert (pair.estimate, pair.se, pair.df) == pytest.approx(
        (theta[0].mean() - theta[1].mean(), math.sqrt(2 * den / r), df2)
    )
    assert found.fixed_readers is not None
    assert found.fixed_cases is not None
    fixed = var - cov1 + (r - 1) * (cov2 - cov3)
    assert pytest.approx(ms_t / fixed) == found.fixed_readers.F
    assert found.fixed_readers.p == pytest.approx(stats.chi2.sf((t - 1) * ms_t / fixed, t - 1))
    assert found.fixed_readers.differences[0, 1].se == pytest.approx(math.sqrt(2 * fixed / r))
    assert pytest.approx(ms_t / ms_tr) == found.fixed_cases.F
    assert found.fixed_cases.df2 == (t - 1) * (r - 1)
    assert found.fixed_cases.differences[0, 1].se == pytest.approx(math.sqrt(2 * ms_tr / r))


def test_one_test_alone_and_the_same_with_readers_fixed() -> None:
    (x,) = drawn(4, 30, 2)
    cov2 = mean([cov(x[i], x[j]) for i, j in permutations(range(4), 2)])
    between = float(x.mean(axis=1).var(ddof=1))
    den = between + 4 * cov2
    found, fixed = mrmc.one_group(x), mrmc.one_group(x, "cases")
    assert (found.se, found.df) == pytest.approx((math.sqrt(den / 4), den**2 / (between**2 / 3)))
    assert fixed.se == pytest.approx(math.sqrt(sum(cov(x[i], x[j]) for i in range(4) for j in range(4)) / 16))


def test_readers_who_disagree_on_cases_leave_the_variance_between_them_alone() -> None:
    """Cov2 = -1/16 is cut at 0: means .75 and .25 vary by 1/8, so SE = sqrt(1/8 / 2) = 1/4 on one degree of freedom."""
    found = mrmc.one_group([[1, 0, 1, 1], [0, 1, 0, 0]])
    assert (found.estimate, found.se, found.df) == pytest.approx((0.5, 0.25, 1))
    both = mrmc.crossed([[[1, 0, 1, 1], [0, 1, 0, 0]], [[1, 1, 1, 1], [0, 0, 0, 1]]])
    assert both.components.cov2 - both.components.cov3 < 0
    assert both.df2 == pytest.approx(1)


def groups() -> tuple[Array, Array, float, float, float]:
    h, m = drawn(3, 40, 3, shared=1.5)[0], drawn(5, 40, 4)[0]
    cov2_h = mean([cov(h[i], h[j]) for i, j in permutations(range(3), 2)])
    cov2_m = mean([cov(m[i], m[j]) for i, j in permutations(range(5), 2)])
    cov3 = mean([cov(a, b) for a in h for b in m])
    return h, m, cov2_h, cov2_m, cov3


def test_humans_against_models_with_variances_of_their_own() -> None:
    h, m, cov2_h, cov2_m, cov3 = groups()
    parts = h.mean(axis=1).var(ddof=1) / 3, m.mean(axis=1).var(ddof=1) / 5
    variance = sum(parts) + cov2_h + cov2_m - 2 * cov3
    found = mrmc.group_contrast(h, m)
    assert found.se == pytest.approx(math.sqrt(variance))
    assert found.df == pytest.approx(variance**2 / (parts[0] ** 2 / 2 + parts[1] ** 2 / 4))


def test_humans_against_models_pooled_and_with_cases_fixed() -> None:
    h, m, cov2_h, cov2_m, cov3 = groups()
    means = h.mean(axis=1), m.mean(axis=1)
    within = sum(float(((one - one.mean()) ** 2).sum()) for one in means) / (8 - 2)
    cov2 = (cov2_h * 3 * 2 + cov2_m * 5 * 4) / (3 * 2 + 5 * 4)
    assert cov2 > cov3
    den = within + (8**2 - 3**2 - 5**2) / 8 * (cov2 - cov3)
    found, welch = mrmc.group_contrast(h, m, pooled=True), mrmc.group_contrast(h, m, random="readers")
    assert (found.se, found.df) == pytest.approx((math.sqrt((1 / 3 + 1 / 5) * den), den**2 / (within**2 / 6)))
    against = stats.ttest_ind(*means, equal_var=False)
    assert (welch.df, welch.p) == pytest.approx((against.df, against.pvalue))


def test_humans_against_models_with_both_fixed_is_the_error_over_cases() -> None:
    h, m, *_ = groups()
    per_case = h.mean(axis=0) - m.mean(axis=0)
    found = mrmc.group_contrast(h, m, random="cases")
    assert found.se == pytest.approx(math.sqrt(cov(per_case, per_case)))


def test_one_model_against_the_panel() -> None:
    h, m, *_ = groups()
    d = h - m[0]
    cov2 = mean([cov(d[i], d[j]) for i, j in permutations(range(3), 2)])
    between = float(d.mean(axis=1).var(ddof=1))
    den = between + 3 * cov2
    found = mrmc.model_against_panel(h, m[0])
    assert (found.estimate, found.se) == pytest.approx((float(d.mean()), math.sqrt(den / 3)))
    assert found.df == pytest.approx(den**2 / (between**2 / 2))


@pytest.mark.parametrize("between", [1.0, 0.0])
def test_u_statistics_with_holes_by_every_pair_of_cells(between: float) -> None:
    """Gallas: Var = [sum over pairs of cells that have a reader or a case in common of (their mean - m00)] / N^2."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4, 9)) + rng.normal(size=9) + between * np.arange(4)[:, None]
    x[rng.random(x.shape) < 0.25] = np.nan
    cells = [(r, c, x[r, c]) for r in range(4) for c in range(9) if not np.isnan(x[r, c])]
    kinds: dict[tuple[bool, bool], list[float]] = {}
    for (r, c, y), (s, k, z) in [*combinations(cells, 2), *((one, one) for one in cells)]:
        twice = 1 if (r, c) == (s, k) else 2
        kinds.setdefault((r == s, c == k), []).extend([y * z] * twice)
    apart = mean(kinds[False, False])
    moments = {kind: mean(products) - apart for kind, products in kinds.items()}
    share = {kind: len(products) / len(cells) ** 2 for kind, products in kinds.items()}
    variance = sum(share[kind] * moments[kind] for kind in kinds)
    of_case = moments[False, True] * (share[False, True] + share[True, True])
    reader = variance - of_case
    found = missing.panel(x)
    assert (moments[True, False] > 0) == (between > 0), "a part below zero stays in the sum"
    assert min(variance, reader) > 0
    assert found.se == pytest.approx(math.sqrt(variance))
    assert found.df == pytest.approx(variance**2 / (reader**2 / 3))


def test_within_case_takes_each_groups_mean_of_a_case_whoever_is_missing() -> None:
    h = np.array([[1, 0, 1], [0, np.nan, 1], [1, np.nan, np.nan]])
    m = np.array([[1, 1, np.nan], [0, np.nan, 0], [0, np.nan, 1], [1, 0, np.nan]])
    # Case by case: 2/3 - 2/4, 0 - 1/2, 1 - 1/2.
    assert missing.within_case(h, m).estimate == pytest.approx((1 / 6 - 1 / 2 + 1 / 2) / 3)
    assert missing.within_case_fixed(h, m).estimate == pytest.approx((1 / 6 - 1 / 2 + 1 / 2) / 3)


@pytest.mark.parametrize(("covered", "gap"), [(0.3, -0.13), (0.5, -0.05), (0.7, 0.03), (0.9, 0.11)])
def test_the_gap_moves_with_coverage_though_the_command_of_the_options_is_the_same(covered: float, gap: float) -> None:
    """Four options; .85 of the covered and .25 of the others are right, so the gap is .15 c - .25 (1 - c)."""
    import pandas as pd

    n = round(400 * covered)
    ddx = np.arange(400) < n
    fdx = np.where(ddx, np.arange(400) < round(0.85 * n), np.arange(400) - n < (400 - n) // 4)
    rows = [
        {"reader": r, "group": "human", "case": f"C{c:03}", "ddx": float(ddx[c]), "fdx": float(fdx[c]), "options": 4}
        for r in ("a", "b")
        for c in range(400)
    ]
    human = analyse(pd.DataFrame(rows).assign(run=np.nan)).human
    assert human is not None
    found = {name: getattr(human, name).estimate for name in ("gap", "lost", "rescued", "fdx", "fdx_corrected")}
    assert found["gap"] == pytest.approx(gap)
    assert found["lost"] - found["rescued"] == pytest.approx(gap)
    assert found["lost"] == pytest.approx(0.15 * covered)
    assert found["fdx_corrected"] == pytest.approx((found["fdx"] - 0.25) / 0.75) == pytest.approx(0.8 * covered)
