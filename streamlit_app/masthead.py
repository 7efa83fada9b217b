"""The slim line at the top of every page: the product's name, the language, the way out."""

from __future__ import annotations

import streamlit as st

from streamlit_app import record, session
from streamlit_app.catalogue import choose_language, component_texts, say
from streamlit_app.components import sign_out

_LEAVING = "leaving"
_COOKIE_GONE = "cookie_gone"
REDEEMING = "redeeming"
"""Set while somebody who has pages of their own takes up one more invitation."""


def draw() -> None:
    """Draw the line; signing out ends the session in the database first, then clears the cookie."""
    with st.container(key="masthead", horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown("**readerstudy**", width="content")
        popover = st.popover(say("account"), icon=":material/account_circle:", type="tertiary", width="content")
        with popover, st.container(key="account"):
            if record.box() is None:
                _who()
            choose_language()
            if record.box() is None:
                _account()
            if st.button(say("sign_out"), icon=":material/logout:", key="sign-out"):
                st.session_state[_LEAVING] = True
    if st.session_state.get(_LEAVING):
        _leave()


def _who() -> None:
    """By which address somebody is signed in: many people have several."""
    from streamlit_app.pages import mail_door

    st.caption(say("signed_in_as", email=mail_door.plain(mail_door.address())))


def _account() -> None:
    """What an account on a Supabase project can do beside signing out."""
    from streamlit_app.pages import mail_door

    if st.button(say("redeem_title"), icon=":material/mail:", key="redeem-open"):
        st.session_state[REDEEMING] = True
        st.rerun()
    mail_door.own_password()


def _leave() -> None:
    """The browser forgets the cookie first; where the record does not answer then, each run tries again to end it."""
    gone = st.session_state.get(_COOKIE_GONE)
    if gone or sign_out(key="sign-out-post", url="/session/end", texts=component_texts("session")):
        st.session_state[_COOKIE_GONE] = True
        session.end()
        st.session_state["door_message"] = "signed_out"
        st.rerun()
