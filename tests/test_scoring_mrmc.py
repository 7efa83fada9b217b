"""Closed forms against independent arithmetic, and against published figures where the reference data are at hand."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from scoring import missing, mrmc
from scoring.estimates import TooLittleData

REFDATA = Path(__file__).parents[1] / "../shared/refdata"
Array = npt.NDArray[np.float64]


def reference(name: str) -> Path:
    if not (REFDATA / name).exists():
        pytest.skip(f"the reference data ({name}) are not beside this checkout")
    return REFDATA / name


def panel(outcome: str, group: str) -> Array:
    import pandas as pd

    table = pd.read_csv(reference("panel_synth.csv"))
    table["gap"] = table["ddx_top5"] - table["fdx_correct"]
    wide = table[table["group"] == group].pivot(index="reader", columns="case", values=outcome)
    return wide.to_numpy(dtype=float)


def expected() -> Any:
    return json.loads(reference("panel.expected.json").read_text())


def effects(rng: np.random.Generator, readers: int, cases: int, spread: float = 0.2) -> Array:
    """Scores with reader, case and residual effects."""
    effect = spread * rng.normal(size=(readers, 1)) + 0.3 * rng.normal(size=cases)
    return np.asarray(effect + rng.normal(size=(readers, cases)))


def test_panel_contrast_with_models_random_agrees_with_reference() -> None:
    found = mrmc.group_contrast(panel("gap", "human"), panel("gap", "model"))
    assert found.estimate == pytest.approx(-0.0736111, abs=5e-8)
    assert found.se == pytest.approx(0.0467848, abs=5e-8)
    assert found.df == pytest.approx(9.7563, abs=5e-5)
    assert found.ci == pytest.approx((-0.178208, 0.030986), abs=5e-7)
    assert found.p == pytest.approx(0.14746, abs=5e-6)


@pytest.mark.parametrize("outcome", ["ddx_top5", "fdx_correct", "gap", "ddx_grade"])
@pytest.mark.parametrize("group", ["human", "model"])
def test_single_group_agrees_with_reference(outcome: str, group: str) -> None:
    listed = {row["test"]: row for row in expected()["single_group_means"][outcome]}[group]
    found = mrmc.one_group(panel(outcome, group))
    assert found.estimate == pytest.approx(listed["Estimate"], rel=1e-9)
    assert found.se == pytest.approx(listed["StdErr"], rel=1e-9)
    assert found.df == pytest.approx(listed["df"], rel=1e-8)
    assert found.ci == pytest.approx((listed["CI.Lower"], listed["CI.Upper"]), rel=1e-8)


@pytest.mark.parametrize("model", range(5))
@pytest.mark.parametrize("outcome", ["ddx_top5", "fdx_correct", "gap"])
def test_each_model_against_the_panel_agrees_with_reference(model: int, outcome: str) -> None:
    listed = expected()["model_vs_panel_2T_RRRC"][f"M{model + 1}"][outcome][0]
    found = mrmc.model_against_panel(panel(outcome, "human"), panel(outcome, "model")[model])
    assert -found.estimate == pytest.approx(listed["Estimate"], rel=1e-9)
    assert found.se == pytest.approx(listed["StdErr"], rel=1e-9)
    assert found.df == pytest.approx(listed["df"], rel=1e-8)
    assert found.p == pytest.approx(listed["p-value"], abs=1e-9)


def test_two_tests_of_one_panel_agree_with_reference_in_all_three_analyses() -> None:
    listed = expected()["human_ddx_minus_fdx_crossed"]
    found = mrmc.crossed(np.stack([panel("ddx_top5", "human"), panel("fdx_correct", "human")]))
    random, fixed, cases = (listed[kind]["test_equality"] for kind in ("RRRC", "FRRC", "RRFC"))
    assert (found.F, found.df2, found.p) == pytest.approx((random["F"], random["df2"], random["p-value"]), rel=1e-8)
    readers_fixed, cases_fixed = found.fixed_readers, found.fixed_cases
    assert readers_fixed is not None
    assert cases_fixed is not None
    assert (readers_fixed.F, readers_fixed.p) == pytest.approx((fixed["X2"], fixed["p-value"]), rel=1e-8)
    assert (cases_fixed.F, cases_fixed.p) == pytest.approx((cases["F"], cases["p-value"]), rel=1e-8)
    for kind, own in (("RRRC", found), ("FRRC", readers_fixed), ("RRFC", cases_fixed)):
        pair = listed[kind]["test_diffs"][0]
        assert (own.differences[0, 1].se, own.differences[0, 1].p) == pytest.approx(
            (pair["StdErr"], pair["p-value"]), rel=1e-8
        )
        for one, test in zip(listed[kind]["test_means"], own.tests, strict=True):
            assert test is not None
            assert test.se == pytest.approx(one["StdErr"], rel=1e-9)
            assert test.ci == pytest.approx((one["CI.Lower"], one["CI.Upper"]), rel=1e-8)


def test_three_tests_and_more_are_compared_together() -> None:
    """Four equal tests: F is exact in its own terms, and every pair has one standard error."""
    rng = np.random.default_rng(11)
    cases = 0.4 * rng.normal(size=40)
    x = cases + rng.normal(size=(4, 6, 40))
    found, theta = mrmc.crossed(x), x.mean(axis=2)
    squares = 6 * theta.mean(axis=1).var(ddof=1)
    f = squares / (found.differences[0, 1].se ** 2 * 6 / 2)
    assert (found.components.ms_t, found.F) == pytest.approx((squares, f))
    assert (found.df1, len(found.differences), len({round(d.se, 12) for d in found.differences.values()})) == (3, 6, 1)


def test_fixed_readers_and_models_agree_with_reference_on_the_gap_between_groups() -> None:
    found = mrmc.group_contrast(panel("gap", "human"), panel("gap", "model"), random="cases")
    assert found.se == pytest.approx(expected()["readers_fixed_case_only_SE_gap_diff"], rel=1e-9)
    assert "fixed" in found.method


@pytest.mark.parametrize(
    "outcome", ["gap", "fdx_correct", "ddx_top5", "ddx_top1", "ddx_top3", "ddx_grade", "confidence"]
)
def test_every_outcome_of_the_reference_panel_agrees_separate_and_pooled(outcome: str) -> None:
    listed = expected()["group_contrast_human_minus_model"][outcome]
    for name, pooled in (("separate_variance_Satterthwaite", False), ("pooled_Hillis_nested_corrected", True)):
        found, wanted = (
            mrmc.group_contrast(panel(outcome, "human"), panel(outcome, "model"), pooled=pooled),
            listed[name],
        )
        assert (found.estimate, found.se) == pytest.approx((wanted["diff"], wanted["se"]), rel=1e-9)
        assert found.df == pytest.approx(wanted.get("df", wanted.get("df2")), rel=1e-8)
        assert found.p == pytest.approx(wanted["p"], abs=1e-9)


def auc_jackknife(truth: Array, ratings: Array) -> tuple[float, Array]:
    """The empirical AUC and its values with each case left out."""
    kernel = (ratings[truth == 1][:, None] > ratings[truth == 0]) + 0.5 * (
        ratings[truth == 1][:, None] == ratings[truth == 0]
    )
    left_out = np.empty(len(truth))
    positives, negatives = kernel.shape
    left_out[truth == 1] = (kernel.sum() - kernel.sum(axis=1)) / ((positives - 1) * negatives)
    left_out[truth == 0] = (kernel.sum() - kernel.sum(axis=0)) / (positives * (negatives - 1))
    return float(kernel.mean()), left_out


def jackknifed(rows: list[tuple[float, Array]]) -> tuple[Array, Array]:
    figures, left_out = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    k = left_out.shape[1]
    return figures, np.cov(left_out) * (k - 1) ** 2 / k


def test_obuchowski_rockette_agrees_with_reference_for_two_modalities() -> None:
    import pandas as pd

    table = pd.read_csv(reference("vandyke.csv"))
    truth = table.groupby("case")["truth"].first().to_numpy()
    wide = table.pivot(index=["treatment", "reader"], columns="case", values="rating")
    figures, cov = jackknifed([auc_jackknife(truth, row) for row in wide.to_numpy(float)])
    found = mrmc.obuchowski_rockette(figures.reshape(2, 5), cov.reshape(2, 5, 2, 5))
    assert (found.F, found.p) == pytest.approx((4.456318693, 0.0516656858), rel=1e-9)
    assert found.df2 == pytest.approx(15.259674589, rel=1e-8)
    listed = json.loads(reference("or.expected.json").read_text())["vandyke"]["MRMCaov"]["jackknife"]
    assert found.fixed_readers is not None
    assert found.fixed_cases is not None
    x2 = listed["FRRC"]["test_equality"]["X2"]
    squares = listed["RRRC"]["test_equality"]
    f = squares["MS(T)"] / squares["MS(T:R)"]
    fixed = [found.fixed_readers.F, found.fixed_cases.F]
    assert fixed == pytest.approx([x2, f], rel=1e-9)


def hupse() -> tuple[Array, float, Array]:
    """Nine readers' AUC, the system's, and the jackknife covariances of their differences."""
    import pandas as pd

    table = pd.read_csv(reference("hupse_cad_roc.csv"))
    truth = table.groupby("case")["truth"].first().to_numpy()
    wide = table.pivot(index=["reader_kind", "reader"], columns="case", values="rating")
    figures, left_out = (
        np.array(values) for values in zip(*(auc_jackknife(truth, row) for row in wide.to_numpy(float)), strict=True)
    )
    system = wide.index.get_level_values("reader_kind") == "CAD"
    differences = left_out[~system] - left_out[system]
    k = differences.shape[1]
    return figures[~system], float(figures[system][0]), np.cov(differences) * (k - 1) ** 2 / k


def test_standalone_agrees_with_reference_for_one_system_and_nine_readers() -> None:
    found, listed = mrmc.standalone(*hupse()), json.loads(reference("rjafroc.expected.json").read_text())
    wanted = listed["hupse_roc_wilcoxon"]["1T-RRRC"]
    assert found.estimate == pytest.approx(wanted["avgDiffFom"], rel=1e-9)
    assert found.estimate / found.se == pytest.approx(wanted["Tstat"], rel=1e-9)
    assert found.df == pytest.approx(wanted["df"], rel=1e-8)
    assert found.p == pytest.approx(wanted["pval"], abs=1e-9)
    assert found.ci == pytest.approx((-0.030998769, 0.094470991), abs=1e-9)


def test_standalone_with_cases_fixed_agrees_with_reference() -> None:
    found, listed = mrmc.standalone(*hupse(), "readers"), json.loads(reference("rjafroc.expected.json").read_text())
    wanted = listed["hupse_roc_wilcoxon"]["1T-RRFC"]
    assert found.estimate / found.se == pytest.approx(wanted["Tstat"], rel=1e-9)
    assert (found.df, found.p) == pytest.approx((wanted["df"], wanted["pval"]), rel=1e-8)
    assert "cases fixed" in found.method


def test_a_model_against_a_panel_with_fixed_readers_is_the_z_test_over_cases() -> None:
    rng = np.random.default_rng(9)
    panel, model = effects(rng, 6, 40), rng.normal(size=40)
    per_case = (panel - model).mean(axis=0)
    found = mrmc.model_against_panel(panel, model, "cases")
    assert found.se == pytest.approx(per_case.std(ddof=1) / math.sqrt(40), rel=1e-9)
    assert found.p == pytest.approx(2 * stats.norm.sf(abs(per_case.mean()) / found.se), rel=1e-9)


def test_groups_with_fixed_cases_equal_welch_on_reader_means() -> None:
    rng = np.random.default_rng(10)
    humans, models = effects(rng, 6, 40), effects(rng, 4, 40)
    welch = stats.ttest_ind(humans.mean(axis=1), models.mean(axis=1), equal_var=False)
    found = mrmc.group_contrast(humans, models, random="readers")
    assert (found.df, found.p) == pytest.approx((welch.df, welch.pvalue), rel=1e-9)


def test_the_variance_of_u_statistics_agrees_with_imrmc() -> None:
    listed = expected()["group_contrast_human_minus_model"]
    for outcome in ("gap", "fdx_correct"):
        found = missing.contrast(panel(outcome, "human"), panel(outcome, "model"))
        assert found.se**2 == pytest.approx(listed[outcome]["iMRMC_uStat11_var"], rel=1e-9)


def test_two_tests_equal_the_one_group_analysis_of_their_difference() -> None:
    rng = np.random.default_rng(1)
    tests = np.stack([effects(rng, 6, 40), effects(rng, 6, 40)])
    pair, gap = mrmc.crossed(tests).differences[0, 1], mrmc.one_group(tests[0] - tests[1])
    assert (pair.estimate, pair.se, pair.df, pair.p) == pytest.approx((gap.estimate, gap.se, gap.df, gap.p), rel=1e-9)


def test_fixed_cases_equal_the_paired_t_test_on_reader_means() -> None:
    rng = np.random.default_rng(2)
    tests = np.stack([effects(rng, 6, 40), effects(rng, 6, 40)])
    paired = stats.ttest_rel(tests[0].mean(axis=1), tests[1].mean(axis=1))
    found = mrmc.crossed(tests).fixed_cases
    assert found is not None
    assert (found.F, found.p) == pytest.approx((paired.statistic**2, paired.pvalue), rel=1e-9)


def test_a_hand_worked_panel_of_two_readers_and_two_cases() -> None:
    """Means .5 and 1, so MS = .125; covariance of (1, 0) and (1, 1) is 0: SE^2 = .125/2, one degree of freedom."""
    found = mrmc.one_group([[1, 0], [1, 1]])
    assert (found.estimate, found.df) == (0.75, 1.0)
    assert found.se == pytest.approx(math.sqrt(0.0625))
    assert found.p == pytest.approx(2 * (0.5 - math.atan(3) / math.pi))


def test_separate_variances_equal_welch_when_cases_add_nothing() -> None:
    """Orthogonal case patterns have covariance 0, and what is left is Welch's t-test on reader means."""
    patterns = np.array([[1, -1, 0, 0], [0, 0, 1, -1], [1, 1, -1, -1]], dtype=float)
    humans, models = patterns + np.array([[0], [1], [3]]), np.repeat([[5.0], [7.0], [6.5]], 4, axis=1)
    welch = stats.ttest_ind(humans.mean(axis=1), models.mean(axis=1), equal_var=False)
    found = mrmc.group_contrast(humans, models)
    assert (found.df, found.p) == pytest.approx((welch.df, welch.pvalue), rel=1e-9)


