"""Logistic mixed models against lme4, glmmTMB, and the integral worked out by brute force; what is refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, special

from scoring import logistic
from scoring.estimates import TooLittleData
from scoring.laplace import Counts, Laplace
from tests.test_scoring_mixed import lme4, panel, study

Array = npt.NDArray[np.float64]


def hits(seed: int = 1, humans: int = 5, models: int = 4, cases: int = 15) -> pd.DataFrame:
    table = study(seed, humans, models, cases)
    return table.assign(ddx=(table["ddx"] > 0) * 1.0, fdx=(table["fdx"] > 0) * 1.0)


def small(seed: int, tries: int = 1, cases: int = 6, p: int = 2) -> Counts:
    rng = np.random.default_rng(seed)
    n = rng.integers(0, tries + 1, (4, cases, 2)).astype(float)
    fixed = np.stack([np.ones(n.shape), np.broadcast_to([-0.5, 0.5], n.shape)], axis=-1)
    return Counts(rng.binomial(n.astype(int), 0.6).astype(float), n, fixed, np.array([[1.0, -0.5], [1.0, 0.5]])[:, :p])


@pytest.mark.parametrize("random", ["intercepts", "slopes"])
def test_the_gap_agrees_with_lme4(random: Any) -> None:
    listed = lme4("panel_gap_glmer" if random == "intercepts" else "panel_gap_glmer_rs")
    found, wanted = logistic.gap(panel(), random), listed["fixed"]["groupmodel:taskddx"]
    assert found.effect.estimate == pytest.approx(-wanted["Estimate"], abs=2e-4)
    assert found.effect.se == pytest.approx(wanted["Std. Error"], rel=4e-3)
    assert found.effect.p == pytest.approx(wanted["Pr(>|z|)"], abs=1e-3)
    assert found.loglik == pytest.approx(listed["logLik"], abs=1e-4)


def test_variances_agree_with_lme4_which_has_an_intercept_beside_a_factor_of_two_tasks() -> None:
    """(1 + task || case) of a factor is (1 | case) + (0 + task | case): the variance in one task is their sum."""
    found, listed = logistic.gap(panel()), lme4("panel_gap_glmer_rs")["var"]
    for own, name in ((found.reader, "reader"), (found.case, "case")):
        for z, task in ((np.array([1, -0.5]), "taskfdx"), (np.array([1, 0.5]), "taskddx")):
            assert z @ own @ z == pytest.approx(listed[f"{name}|{task}|"] + listed[f"{name}.1|(Intercept)|"], rel=2e-3)


def test_one_outcome_agrees_with_glmm_tmb_and_lme4() -> None:
    table = panel()
    found, listed = logistic.outcome(table.assign(value=table["fdx"])), lme4("panel_fdx_glmmTMB")
    assert found.loglik == pytest.approx(listed["logLik"], abs=1e-6)
    assert found.effect.se == pytest.approx(listed["fixed"]["groupmodel"]["Std. Error"], rel=1e-4)
    assert found.effect.estimate == pytest.approx(-listed["fixed"]["groupmodel"]["Estimate"], abs=2e-5)
    assert [found.reader[0, 0], found.case[0, 0]] == pytest.approx(
        [listed["var"][n] for n in ("reader", "case")], rel=1e-4
    )
    assert found.loglik == pytest.approx(lme4("panel_fdx_glmer")["logLik"], abs=1e-4)


PLACE = np.array([0.8, 0.3, 0.5, 0.6, -0.2, 0.4, 0.3, -0.4])


def written_out(counts: Counts, place: Array) -> float:
    """-2 log of the integrand at its largest times (2 pi)^(n/2) / sqrt(det H), all effects as one vector."""
    criterion = Laplace(counts)
    reader, case = criterion.factors(place)
    shape = len(counts.hits), counts.hits.shape[1]

    def minus_log(u: Array) -> float:
        r, c = u[: shape[0] * 2].reshape(-1, 2), u[shape[0] * 2 :].reshape(-1, 2)
        eta = counts.fixed @ place[6:] + (r @ (counts.z @ reader).T)[:, None] + c @ (counts.z @ case).T
        prob = special.expit(eta)
        told = special.xlogy(counts.hits, prob) + special.xlogy(counts.tries - counts.hits, 1 - prob)
        return float(-(told + np.log(special.comb(counts.tries, counts.hits))).sum() + u @ u / 2)

    best = optimize.minimize(minus_log, np.zeros(2 * sum(shape)), tol=1e-10).x
    e = 1e-4 * np.eye(len(best))
    hessian = [
        [
            (minus_log(best + a + b) - minus_log(best + a - b) - minus_log(best - a + b) + minus_log(best - a - b))
            for b in e
        ]
        for a in e
    ]
    return 2 * minus_log(best) + float(np.linalg.slogdet(np.array(hessian) / 4e-8)[1])


def test_the_deviance_is_laplaces_approximation_written_out() -> None:
    counts = small(1, 3, cases=3)
    assert Laplace(counts)(PLACE)[0] == pytest.approx(written_out(counts, PLACE), rel=1e-5)


def test_with_many_tries_the_deviance_is_the_integral_by_quadrature() -> None:
    """Readers alone vary: a product over readers of one integral each; Laplace's error falls with the tries."""
    nodes = np.linspace(-8, 8, 8001)
    weights = np.exp(-(nodes**2) / 2) * 0.002
    for tries, within in ((1, 0.3), (400, 2e-3)):
        counts = small(2, tries, p=1)
        place = np.array([0.7, 0.0, 0.3, -0.4])
        eta = counts.fixed @ place[2:] + 0.7 * nodes[:, None, None, None]
        prob = special.expit(eta)
        log = special.xlogy(counts.hits, prob) + special.xlogy(counts.tries - counts.hits, 1 - prob)
        log = (log + np.log(special.comb(counts.tries, counts.hits))).sum(axis=(2, 3))
        whole = special.logsumexp(log + np.log(weights / math.sqrt(2 * math.pi))[:, None], axis=0).sum()
        assert Laplace(counts)(place)[0] == pytest.approx(-2 * whole, abs=within)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([1, 2]))
