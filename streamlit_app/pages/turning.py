"""A page turn: the run that hears of a lock hands it to the database, and the run after it draws the next page.

A run can be killed at any touch of the session's state: what was clicked is taken first, then the database is asked
once, by a request that may be repeated, and only then is anything noted here.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import streamlit as st

from streamlit_app import session
from streamlit_app.catalogue import say
from streamlit_app.components import Locked, Place, Refusal
from study.database import Refused, StudyError, Unreachable
from study.database.wire import CONFLICT, NOT_SIGNED_IN
from study.desk import Page, ReaderDesk, Turned

LOG = logging.getLogger("readerstudy")
MESSAGE = "desk_message"
TROUBLE = "desk_trouble"
CLOSING = "closing"
"""The id of the closing questions' lock, which no component has given one."""
HOME = "home"
_SHOWN = "shown_page"
_REFUSAL = "refusal"
_CONFLICT = "conflict_at"


@dataclass(frozen=True)
class Given:
    """An answer that the reader locked, before the database has heard of it."""

    id: str
    answer: dict[str, Any]
    client: dict[str, Any]


@dataclass(frozen=True)
class Shown:
    """A page, when the database gave it, and whether it has been drawn since."""

    page: Page
    at: float
    drawn: bool = False


def given(locked: Locked | None, place: Place) -> Given | None:
    """What was locked, if it belongs to this step of this attempt."""
    if locked is None or (locked.step, locked.attempt) != (place.step, place.attempt):
        return None
    return Given(locked.id, locked.answer, locked.client)


def hand_in(reader: ReaderDesk, now: Page, locked: Given) -> None:
    """Hand the answer to the database, and keep the next page, or why it was refused, for the drawing of this desk.

    Where the database did not answer, the desk stays as it is. Raises ``Refused`` where the session has ended.
    """
    try:
        turned = reader.turn(now.reading, now.step, now.attempt, locked.answer, locked.client)
    except Unreachable as fault:
        _stay(fault)
        _refuse(locked, _unanswered("lock" if locked.answer else "turn", fault))
    except StudyError as fault:
        if isinstance(fault, Refused) and fault.code == NOT_SIGNED_IN:
            raise
        _refuse(locked, str(fault))
        session.forget(HOME)
        forget_page()
        if isinstance(fault, Refused) and fault.code == CONFLICT:
            st.session_state[_CONFLICT] = _place(now)
    else:
        st.session_state.pop(_REFUSAL, None)
        show(turned.page)
        if turned.verdict.kind in ("late", "stale"):
            st.session_state[MESSAGE] = say(turned.verdict.kind)


def do(act: Callable[[], Turned]) -> bool:
    """What a reader does beside answering; whether it is done. Where the database did not answer, the desk stays."""
    try:
        show(act().page)
    except Unreachable as fault:
        _stay(fault)
        st.session_state[TROUBLE] = _unanswered("act", fault)
        return False
    return True


def _stay(fault: Unreachable) -> None:
    """The next run is drawn out of what is known, since nothing can be asked for the moment."""
    LOG.warning("%s", fault)
    session.keep_on()


def _refuse(locked: Given, why: str) -> None:
    before = refusal()
    st.session_state[_REFUSAL] = (locked.id, why, before[2] + 1 if before else 1)


def _unanswered(what: str, fault: Unreachable) -> str:
    return say(f"{what}_{'unknown' if fault.maybe_done else 'undone'}")


def _place(now: Page) -> tuple[str, int, int]:
    return now.reading, now.step, now.attempt


def tell_if_locked_before(now: Page) -> None:
    """Say it where the last answer was refused since an earlier one, which nobody heard the end of, had been locked."""
    refused_at = st.session_state.pop(_CONFLICT, None)
    if refused_at is not None and refused_at[0] == now.reading and refused_at != _place(now):
        st.session_state[MESSAGE] = say("locked_before")


def show(page: Page, drawn: bool = False) -> None:
    """Draw this page from now on: the database has just given it."""
    st.session_state[_SHOWN] = Shown(page, time.monotonic(), drawn)


def forget_page() -> None:
    """Ask the database for the page before it is drawn again."""
    st.session_state.pop(_SHOWN, None)


def shown(reading: str) -> Page | None:
    """The page that the database gave last, its clock put on; None where it must be asked.

    While an answer is asked for, the page is as it was: whatever happened to it elsewhere, the turn itself will tell.
    """
    known: Shown | None = st.session_state.get(_SHOWN)
    if known is None or known.page.reading != reading:
        return None
    if known.drawn and known.page.state not in ("assigned", "reading"):
        return None
    st.session_state[_SHOWN] = replace(known, drawn=True)
    return known.page.model_copy(update={"now": known.page.now + timedelta(seconds=time.monotonic() - known.at)})


def refusal() -> Refusal:
    """The lock that the database refused last, and its sentence."""
    told: Refusal = st.session_state.get(_REFUSAL)
    return told
