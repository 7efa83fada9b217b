"""The door of studies on Supabase: a code sent by e-mail, or a password; then the invitation."""

from __future__ import annotations

import streamlit as st

from streamlit_app import record, session
from streamlit_app.catalogue import choose_language, local, say
from streamlit_app.masthead import REDEEMING
from study.database.accounts import SignInRefused, Tokens
from study.database.project import Project
from study.database.wire import NOT_ALLOWED, Refused
from study.desk import VisitorDesk

_SENT = "code_sent_to"
_ADDRESS = "signed_in_as"
_KNOWN = {"code", "password", "rate", "mail", "weak", "closed", "address"}


def page(project: Project) -> None:
    """Ask for the address, then for the code that was sent to it; or for both address and password."""
    sent = st.session_state.get(_SENT)
    by_code, by_password = st.tabs([say("mail_by_code"), say("mail_by_password")])
    with by_code:
        _code(project, sent) if sent else _address(project)
    with by_password:
        _password(project)
    choose_language()


def _address(project: Project) -> None:
    with st.form("mail-address", border=True):
        email = st.text_input(say("mail_address"), max_chars=200, autocomplete="email")
        st.caption(say("mail_address_help"))
        if st.form_submit_button(say("mail_send"), type="primary", width="stretch"):
            email = email.strip()
            try:
                project.accounts.send_code(email)
            except SignInRefused as refusal:
                _refused(refusal)
            else:
                st.session_state[_SENT] = email
                st.rerun()


def _code(project: Project, email: str) -> None:
    st.info(say("mail_sent", email=plain(email)))
    with st.form("mail-code", border=True):
        code = st.text_input(say("mail_code"), max_chars=12, autocomplete="one-time-code")
        if st.form_submit_button(say("sign_in_button"), type="primary", width="stretch"):
            try:
                tokens = project.accounts.with_code(email, "".join(code.split()))
            except SignInRefused as refusal:
                _refused(refusal)
            else:
                _begin(project, tokens)
    if st.button(say("mail_again"), icon=":material/refresh:", key="mail-again", type="tertiary"):
        st.session_state.pop(_SENT, None)
        st.rerun()


def _password(project: Project) -> None:
    with st.form("mail-password", border=True):
        email = st.text_input(say("mail_address"), max_chars=200, autocomplete="username")
        password = st.text_input(say("mail_password"), type="password", max_chars=200, autocomplete="current-password")
        st.caption(say("mail_password_help"))
        if st.form_submit_button(say("sign_in_button"), width="stretch"):
            try:
                tokens = project.accounts.with_password(email.strip(), password)
            except SignInRefused as refusal:
                _refused(refusal)
            else:
                _begin(project, tokens)


def _begin(project: Project, tokens: Tokens) -> None:
    try:
        cookie = project.begin(tokens)
    except Refused as refusal:
        if refusal.code != NOT_ALLOWED:
            raise
        st.error(say("mail_refused_unproven"))
        return
    session.begin(cookie)
    st.session_state.pop(_SENT, None)
    st.rerun()


def _refused(refusal: SignInRefused) -> None:
    st.error(say(f"mail_refused_{refusal.reason}") if refusal.reason in _KNOWN else str(refusal))


def invitation() -> None:
    """Take up an invitation by its code, as whoever is signed in."""
    with st.container(key="door"):
        st.title(say("redeem_title"), anchor=False)
        st.write(say("redeem_words", email=plain(address())))
        with st.form("redeem", border=True):
            code = st.text_input(
                say("sign_in_code"), placeholder="XXXX-XXXX-XXXX-XXXX", max_chars=40, autocomplete="one-time-code"
            )
            st.caption(say("sign_in_help"))
            if st.form_submit_button(say("redeem_button"), type="primary", width="stretch"):
                _redeem(code)
        if st.session_state.get(REDEEMING) and st.button(say("redeem_back"), key="redeem-back", type="tertiary"):
            st.session_state.pop(REDEEMING, None)
            st.rerun()


def _redeem(code: str) -> None:
    reply = VisitorDesk(session.wire()).redeem(code)
    if reply.ok:
        session.forget("me")
        st.session_state.pop(REDEEMING, None)
        st.rerun()
    elif reply.reason == "paused" and reply.retry_at:
        st.error(say("sign_in_paused", until=local(reply.retry_at)))
    else:
        st.error(say("sign_in_unknown", left=reply.tries_left))


def address() -> str:
    """The address of whoever is signed in, asked once a session; empty where it is not known."""
    project = record.current()
    if _ADDRESS not in st.session_state and isinstance(project, Project):
        st.session_state[_ADDRESS] = project.address(session.token() or "")
    return str(st.session_state.get(_ADDRESS, ""))


def plain(email: str) -> str:
    """An address as it is typed: no link, and nothing in it formats the sentence."""
    return f"`{email.replace('`', '')}`"


def own_password() -> None:
    """Set a password, so that the next sign-in needs no mail."""
    project = record.current()
    if not isinstance(project, Project):
        return
    with st.form("own-password", border=False, clear_on_submit=True):
        new = st.text_input(say("mail_new_password"), type="password", max_chars=200, autocomplete="new-password")
        st.caption(say("mail_new_password_help"))
        if st.form_submit_button(say("mail_set_password")):
            try:
                project.set_password(session.token() or "", new)
            except SignInRefused as refusal:
                _refused(refusal)
            except Refused as refusal:  # This session was begun by a password.
                st.error(str(refusal))
            else:
                st.success(say("mail_password_set"))
