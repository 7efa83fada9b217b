"""The reading desk: the evidence released so far on one side, the present question on the other.

What is on the screen follows from the page that the database gives, after every turn anew. The answer side is drawn
first: a lock is handed to the database before anything else can interrupt the run.
"""

from __future__ import annotations

import time
from uuid import uuid4

import streamlit as st

from streamlit_app.catalogue import component_texts, say
from streamlit_app.components import Place, clock, tab_guard
from streamlit_app.pages import answering, evidence, feedback, side
from study.database import Refused
from study.desk import Home, Page, ReaderDesk

_VISIT = "visit"
_TURNED = "turned_page"
GRACE_SECONDS = 5.0
"""The database waits this long for a lock under way before it acts on a hard limit."""


def page(reader: ReaderDesk, home: Home, reading: str) -> None:
    """Draw the reading at its present step."""
    now = _present(reader, reading)
    _header(now)
    if now.state == "paused":
        side.paused(reader, now)
    elif now.state in ("assigned", "reading"):
        _desk(reader, home, now)
    else:
        feedback.page(reader, home, now)


def _present(reader: ReaderDesk, reading: str) -> Page:
    """The page as the last turn returned it, else as the database has it."""
    turned: Page | None = st.session_state.pop(_TURNED, None)
    if turned is not None and turned.reading == reading:
        return turned
    visit = st.session_state.setdefault(_VISIT, str(uuid4()))
    return reader.open_reading(reading, visit)


def _header(now: Page) -> None:
    case = now.case
    name = say("case_practice") if case.practice else say("case_number", position=case.position, of=case.of)
    title, notes = st.columns([3, 2], vertical_alignment="bottom")
    title.subheader(name, anchor=False)
    if case.synthetic:
        notes.caption(f":material/science: {say('synthetic')}")
    message = st.session_state.pop("desk_message", None)
    if message:
        st.info(message)


def _desk(reader: ReaderDesk, home: Home, now: Page) -> None:
    place = Place(now.reading, now.step, now.attempt)
    role = tab_guard(key=f"tab-{now.reading}", reading=now.reading, texts=component_texts("tab_guard"))
    shown, asked = st.columns([3, 2], gap="large")
    with asked:
        if now.step >= 0:
            _clock(now, place)
        locked = answering.ask(home, now, place, lockable=role == "first")
        if locked is not None:
            _turn(reader, now, locked)
        side.tools(reader, home, now)
    with shown:
        evidence.blocks(now, place)


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
        st.rerun()


def _turn(reader: ReaderDesk, now: Page, locked: answering.Given) -> None:
    """Hand the answer to the database, then draw what comes next."""
    try:
        turned = reader.turn(now.reading, now.step, now.attempt, locked.answer, locked.client)
    except Refused as fault:
        if fault.code == "RS409":
            st.session_state["desk_message"] = say("stale")
        else:
            st.session_state["refusal"] = (locked.id, str(fault))
        st.rerun()
    st.session_state[_TURNED] = turned.page
    if turned.verdict.kind in ("late", "stale"):
        st.session_state["desk_message"] = say(turned.verdict.kind)
    st.rerun()
