"""Whatever is put in: a finite result or a refusal with a sentence, never NaN, never a warning (which is an error)."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring import missing, mrmc
from scoring.analysis import analyse
from scoring.estimates import Estimate, TooLittleData
from scoring.outcomes import outcome

Array = npt.NDArray[np.float64]
SCORES = st.sampled_from([0.0, 1.0, 0.5, float("nan")])
COMPLETE = st.sampled_from([0.0, 1.0, 0.1])


@st.composite
def groups(draw: Any, cells: Any) -> tuple[Array, Array]:
    cases = draw(st.integers(1, 5))
    sizes = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    h, m = (
        np.array(draw(st.lists(cells, min_size=size * cases, max_size=size * cases)), dtype=float).reshape(size, cases)
        for size in sizes
    )
    return h, m


def finite_or_refused(analysis: Callable[[], Estimate]) -> None:
    try:
        found = analysis()
    except TooLittleData:
        return
    assert all(map(math.isfinite, (found.estimate, found.se, found.p, *found.ci)))
    assert found.se > 0
    assert found.df > 0
    assert 0 <= found.p <= 1
    assert found.method


@settings(max_examples=120, deadline=None)
@given(groups(SCORES), st.booleans())
def test_missing_cells(pair: tuple[Array, Array], centred: bool) -> None:
    h, m = pair
    finite_or_refused(lambda: missing.panel(h, centred=centred))
    finite_or_refused(lambda: missing.contrast(h, m, centred=centred))
    finite_or_refused(lambda: missing.within_case(h, m, centred=centred))
    finite_or_refused(lambda: missing.within_case_fixed(h, m))
    finite_or_refused(lambda: mrmc.group_contrast(h, m))


@settings(max_examples=120, deadline=None)
@given(groups(COMPLETE), st.sampled_from(["both", "cases", "readers"]))
def test_complete_designs(pair: tuple[Array, Array], random: mrmc.Random) -> None:
    h, m = pair
    finite_or_refused(lambda: mrmc.one_group(h, random))
    finite_or_refused(lambda: mrmc.group_contrast(h, m, random=random))
    finite_or_refused(lambda: mrmc.group_contrast(h, m, pooled=True))
    finite_or_refused(lambda: mrmc.model_against_panel(h, m[0], random))


@settings(max_examples=120, deadline=None)
@given(groups(COMPLETE))
def test_tests_compared(pair: tuple[Array, Array]) -> None:
    h, m = pair
    size = min(len(h), len(m))
    try:
        found = mrmc.crossed(np.stack([h[:size], m[:size], 1 - h[:size]]))
    except TooLittleData:
        return
    fixed = [kind for kind in (found.fixed_readers, found.fixed_cases) if kind is not None]
    for kind in (mrmc.Test(found.F, found.df1, found.df2, found.p, found.differences), *fixed):
        assert math.isfinite(kind.F)
        assert 0 <= kind.p <= 1
        assert all(pair.se > 0 for pair in kind.differences.values())


def test_nan_in_figures_is_refused() -> None:
    with pytest.raises(TooLittleData, match="not all numbers"):
        mrmc.obuchowski_rockette([[0.1, np.nan], [0.2, 0.3]], np.zeros((2, 2, 2, 2)))


@pytest.mark.parametrize("analysis", [mrmc.one_group, missing.panel])
def test_equal_scores_are_refused_whatever_rounding_leaves_of_them(analysis: Callable[[Array], Estimate]) -> None:
    with pytest.raises(TooLittleData, match="do not vary"):
        analysis(np.full((3, 7), 0.1))


@settings(max_examples=30, deadline=None)
@given(groups(st.sampled_from([0.0, 1.0, float("nan")])), groups(st.sampled_from([0.0, 1.0, float("nan")])))
def test_a_whole_analysis_prints_no_nan(ddx: tuple[Array, Array], fdx: tuple[Array, Array]) -> None:
    rows = [
        {"group": group, "reader": f"{group}{r}", "case": f"c{c}", "ddx": a[r, c], "fdx": b[r % len(b), c % b.shape[1]]}
        for group, a, b in zip(("human", "model"), ddx, fdx, strict=True)
        for r in range(a.shape[0])
        for c in range(a.shape[1])
    ]
    table = pd.DataFrame(rows).assign(options=4.0)
    try:
        found = analyse(table, pooled=True)
    except TooLittleData:
        return
    assert json.dumps(found.to_json(), allow_nan=False)
    if found.difference_models_fixed is None and found.within_case_models_fixed is None:
        assert any("difference" in sentence for sentence in found.refused)


@settings(max_examples=30, deadline=None)
@given(groups(SCORES), st.sampled_from(["selection", "log_time_final"]))
def test_an_outcome_is_finite_or_refused(pair: tuple[Array, Array], name: str) -> None:
    rows = [
        {"group": group, "reader": f"{group}{r}", "case": f"c{c}", "value": x[r, c]}
        for group, x in zip(("human", "model"), pair, strict=True)
        for r in range(x.shape[0])
        for c in range(x.shape[1])
        if not np.isnan(x[r, c])
    ]
    if rows:
        found = outcome(pd.DataFrame(rows), name, pooled=True)
        figures = [getattr(found.differences, field.name) for field in dataclasses.fields(found.differences)[:-1]]
        for figure in [found.human, found.models, *figures, *found.model_vs_panel]:
            assert figure is None or math.isfinite(figure.estimate)
            assert figure is None or figure.se is None or figure.se > 0
