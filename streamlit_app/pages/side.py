"""Beside the question: pause, flag, skip."""

from __future__ import annotations

import streamlit as st

from streamlit_app.catalogue import say
from streamlit_app.pages.turning import MESSAGE, do
from study.desk import Home, Page, ReaderDesk
from study.protocol import FLAG_KINDS


def paused(reader: ReaderDesk, now: Page) -> None:
    """The cover over a paused reading."""
    with st.container(border=True, key="next"):
        st.subheader(say("paused_title"), anchor=False)
        st.write(say("paused_words"))
        if st.button(say("resume"), type="primary", key=f"resume-{now.reading}"):
            do(lambda: reader.resume(now))
            st.rerun()


def tools(reader: ReaderDesk, home: Home, now: Page) -> None:
    """What a reader may do besides answering."""
    if now.step < 0:
        return
    with st.container(key="tools", horizontal=True, vertical_alignment="center", gap="small"):
        if st.button(say("pause"), icon=":material/pause:", key=f"pause-{now.reading}", type="tertiary"):
            do(lambda: reader.pause(now))
            st.rerun()
        flag(reader, home, now)
        if (home.protocol or {}).get("skip", True) and now.options is None:
            with st.popover(say("skip"), icon=":material/skip_next:", type="tertiary"):
                _skip(reader, now)
        if now.remaining:
            st.caption(say("more_steps", remaining=now.remaining), width="content")


def flag(reader: ReaderDesk, home: Home, now: Page) -> None:
    """The button that tells of a problem with the case, and its form."""
    with (
        st.popover(say("flag"), icon=":material/flag:", type="tertiary"),
        st.form(f"flag-{now.reading}-{len(now.flags)}", border=False),
    ):
        kind = st.selectbox(
            say("flag_kind"),
            (home.protocol or {}).get("flags", FLAG_KINDS),
            index=None,
            format_func=lambda key: say(f"flag_{key}"),
        )
        words = st.text_area(say("flag_text"), max_chars=2000, placeholder=say("no_patient_name"))
        if st.form_submit_button(say("flag_send")):
            if not kind:
                st.error(say("flag_kind_missing"))
                return
            if do(lambda: reader.flag(now, kind, words)):
                st.session_state[MESSAGE] = say("flag_sent")
            st.rerun()


def _skip(reader: ReaderDesk, now: Page) -> None:
    with st.form(f"skip-{now.reading}", border=False):
        reason = st.text_area(say("skip_reason"), max_chars=1000, placeholder=say("no_patient_name"))
        if st.form_submit_button(say("skip_button")):
            if not reason.strip():
                st.error(say("skip_reason_missing"))
                return
            do(lambda: reader.skip(now, reason))
            st.rerun()
