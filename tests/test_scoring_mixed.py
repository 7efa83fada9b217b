"""Mixed models against lme4, a library, and the likelihood written out; what slopes change; what is refused."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring import mixed
from scoring.estimates import TooLittleData
from scoring.profiled import Criterion, Gram
from tests.test_scoring_mrmc import reference

Array = npt.NDArray[np.float64]


def study(seed: int, humans: int = 6, models: int = 4, cases: int = 20) -> pd.DataFrame:
    """Scores with reader, case, reader by task and case by task effects; a fifth of the cells is missing."""
    rng = np.random.default_rng(seed)
    readers = [f"H{i}" for i in range(humans)] + [f"M{i}" for i in range(models)]
    effects = rng.normal(size=(2, len(readers), 1)) + rng.normal(size=(2, 1, cases))
    effects += rng.normal(size=(1, len(readers), 1)) + rng.normal(size=(1, 1, cases))
    x = effects + rng.normal(size=effects.shape)
    rows = [
        {
            "reader": name,
            "group": "human" if name[0] == "H" else "model",
            "case": f"C{c}",
            "ddx": x[0, r, c],
            "fdx": x[1, r, c],
        }
        for r, name in enumerate(readers)
        for c in range(cases)
        if rng.random() > 0.2
    ]
    return pd.DataFrame(rows)


def lme4(name: str) -> Any:
    import json

    return json.loads(reference("glmm_panel.expected.json").read_text())[name]


def panel() -> pd.DataFrame:
    table = pd.read_csv(reference("panel_synth.csv"))
    return table.assign(ddx=table["ddx_top5"], fdx=table["fdx_correct"], gap=table["ddx_top5"] - table["fdx_correct"])


@pytest.mark.parametrize("name", ["panel_gap_lmer", "panel_logtime_lmer"])
def test_crossed_intercepts_agree_with_lme4(name: str) -> None:
    table, listed = panel(), lme4(name)
    value = table["gap"] if "gap" in name else np.log(table["time_s"])
    found, wanted = mixed.outcome(table.assign(value=value)), listed["fixed_satterthwaite"]["groupmodel"]
    assert -found.effect.estimate == pytest.approx(wanted["Estimate"], rel=1e-6)
    assert found.effect.se == pytest.approx(wanted["Std. Error"], rel=1e-4)
    assert found.effect.df == pytest.approx(wanted["df"], rel=1e-3)
    assert found.effect.p == pytest.approx(wanted["Pr(>|t|)"], rel=1e-3)
    assert found.criterion == pytest.approx(listed["REMLcrit"], abs=1e-5)
    variances = [found.reader[0, 0], found.case[0, 0], found.residual]
    expected = [listed["var"][key] for key in ("reader|(Intercept)|", "case|(Intercept)|", "Residual||")]
    assert variances == pytest.approx(expected, rel=1e-3)


def test_intercepts_alone_find_what_slopes_do_not() -> None:
    """The same panel by lme4's logistic models gives p = .022 with intercepts alone and .091 with slopes."""
    intercepts, slopes = mixed.gap(panel(), "intercepts"), mixed.gap(panel())
    assert lme4("panel_gap_glmer")["fixed"]["groupmodel:taskddx"]["Pr(>|z|)"] == pytest.approx(0.022, abs=5e-4)
    assert lme4("panel_gap_glmer_rs")["fixed"]["groupmodel:taskddx"]["Pr(>|z|)"] == pytest.approx(0.091, abs=5e-4)
    assert intercepts.effect.p == pytest.approx(0.0213, abs=5e-5)
    assert slopes.effect.p == pytest.approx(0.1296, abs=5e-5)
    assert slopes.effect.estimate == pytest.approx(-0.0736111, abs=1e-6)


