"""My readings: what is done, what comes next, how long it may take."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Literal

import streamlit as st

from streamlit_app import address
from streamlit_app.catalogue import say
from streamlit_app.pages.entry import text
from study.desk import Home, ReaderDesk, ReadingRow

MINUTES_A_CASE = 10
"""Published reader studies report 9 to 10 minutes a text case, more with images."""
APART = timedelta(minutes=15)
"""A longer gap between two cases was a break."""
DONE = ("completed", "skipped", "withdrawn", "excluded", "technical")


def page(reader: ReaderDesk, study: str, home: Home) -> None:
    """The list, with one button: the case that comes next."""
    st.title(say("readings_title"))
    if home.study.state != "open":
        st.info(say("study_paused") if home.study.state == "paused" else say("study_closed"))
    if not home.readings:
        st.info(say("readings_none"))
        return
    _progress(home.readings)
    offer_break(home)
    upcoming = next((row for row in home.readings if row.state not in DONE), None)
    for row in home.readings:
        _row(row, row is upcoming and home.study.state == "open", _total(home.readings, row), _told(home, row))
    if upcoming is None:
        st.success(say("readings_all_done"))
    with st.expander(say("instructions_title")):
        st.markdown(text(home, "instructions"))
    with st.expander(say("leave_title")):
        _leave(reader, study)


def remaining_minutes(rows: Sequence[ReadingRow]) -> tuple[int, bool]:
    """Minutes that the open cases may take, and whether that is this reader's own pace (from three cases on)."""
    own = [_minutes(row.begun_at, row.locked_at) for row in rows if row.begun_at and row.locked_at and not row.practice]
    pace = median(own) if len(own) >= 3 else MINUTES_A_CASE
    waiting = sum(row.state not in DONE for row in rows)
    return max(1, round(waiting * pace)) if waiting else 0, len(own) >= 3


def _minutes(begun: datetime, locked: datetime) -> float:
    return (locked - begun).total_seconds() / 60


def minutes_at_it(rows: Sequence[ReadingRow], now: datetime) -> int:
    """Minutes since this stretch of reading began: cases that follow each other within a quarter of an hour."""
    since = now
    for row in sorted((row for row in rows if row.begun_at and row.locked_at), key=_ended, reverse=True):
        if row.begun_at is None or since - _ended(row) > APART:
            break
        since = min(since, row.begun_at)
    return int((now - since).total_seconds() // 60)


def _ended(row: ReadingRow) -> datetime:
    return row.locked_at or datetime.min.replace(tzinfo=UTC)


def offer_break(home: Home) -> None:
    """Between cases, after as long as the protocol says."""
    after = (home.protocol or {}).get("break_after_minutes")
    minutes = minutes_at_it(home.readings, home.now)
    if after and minutes >= after:
        st.info(say("break_offer", minutes=minutes), icon=":material/coffee:")


def _progress(rows: Sequence[ReadingRow]) -> None:
    real = [row for row in rows if not row.practice]
    done = sum(row.state in DONE for row in real)
    minutes, own = remaining_minutes(rows)
    st.progress(done / len(real) if real else 0.0)
    if not minutes:
        st.write(say("readings_done", done=done, total=len(real)))
        return
    st.write(
        say(
            "readings_estimate",
            done=done,
            total=len(real),
            minutes=minutes,
            basis=say("basis_own" if own else "basis_guess"),
        )
    )


def _total(rows: Sequence[ReadingRow], row: ReadingRow) -> int:
    return sum(other.practice == row.practice for other in rows)


def _told(home: Home, row: ReadingRow) -> bool:
    """Whether the protocol tells the reader how this reading went."""
    feedback = (home.protocol or {}).get("feedback")
    return row.state == "completed" and (feedback == "after_reading" or (feedback == "practice" and row.practice))


def _row(row: ReadingRow, is_next: bool, total: int, told: bool) -> None:
    with st.container(
        border=True,
        key=f"row-{row.reading}",
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
    ):
        title = say("readings_case", position=row.position, of=total)
        name = f"{say('readings_practice')} {row.position}" if row.practice else title
        st.markdown(f"**{name}**  \n:small[{say(f'state_{row.state}')}]", width="content")
        if row.state in ("completed", "skipped"):
            label, shown = say("result" if told else "look_again"), True
        else:
            label, shown = say("begin" if row.state == "assigned" else "go_on"), is_next
        kind: Literal["primary", "secondary"] = "primary" if is_next else "secondary"
        if shown and st.button(label, key=f"go-{row.reading}", type=kind, width=120):
            address.go(row.reading)


def _leave(reader: ReaderDesk, study: str) -> None:
    choices = ("keep", "exclude", "erase")
    st.write(say("leave_words"))
    mode = st.radio(
        say("leave_title"), choices, format_func=lambda key: say(f"leave_{key}"), label_visibility="collapsed"
    )
    sure = st.checkbox(say("leave_sure"))
    if st.button(say("leave_button"), disabled=not sure) and sure:
        reader.leave(study, mode, "")
        st.rerun()
