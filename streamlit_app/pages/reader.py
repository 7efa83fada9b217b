"""A reader's way: consent, profile, instructions, readings, the desk. Which of them is shown, the database decides."""

from __future__ import annotations

from typing import Any

import streamlit as st

from streamlit_app import address, session
from streamlit_app.catalogue import say
from streamlit_app.pages import desk, entry, readings, turning
from study.database import Refused
from study.desk import Home, ReaderDesk


def page(me: dict[str, Any]) -> None:
    """The next thing that this reader has to see."""
    memberships = [m for m in me["memberships"] if m["role"] == "reader"]
    study = _chosen(memberships)
    reader = ReaderDesk(session.wire())
    reading = address.wanted()
    home = _home(reader, study, at_desk=reading is not None)
    if home.member.state == "consented" and home.member.instructed_at and reading:
        _desk(reader, home, reading)
        return
    turning.forget_page()
    with st.container(key="narrow"):
        if home.study.synthetic:
            st.caption(f":material/science: {say('synthetic_study')}")
        _entry_or_list(reader, study, home)


def _home(reader: ReaderDesk, study: str, at_desk: bool) -> Home:
    """The reader's home; at the desk one of the last minute will do, as long as nothing stood in the way then."""
    home = session.kept(turning.HOME, lambda: reader.home(study), fresh=not at_desk)
    if home.study.state != "open" or home.member.state != "consented":
        session.forget(turning.HOME)
    return home


def _entry_or_list(reader: ReaderDesk, study: str, home: Home) -> None:
    if home.member.state in ("withdrawn", "excluded"):
        st.info(say("left_study"))
    elif home.member.state != "consented":
        entry.consent(reader, study, home)
    elif not home.member.languages:
        entry.profile(reader, study, home)
    elif home.member.instructed_at is None:
        entry.instructions(reader, study, home)
    else:
        readings.page(reader, study, home)


def _chosen(memberships: list[dict[str, Any]]) -> str:
    titles = {m["study"]: m["title"] for m in memberships}
    if len(titles) == 1:
        return str(next(iter(titles)))
    return str(st.selectbox(say("choose_study"), list(titles), format_func=titles.__getitem__))


def _desk(reader: ReaderDesk, home: Home, wanted: str) -> None:
    try:
        desk.page(reader, home, wanted)
    except Refused as fault:
        if fault.code not in ("RS404", "RS400"):
            raise
        st.warning(say("not_found"))
        if st.button(say("back_to_readings"), key="back-from-nowhere"):
            address.go(None)
