"""The plan of a study to come: from this study as the pilot or stated spreads to power, width and smallest design."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import streamlit as st

from streamlit_app import analysing
from streamlit_app.catalogue import say
from streamlit_app.pages import figures_plan
from streamlit_app.pages.exhibit import csv_of, download, exhibit, number
from streamlit_app.pages.figures import DARK, LIGHT
from streamlit_app.pages.tables import table
from study.desk import AnalystDesk, StudyStatus
from study.plans import Given, Plan, Spread, Variances

SOURCES = ("pilot", "stated")
OUTCOMES = ("gap", "ddx", "fdx")
COMPARISONS = ("panel", "models_fixed", "models_random")
PARTS = ("reader", "case", "rest")
USUAL = {"human": (0.10, 0.20, 0.45), "model": (0.15, 0.20, 0.40)}
MOST = 12
"""Curves and points along one: more are not told apart."""


@dataclass(frozen=True)
class Basis:
    """What a plan rests on, and how many models were behind it."""

    variances: Variances
    models: int


def section(desk: AnalystDesk, status: StudyStatus) -> None:
    """Ask what is planned, and show what it gives."""
    st.markdown(say("plan_words"))
    source = st.radio(say("plan_source"), SOURCES, format_func=lambda key: say(f"plan_source_{key}"), horizontal=True)
    basis = _pilot(desk, status) if source == "pilot" else _stated()
    if basis is None:
        return
    _spreads(basis.variances, status.slug)
    asked = _asked(basis)
    if asked is None:
        return
    with st.spinner(say("computing")):
        plan = analysing.plan(basis.variances.model_dump_json(), json.dumps(asked, sort_keys=True))
    if plan.why:
        st.warning(plan.why)
        return
    _smallest(plan, asked, status)
    _curves(plan, asked, status)


def _pilot(desk: AnalystDesk, status: StudyStatus) -> Basis | None:
    outcome = st.segmented_control(
        say("plan_outcome"),
        OUTCOMES,
        default="gap",
        required=True,
        format_func=lambda key: say(f"plan_outcome_{key}"),
        key="plan-outcome",
    )
    found = analysing.pilot(status.study, analysing.version(desk, status), outcome or "gap", desk, status)
    if found.variances is None:
        st.warning(found.why)
        return None
    st.caption(say("plan_pilot", readers=found.readers, models=found.models, cases=found.cases))
    for note in found.notes:
        st.caption(note)
    return Basis(found.variances, found.models)


def _stated() -> Basis:
    st.caption(say("plan_stated"))
    human = _spread("human")
    with_models = st.checkbox(say("plan_with_models"), value=True)
    if not with_models:
        return Basis(Variances(human=human), 0)
    model = _spread("model")
    shared = st.slider(say("plan_shared"), -1.0, 1.0, 0.5, 0.05, key="plan-shared")
    return Basis(Variances(human=human, model=model, shared=shared * (human.case * model.case) ** 0.5), 3)


def _spread(group: str) -> Spread:
    parts: list[float] = []
    for part, usual, place in zip(PARTS, USUAL[group], st.columns(3), strict=True):
        words = f"{say(f'kind_{group}')}: {say(f'plan_sd_{part}')}"
        parts.append(place.number_input(words, 0.0, 2.0, usual, 0.01, key=f"plan-{group}-{part}"))
    reader, case, rest = (sd**2 for sd in parts)
    return Spread(reader=reader, case=case, rest=rest)


def _spreads(variances: Variances, slug: str) -> None:
    groups = [("human", variances.human), ("model", variances.model)]
    rows = [
        [say(f"kind_{name}"), *(number(getattr(spread, part) ** 0.5, 3) for part in PARTS)]
        for name, spread in groups
        if spread is not None
    ]
    headers = [say("agreement_group"), *(say(f"plan_sd_{part}") for part in PARTS)]
    table(say("plan_spreads"), headers, rows, numbers=(1, 2, 3))
    records = [
        {"group": name, **{f"sd_{part}": getattr(spread, part) ** 0.5 for part in PARTS}}
        for name, spread in groups
        if spread is not None
    ]
    download(say("figure_csv"), lambda: csv_of(records), f"{slug}-spreads.csv", icon=":material/table:")


def _asked(basis: Basis) -> dict[str, Any] | None:
    """What is to be planned; None, and a sentence, where a list of numbers is none."""
    choices = COMPARISONS if basis.variances.model is not None else COMPARISONS[:1]
    first, second, third = st.columns(3)
    comparison = first.selectbox(
        say("plan_compare"), choices, index=int(len(choices) > 1), format_func=lambda key: say(f"plan_compare_{key}")
    )
    effect = second.number_input(say("plan_effect"), 0.5, 100.0, 10.0, 0.5, key="plan-effect") / 100
    by = third.selectbox(say("plan_target"), ("power", "width"), format_func=lambda key: say(f"plan_target_{key}"))
    readers = first.text_input(say("plan_readers_asked"), "4, 6, 8, 12, 16, 24", key="plan-readers")
    cases = second.text_input(say("plan_cases_asked"), "25, 50, 100, 200, 400", key="plan-cases")
    usual = 80.0 if by == "power" else 15.0
    goal = third.number_input(say(f"plan_goal_{by}"), 5.0, 99.9, usual, 1.0, key=f"plan-goal-{by}") / 100
    models = first.number_input(say("plan_models"), 1, 200, max(basis.models, 1), key=f"plan-models-{basis.models}")
    share = second.number_input(say("plan_share"), 1, 100, 100, 5, key="plan-share") / 100
    numbers = [_numbers(say("plan_readers_asked"), readers), _numbers(say("plan_cases_asked"), cases)]
    if None in numbers:
        return None
    return {
        "comparison": comparison,
        "effect": round(effect, 6),
        "readers": numbers[0],
        "cases": numbers[1],
        "models": 0 if comparison == "panel" else models,
        "share": share,
        "power": goal if by == "power" else None,
        "width": goal if by == "width" else None,
    }


def _numbers(label: str, words: str) -> list[int] | None:
    parts = [part.strip() for part in words.replace("，", ",").split(",") if part.strip()]
    if not parts or len(parts) > MOST or not all(part.isdecimal() and 0 < int(part) <= 100_000 for part in parts):
        st.error(say("plan_no_numbers", label=label, most=MOST))
        return None
    return sorted({int(part) for part in parts})


def _smallest(plan: Plan, asked: dict[str, Any], status: StudyStatus) -> None:
    best = plan.fewest
    if best is None:
        st.warning(say("plan_unreached"))
    else:
        design = best.design
        readings = round(design.readers * design.cases * design.share)
        st.success(say("plan_best", readings=readings, readers=design.readers, cases=design.cases))
    reached = {one.design.readers: one for one in plan.smallest if one is not None}
    rows = [_row(reached[n]) if n in reached else [str(n), *["–"] * 5, say("plan_never")] for n in asked["readers"]]
    exhibit(
        f"{status.slug}-plan-smallest",
        None,
        "",
        say("plan_smallest"),
        _headers(),
        rows,
        lambda: figures_plan.records(plan, True),
    )


def _curves(plan: Plan, asked: dict[str, Any], status: StudyStatus) -> None:
    dark = st.context.theme.type == "dark"
    ink = DARK if dark else LIGHT
    words = say("plan_basis", compare=say(f"plan_compare_{asked['comparison']}"), effect=100 * asked["effect"])
    words += f"<br>{say('plan_n', models=asked['models'], share=100 * asked['share'])}"
    rows = [_row(one) for one in plan.designs]
    for what in ("power", "width"):
        figure = figures_plan.curves(plan, what, asked[what], ink, dark, say(f"plan_title_{what}"), words)
        exhibit(
            f"{status.slug}-plan-{what}",
            figure,
            say(f"plan_alt_{what}"),
            say("plan_designs"),
            _headers(),
            rows,
            lambda: figures_plan.records(plan, False),
            folded=True,
        )


def _headers() -> list[str]:
    names = ("plan_column_readers", "plan_cases", "measured_models", "contrast_se", "contrast_df", "plan_width")
    return [*(say(name) for name in names), say("plan_power")]


def _row(one: Given) -> list[str]:
    counts = [str(value) for value in (one.design.readers, one.design.cases, one.design.models)]
    df = "∞" if one.df is None else f"{one.df:.1f}"
    return [*counts, f"{100 * one.se:.2f}", df, f"{100 * one.width:.1f}", f"{one.power:.3f}"]
