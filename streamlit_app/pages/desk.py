"""The reading desk: the evidence released so far on one side, the present question on the other.

What is on the screen follows from the page that the database gives, after every turn anew. The answer side is drawn
first: a lock is handed to the database before anything else can interrupt the run.
"""

from __future__ import annotations

import time
from html import escape
from uuid import uuid4

import streamlit as st

from streamlit_app.catalogue import component_texts, say
from streamlit_app.components import Place, arrival, clock, tab_guard
from streamlit_app.pages import answering, evidence, feedback, side, turning
from study.desk import Home, Page, ReaderDesk

_VISIT = "visit"
_ROLE = "tab_role"
GRACE_SECONDS = 5.0
"""The database waits this long for a lock under way before it acts on a hard limit."""


def page(reader: ReaderDesk, home: Home, reading: str) -> None:
    """Draw the reading at its present step."""
    now = _present(reader, reading)
    turning.tell_if_locked_before(now)
    _header(home, now)
    if now.state == "paused":
        side.paused(reader, now)
    elif now.state in ("assigned", "reading"):
        _desk(reader, home, now)
    else:
        feedback.page(reader, reader.home(now.study), now)
    _arrive(now)


def _arrive(now: Page) -> None:
    """After a page turn the newest evidence is in view, and the focus is where the reader acts next."""
    kind = now.current.kind if now.current and now.state == "reading" else None
    newest = next((block.id for block in reversed(now.blocks) if block.step == now.step), None)
    arrival(
        f"{now.reading}/{now.attempt}/{now.step}/{now.state}",
        key=f"arrival-{now.reading}",
        scroll=f".st-key-block-{newest}" if kind == "show" and newest and now.step > 0 else "",
        focus=".st-key-ask" if now.state in ("assigned", "reading") else ".st-key-next",
    )


def _present(reader: ReaderDesk, reading: str) -> Page:
    """The page as it was shown last, else as the database has it."""
    known = turning.shown(reading)
    if known is not None:
        return known
    visit = st.session_state.setdefault(_VISIT, str(uuid4()))
    page = reader.open_reading(reading, visit)
    turning.show(page, drawn=True)
    return page


def _header(home: Home, now: Page) -> None:
    case = now.case
    name = say("case_practice") if case.practice else say("case_number", position=case.position, of=case.of)
    st.html(f'<a class="rs-skip" href="#question">{escape(say("skip_link"))}</a>')
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom", gap="small"):
        st.subheader(name, anchor=False, width="content")
        if case.synthetic:
            st.caption(f":material/science: {say('synthetic')}", width="content")
    with st.container(key="said"):  # there in every run, so that the desk below keeps its place and what is typed in it
        if home.study.state != "open":
            st.warning(say("study_paused" if home.study.state == "paused" else "study_closed"))
        message = st.session_state.pop(turning.MESSAGE, None)
        if message:
            st.info(message)
        trouble = st.session_state.pop(turning.TROUBLE, None)
        if trouble:
            st.error(trouble)


def _desk(reader: ReaderDesk, home: Home, now: Page) -> None:
    place = Place(now.reading, now.step, now.attempt)
    role = tab_guard(key=f"tab-{now.reading}", reading=now.reading, texts=component_texts("tab_guard"))
    _took_over(role)
    with st.container(key="desk"):
        shown, asked = st.columns([3, 2], gap="medium")
    with asked, st.container(key="question"):
        if now.step >= 0:
            _clock(now, place)
        locked = answering.ask(home, now, place, lockable=role == "first")
        if locked is not None:
            turning.hand_in(reader, now, locked)
            st.rerun()
        side.tools(reader, home, now)
    with shown, st.container(key="evidence"):
        evidence.blocks(now, place)


def _took_over(role: str) -> None:
    """What another tab did until now is asked for when this one takes over."""
    before, st.session_state[_ROLE] = st.session_state.get(_ROLE, "first"), role
    if (before, role) == ("second", "first"):
        turning.forget_page()
        st.rerun()


def _clock(now: Page, place: Place) -> None:
    times = {"opened_at": now.opened_at, "deadline": now.deadline, "server_now": now.now}
    iso = {name: value.isoformat() if value else None for name, value in times.items()}
    expired = clock(
        key=f"clock-{now.reading}",
        place=place,
        opened_at=iso["opened_at"] or iso["server_now"] or "",
        server_now=iso["server_now"] or "",
        deadline=iso["deadline"],
        limit_kind=now.limit_kind,
        ready=not evidence.awaited(now),
        texts=component_texts("clock"),
    )
    if expired:
        with st.spinner(say("time_over")):
            time.sleep(GRACE_SECONDS + 0.2)
        turning.forget_page()
        st.rerun()
