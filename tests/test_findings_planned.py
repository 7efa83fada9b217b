"""Non-inferiority, corrections of p values, and subgroups: what the plan names is confirmatory, the rest is not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from scoring.bootstrap import crossed
from scoring.comparing import against
from scoring.missing import Term, combined
from study.findings import Findings, findings_of
from study.findings._material import Material, Matrix
from study.findings.multiplicity import by_max_t, family
from study.findings.subgroups import interaction
from study.gap import SEED
from study.specialties import GROUPS, group_of
from tests.findings_rows import grades_of, rows_of
from tests.test_results import grade, row

P = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1.0]
PLAN = {"primary": "coverage", "family": ["coverage", "gap"], "correction": "holm", "margin": 0.1}


def found(subject: str, plan: dict[str, Any] | None = None, rows: list[Any] | None = None, **more: Any) -> Any:
    told = rows if rows is not None else rows_of(5, 3, 36)
    all_of: Findings = findings_of(told, grades_of(36), {"plan": plan or PLAN}, only={subject}, **more)
    return getattr(all_of, subject)


def test_the_published_p_values_are_corrected_as_published() -> None:
    # Benjamini & Hochberg 1995, table of fifteen p values.
    names = {str(n): p for n, p in enumerate(P)}
    holm, bh = family("planned", "confirmatory", names), family("rest", "exploratory", names)
    assert holm is not None
    assert bh is not None
    assert [one.corrected for one in holm.tests[:4]] == pytest.approx([0.0015, 0.0056, 0.0247, 0.114])
    assert [one.corrected for one in bh.tests[:5]] == pytest.approx([0.0015, 0.003, 0.0095, 0.035625, 0.0603])
    assert (holm.correction, bh.correction) == ("holm", "benjamini-hochberg")


def test_a_margin_is_tested_one_sided_in_the_direction_in_which_more_is_better() -> None:
    own = found("noninferiority")
    whole = {one.outcome: one for one in own.compared if one.model is None}
    assert own.status == "confirmatory"
    for one in whole.values():
        d = one.difference
        assert one.t == pytest.approx((d.estimate + 0.1) / d.se)
        assert one.p == pytest.approx(stats.t.sf(one.t, d.df))
        assert one.shown == (one.p < 0.025) == (one.lower > -0.1)
    material = Material(rows_of(5, 3, 36), grades_of(36), {"plan": PLAN})
    h, m = (material.matrix("coverage", group).scores for group in ("human", "model"))
    assert whole["coverage"].difference.estimate == pytest.approx(-against(h, m, "").estimate)
    assert {one.model for one in own.compared} == {None, "m0", "m1", "m2"}
    assert [(one.outcome, one.model) for one in own.compared if one.status == "confirmatory"] == [("coverage", None)]


def test_without_a_margin_in_the_plan_none_is_made_up() -> None:
    own = found("noninferiority", {"primary": "gap"})
    assert (own.compared, own.status) == ((), "exploratory")
    assert "fixes no margin" in own.why


def test_planned_outcomes_are_corrected_apart_from_all_others() -> None:
    families = {family.name: family for family in found("multiplicity").families}
    assert [test.name for test in families["planned outcomes"].tests] == ["coverage", "gap"]
    assert families["planned outcomes"].correction == "holm"
    others = families["other outcomes"]
    assert others.status == "exploratory"
    assert not {"coverage", "selection_gap"} & {test.name for test in others.tests}
    assert {test.name for test in families["each model against the panel"].tests} == {"m0", "m1", "m2"}


@pytest.mark.parametrize("correction", ["holm", "max-t"])
def test_each_p_value_has_the_n_behind_it(correction: str) -> None:
    # 36 cases by five humans and three models; a model alone has 36 cells, an interaction the humans' 180.
    families = {one.name: one for one in found("multiplicity", PLAN | {"correction": correction}).families}
    assert [test.n for test in families["planned outcomes"].tests] == [36 * 8, 36 * 8]
    assert {test.n for test in families["each model against the panel"].tests} == {36 * 6}
    assert {test.n for test in families["other subgroups"].tests} == {36 * 5}


def test_max_t_corrects_the_planned_family_where_the_plan_says_so_and_nothing_else() -> None:
    own = found("multiplicity", PLAN | {"correction": "max-t"})
    families = {family.name: family for family in own.families}
    planned = families.pop("planned outcomes")
    assert (planned.correction, planned.draws) == ("max-t", 10_000)
    assert [test.name for test in planned.tests] == ["coverage", "gap"]
    assert all(test.p <= test.corrected <= 2 * test.p + 0.02 for test in planned.tests)
    assert {family.correction for family in families.values()} == {"benjamini-hochberg"}
    assert "one set of weights" in own.notes[0]


def test_max_t_of_one_outcome_is_its_own_bootstrap_p_and_of_two_that_are_alike_too() -> None:
    x = np.random.default_rng(3).normal(0.1, 1, (1, 6, 40))
    (one,) = by_max_t("a", x, draws=500).tests
    twice = by_max_t("ab", np.concatenate([x, -2 * x]), draws=500).tests
    drawn = crossed(x, ["panel"] * 6, 500, SEED)
    largest = np.abs(drawn.draws[0, 0] - x.mean()) >= abs(x.mean())
    assert one.p == one.corrected == (1 + largest.sum()) / 501
    assert [(test.p, test.corrected) for test in twice] == [(one.p, one.p)] * 2


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4))
def test_a_corrected_p_is_never_below_the_raw_one_and_agrees_with_its_interval(seed: int, outcomes: int) -> None:
    draws = np.random.default_rng(seed)
    x = draws.normal(size=(outcomes, 5, 20)) + draws.normal(size=(5, 1)) + draws.normal(size=20)
    x[draws.random(x.shape) < 0.1] = np.nan
    for test in by_max_t([str(n) for n in range(outcomes)], x, draws=300, seed=seed).tests:
        assert test.p <= test.corrected <= 1
        assert test.interval is not None
        if not 0.04 < test.corrected < 0.06:  # the critical value lies between two draws
            assert (test.corrected < 0.05) == (not test.interval[0] <= 0 <= test.interval[1])


def test_a_planned_family_that_cannot_be_drawn_is_corrected_by_holm_and_says_so() -> None:
    rows = [one for one in rows_of(5, 3, 36) if one["reader"] == "H0" or one["kind"] == "model"]
    own = found("multiplicity", PLAN | {"correction": "max-t"}, rows)
    assert "planned outcomes" not in {family.name for family in own.families}, "one reader has no p value"
    alike = [one | {"answers": rows_of(5, 3, 36)[0]["answers"]} for one in rows_of(5, 3, 36)]
    assert "planned outcomes" not in {family.name for family in found("multiplicity", None, alike).families}


def test_a_grade_that_is_open_keeps_every_planned_test_back() -> None:
    rows = [*rows_of(5, 3, 36), row("H1", case="case-040", lines=("Marsh fever",))]
    (coverage, *_) = found("noninferiority", rows=rows).compared
    assert (coverage.p, coverage.difference.why) == (None, "1 readings wait for a grade that matters")
    assert found("subgroups", rows=rows).divisions == ()
    assert "planned outcomes" not in {family.name for family in found("multiplicity", rows=rows).families}


def test_subgroups_that_the_plan_names_are_confirmatory_and_small_ones_are_warned_of() -> None:
    own = found("subgroups", PLAN | {"subgroups": ["specialty"]})
    told = {division.by: division for division in own.divisions}
    assert {by: division.status for by, division in told.items()} == {
        "specialty": "confirmatory",
        "specialty-group": "exploratory",
    }
    assert [(level.level, level.cases, level.small) for level in told["specialty"].levels] == [
        ("cardiology", 12, False),
        ("infectious-diseases", 12, False),
        ("neurology", 12, False),
    ]
    assert told["specialty"].interactions[0].df1 == 2
    assert {one.what: one.why for one in own.not_divided}["language"] == "all cases are of one kind"
    small = found("subgroups", rows=rows_of(5, 3, 9))
    assert all(level.small for level in small.divisions[0].levels)
    assert small.notes


def test_evidence_types_divide_the_cases_that_have_one_from_those_that_have_none() -> None:
    rows = rows_of(4, 3, 20)
    stages = [
        {"reading": one["reading"], "types": {"a": "history"} | ({"b": "ct"} if int(one["case"][-1]) % 2 else {})}
        for one in rows
    ]
    own = found("subgroups", rows=rows, stages=stages)
    division = {one.by: one for one in own.divisions}["evidence-type"]
    assert [level.level for level in division.levels] == ["ct"]
    assert division.interactions[0].levels == ("ct", "no ct")
    assert division.interactions[0].contrast.n == 80
    without = {one.what: one.why for one in found("subgroups").not_divided}
    assert without["evidence-type"] == "which evidence a case has was not told"


def test_publication_is_held_against_the_last_cut_off_of_the_models() -> None:
    from study.desk.staff import ModelEntry

    rows = [
        one | {"published": "2023-01-01" if int(one["case"][-1]) % 2 else "2025-01-01"} for one in rows_of(4, 3, 20)
    ]
    models = [
        ModelEntry(model=f"m{n}", condition="main", samples=1, details={"cutoff": f"2024-0{n + 1}-01"}) for n in (0, 1)
    ]
    own = {one.by: one for one in found("subgroups", rows=rows, models=models).divisions}
    assert [level.level for level in own["published"].levels] == ["after", "before"]


def test_two_levels_have_the_square_of_their_difference_of_differences() -> None:
    draws = np.random.default_rng(4)
    names, cases = ("a", "b", "c", "d"), tuple(f"c{n}" for n in range(30))
    h, m = (Matrix(names, cases, draws.normal(size=(4, 30))) for _ in range(2))
    inside = np.arange(30) < 12
    pair = {
        level: tuple(Matrix(one.readers, one.cases, np.where(kept, one.scores, np.nan)) for one in (h, m))
        for level, kept in (("x", inside), ("y", ~inside))
    }
    one = interaction(pair)  # type: ignore[arg-type]
    assert one.contrast is not None
    assert one.contrast.estimate is not None
    assert one.contrast.se is not None
    assert pytest.approx((one.contrast.estimate / one.contrast.se) ** 2) == one.F
    assert one.p == pytest.approx(one.contrast.p)
    centred = h.scores - m.scores.mean(axis=0)
    terms = [Term(1.0, "h", np.where(inside, centred, np.nan)), Term(-1.0, "h", np.where(inside, np.nan, centred))]
    assert one.contrast.estimate == pytest.approx(combined(terms).estimate)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.permutations([0, 1, 2, 3]))
def test_the_test_of_several_levels_does_not_hang_on_their_order(seed: int, order: list[int]) -> None:
    draws = np.random.default_rng(seed)
    cases = tuple(f"c{n}" for n in range(40))
    h, m = (Matrix(tuple("abcde"), cases, draws.normal(size=(5, 40))) for _ in range(2))
    level = np.arange(40) % 4

    def of(names: list[int]) -> Any:
        pairs = {
            str(n): tuple(Matrix(x.readers, x.cases, np.where(level == n, x.scores, np.nan)) for x in (h, m))
            for n in names
        }
        return interaction(pairs)  # type: ignore[arg-type]

    straight, turned = of([0, 1, 2, 3]), of(order)
    if straight.F is not None and turned.F is not None:
        assert pytest.approx(straight.F, rel=1e-6) == turned.F


def test_seventeen_specialties_stand_in_eight_groups() -> None:
    assert len(GROUPS) == 8
    told = {"infectious-diseases": "Infectious & Tropical", "emergency-medicine": "General & Emergency"}
    told |= {"respiratory-medicine": "Cardiology & Respiratory", "otorhinolaryngology": "Other"}
    told |= {"obstetrics-and-gynaecology": "Obstetrics, Gynaecology & Paediatrics", "haematology": "Haemato-Oncology"}
    assert {key: group_of(key) for key in told} == told


def test_a_model_that_never_answered_has_no_rate_though_failures_count_as_wrong() -> None:
    rows = rows_of(4, 2, 12)
    gone = {"model": "m9", "reader": "m9-1", "state": "failed", "answers": []}
    failed = [one | gone for one in rows if one["model"] == "m1"]
    compared = found("noninferiority", rows=[*rows, *failed]).compared
    own = {one.model: one for one in compared if one.outcome == "coverage"}
    assert own["m9"].difference.estimate is None
    assert own["m9"].shown is None
    plain = {one.model: one for one in found("noninferiority", rows=rows).compared if one.outcome == "coverage"}
    assert own[None].difference == plain[None].difference


def test_a_failure_counts_as_wrong_or_is_left_out_as_the_plan_says() -> None:
    rows = rows_of(4, 2, 12)
    lost = [
        one | {"state": "failed", "answers": []} if one["reader"] == "m1-1" and one["case"] < "case-006" else one
        for one in rows
    ]
    as_wrong = found("subgroups", PLAN, lost).divisions[0].levels
    left_out = found("subgroups", PLAN | {"failures": "left-out"}, lost).divisions[0].levels
    assert [level.readings["model"] for level in as_wrong] == [8, 8, 8]
    assert [level.readings["model"] for level in left_out] == [6, 6, 6]


def test_a_planned_subgroup_that_cannot_be_made_is_named() -> None:
    own = found("subgroups", PLAN | {"subgroups": ["practice-level"]})
    assert "practice-level" in {one.what for one in own.not_divided}
    assert own.status == "exploratory"


def test_the_lines_that_the_plan_counts_are_those_that_are_counted() -> None:
    rows = [row("R", "alpha", ("Gout", "Malaria", "Typhus")), row("R", "beta", ("Gout", "Typhus", "Malaria"))]
    grades = grades_of(0) + [grade(line, 0, case=case) for line in ("Gout", "Typhus") for case in ("alpha", "beta")]
    for k, share in ((1, 0.0), (2, 0.5), (3, 1.0), (None, 1.0)):
        material = Material(rows, grades, {"plan": {"primary": "top-k", "family": ["top-k"], "k": k}})
        assert material.matrix(material.measure_of("top-k"), "human").mean == share


def test_languages_are_of_the_reading_and_failures_count_there_too() -> None:
    rows = [one | {"language": "en" if int(one["case"][-1]) % 2 else "zh"} for one in rows_of(4, 2, 12)]
    lost = [one | {"state": "failed", "answers": []} if one["case"] < "case-003" else one for one in rows]
    levels = {one.by: one for one in found("subgroups", rows=lost).divisions}["language"].levels
    assert [(level.level, level.readings["human"]) for level in levels] == [("en", 24), ("zh", 24)]
