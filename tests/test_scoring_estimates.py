"""What has no interval, and what an estimate does not depend on."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from scipy import stats

from scoring import missing
from scoring.comparing import figure
from scoring.estimates import Estimate, welch, without_interval


def test_less_than_one_degree_of_freedom_leaves_the_estimate_and_no_interval() -> None:
    refused: defaultdict[str, list[str]] = defaultdict(list)
    found = figure("gap", lambda: Estimate(0.3, 0.1, 0.4, (-9e6, 9e6), 0.9, "a method"), 12, refused)
    assert found is not None
    assert (found.estimate, found.ci, found.p, found.n) == (0.3, None, None, 12)
    assert refused == {"a method: 0.4 degrees of freedom are left, and an interval needs one at least": ["gap"]}
    assert without_interval(Estimate(0.3, 0.1, 1.0, (-1, 1.6), 0.2, "a method")) == ""


def test_where_the_zero_of_a_score_lies_does_not_matter_once_it_is_centred() -> None:
    rng = np.random.default_rng(8)
    humans, models = rng.normal(size=(6, 20)), rng.normal(size=(3, 20))
    humans[rng.random(humans.shape) < 0.2] = np.nan
    near, far = (missing.within_case_fixed(humans + zero, models, centred=True) for zero in (0.0, 50.0))
    assert (far.estimate - near.estimate, far.se, far.df) == pytest.approx((50.0, near.se, near.df))


def test_welchs_t_is_that_of_scipy_with_its_degrees_of_freedom() -> None:
    first, second = [0.1, 0.5, 0.9, 0.3], [0.2, 0.8, 1.7, 0.4, 2.9, 0.0]
    found, wanted = welch(first, second), stats.ttest_ind(first, second, equal_var=False)
    assert (found.df, found.p) == pytest.approx((wanted.df, wanted.pvalue))
    assert found.ci == pytest.approx(tuple(wanted.confidence_interval()))
