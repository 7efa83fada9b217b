"""Every outcome of a study goes through one analysis; which difference leads; what it depends on."""

from __future__ import annotations

import io
import json
import math
from typing import Any

import pytest
from rich.console import Console

from commands._analyse_study import _outcomes
from scoring import mrmc
from scoring.analysis import analyse
from scoring.interactions import interactions
from scoring.measures import MEASURES, frame, scores
from study.gap import planned
from study.outcomes import mixed_of, outcomes_of
from study.results import given_grades, planned_scale, readings
from tests.findings_rows import grades_of, rows_of
from tests.test_results import crossed_rows, grade

GRADES = [grade("Gout", 0, case=f"case-{place}") for place in range(6)]
FORMS = ("image", "finding")


def found(rows: list[Any], **more: Any) -> dict[str, Any]:
    return outcomes_of(rows, GRADES, None, **more)


def varied_rows() -> list[Any]:
    """Confidences and times differ by reader and case, and no two readers cover as many cases."""
    rows = crossed_rows()
    for number in (1, 2, 9):
        rows[number]["answers"][0]["answer"]["lines"] = ["Gout"]
    for number, row in enumerate(rows):
        for answer, second in zip(row["answers"], (1, 11, 20 + number % 7 + number // 6), strict=True):
            answer["answer"]["confidence"] = 30 + (number * 7) % 60
            answer["at"] = f"2026-01-02T03:04:{second:02d}+00:00"
    return rows


def test_every_outcome_is_analysed_with_its_method() -> None:
    outcomes = found(varied_rows())["outcomes"]
    assert set(outcomes) == set(MEASURES)
    led = {name: own[own["leads"]] for name, own in outcomes.items() if own["leads"]}
    assert {"coverage", "selection", "selection_gap", "open_gap", "lost", "rescued", "reciprocal_rank"} <= set(led)
    assert {"brier_selection", "confidence_first", "log_time_final", "selection_corrected"} <= set(led)
    assert any("do not vary" in sentence for sentence in outcomes["top1"]["refused"]), "nobody has it first"
    assert all("fixed" in figure["method"] for figure in led.values())
    assert json.dumps(outcomes, allow_nan=False)


def test_an_outcome_equals_the_closed_form_on_its_scores() -> None:
    rows, scale = varied_rows(), planned_scale(None)
    scored = scores(frame(readings(rows, given_grades(GRADES, scale), scale)), "log_time_final")
    wide = {g: own.pivot(index="reader", columns="case", values="value") for g, own in scored.groupby("group")}
    closed = mrmc.group_contrast(wide["human"].to_numpy(float), wide["model"].to_numpy(float))
    own = found(rows)["outcomes"]["log_time_final"]["difference"]
    assert (own["estimate"], own["se"], own["df"]) == pytest.approx((closed.estimate, closed.se, closed.df))


def test_what_waits_for_a_grade_is_refused_and_what_does_not_is_analysed() -> None:
    waiting = outcomes_of(crossed_rows(), [], None)
    assert "selection" in waiting["outcomes"]
    assert "coverage" not in waiting["outcomes"]
    (sentence,) = waiting["refused"]
    names, why = sentence.split(": ")
    assert "coverage" in names.split(", ")
    assert why.startswith("lines that matter wait for a grade")


def test_pooled_variances_are_there_on_request_only() -> None:
    assert found(varied_rows())["outcomes"]["selection"]["pooled"] is None
    assert "pooled" in found(varied_rows(), pooled=True)["outcomes"]["selection"]["pooled"]["method"]


def test_where_human_cells_are_missing_the_within_case_difference_leads() -> None:
    rows = varied_rows()
    del rows[3]
    own = found(rows)["outcomes"]["selection"]
    assert own["leads"] == "within_case_models_fixed"
    assert own["difference"] is not None
    assert own["readers_fixed"] is None


def test_where_only_model_cells_are_missing_the_cell_means_lead() -> None:
    rows = varied_rows()
    del rows[-1]
    assert found(rows)["outcomes"]["selection"]["leads"] == "difference_models_fixed"


def test_interactions_with_the_specialty_are_differences_of_differences() -> None:
    rows = varied_rows()
    for row in rows:
        row["specialty"] = "surgery" if row["case"] in ("case-0", "case-1", "case-2") else "medicine"
    own = found(rows)["interactions"]["specialty"]["selection"]
    assert [(one["level"], one["others"]) for one in own] == [("medicine", ("surgery",))] or own[0]["others"] == [
        "surgery"
    ]
    human, models = own[0]["human"], own[0]["models"]
    wide = {
        level: [r for r in rows if r["specialty"] == level and r["kind"] == "human"]
        for level in ("medicine", "surgery")
    }
    shares = [sum(r["answers"][-1]["answer"]["choice"] == "B" for r in part) / len(part) for part in wide.values()]
    assert human["estimate"] == pytest.approx(shares[0] - shares[1])
    assert human["se"] > 0
    assert own[0]["difference"]["estimate"] == pytest.approx(human["estimate"] - models["estimate"])


def test_humans_minus_these_models_by_level_is_told_once_among_the_findings() -> None:
    own = found([row | {"specialty": row["case"]} for row in varied_rows()])["interactions"]["specialty"]["selection"]
    assert {"human", "models", "difference"} <= set(own[0])
    assert "difference_models_fixed" not in own[0]


def test_one_level_alone_has_no_interaction() -> None:
    assert found(varied_rows())["interactions"]["language"] == {}


def test_forms_that_each_reader_sees_of_every_case_equal_the_paired_contrast() -> None:
    """Image minus finding where all read all in both forms: the one-group analysis of the difference."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(1)
    x = rng.normal(size=(2, 1, 30)) + rng.normal(size=(2, 5, 30))
    rows = [
        {"group": "human", "reader": f"R{r}", "case": f"C{c:02d}", "level": level, "value": x[place, r, c]}
        for place, level in enumerate(FORMS)
        for r in range(5)
        for c in range(30)
    ]
    own = interactions(pd.DataFrame(rows))[0]
    closed = mrmc.one_group(x[1] - x[0])
    assert own.level == "finding"
    assert own.human is not None
    assert (own.human.estimate, own.human.se) == pytest.approx((closed.estimate, closed.se))
    assert own.models is None
    assert own.refused


def test_the_table_says_which_difference_leads_and_fixes_readers_or_cases() -> None:
    import pandas as pd

    rows = [
        {"reader": f"{g}{r}", "group": g, "case": f"C{c}", "ddx": float((r + c) % 3 > 0), "fdx": float((r * c) % 2)}
        for g, size in (("human", 4), ("model", 3))
        for r in range(size)
        for c in range(8)
    ]
    analysed = analyse(pd.DataFrame(rows).assign(options=math.nan), pooled=True)
    assert analysed.leads == "difference_models_fixed"
    assert analysed.readers_fixed is not None
    assert analysed.readers_fixed.df == math.inf
    assert analysed.cases_fixed is not None
    assert analysed.pooled is not None


def test_mixed_models_of_every_outcome_agree_on_the_estimate_with_the_closed_forms() -> None:
    rows = varied_rows()
    fits, closed = mixed_of(rows, GRADES, None), found(rows)["outcomes"]
    assert {"selection_gap", "open_gap", "coverage", "selection", "log_time_final", "brier_selection"} <= set(
        fits["mixed"]
    )
    assert "(1 + task | reader)" in fits["mixed"]["selection_gap"]["method"]
    for name, fit in fits["mixed"].items():
        assert fit["estimate"] == pytest.approx(closed[name]["difference_models_fixed"]["estimate"], abs=1e-6)
    assert any("do not vary" in sentence for sentence in fits["refused"])


def test_hits_have_logistic_models_in_the_direction_of_the_closed_forms_and_nothing_else_has() -> None:
    rows = varied_rows()
    fits, closed = mixed_of(rows, GRADES, None), found(rows)["outcomes"]
    assert "selection" in fits["logistic"]
    assert set(fits["logistic"]) <= {"coverage", "selection", "open", "selection_gap", "open_gap"}
    own = fits["logistic"]["selection"]
    assert own["estimate"] * closed["selection"]["difference_models_fixed"]["estimate"] > 0
    assert own["n"] == closed["selection"]["difference_models_fixed"]["n"]
    waiting = mixed_of(crossed_rows(), [], None)
    assert any(one.startswith("logistic mixed model, ") and "wait for a grade" in one for one in waiting["refused"])


def test_a_difference_without_an_interval_is_shown_without_one() -> None:
    outcomes = found(varied_rows())["outcomes"]
    own = outcomes["selection"]
    own[own["leads"]] |= {"se": None, "df": None, "ci": None, "p": None}
    console = Console(width=200, file=io.StringIO(), force_terminal=False)
    console.print(_outcomes({"selection": own, "coverage": outcomes["coverage"]}))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "–" in shown
    assert "coverage" in shown


def test_a_model_that_never_answered_has_no_rate_though_its_failures_would_be_wrong() -> None:
    # Of two models one fails in every case: the models' coverage is that of the other, and no difference is told of it.
    rows = rows_of(4, 2, 12)
    silent = [one | {"state": "failed", "answers": []} if one["model"] == "m0" else one for one in rows]
    others = [one for one in rows if one["model"] != "m0"]
    told, expected = (outcomes_of(own, grades_of(12), None)["outcomes"]["coverage"] for own in (silent, others))
    assert (told["models"], told["model_vs_panel"]) == (expected["models"], expected["model_vs_panel"])
    assert [one["model"] for one in told["model_vs_panel"]] == ["m1"]
    closed = [planned(own, grades_of(12), None)[0] for own in (silent, others)]
    assert closed[0] is not None
    assert closed[1] is not None
    assert closed[0].difference_models_fixed == closed[1].difference_models_fixed