def test_the_gradient_is_that_of_the_deviance(seed: int, p: int) -> None:
    criterion = Laplace(small(seed, 3, p=p))
    place = np.random.default_rng(seed).normal(size=2 * criterion.factors_of_each + 2)
    steps = 1e-4 * np.eye(len(place))
    slopes = [(criterion(place + step)[0] - criterion(place - step)[0]) / 2e-4 for step in steps]
    assert criterion(place)[1] == pytest.approx(slopes, rel=1e-4, abs=1e-3)


def test_labels_and_order_change_nothing_and_groups_that_change_places_change_the_sign() -> None:
    table = hits()
    first = logistic.gap(table)
    renamed = table.sample(frac=1, random_state=3).assign(reader=table["reader"] + "x", case="a" + table["case"])
    turned = table.assign(group=table["group"].map({"human": "model", "model": "human"}))
    assert logistic.gap(renamed).effect.estimate == pytest.approx(first.effect.estimate, abs=1e-4)
    assert logistic.gap(turned).effect.estimate == pytest.approx(-first.effect.estimate, abs=1e-4)
    assert logistic.gap(turned).effect.se == pytest.approx(first.effect.se, rel=1e-3)


def test_runs_of_a_model_are_tries_of_one_cell() -> None:
    table = hits()
    twice = pd.concat([table, table[table["group"] == "model"].assign(ddx=lambda own: 1 - own["ddx"])])
    assert logistic.gap(twice).n == logistic.gap(table).n
    assert logistic.gap(twice).effect.estimate != pytest.approx(logistic.gap(table).effect.estimate, abs=1e-3)


def test_too_little_is_refused_with_the_reason() -> None:
    table = hits()
    for wrong, why in (
        (table.assign(ddx=0.5), "takes hits alone"),
        (table[table["reader"].isin(["H0", "M0", "M1"])], "two readers in each group"),
        (table[table["case"] == "C1"], "two cases"),
        (table.assign(ddx=1.0), "no bound"),
    ):
        with pytest.raises(TooLittleData, match=why):
            logistic.gap(wrong)