def test_slopes_agree_with_statsmodels_with_cells_missing() -> None:
    import statsmodels.formula.api as smf

    table = study(1)
    found = mixed.gap(table, "uncorrelated")
    long = table.melt(["group", "reader", "case"], ["ddx", "fdx"], "kind", "y")
    long = long.assign(task=np.where(long["kind"] == "ddx", 0.5, -0.5), one=1, human=(long["group"] == "human") * 1.0)
    parts = {
        "reader": "0 + C(reader)",
        "case": "0 + C(case)",
        "reader_task": "0 + C(reader):task",
        "case_task": "0 + C(case):task",
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = smf.mixedlm("y ~ human * task", long, groups="one", vc_formula=parts).fit(reml=True)
    assert found.effect.estimate == pytest.approx(fit.params["human:task"], rel=1e-4)
    assert found.effect.se == pytest.approx(fit.bse["human:task"], rel=1e-4)
    assert found.criterion <= -2 * fit.llf + 1e-4


def test_the_criterion_is_the_likelihood_written_out() -> None:
    """Correlated slopes: log|V| + log|X'V^-1 X| + y'Py + (n - q) log 2 pi, with V as a whole matrix."""
    table = study(2, 3, 2, 5).dropna()
    long = table.melt(["group", "reader", "case"], ["ddx", "fdx"], "kind", "y")
    y, task = long["y"].to_numpy(float), np.where(long["kind"] == "ddx", 0.5, -0.5)
    x = np.column_stack([np.ones(len(y)), long["group"] == "human"]).astype(float)
    z = np.column_stack([np.ones(len(y)), task])
    reader, case = (long[name].astype("category").cat.codes.to_numpy().astype(np.intp) for name in ("reader", "case"))
    criterion, place = Criterion(Gram.of(y, x, z, reader, case), True), np.array([0.7, 0.3, 0.5, 0.9, -0.2, 0.4, 0.8])
    factors = criterion.factors(place[:-1])
    v = place[-1] ** 2 * np.eye(len(y))
    for factor, who in zip(factors, (reader, case), strict=True):
        v += place[-1] ** 2 * (z @ factor @ factor.T @ z.T) * (who[:, None] == who)
    inverse = np.linalg.inv(v)
    inner = x.T @ inverse @ x
    resid = y - x @ np.linalg.solve(inner, x.T @ inverse @ y)
    whole = np.linalg.slogdet(v)[1] + np.linalg.slogdet(inner)[1] + resid @ inverse @ resid
    assert criterion.full(place) == pytest.approx(whole + (len(y) - 2) * math.log(2 * math.pi))


def test_a_complete_gap_by_slopes_is_close_to_the_closed_form_with_one_variance() -> None:
    from scoring import mrmc

    table = panel()
    wide = {g: own.pivot(index="reader", columns="case", values="gap") for g, own in table.groupby("group")}
    closed = mrmc.group_contrast(wide["human"].to_numpy(float), wide["model"].to_numpy(float), pooled=True)
    found = mixed.gap(table).effect
    assert found.estimate == pytest.approx(closed.estimate, rel=1e-6)
    assert found.se == pytest.approx(closed.se, rel=0.03)


def test_a_thirty_by_twenty_by_fifty_study_is_fitted_from_cross_products() -> None:
    rng = np.random.default_rng(3)
    readers = [("human", f"H{i}") for i in range(30)] + [("model", f"M{i}") for i in range(20)]
    rows = [(group, name, f"C{c}", *rng.normal(size=2)) for group, name in readers for c in range(50)]
    found = mixed.gap(pd.DataFrame(rows, columns=["group", "reader", "case", "ddx", "fdx"]))
    assert found.n == 5000
    assert found.effect.se > 0


def test_groups_of_a_complete_panel_have_as_many_degrees_of_freedom_as_readers_beyond_two() -> None:
    """Balanced, Satterthwaite's rule is exact: 7 + 5 readers, so 10; and SE is that of the pooled closed form."""
    rng = np.random.default_rng(8)
    readers = [("human", f"H{i}") for i in range(7)] + [("model", f"M{i}") for i in range(5)]
    case = rng.normal(size=60)
    rows = [
        (g, n, f"C{c}", own + case[c] + rng.normal()) for g, n in readers for own in [rng.normal()] for c in range(60)
    ]
    found = mixed.outcome(pd.DataFrame(rows, columns=["group", "reader", "case", "value"]))
    assert not found.singular
    assert found.effect.df == pytest.approx(10, rel=1e-3)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 3), st.integers(1, 3), st.integers(1, 3))
def test_little_data_give_a_finite_effect_or_a_refusal(seed: int, humans: int, models: int, cases: int) -> None:
    table = study(seed, humans, models, cases).round(0)
    if table.empty:
        return
    for task in (True, False):
        try:
            found = mixed.gap(table) if task else mixed.outcome(table.assign(value=table["ddx"]))
        except TooLittleData:
            continue
        assert all(map(math.isfinite, (found.effect.estimate, found.effect.se, found.effect.p, found.criterion)))