def test_order_of_readers_and_cases_does_not_matter() -> None:
    rng = np.random.default_rng(3)
    humans, models = effects(rng, 5, 30), effects(rng, 4, 30)
    order = rng.permutation(30)
    shuffled = mrmc.group_contrast(humans[::-1][:, order], models[rng.permutation(4)][:, order])
    assert shuffled.se == pytest.approx(mrmc.group_contrast(humans, models).se, rel=1e-9)


@pytest.mark.parametrize(
    ("humans", "models", "sentence"),
    [
        (np.eye(1, 5), np.eye(3, 5), "two humans and three models; found 1 and 3"),
        (np.eye(3, 5), np.eye(2, 5), "found 3 and 2"),
        (np.ones((3, 1)), np.ones((3, 1)), "cases vary only from two on; found 1"),
        (np.ones((3, 5)), np.ones((3, 5)), "do not vary"),
    ],
)
def test_too_little_data_is_refused_with_a_sentence(humans: Array, models: Array, sentence: str) -> None:
    with pytest.raises(TooLittleData, match=sentence):
        mrmc.group_contrast(humans, models)


def test_rejections_with_models_more_variable_than_physicians_stay_near_nominal() -> None:
    """No true difference; separate variances reject about .05 of 400 panels (binomial limits .025 to .095)."""
    rng = np.random.default_rng(4)
    rejected = [
        mrmc.group_contrast(common + effects(rng, 10, 60, 0.1), common + effects(rng, 4, 60, 0.3)).p < 0.05
        for common in rng.normal(size=(400, 60))
    ]
    assert 0.025 < np.mean(rejected) < 0.095


def test_pooling_is_never_the_default() -> None:
    rng = np.random.default_rng(5)
    humans, models = effects(rng, 10, 50, 0.05), effects(rng, 3, 50, 0.8)
    assert mrmc.group_contrast(humans, models).df < mrmc.group_contrast(humans, models, pooled=True).df
    assert "separate" in mrmc.group_contrast(humans, models).method


def test_missing_cells_are_handed_to_u_statistics() -> None:
    rng = np.random.default_rng(6)
    humans, models = effects(rng, 5, 30), effects(rng, 4, 30)
    humans[0, 0] = np.nan
    assert mrmc.group_contrast(humans, models) == missing.contrast(humans, models)
