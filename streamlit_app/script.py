"""The script that Streamlit runs for every page: who is looking, and which pages are theirs."""

from __future__ import annotations

from typing import Any

import streamlit as st

from streamlit_app import session
from streamlit_app.catalogue import choose_language, component_texts, say
from streamlit_app.components import sign_in, sign_out
from streamlit_app.pages import reader
from streamlit_app.pages import sign_in as door
from study.database import Refused, StudyError


def main() -> None:
    """Draw the page of whoever is looking; whatever goes wrong is told in a sentence."""
    st.set_page_config(page_title="readerstudy", page_icon=":material/clinical_notes:", layout="wide")
    try:
        me = _me()
        if me is None:
            _visitor()
        else:
            _member(me)
    except StudyError as fault:
        st.error(str(fault))


def _me() -> dict[str, Any] | None:
    """Who the session belongs to; None for a visitor or where the session has ended."""
    if session.token() is None:
        return None
    try:
        me: Any = session.wire().call("me")
    except Refused:
        return None
    return dict(me)


def _visitor() -> None:
    st.navigation([st.Page(door.page, title=say("sign_in_title"), default=True)], position="hidden").run()


def _member(me: dict[str, Any]) -> None:
    _confirm_cookie()
    _sidebar()
    pages = _pages(me)
    if not pages:
        st.info(say("no_membership"))
        return
    flat = [page for group in pages.values() for page in group]
    st.navigation(pages if len(flat) > 1 else flat, position="sidebar" if len(flat) > 1 else "hidden").run()


def _pages(me: dict[str, Any]) -> dict[str, list[Any]]:
    """The pages by group: a reader's own, and those of whoever runs or analyses a study."""
    roles = {membership["role"] for membership in me["memberships"]}
    pages: dict[str, list[Any]] = {}
    if "reader" in roles:
        pages[say("reader")] = [
            st.Page(lambda: reader.page(me), title=say("readings_title"), url_path="read", default=True)
        ]
    return pages


def _confirm_cookie() -> None:
    ticket = session.pending_ticket()
    if ticket and sign_in(ticket, key=f"ticket-{ticket[:8]}", url="/session", texts=component_texts("session")):
        session.confirmed()


def _sidebar() -> None:
    with st.sidebar:
        choose_language()
        if st.button(say("sign_out"), icon=":material/logout:", key="sign-out"):
            st.session_state["leaving"] = True
        if st.session_state.get("leaving") and sign_out(
            key="sign-out-post", url="/session/end", texts=component_texts("session")
        ):
            session.end()
            st.session_state["signed_out"] = True
            st.rerun()


main()
