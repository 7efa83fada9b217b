"""The analyst's pages, once a study is unblinded: each subject with its figures, their n, their tables and files."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import streamlit as st

from streamlit_app import analysing, session
from streamlit_app.catalogue import say
from streamlit_app.pages.staff import choose_study, sections
from study.desk import AnalystDesk

SECTIONS = (
    "gap",
    "beside",
    "tests",
    "cases",
    "lists",
    "trajectories",
    "sensitivity",
    "agreement",
    "calibration",
    "advice",
    "times",
    "plan",
)


def page(me: dict[str, Any]) -> None:
    """Results of the study chosen; before unblinding a sentence and nothing else."""
    st.title(say("results_title"), anchor=False)
    status = choose_study(me, "analyst")
    if status.state != "unblinded":
        st.info(say("results_blinded"), icon=":material/visibility_off:")
        return
    if (status.protocol or {}).get("feedback") == "after_reading":
        st.warning(say("results_watermark"), icon=":material/science:")
    section = sections(SECTIONS, "results", "results-section")
    desk = AnalystDesk(session.wire())
    analysing.prepare(desk, status)
    # Each is imported when it is first opened: plotly is not loaded for those who never look at a figure.
    import_module(f"streamlit_app.pages.analyst_{section}").section(desk, status)
