"""The gap: coverage, open final diagnosis, selection and what lies between, by group and by reader."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from streamlit_app import analysing
from streamlit_app.catalogue import say
from streamlit_app.pages import analyst_judging, figures
from streamlit_app.pages.exhibit import csv_of, download, draw, marks_of, p_value
from streamlit_app.pages.tables import table
from study.desk import AnalystDesk, StudyStatus
from study.gap import Contrast, Gap, Score
from study.plan import AnalysisPlan, measure_of

SHOWN = ("coverage", "coverage5", "open", "selection", "open_gap", "selection_gap", "lost", "rescued")
METHODS = {
    "crossed-bootstrap": "crossed bootstrap",
    "obuchowski-rockette": "these models fixed",
    "group-contrast": "models random",
}
"""How the method of a contrast begins that each method of a plan means."""


def section(desk: AnalystDesk, status: StudyStatus) -> None:
    """Compute, or take what is kept, and draw: figure, table, contrasts, what is left out and why."""
    gap = analysing.gap(status.study, analysing.version(desk, status), desk, status)
    marks = marks_of(gap, status)
    _facts(gap)
    chosen = st.segmented_control(
        say("which_gap"),
        ("selection", "open"),
        default="selection",
        required=True,
        format_func=lambda key: say(f"measure_{key}_gap"),
        key="which-gap",
    )
    fdx: figures.Fdx = "open" if chosen == "open" else "selection"
    if not figures.entries(gap, f"{fdx}_gap"):
        st.info(say("no_such_gap"))
        _left_out(gap)
        return
    dark = st.context.theme.type == "dark"
    draw(figures.gap_figure(gap, fdx, dark, marks), f"{status.slug}-{fdx}-gap", say(f"alt_gap_{fdx}"))
    _scores(gap, status)
    draw(figures.parts_figure(gap, fdx, dark, marks), f"{status.slug}-{fdx}-parts", say("alt_parts"))
    _contrasts(gap, status)
    analyst_judging.section(gap.agreement, status.slug)
    _left_out(gap)


def _facts(gap: Gap) -> None:
    if gap.ungraded:
        st.warning(say("provisional_words", n=gap.ungraded), icon=":material/hourglass_empty:")
    if gap.sources.get("simulated"):
        st.warning(say("simulated_words", n=gap.sources["simulated"]), icon=":material/science:")


def _scores(gap: Gap, status: StudyStatus) -> None:
    with st.container(border=True):
        failed = sum(score.failed for score in gap.scores if score.measure == "coverage" and score.reader is None)
        as_wrong = False
        if failed:
            choice = st.radio(
                say("failures"), ("left_out", "wrong"), format_func=lambda key: say(f"failures_{key}"), horizontal=True
            )
            as_wrong = choice == "wrong"
        shown = [name for name in SHOWN if any(score.measure == name for score in gap.scores)]
        order = figures.entries(gap, "coverage") or figures.entries(gap, shown[0])
        rows = [_row(gap, one, shown, as_wrong) for one in order]
        headers = [say("people_who"), "n", say("missing"), say("failed"), *(say(f"measure_{name}") for name in shown)]
        whole = [number for number, one in enumerate(order) if one.reader is None]
        table(say("scores_caption"), headers, rows, numbers=range(1, len(headers)), whole=whole)
        st.caption(say("scores_words") if failed else f"{say('scores_words')} {say('no_failures')}")
        file = f"{status.slug}-scores.csv"
        download(say("scores_csv"), lambda: scores_csv(gap), file, icon=":material/download:")


def _row(gap: Gap, one: figures.Entry, shown: list[str], as_wrong: bool) -> list[str]:
    scores = [gap.of(name, one.group, one.reader) for name in shown]
    first = next((score for score in scores if score is not None), None)
    name = one.reader or say(f"group_{one.group}", n=gap.readers[one.group])
    counts = (
        [str(value) for value in (first.n_as_wrong if as_wrong else first.n, first.missing, first.failed)]
        if first
        else ["0"] * 3
    )
    return [name, *counts, *(_value(score, as_wrong) for score in scores)]


def _value(score: Score | None, as_wrong: bool) -> str:
    """In per cent: the estimate with its interval, or the bounds while lines wait for a grade."""
    if score is None or score.low is None or score.high is None:
        return "–"
    estimate, low, high = score.estimate, score.low, score.high
    if as_wrong and score.as_wrong_low is not None and score.as_wrong_high is not None:
        estimate, low, high = score.as_wrong, score.as_wrong_low, score.as_wrong_high
    if estimate is None:
        return f"{100 * low:.1f} … {100 * high:.1f}"
    if score.interval is None or as_wrong:
        return f"{100 * estimate:.1f}"
    return f"{100 * estimate:.1f} [{100 * score.interval[0]:.1f}, {100 * score.interval[1]:.1f}]"


def _contrasts(gap: Gap, status: StudyStatus) -> None:
    if not gap.contrasts:
        return
    with st.container(border=True):
        st.markdown(f"**{say('contrasts_title')}**")
        names = ("measure", "estimate", "interval", "se", "df", "p", "n", "method", "role")
        rows = [_contrast(one, status.protocol) for one in gap.contrasts]
        table(
            say("contrasts_caption"),
            [say(f"contrast_{name}") for name in names],
            rows,
            numbers=(1, 2, 3, 4, 5, 6),
            wide=(7,),
        )
        file = f"{status.slug}-contrasts.csv"
        download(say("figure_csv"), lambda: csv_of([one.model_dump() for one in gap.contrasts]), file)
        st.caption(say("contrasts_words"))
        if lacks_its_method(gap.contrasts, status.protocol):
            st.caption(say("method_of_plan_absent"))


def _contrast(one: Contrast, protocol: dict[str, Any] | None) -> list[str]:
    interval = "–" if one.ci is None else f"{100 * one.ci[0]:+.1f}, {100 * one.ci[1]:+.1f}"
    se, df = ("–" if value is None else f"{value:.1f}" for value in (None if one.se is None else 100 * one.se, one.df))
    return [
        say(f"measure_{one.measure}"),
        f"{100 * one.estimate:+.1f}",
        interval,
        se,
        df,
        p_value(one.p),
        str(one.n),
        one.method,
        say(role_of(one, protocol)),
    ]


def lacks_its_method(contrasts: Sequence[Contrast], protocol: dict[str, Any] | None) -> bool:
    """Whether the plan names a method by which none of these contrasts was made, so that all are exploratory."""
    told = (protocol or {}).get("plan")
    return bool(told) and not any(
        one.method.startswith(METHODS[AnalysisPlan.model_validate(told).method]) for one in contrasts
    )


def role_of(one: Contrast, protocol: dict[str, Any] | None) -> str:
    """Primary or secondary where the analysis plan names this measure and this method, else exploratory."""
    told = (protocol or {}).get("plan")
    if not told:
        return "exploratory"
    plan = AnalysisPlan.model_validate(told)
    if not one.method.startswith(METHODS[plan.method]):
        return "exploratory"
    if one.measure == measure_of(plan, plan.primary):
        return "planned"
    return "planned_secondary" if one.measure in {measure_of(plan, name) for name in plan.family} else "exploratory"


def _left_out(gap: Gap) -> None:
    with st.expander(say("left_out_title"), expanded=bool(gap.refused)):
        st.write(say("left_out_words", cap=gap.cap, scale=gap.scale, threshold=gap.threshold))
        for sentence in (*gap.notes, *gap.refused):
            st.markdown(f"- {sentence}")


def scores_csv(gap: Gap) -> str:
    """Every score as a row: in score units, with both denominators, bounds and interval; settings beside them."""
    settings = {name: getattr(gap, name) for name in ("scale", "threshold", "cap", "draws", "seed", "ungraded")}
    settings["simulated_grades"] = gap.sources.get("simulated", 0)
    return csv_of([_record(score) | settings for score in gap.scores])


def _record(score: Score) -> dict[str, Any]:
    low, high = score.interval or (None, None)
    return score.model_dump(exclude={"interval"}) | {"interval_low": low, "interval_high": high}
