"""What the staff's pages share: the way between studies, badges, and acts that the record may refuse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from streamlit_app import session
from streamlit_app.catalogue import say
from study.database import StudyError
from study.desk import CoordinatorDesk, StudyStatus

STUDY = "study"
TOLD = "staff_told"
COLOURS: dict[str, Any] = {
    "draft": "gray",
    "open": "green",
    "paused": "orange",
    "closed": "blue",
    "unblinded": "violet",
}


# The theme's own colour is too weak for the words of the section chosen.
STYLE = """
<style>
[data-variant="segmented_control"][aria-checked="true"] p { color: light-dark(#08495c, #d5ecf4); font-weight: 600; }
</style>"""


def sections(names: Sequence[str], words: str, key: str) -> str:
    """The section chosen of a page, the first to begin with; ``words`` begins the keys of their names."""
    st.html(STYLE)
    chosen = st.segmented_control(
        say("sections"),
        names,
        default=names[0],
        required=True,
        format_func=lambda name: say(f"{words}_{name}"),
        key=key,
        label_visibility="collapsed",
    )
    return chosen or names[0]


def attempt(act: Callable[[], Any], told: str) -> None:
    """Do it, say so on a fresh page; or say why it was refused, and leave the page as it is."""
    try:
        act()
    except StudyError as fault:
        st.error(str(fault))
        return
    st.session_state[TOLD] = told
    st.rerun()


def badges(state: str, synthetic: bool) -> None:
    """The state of a study, and that it is made up where it is."""
    st.badge(say(f"study_state_{state}"), color=COLOURS.get(state, "gray"))
    if synthetic:
        st.badge(say("badge_synthetic"), icon=":material/science:", color="gray")


def go(study: str | None) -> None:
    """To a study, to a new one, or back to the list; the address can be reloaded and kept."""
    if study is None:
        st.query_params.pop(STUDY, None)
    else:
        st.query_params[STUDY] = study
    st.rerun()


def choose_study(me: dict[str, Any], role: str) -> StudyStatus:
    """Where the study stands that the caller works in, of those in which they have the role."""
    mine = {m["slug"]: m for m in me["memberships"] if m["role"] == role}
    slugs = list(mine)
    wished = st.query_params.get(STUDY)
    chosen = slugs[0]
    if len(slugs) > 1:
        chosen = st.selectbox(
            say("study"),
            slugs,
            index=slugs.index(wished) if wished in slugs else len(slugs) - 1,
            format_func=lambda slug: (
                f"{mine[slug]['title']} ({slug}, {say('study_state_' + mine[slug]['study_state'])})"
            ),
            key=f"study-of-{role}",
        )
    status = CoordinatorDesk(session.wire()).status(mine[chosen]["study"])
    with st.container(horizontal=True):
        badges(status.state, status.synthetic)
    return status
