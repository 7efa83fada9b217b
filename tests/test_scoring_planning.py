"""Power and width before a study: published numbers, the analysis' own standard errors, and simulation."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from scoring import missing, mrmc
from scoring.estimates import TooLittleData
from scoring.planning import Basis, Design, Spread, basis_of, plan, smallest, spread_of, two_tests

REFDATA = Path(__file__).parents[2] / "shared" / "refdata"
Array = npt.NDArray[np.float64]
BASIS = Basis(Spread(0.01, 0.04, 0.2), Spread(0.03, 0.05, 0.15), 0.02)


def reference(name: str) -> Any:
    if not (REFDATA / name).exists():
        pytest.skip(f"the reference data ({name}) are not beside this checkout")
    return json.loads((REFDATA / name).read_text())


def van_dyke() -> mrmc.Components:
    found = reference("or.expected.json")["vandyke"]["MRMCaov"]["jackknife"]["RRRC"]
    parts, tests = found["vcov_comps"], found["test_equality"]
    return mrmc.Components(
        parts["Error"], parts["Cov1"], parts["Cov2"], parts["Cov3"], tests["MS(T)"], tests["MS(T:R)"]
    )


def scores(rng: np.random.Generator, readers: int, cases: int, spread: Spread, case: Array | None = None) -> Array:
    """Normal scores with these variances; ``case`` are the cases' parts, else drawn."""
    part = rng.normal(size=cases) * math.sqrt(spread.case) if case is None else case
    reader = rng.normal(size=(readers, 1)) * math.sqrt(spread.reader)
    return np.asarray(reader + part + rng.normal(size=(readers, cases)) * math.sqrt(spread.rest))


def test_ten_readers_on_165_cases_of_van_dyke_have_the_published_power() -> None:
    found = two_tests(van_dyke(), 5, 114, Design(10, 165), 0.0438003220611916)
    assert found.power == pytest.approx(0.80541995, abs=5e-9)
    assert found.df == pytest.approx(62.7072797149567, rel=1e-8)


def test_a_stated_variance_of_reader_by_test_gives_the_published_power() -> None:
    found = two_tests(van_dyke(), 5, 114, Design(6, 251), 0.05, var_tr=0.00020040252)
    assert found.power == pytest.approx(0.892281989, abs=5e-9)


def test_the_group_contrast_has_the_reference_power_from_its_pilots_components() -> None:
    told = reference("power.expected.json")["group_contrast_formula"]
    parts, k = told["components"], told["components"]["KStar"]
    human, model = (
        Spread(parts[f"var_R_{g}"], k * parts[f"Cov2_{g}"], k * (parts[f"VarErr_{g}"] - parts[f"Cov2_{g}"]))
        for g in "HM"
    )
    basis = Basis(human, model, k * parts["Cov3"])
    for row in told["rows"]:
        found = plan(basis, Design(row["rH"], row["K"], row["rM"]), row["delta"], "models_random")
        assert (found.se, found.df, found.power) == pytest.approx((row["se"], row["df"], row["power"]), rel=1e-9)


def test_the_pilots_own_design_has_the_standard_error_of_its_analysis() -> None:
    rng = np.random.default_rng(5)
    case = rng.normal(size=80) * 0.4
    humans, models = (scores(rng, r, 80, Spread(0.04, 0, 0.2), case * (1 + r / 8)) for r in (8, 5))
    basis = basis_of(humans, models)
    for comparison, direct in (
        ("panel", mrmc.one_group(humans)),
        ("models_fixed", mrmc.model_against_panel(humans, models.mean(axis=0))),
        ("models_random", mrmc.group_contrast(humans, models)),
    ):
        found = plan(basis, Design(8, 80, 5), 0.1, comparison)  # type: ignore[arg-type]
        assert (found.se, found.df) == pytest.approx((direct.se, direct.df), rel=1e-9)


def test_two_tests_are_the_one_group_analysis_of_their_differences() -> None:
    rng = np.random.default_rng(2)
    case = rng.normal(size=(2, 1, 60)) * 0.3
    x = case + rng.normal(size=(2, 6, 1)) * 0.1 + rng.normal(size=(2, 6, 60)) * 0.5
    both = two_tests(mrmc.crossed(x).components, 6, 60, Design(15, 200), 0.1)
    alone = plan(Basis(spread_of(x[0] - x[1])), Design(15, 200), 0.1, "panel")
    assert (both.se, both.df, both.power) == pytest.approx((alone.se, alone.df, alone.power), rel=1e-9)


