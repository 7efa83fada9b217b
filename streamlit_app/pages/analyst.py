"""The analyst's pages, once a study is unblinded: the gap, and each case side by side."""

from __future__ import annotations

from typing import Any

import streamlit as st

from streamlit_app import session
from streamlit_app.catalogue import say
from streamlit_app.pages import analyst_cases, analyst_gap
from streamlit_app.pages.staff import choose_study, sections
from study.desk import AnalystDesk

SECTIONS = ("gap", "cases")


def page(me: dict[str, Any]) -> None:
    """Results of the study chosen; before unblinding a sentence and nothing else."""
    st.title(say("results_title"), anchor=False)
    status = choose_study(me, "analyst")
    if status.state != "unblinded":
        st.info(say("results_blinded"), icon=":material/visibility_off:")
        return
    if (status.protocol or {}).get("feedback") == "after_reading":
        st.warning(say("results_watermark"), icon=":material/science:")
    desk = AnalystDesk(session.wire())
    section = sections(SECTIONS, "results", "results-section")
    if section == "cases":
        analyst_cases.section(desk, status)
    else:
        analyst_gap.section(desk, status)
