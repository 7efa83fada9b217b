"""The script that Streamlit runs for every page: who is looking, and which pages are theirs."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import streamlit as st

from streamlit_app import address, masthead, record, session
from streamlit_app.catalogue import component_texts, say
from streamlit_app.components import sign_in
from streamlit_app.pages import reader
from streamlit_app.pages import sign_in as door
from streamlit_app.pages.staff_menu import staff_pages
from study.database import Refused, StudyError, Unreachable
from study.database.wire import NOT_SIGNED_IN

_HERE = Path(__file__).parent
LOG = logging.getLogger("readerstudy")


def main() -> None:
    """Draw the page of whoever is looking; whatever goes wrong is told in a sentence."""
    st.set_page_config(page_title="readerstudy", layout="wide")  # its icon is a route: routes.py
    st.html(_HERE / "page.css")
    try:
        me = _me()
        if me is None:
            _visitor()
        else:
            _member(me)
    except StudyError as fault:
        if isinstance(fault, Refused) and fault.code == NOT_SIGNED_IN:
            session.ended()
            st.rerun()
        _told(fault)
        st.button(say("try_again"), key="try-again")


def _told(fault: StudyError) -> None:
    """What went wrong: in a reader's words where it is nothing that they can mend, with the rest for those who can."""
    if isinstance(fault, Unreachable):
        LOG.warning("%s", fault)
        st.error(say("away"))
        st.caption(say("away_detail", message=fault))
    else:
        st.error(str(fault))


def _me() -> dict[str, Any] | None:
    """Who the session belongs to; None for a visitor or where the session has ended."""
    if session.token() is None:
        return None
    try:
        me: Any = session.kept("me", lambda: session.wire().call("me"), fresh=address.READING not in st.query_params)
    except Refused as fault:
        if fault.code != NOT_SIGNED_IN:
            raise
        session.ended()
        return None
    return dict(me)


def _visitor() -> None:
    st.navigation([st.Page(door.page, title=say("sign_in_title"), default=True)], position="hidden").run()


def _member(me: dict[str, Any]) -> None:
    with st.container():  # there in every run, so that what stands below keeps its place when the ticket goes
        _confirm_cookie()
    pages = _pages(me)
    flat = [page for group in pages.values() for page in group]
    chosen = st.navigation(pages if len(pages) > 1 else flat, position="top" if len(flat) > 1 else "hidden")
    masthead.draw()
    if st.session_state.get(masthead.REDEEMING):
        _invitation()
    elif chosen is not None:
        chosen.run()


def _pages(me: dict[str, Any]) -> dict[str, list[Any]]:
    """The pages by group: a reader's own, and those of whoever runs or analyses a study."""
    roles = {membership["role"] for membership in me["memberships"]}
    pages: dict[str, list[Any]] = {}
    if "reader" in roles:
        pages[say("reader")] = [
            st.Page(lambda: reader.page(me), title=say("readings_title"), url_path="read", default=True)
        ]
    pages |= staff_pages(me, first=not pages)
    if not pages:
        pages[""] = [st.Page(_nobody, title="readerstudy", default=True)]
    return pages


def _nobody() -> None:
    if record.box() is not None:
        st.info(say("no_membership"))
        return
    _invitation()


def _invitation() -> None:
    from streamlit_app.pages import mail_door  # a box needs none of Supabase's libraries

    mail_door.invitation()


def _confirm_cookie() -> None:
    ticket = session.pending_ticket()
    if ticket:
        sign_in(ticket, key=f"ticket-{ticket[:8]}", url="/session", texts=component_texts("session"))


main()
