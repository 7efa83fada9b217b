"""Pages of advice, lists, relative agreement and tests: numbers as found, in both languages, or why there are none."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from streamlit_app.catalogue import catalogue, in_words
from streamlit_app.pages.analyst_gap import lacks_its_method, role_of
from streamlit_app.pages.analyst_tests import name_of
from study.findings import Findings, findings_of
from study.findings.times import KINDS
from study.gap import computed
from tests.findings_rows import grades_of, rows_of
from tests.test_finding_pages import figures, tables
from tests.test_results import answer, row

PLAN: Any = {"primary": "coverage", "family": ["coverage", "gap"], "correction": "holm", "margin": 0.1}
SUBJECTS = ("lists", "relative", "noninferiority", "multiplicity")


def advised() -> list[Any]:
    """Three readings: the right list is confirmed, the right selection advised against; one reader follows."""
    return [
        row(
            f"R{n}",
            answers=[
                answer("ddx", {"lines": ["Malaria"]}, 1),
                answer("selection", {"choice": "B"}, 2),
                answer("assisted-ddx", {"lines": ["Malaria"]}, 3),
                answer("assisted-selection", {"choice": after}, 4),
            ],
            advice={"ddx": {"lines": ["Malaria"]}, "selection": {"choice": "A"}},
        )
        for n, after in enumerate("ABB")
    ]


@cache
def found(kind: str) -> Findings:
    """Of six humans and three models on eight cases with a plan; of humans alone; of readers who were advised."""
    if kind == "advised":
        return findings_of(advised(), [], only={"advice"})
    if kind == "max-t":
        plan = {"plan": PLAN | {"correction": "max-t"}}
        return findings_of(rows_of(6, 3, 8), grades_of(8), plan, only={"noninferiority", "multiplicity"})
    if kind == "mixed":
        return findings_of(rows_of(6, 3, 8), grades_of(8), {"plan": PLAN}, only={"mixed"})
    if kind == "humans":
        return findings_of(rows_of(1, 0, 2), grades_of(2), only={*SUBJECTS, "advice"})
    return findings_of(rows_of(6, 3, 8), grades_of(8), {"plan": PLAN}, only={*SUBJECTS, "advice"})


def page(subject: str, kind: str, language: str) -> None:
    from importlib import import_module

    import streamlit as st

    from streamlit_app.pages.figures import DARK
    from streamlit_app.pages.finding import Look
    from tests.test_further_pages import found

    st.session_state["interface_language"] = language
    module, look = import_module(f"streamlit_app.pages.analyst_{subject}"), Look(DARK, ["43 simulated grades"], "s")
    if subject == "tests":
        module.show_margin(found(kind).noninferiority, look, "coverage")
        module.show_corrected(found(kind).multiplicity, look)
    else:
        module.show(getattr(found(kind), subject), look)


def shown(subject: str, kind: str = "whole", language: str = "en") -> AppTest:
    made = AppTest.from_function(page, args=(subject, kind, language), default_timeout=90).run()
    assert not made.exception
    return made


def test_lists_show_each_length_and_what_a_cut_leaves_of_the_difference() -> None:
    finding = found("whole").lists
    assert finding is not None
    body = tables(shown("lists"))
    for one in finding.lengths:
        assert f'<td class="number">{one.n}</td><td class="number">{one.written:.2f}</td>' in body
    cut = next(one for one in finding.cuts if (one.measure, one.to) == ("coverage", "one line"))
    assert cut.difference.estimate is not None
    assert "<td>one line, both</td>" in body
    assert f"{100 * cut.difference.estimate:+.1f} [" in body


def test_relative_agreement_shows_both_ratios_of_each_model_with_its_cases() -> None:
    finding = found("whole").relative
    assert finding is not None
    body = tables(shown("relative"))
    for one in finding.models:
        assert f'<th scope="row">{one.model}</th><td class="number">{one.cases}</td>' in body
        assert f"{one.rpad.estimate:.2f} [" in body


def test_only_the_primary_outcome_of_all_models_is_called_confirmatory() -> None:
    body = tables(shown("tests"))
    rows = [part for part in body.split("</tr>") if "not inferior" in part or "not shown" in part]
    assert [("confirmatory" in part) for part in rows] == [True, False, False, False]
    assert "These models" in rows[0]


def test_a_family_corrected_by_max_t_shows_its_simultaneous_intervals_and_says_so() -> None:
    finding, made = found("max-t").multiplicity, shown("tests", "max-t")
    assert finding is not None
    body = tables(made)
    for one in finding.families[0].tests:
        assert one.interval is not None
        low, high = (f"{100 * end:.1f}" for end in one.interval)
        assert f'<td class="number">{low}, {high}</td><td class="number">{one.n}</td>' in body
    assert any("By max-T" in one.value for one in made.caption)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_mixed_models_show_effect_and_n_in_points_and_in_log_odds(language: str) -> None:
    finding = found("mixed").mixed
    assert finding is not None
    assert {(one.outcome, one.kind) for one in finding.models} >= {("gap", "linear"), ("gap", "logistic")}
    made = shown("mixed", "mixed", language)
    assert len(figures(made)) == 2
    for one in finding.models:
        estimate = one.effect.estimate
        assert estimate is not None
        told = f"{100 * estimate:+.1f} [" if one.kind == "linear" else f"{estimate:+.2f} ["
        assert told in tables(made)
        assert f'<td class="number">{one.effect.n}</td>' in tables(made)


def asked_page() -> None:

    from streamlit_app.pages import analyst_mixed

    nobody: Any = None
    analyst_mixed.section(nobody, nobody)


def test_mixed_models_are_not_fitted_before_somebody_asks() -> None:
    made = AppTest.from_function(asked_page, default_timeout=90).run()
    assert not made.exception
    assert [one.value for one in made.toggle] == [False]


def joint_page(language: str) -> None:
    import streamlit as st

    from streamlit_app.pages import analyst_joint
    from streamlit_app.pages.figures import DARK
    from streamlit_app.pages.finding import Look
    from study.gap import computed
    from tests.findings_rows import grades_of, rows_of

    st.session_state["interface_language"] = language
    for rows in (rows_of(6, 3, 8), rows_of(6, 0, 8)):
        analyst_joint.show(computed(rows, grades_of(8), None, draws=300), Look(DARK, [], f"s{len(rows)}"))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_outcomes_tested_together_have_simultaneous_intervals_or_a_sentence(language: str) -> None:
    made = AppTest.from_function(joint_page, args=(language,), default_timeout=90).run()
    assert not made.exception
    joint = computed(rows_of(6, 3, 8), grades_of(8), None, draws=300).joint
    assert len(joint) > 2
    for one in joint:
        assert one.ci is not None
        ends = f"[{100 * one.ci[0]:.1f}, {100 * one.ci[1]:.1f}]</td>"
        assert f'{100 * one.estimate:+.1f} {ends}<td class="number">{one.n}</td>' in tables(made)
    assert len(made.info) == 1, "no models, no difference"


@pytest.mark.parametrize(
    ("method", "planned"),
    [
        ("obuchowski-rockette", "these models fixed (1T-RRRC)"),
        ("group-contrast", "models random, separate variances"),
        ("crossed-bootstrap", "crossed bootstrap, 300 draws, percentile"),
    ],
)
def test_a_contrast_is_planned_where_the_plan_names_both_its_outcome_and_its_method(method: str, planned: str) -> None:
    contrasts = computed(rows_of(6, 3, 8), grades_of(8), None, draws=300).contrasts
    roles = {(one.measure, one.method): role_of(one, {"plan": PLAN | {"method": method}}) for one in contrasts}
    # The closed forms stand here for gaps alone, so only the bootstrap tells coverage, which is primary.
    primary = {("coverage", planned)} if method == "crossed-bootstrap" else set()
    assert {key for key, role in roles.items() if role == "planned"} == primary
    assert [key for key, role in roles.items() if role == "planned_secondary"] == [("selection_gap", planned)]


def test_a_plan_whose_method_takes_more_models_than_there_are_is_told_so() -> None:
    plan = {"plan": PLAN | {"method": "group-contrast"}}
    two, three = (computed(rows_of(6, n, 8), grades_of(8), None, draws=300).contrasts for n in (2, 3))
    assert (lacks_its_method(two, plan), lacks_its_method(three, plan), lacks_its_method(two, None)) == (
        True,
        False,
        False,
    )


def test_each_family_has_its_correction_its_standing_and_both_p_values() -> None:
    finding = found("whole").multiplicity
    assert finding is not None
    made = shown("tests")
    body = tables(made)
    assert "Planned outcomes: Holm (confirmatory)" in body
    assert "Other outcomes: Benjamini-Hochberg (exploratory)" in body
    for one in finding.families[0].tests:
        assert f'<td class="number">{one.p:.4f}</td><td class="number">{one.corrected:.4f}</td>' in body
    assert len(figures(made)) == 1 + len(finding.families)


def test_advice_that_was_shown_stands_with_the_readings_that_each_share_is_of() -> None:
    # Three right before, wrongly advised; one follows: commission 1 of 3, withstood 2 of 3; nobody could omit.
    body = tables(shown("advice", "advised")).split("</table>")[1]
    assert "33.3 [" in body.split("Commission")[1].split("</tr>")[0]
    assert "66.7 [" in body.split("Appropriate reliance")[1].split("</tr>")[0]
    assert "– (there is none to count)" in body.split("Omission")[1].split("</tr>")[0]


@pytest.mark.parametrize(
    ("subject", "why"),
    [
        ("advice", "the protocol shows readers no model's answer"),
        ("relative", "no case has the lists of a model and of two humans"),
        ("tests", "the analysis plan fixes no margin"),
    ],
)
def test_where_there_is_nothing_to_find_its_reason_stands_in_the_place_of_rates(subject: str, why: str) -> None:
    made = shown(subject, "humans")
    assert made.info[0].value.startswith(f"Nothing to show: {why}")
    assert figures(made) == []
    assert tables(made) == ""


def test_lists_of_one_group_alone_have_lengths_and_no_cut() -> None:
    made = shown("lists", "humans")
    assert len(figures(made)) == 1
    assert made.info[0].value == "Only one group has answers, so nothing stands beside it."


@pytest.mark.parametrize(
    ("subject", "kind", "words"),
    [
        ("lists", "whole", "人减模型"),
        ("relative", "whole", "召回率"),
        ("tests", "whole", "非劣"),
        ("advice", "advised", "恰当依赖"),
    ],
)
def test_each_page_is_titled_and_marked_in_chinese(subject: str, kind: str, words: str) -> None:
    made = shown(subject, kind, "zh")
    assert words in tables(made)
    assert all("43 simulated grades" in one for one in figures(made))


def test_a_test_of_a_subgroup_is_named_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamlit_app.catalogue.language", lambda: "en")
    assert name_of("evidence-type: x-ray, no x-ray") == "Type of evidence: X-ray"
    assert name_of("specialty: all") == "Specialty: all levels"
    assert name_of("Maple: 2") == "Maple: 2"


def test_every_kind_of_step_that_takes_time_has_a_name_in_both_languages() -> None:
    for language in ("en", "zh"):
        assert [kind for kind in KINDS if f"step_{kind}" not in catalogue(language)] == []


def test_what_a_finding_says_is_translated_with_the_numbers_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamlit_app.catalogue.language", lambda: "zh")
    assert in_words("advised readings") == "得到建议的阅读"
    assert in_words("12 readings wait for a grade that matters") == "12 次阅读等待会影响结果的评分"
    assert in_words("something that nobody has translated 3") == "something that nobody has translated 3"
    monkeypatch.setattr("streamlit_app.catalogue.language", lambda: "en")
    assert in_words("advised readings") == "advised readings"
