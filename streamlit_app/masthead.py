"""The slim line at the top of every page: the product's name, the language, the way out."""

from __future__ import annotations

import streamlit as st

from streamlit_app import session
from streamlit_app.catalogue import choose_language, component_texts, say
from streamlit_app.components import sign_out

_LEAVING = "leaving"


def draw() -> None:
    """Draw the line; signing out ends the session in the database first, then clears the cookie."""
    with st.container(key="masthead", horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown("**readerstudy**", width="content")
        with st.popover(say("account"), icon=":material/account_circle:", type="tertiary", width="content"):
            choose_language()
            if st.button(say("sign_out"), icon=":material/logout:", key="sign-out"):
                st.session_state[_LEAVING] = True
    if st.session_state.get(_LEAVING):
        _leave()


def _leave() -> None:
    if sign_out(key="sign-out-post", url="/session/end", texts=component_texts("session")):
        session.end()
        st.session_state["door_message"] = "signed_out"
        st.rerun()
