"""Which reading the page's address names: it can be reloaded, kept, and left with the back button."""

from __future__ import annotations

import time

import streamlit as st

READING = "reading"
_GOING = "going"
SETTLES = 1.5
"""Seconds in which a message that the browser sent before it heard of the new address may still bring the old one."""


def go(reading: str | None) -> None:
    """Go to a reading, or to the list of readings, and draw it."""
    st.session_state[_GOING] = (reading, time.monotonic())
    _write(reading)
    st.rerun()


def wanted() -> str | None:
    """The reading that the reader is at, or None for the list."""
    named: str | None = st.query_params.get(READING)
    reading, since = st.session_state.get(_GOING, (named, 0.0))
    if time.monotonic() - since > SETTLES:
        return named
    if reading != named:
        _write(reading)
    return None if reading is None else str(reading)


def _write(reading: str | None) -> None:
    if reading is None:
        st.query_params.pop(READING, None)
    else:
        st.query_params[READING] = reading
