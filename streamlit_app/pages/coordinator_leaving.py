"""Who takes part no more: a reader withdraws, one of the staff is removed. Both are acts in the study's record."""

from __future__ import annotations

import streamlit as st

from streamlit_app.catalogue import say
from streamlit_app.pages.staff import attempt
from study.desk import CoordinatorDesk, Person

MODES = ("keep", "exclude", "erase")
GONE = ("withdrawn", "excluded", "removed")


def named(person: Person) -> str:
    """Their pseudonym, and their name where one is kept."""
    return f"{person.pseudonym} · {person.name}" if person.name else person.pseudonym


def withdraw(desk: CoordinatorDesk, people: list[Person]) -> None:
    """Withdraw a reader: their answers kept, left out or erased."""
    st.markdown(f"**{say('withdraw_title')}**")
    st.caption(say("withdraw_words"))
    choices = {one.pseudonym: one for one in people if one.role == "reader" and one.state not in GONE}
    with st.form("withdraw", border=False):
        chosen = st.selectbox(
            say("person"), list(choices), index=None, format_func=lambda key: named(choices[key]), key="withdraw-who"
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


def remove(desk: CoordinatorDesk, people: list[Person]) -> None:
    """Remove one of the staff; what they did stays."""
    st.markdown(f"**{say('remove_title')}**")
    st.caption(say("remove_words"))
    choices = {one.pseudonym: one for one in people if one.role != "reader" and one.state not in GONE}
    with st.form("remove", border=False):
        chosen = st.selectbox(
            say("person"), list(choices), index=None, format_func=lambda key: _staff(choices[key]), key="remove-who"
        )
        reason = st.text_input(say("reason"), key="remove-reason", max_chars=1000, autocomplete="off")
        sure = st.checkbox(say("withdraw_sure"), key="remove-sure")
        sent = st.form_submit_button(say("remove_button"), icon=":material/person_off:")
    if not sent or chosen is None:
        return
    if not reason.strip():
        st.error(say("reason_missing"))
    elif not sure:
        st.error(say("tick_first"))
    else:
        member = choices[chosen].member
        attempt(lambda: desk.remove(member, reason.strip()), say("told_removed", who=chosen))


def _staff(person: Person) -> str:
    return f"{named(person)} ({say(f'role_{person.role}')})"