def test_a_width_is_that_of_the_interval_and_no_effect_has_the_power_of_chance() -> None:
    found = plan(BASIS, Design(10, 100, 5), 0.0, "models_random")
    assert found.power == 0.05
    assert found.width == pytest.approx(2 * stats.t.ppf(0.975, found.df) * found.se)


def test_a_split_design_of_all_readings_is_the_crossed_one_and_less_is_wider() -> None:
    crossed, split = (plan(BASIS, Design(10, 100, 5, share), 0.1, "models_fixed") for share in (1.0, 0.5))
    # reader 0.01/10, rest 0.2 over 1,000 and 500 readings: the case part does not change.
    assert split.se**2 - crossed.se**2 == pytest.approx(0.2 / 500 - 0.2 / 1000)


def test_the_planned_power_of_a_split_design_is_what_simulated_studies_have() -> None:
    rng, design = np.random.default_rng(11), Design(8, 60, 0, 0.5)
    basis, effect, found = Basis(Spread(0.01, 0.04, 0.2)), 0.15, 0
    for _ in range(600):
        x = effect + scores(rng, 8, 60, basis.human)
        order = rng.permutation(60)
        for reader in range(8):
            x[reader, order[:30] if reader % 2 else order[30:]] = np.nan
        found += missing.panel(x).p < 0.05
    # Four standard errors of 600 draws at a power of .6 to .8 are .07 to .08.
    assert found / 600 == pytest.approx(plan(basis, design, effect, "panel").power, abs=0.08)


def test_a_split_pilots_variances_are_those_that_made_it() -> None:
    rng, told = np.random.default_rng(3), Spread(0.04, 0.09, 0.2)
    found = []
    for _ in range(800):
        x = scores(rng, 10, 40, told)
        x[rng.random(x.shape) < 0.4] = np.nan
        found.append(spread_of(x))
    for part in ("reader", "case", "rest"):
        assert np.mean([getattr(one, part) for one in found]) == pytest.approx(getattr(told, part), rel=0.1)


def test_the_smallest_design_reaches_the_target_and_one_case_less_does_not() -> None:
    (found,) = smallest(BASIS, [12], 0.1, "models_fixed", models=5, power=0.8)
    assert found is not None
    less = plan(BASIS, replace(found.design, cases=found.design.cases - 1), 0.1, "models_fixed")
    assert less.power < 0.8 <= found.power


def test_a_split_that_leaves_cases_unread_or_a_reader_without_one_is_refused() -> None:
    # Four readers of a fifth of the cases each read .8 of them at most; a fifth of four cases is less than one.
    with pytest.raises(TooLittleData, match="leave cases unread: 5 readers are needed"):
        plan(BASIS, Design(4, 100, 5, 0.2), 0.1, "models_fixed")
    with pytest.raises(TooLittleData, match="20 % of 4 cases is less than one case"):
        plan(BASIS, Design(5, 4, 5, 0.2), 0.1, "models_fixed")
    (found,) = smallest(BASIS, [5], 5.0, "models_fixed", models=5, share=0.2, power=0.5)
    assert found is not None
    assert found.design.cases == 5, "so large an effect is found at once, with a case a reader"


def test_too_few_readers_never_reach_a_power_with_cases_alone() -> None:
    # With three readers the reader part alone, 0.01/3, is wider than an effect of 0.1 allows.
    assert smallest(BASIS, [3], 0.1, "panel", power=0.9) == [None]


@pytest.mark.parametrize(
    ("design", "comparison", "sentence"),
    [
        (Design(1, 50), "panel", "one reader has no variance"),
        (Design(5, 50, 2), "models_random", "need three at least; 2 asked for"),
        (Design(5, 50, 0), "models_fixed", "needs models"),
    ],
)
def test_designs_that_the_analysis_refuses_are_refused(design: Design, comparison: Any, sentence: str) -> None:
    with pytest.raises(TooLittleData, match=sentence):
        plan(BASIS, design, 0.1, comparison)
