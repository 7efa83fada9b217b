"""Who takes part: invitations and new codes. Names stand here and in the choice of who leaves, and nowhere else."""

from __future__ import annotations

import streamlit as st

from streamlit_app import record
from streamlit_app.catalogue import say
from streamlit_app.pages.coordinator_leaving import GONE, named, remove, withdraw
from streamlit_app.pages.tables import plain, table
from study.codes import Code
from study.database import StudyError
from study.desk import CoordinatorDesk, Person, StudyStatus

ROLES = ("reader", "grader", "analyst", "coordinator")
_CODE = "shown_code"


def section(desk: CoordinatorDesk, status: StudyStatus) -> None:
    """Invite, see who is there, replace a code, withdraw a reader, remove one of the staff."""
    _shown_once()
    _invite(desk, status)
    people = [person for person in desk.people(status.study) if person.kind == "human"]
    _table(people)
    left, right = st.columns(2, gap="medium")
    with left.container(border=True):
        _reissue(desk, people)
    with left.container(border=True):
        remove(desk, people)
    with right.container(border=True, height="stretch"):
        withdraw(desk, people)


def _shown_once() -> None:
    """The code just made: on the screen until it is put away, and nowhere else."""
    shown: tuple[str, str, str | None] | None = st.session_state.get(_CODE)
    if shown is None:
        return
    with st.container(border=True, key="new-code"):
        st.markdown(f"**{say('code_title', who=plain(shown[0]))}**")
        st.code(shown[1], language=None)
        st.caption(say("code_words"))
        if shown[2] and _by_mail():
            st.info(say("code_by_mail", email=plain(shown[2])), icon=":material/mail:")
        if st.button(say("code_noted"), type="primary", key="code-noted"):
            del st.session_state[_CODE]
            st.rerun()


def _keep(who: str, code: Code, email: str | None = None) -> None:
    st.session_state[_CODE] = (who, code.text, email)
    st.rerun()


def _by_mail() -> bool:
    """Whether people sign in by e-mail here, so that an address alone lets somebody in."""
    return record.box() is None


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
        st.caption(say("invite_words_mail" if _by_mail() else "invite_words"))
        if not sent:
            return
        address = email.strip() or None
        try:
            invited, code = desk.invite(
                status.study, role, name.strip() or None, address, trial=trial and role == "reader"
            )
        except StudyError as fault:
            st.error(str(fault))
            return
        _keep(invited.pseudonym or say(f"role_{role}"), code, address)


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


def _reissue(desk: CoordinatorDesk, people: list[Person]) -> None:
    st.markdown(f"**{say('reissue_title')}**")
    st.caption(say("reissue_words"))
    choices = {person.pseudonym: person for person in people if person.invitation and person.state not in GONE}
    with st.form("reissue", border=False):
        chosen = st.selectbox(
            say("person"), list(choices), index=None, format_func=lambda key: named(choices[key]), key="reissue-who"
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
