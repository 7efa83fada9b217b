"""Whether levels are one: against the analysis of variance, under permutation, and what is refused."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from scoring.estimates import TooLittleData
from scoring.levels import OWN, POOLED, equality

Array = npt.NDArray[np.float64]


def panel(seed: int, readers: int = 6, sizes: tuple[int, ...] = (5, 5, 5)) -> list[Array]:
    rng = np.random.default_rng(seed)
    reader = rng.normal(size=(readers, 1))
    return [reader + rng.normal(size=(readers, 1)) + rng.normal(size=n) + rng.normal(size=(readers, n)) for n in sizes]


def squares(levels: list[Array]) -> tuple[float, float, float, float]:
    """Mean squares of levels, cases in levels, readers by levels, cells: complete, levels alike in size."""
    x = np.stack(levels)  # (levels, readers, cases)
    g, r, k = x.shape
    of_level, of_case, of_reader = x.mean(axis=(1, 2)), x.mean(axis=1), x.mean(axis=2)
    by_reader = of_reader - of_level[:, None] - of_reader.mean(axis=0) + of_level.mean()
    cell = x - of_case[:, None] - of_reader[:, :, None] + of_level[:, None, None]
    return (
        r * k * float(((of_level - of_level.mean()) ** 2).sum()) / (g - 1),
        r * float(((of_case - of_level[:, None]) ** 2).sum()) / (g * (k - 1)),
        k * float((by_reader**2).sum()) / ((g - 1) * (r - 1)),
        float((cell**2).sum()) / (g * (k - 1) * (r - 1)),
    )


@pytest.mark.parametrize("seed", range(4))
def test_levels_alike_in_size_have_the_quasi_f_of_the_analysis_of_variance(seed: int) -> None:
    """F = MS(level) / (MS(case) + MS(reader x level) - MS(cell)), its df by Satterthwaite."""
    level, case, reader, cell = squares(panel(seed))
    assert reader > cell
    den = case + reader - cell
    df2 = den**2 / (case**2 / 12 + reader**2 / 10 + cell**2 / 60)
    found = equality(panel(seed))
    assert (found.F, found.df1, found.df2) == pytest.approx((level / den, 2, df2))
    assert found.p == pytest.approx(stats.f.sf(level / den, 2, df2))
    assert found.method == POOLED


def test_readers_who_do_alike_at_all_levels_leave_welchs_test_of_the_case_means() -> None:
    """Without a reader by level part it is Welch's anova of the case means, of statsmodels."""
    from statsmodels.stats.oneway import anova_oneway

    rng = np.random.default_rng(2)
    cases = [rng.normal(size=n) * sd for n, sd in ((12, 1), (30, 3), (20, 0.5))]
    cells = [rng.normal(size=(4, len(own))) for own in cases]
    levels = [own + e - e.mean(axis=1, keepdims=True) for own, e in zip(cases, cells, strict=True)]
    welch = anova_oneway([x.mean(axis=0) for x in levels], use_var="unequal")
    found = equality(levels)
    assert (found.F, found.df2, found.p) == pytest.approx((welch.statistic, welch.df_denom, welch.pvalue))
    assert found.method == OWN


def test_where_readers_alone_make_the_difference_it_is_their_analysis_of_variance() -> None:
    """Cases add next to nothing: F = MS(level) / MS(reader x level) on (levels - 1)(readers - 1) = 10."""
    rng = np.random.default_rng(3)
    own = rng.normal(size=(3, 6))
    levels = [own[place][:, None] + 1e-5 * rng.normal(size=(6, 12)) for place in range(3)]
    found, rest = equality(levels), own - own.mean(axis=1, keepdims=True) - own.mean(axis=0) + own.mean()
    between = float((rest**2).sum()) / 10
    middle = float(((own.mean(axis=1) - own.mean()) ** 2).sum()) / 2
    assert found.method == OWN
    assert found.df2 == pytest.approx(10, rel=1e-3)
    assert pytest.approx(middle / (between / 6), rel=1e-3) == found.F


@settings(max_examples=30, deadline=None)
@given(
    st.integers(0, 10_000), st.booleans(), st.floats(-5, 5), st.sampled_from([(4, 6, 9), (10, 11, 14), (2, 3, 3, 5)])
)
def test_order_constants_and_labels_change_nothing(seed: int, holes: bool, constant: float, sizes: tuple[int]) -> None:
    rng = np.random.default_rng(seed)
    levels = panel(seed, sizes=sizes)
    if holes:
        levels = [np.where(rng.random(x.shape) < 0.2, np.nan, x) for x in levels]
    levels = [x[:, ~np.isnan(x).all(axis=0)] for x in levels]
    readers = rng.permutation(6)
    turned = [x[readers][:, rng.permutation(x.shape[1])] * 2 + constant for x in levels]
    first, second = equality(levels), equality([turned[place] for place in rng.permutation(len(turned))])
    assert (second.F, second.df2, second.p) == pytest.approx((first.F, first.df2, first.p), rel=1e-6)


def test_a_level_that_is_far_off_is_found_and_levels_that_are_alike_are_not() -> None:
    levels = panel(1, 10, (12, 12, 12))
    alike = [x - x.mean() for x in levels]
    assert pytest.approx(0, abs=1e-12) == equality(alike).F
    assert equality([alike[0], alike[1], alike[2] + 5]).p < 0.001


def test_too_little_is_refused_with_the_reason() -> None:
    with pytest.raises(TooLittleData, match="three levels and two readers"):
        equality(panel(0, sizes=(5, 5)))
    with pytest.raises(TooLittleData, match="two cases that both read; found 1"):
        equality(panel(0, sizes=(5, 5, 1)))
    with pytest.raises(TooLittleData, match="vary too little"):
        equality([np.ones((4, 3))] * 3)
    nested = [np.full((6, 4), np.nan) for _ in range(3)]
    for place, x in enumerate(nested):
        x[2 * place : 2 * place + 2] = np.random.default_rng(place).normal(size=(2, 4))
    with pytest.raises(TooLittleData, match="no reader has cases in two levels"):
        equality(nested)
