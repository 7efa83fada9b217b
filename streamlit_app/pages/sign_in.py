"""Sign-in by invitation code, and the two doors of the demonstration."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Literal

import streamlit as st

from streamlit_app import record, session
from streamlit_app.catalogue import choose_language, local, say
from study.codes import new_token
from study.desk import VisitorDesk

DEMO = "READERSTUDY_DEMO"
MESSAGE = "door_message"


def page() -> None:
    """Ask for the code; on the demonstration offer its doors."""
    doors = demo_codes()
    with st.container(key="door"):
        st.title("readerstudy", anchor=False)
        st.write(say("sign_in_what"))
        message = st.session_state.pop(MESSAGE, None)
        with st.container():  # there in every run, so that what stands below keeps its place and its chosen tab
            if message:
                st.info(say(message))
        if record.box() is None:
            _by_mail()
        else:
            if doors:
                _doors(doors)
            _form(primary=not doors)
            choose_language()
        st.markdown(f":small[[{say('self_test_link')}](self-test)]")


def _by_mail() -> None:
    from streamlit_app.pages import mail_door
    from study.database.project import Project

    project = record.current()
    if isinstance(project, Project):
        mail_door.page(project)


def _form(primary: bool) -> None:
    with st.form("sign-in", border=True):
        code = st.text_input(
            say("sign_in_code"), placeholder="XXXX-XXXX-XXXX-XXXX", max_chars=40, autocomplete="one-time-code"
        )
        st.caption(say("sign_in_help"))
        kind: Literal["primary", "secondary"] = "primary" if primary else "secondary"
        if st.form_submit_button(say("sign_in_button"), type=kind, width="stretch"):
            sign_in(code)


def demo_codes() -> dict[str, str]:
    """The codes that a demonstration keeps in its data folder, by role; empty for any other study."""
    path = os.environ.get(DEMO)
    if not path:
        return {}
    codes: dict[str, str] = json.loads(Path(path).read_text(encoding="utf-8"))
    return codes


def _doors(doors: dict[str, str]) -> None:
    with st.container(border=True):
        st.subheader(say("demo_title"), anchor=False)
        st.write(say("demo_words"))
        for role in ("reader", "coordinator", "analyst"):
            kind: Literal["primary", "secondary"] = "primary" if role == "reader" else "secondary"
            if role in doors and st.button(say(f"demo_{role}"), key=f"door-{role}", type=kind, width="stretch"):
                sign_in(doors[role])


def sign_in(code: str) -> None:
    """Trade the code for a session; says what is wrong, or shows the first page."""
    token = new_token()
    reply = VisitorDesk(record.wire(None)).sign_in(code, token, _client())
    if reply.ok:
        session.begin(token)
        st.rerun()
    elif reply.reason == "paused" and reply.retry_at:
        st.error(say("sign_in_paused", until=local(reply.retry_at)))
    else:
        st.error(say("sign_in_unknown", left=reply.tries_left))


def _client() -> str:
    """Where the visitor comes from, as a hash: enough to slow a guesser down, not to find a person."""
    return hashlib.sha256((st.context.ip_address or "local").encode()).hexdigest()[:16]
