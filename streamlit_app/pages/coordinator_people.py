"""Who takes part: invitations by code, new codes, withdrawal. Names stand here and nowhere else."""

from __future__ import annotations

import streamlit as st

from streamlit_app.catalogue import say
from streamlit_app.pages.staff import attempt
from streamlit_app.pages.tables import plain, table
from study.codes import Code
from study.database import StudyError
from study.desk import CoordinatorDesk, Person, StudyStatus

ROLES = ("reader", "grader", "analyst", "coordinator")
MODES = ("keep", "exclude", "erase")
GONE = ("withdrawn", "excluded")
_CODE = "shown_code"


def section(desk: CoordinatorDesk, status: StudyStatus) -> None:
    """Invite, see who is there, replace a code, withdraw."""
    _shown_once()
    _invite(desk, status)
    people = [person for person in desk.people(status.study) if person.kind == "human"]
    _table(people)
    replace, leave = st.columns(2, gap="medium")
    with replace.container(border=True, height="stretch"):
        _reissue(desk, people)
    with leave.container(border=True, height="stretch"):
        _withdraw(desk, people)


def _shown_once() -> None:
    """The code just made: on the screen until it is put away, and nowhere else."""
    shown: tuple[str, str] | None = st.session_state.get(_CODE)
    if shown is None:
        return
    with st.container(border=True, key="new-code"):
        st.markdown(f"**{say('code_title', who=plain(shown[0]))}**")
        st.code(shown[1], language=None)
        st.caption(say("code_words"))
        if st.button(say("code_noted"), type="primary", key="code-noted"):
            del st.session_state[_CODE]
            st.rerun()


def _keep(who: str, code: Code) -> None:
    st.session_state[_CODE] = (who, code.text)
    st.rerun()


def _invite(desk: CoordinatorDesk, status: StudyStatus) -> None:
    with st.container(border=True):
        st.subheader(say("invite_title"), anchor=False)
        with st.form("invite", border=False, clear_on_submit=True):
            role = st.radio(say("role"), ROLES, horizontal=True, format_func=lambda key: say(f"role_{key}"))
            who, mail = st.columns(2)
            name = who.text_input(say("invite_name"), max_chars=200, autocomplete="off")
            email = mail.text_input(say("invite_email"), max_chars=200, autocomplete="off")
            trial = st.checkbox(say("invite_trial"), help=say("invite_trial_help"))
            sent = st.form_submit_button(say("invite_button"), type="primary", icon=":material/key:")
        st.caption(say("invite_words"))
        if not sent:
            return
        try:
            named = (name.strip() or None, email.strip() or None)
            invited, code = desk.invite(status.study, role, *named, trial=trial and role == "reader")
        except StudyError as fault:
            st.error(str(fault))
            return
        _keep(invited.pseudonym or say(f"role_{role}"), code)


def _table(people: list[Person]) -> None:
    headers = [say(f"people_{name}") for name in ("who", "role", "state", "name", "email", "languages", "code")]
    rows = [
        (
            f"{one.pseudonym} ({say('trial')})" if one.trial else one.pseudonym,
            say(f"role_{one.role}"),
            say(f"member_{one.state}"),
            one.name,
            one.email,
            ", ".join(one.languages),
            say(f"code_{_code_state(one)}"),
        )
        for one in people
    ]
    table(say("people_caption", n=len(people)), headers, rows, wide=(3, 4))


def _code_state(person: Person) -> str:
    return "used" if person.redeemed_at else "waiting" if person.invitation else "none"


def _named(person: Person) -> str:
    return f"{person.pseudonym} · {person.name}" if person.name else person.pseudonym


def _reissue(desk: CoordinatorDesk, people: list[Person]) -> None:
    st.markdown(f"**{say('reissue_title')}**")
    st.caption(say("reissue_words"))
    choices = {person.pseudonym: person for person in people if person.invitation and person.state not in GONE}
    with st.form("reissue", border=False):
        chosen = st.selectbox(
            say("person"), list(choices), index=None, format_func=lambda key: _named(choices[key]), key="reissue-who"
        )
        sent = st.form_submit_button(say("reissue_button"), icon=":material/autorenew:")
    if not sent or chosen is None:
        return
    try:
        _, code = desk.reissue(choices[chosen].invitation or "")
    except StudyError as fault:
        st.error(str(fault))
        return
    _keep(chosen, code)


def _withdraw(desk: CoordinatorDesk, people: list[Person]) -> None:
    st.markdown(f"**{say('withdraw_title')}**")
    st.caption(say("withdraw_words"))
    choices = {one.pseudonym: one for one in people if one.role == "reader" and one.state not in GONE}
    with st.form("withdraw", border=False):
        chosen = st.selectbox(
            say("person"), list(choices), index=None, format_func=lambda key: _named(choices[key]), key="withdraw-who"
        )
        mode = st.radio(say("withdraw_mode"), MODES, format_func=lambda key: say(f"withdraw_{key}"))
        reason = st.text_input(say("reason"), key="withdraw-reason", autocomplete="off")
        sure = st.checkbox(say("withdraw_sure"))
        sent = st.form_submit_button(say("withdraw_button"), icon=":material/person_remove:")
    if not sent or chosen is None:
        return
    if not reason.strip():
        st.error(say("reason_missing"))
    elif not sure:
        st.error(say("tick_first"))
    else:
        member = choices[chosen].member
        attempt(lambda: desk.withdraw(member, mode, reason.strip()), say("told_withdrawn", who=chosen))
