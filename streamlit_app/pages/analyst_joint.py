"""Gaps, coverage and hits tested together: simultaneous intervals and p values by max-T, on one set of weights."""

from __future__ import annotations

import streamlit as st

from streamlit_app import analysing
from streamlit_app.catalogue import say
from streamlit_app.pages.exhibit import exhibit, number, p_value
from streamlit_app.pages.figures_findings import Dot, Frame, dots
from streamlit_app.pages.finding import Look, look_of, told
from study.desk import AnalystDesk, StudyStatus
from study.findings import Value
from study.gap import Contrast, Gap


def section(desk: AnalystDesk, status: StudyStatus) -> None:
    """The bootstrap's contrasts of the gap."""
    gap = analysing.gap(status.study, analysing.version(desk, status), desk, status)
    show(gap, look_of(desk, status))


def show(gap: Gap, look: Look) -> None:
    """A figure with its table; where there is no contrast, that sentence."""
    st.markdown(f"**{say('joint_heading')}**")
    if not gap.joint:
        st.info(say("joint_none"))
        return
    items = [Dot(say(f"measure_{one.measure}"), "", _value(one)) for one in gap.joint]
    frame = Frame(say("joint_title"), say("joint_subtitle"), look.marks, look.ink)
    exhibit(
        f"{look.slug}-joint",
        dots(items, frame, say("joint_axis"), 100, 0.0),
        say("joint_alt"),
        say("joint_title"),
        [say(f"joint_{name}") for name in ("outcome", "difference", "n", "se", "p", "method")],
        [_row(one) for one in gap.joint],
        lambda: [_record(one) for one in gap.joint],
        numbers=range(1, 5),
        wide=(5,),
        words=say("joint_words"),
    )


def _value(one: Contrast) -> Value:
    return Value(estimate=one.estimate, n=one.n, se=one.se, ci=one.ci, p=one.p, method=one.method)


def _row(one: Contrast) -> list[str]:
    parts = [told(_value(one), 1, 100, sign=True), str(one.n), number(one.se, 2, 100), p_value(one.p)]
    return [say(f"measure_{one.measure}"), *parts, one.method]


def _record(one: Contrast) -> dict[str, object]:
    low, high = one.ci or (None, None)
    return one.model_dump(exclude={"ci", "df"}) | {"ci_low": low, "ci_high": high}
