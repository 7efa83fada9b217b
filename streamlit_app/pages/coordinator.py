"""The coordinator's pages: the studies they run, a new one, and the desk of one study."""

from __future__ import annotations

from typing import Any

import streamlit as st

from streamlit_app import session
from streamlit_app.catalogue import say
from streamlit_app.pages import coordinator_new, coordinator_study
from streamlit_app.pages.staff import STUDY, badges, go
from streamlit_app.pages.tables import plain
from study.database import Refused
from study.desk import CoordinatorDesk, StudyRow

NEW = "new"
COLOURS: dict[str, Any] = {
    "draft": "gray",
    "open": "green",
    "paused": "orange",
    "closed": "blue",
    "unblinded": "violet",
}


def page(me: dict[str, Any]) -> None:
    """The list of studies, or what the address asks for."""
    desk, wanted = CoordinatorDesk(session.wire()), st.query_params.get(STUDY)
    if wanted == NEW:
        coordinator_new.page()
    elif wanted:
        _study(desk, wanted, me)
    else:
        _list(desk, me)


def _study(desk: CoordinatorDesk, wanted: str, me: dict[str, Any]) -> None:
    try:
        found = desk.find(wanted)
    except Refused:
        st.warning(say("no_such_study"))
        if st.button(say("back_to_studies")):
            go(None)
        return
    coordinator_study.page(desk, found.study, me)


def _list(desk: CoordinatorDesk, me: dict[str, Any]) -> None:
    run = {m["study"] for m in me["memberships"] if m["role"] == "coordinator"}
    rows = [row for row in desk.studies() if row.study in run]
    title, new = st.columns([4, 1], vertical_alignment="bottom")
    title.title(say("studies_title"), anchor=False)
    if new.button(say("new_study"), type="primary", icon=":material/add:", width="stretch", key="new-study"):
        go(NEW)
    if not rows:
        st.info(say("no_studies"))
    for row in reversed(rows):
        _row(row)


def _row(row: StudyRow) -> None:
    with st.container(border=True):
        name, state, action = st.columns([6, 3, 2], vertical_alignment="center")
        name.markdown(f"**{plain(row.title)}**  \n:small[{plain(row.slug)} · {row.created_at:%Y-%m-%d}]")
        with state.container(horizontal=True):
            badges(row.state, row.synthetic)
        if action.button(say("open_desk"), key=f"study-{row.slug}", width="stretch"):
            go(row.slug)
