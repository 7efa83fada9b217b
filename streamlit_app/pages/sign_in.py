"""Sign-in by invitation code, and the two doors of the demonstration."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from pathlib import Path
from typing import Any, Literal

import streamlit as st

from streamlit_app import box, session
from streamlit_app.catalogue import say

DEMO = "READERSTUDY_DEMO"


def page() -> None:
    """Ask for the code; on the demonstration offer its doors."""
    st.title(say("sign_in_title"))
    if st.session_state.pop("signed_out", False):
        st.info(say("signed_out"))
    doors = demo_codes()
    if doors:
        _doors(doors)
    with st.form("sign-in", border=not doors):
        code = st.text_input(
            say("sign_in_code"), help=say("sign_in_help"), placeholder="XXXX-XXXX-XXXX-XXXX", max_chars=40
        )
        if st.form_submit_button(say("sign_in_button"), type="primary" if not doors else "secondary"):
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
        st.subheader(say("demo_title"))
        st.write(say("demo_words"))
        for column, role in zip(st.columns(2), ("reader", "coordinator"), strict=True):
            kind: Literal["primary", "secondary"] = "primary" if role == "reader" else "secondary"
            if role in doors and column.button(say(f"demo_{role}"), key=f"door-{role}", type=kind, width="stretch"):
                sign_in(doors[role])


def sign_in(code: str) -> None:
    """Trade the code for a session; says what is wrong, or shows the first page."""
    token = secrets.token_urlsafe(32)
    token_hash = hashlib.sha256(token.encode()).hexdigest()
    reply: Any = box.wire(None).call("sign_in", code=code, token_hash=token_hash, client=_client())
    if reply["ok"]:
        session.begin(token)
        st.rerun()
    elif reply["reason"] == "paused":
        st.error(say("sign_in_paused", until=reply["retry_at"][11:16] + " UTC"))
    else:
        st.error(say("sign_in_unknown", left=reply["tries_left"]))


def _client() -> str:
    """Where the visitor comes from, as a hash: enough to slow a guesser down, not to find a person."""
    return hashlib.sha256((st.context.ip_address or "local").encode()).hexdigest()[:16]
