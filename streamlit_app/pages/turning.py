"""A page turn: the run that hears of a lock hands it to the database, and the run after it draws the next page.

A run can be killed at any touch of the session's state: what was clicked is taken first, then the database is asked
once, by a request that may be repeated, and only then is anything noted here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from streamlit_app import session
from streamlit_app.catalogue import say
from streamlit_app.components import Locked, Place, Refusal
from study.database import Refused, StudyError
from study.database.wire import NOT_SIGNED_IN
from study.desk import Page, ReaderDesk

MESSAGE = "desk_message"
HOME = "home"
_TURNED = "turned_page"
_REFUSAL = "refusal"


@dataclass(frozen=True)
class Given:
    """An answer that the reader locked, before the database has heard of it."""

    id: str
    answer: dict[str, Any]
    client: dict[str, Any]


def given(locked: Locked | None, place: Place) -> Given | None:
    """What was locked, if it belongs to this step of this attempt."""
    if locked is None or (locked.step, locked.attempt) != (place.step, place.attempt):
        return None
    return Given(locked.id, locked.answer, locked.client)


def hand_in(reader: ReaderDesk, place: Place, locked: Given) -> None:
    """Hand the answer to the database, and keep the next page, or why it was refused, for the drawing of this desk.

    Raises ``Refused`` where the session has ended.
    """
    try:
        turned = reader.turn(place.reading, place.step, place.attempt, locked.answer, locked.client)
    except StudyError as fault:
        if isinstance(fault, Refused) and fault.code == NOT_SIGNED_IN:
            raise
        st.session_state[_REFUSAL] = (locked.id, str(fault))
        session.forget(HOME)
    else:
        st.session_state.pop(_REFUSAL, None)
        st.session_state[_TURNED] = turned.page
        if turned.verdict.kind in ("late", "stale"):
            st.session_state[MESSAGE] = say(turned.verdict.kind)


def turned_page(reading: str) -> Page | None:
    """The page as the last turn returned it, once."""
    turned: Page | None = st.session_state.pop(_TURNED, None)
    return turned if turned is not None and turned.reading == reading else None


def refusal() -> Refusal:
    """The lock that the database refused last, and its sentence."""
    told: Refusal = st.session_state.get(_REFUSAL)
    return told
