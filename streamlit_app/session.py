"""Who is looking at the screen: a token in an HttpOnly cookie, set through a one-time ticket.

A script cannot set a cookie. It issues a ticket, the browser posts the ticket to an own route, and that route sets the
cookie. ``st.context.cookies`` is a snapshot of the page's first request, so the session state holds the token as well.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import TypeVar

import streamlit as st

from streamlit_app import record
from study.codes import new_token, token_hash
from study.database import Unreachable, Wire
from study.database.patience import at_most

COOKIE = "readerstudy"
_TOKEN = "token"
_TICKET = "ticket"
_KEPT = "kept_"
KEPT_SECONDS = 60.0
"""A page turn takes who is looking, and their study, as they were at most this long ago; the turn itself is checked."""
SOON_SECONDS = 3.0
T = TypeVar("T")


@dataclass
class Tickets:
    """One-time tickets, each good for one minute, traded for the session token that they stand for."""

    seconds: float = 60.0
    _held: dict[str, tuple[str, float]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def issue(self, token: str, seconds: float | None = None) -> str:
        """A new ticket for ``token``."""
        ticket = secrets.token_urlsafe(32)
        with self._lock:
            now = time.monotonic()
            self._held = {key: value for key, value in self._held.items() if value[1] > now}
            self._held[ticket] = (token, now + (seconds or self.seconds))
        return ticket

    def waits(self, ticket: str) -> bool:
        """Whether the ticket is still to be traded, and young enough."""
        with self._lock:
            return self._held.get(ticket, ("", 0.0))[1] > time.monotonic()

    def redeem(self, ticket: str) -> str | None:
        """The token, once; None for a ticket that is unknown, used or too old."""
        with self._lock:
            token, until = self._held.pop(ticket, ("", 0.0))
        return token if until > time.monotonic() else None


tickets = Tickets()


def token() -> str | None:
    """The session token of whoever is looking, or None."""
    known = st.session_state.get(_TOKEN)
    if known is not None:
        return str(known) or None
    return st.context.cookies.get(COOKIE)


def wire() -> Wire:
    """The wire of whoever is looking."""
    return record.wire(token())


def begin(new_token: str) -> None:
    """Take the token into this session, and a ticket for the cookie."""
    st.session_state[_TOKEN] = new_token
    st.session_state[_TICKET] = tickets.issue(new_token)


def pending_ticket() -> str | None:
    """The ticket that the browser has not yet traded for its cookie, while it is good."""
    ticket: str | None = st.session_state.get(_TICKET)
    if ticket is None or tickets.waits(ticket):
        return ticket
    del st.session_state[_TICKET]
    return None


def end() -> None:
    """End the session in the database and forget its token here; the cookie is cleared by the route."""
    record.current().end(token() or "")
    _forget()


def ended() -> None:
    """Forget a token that the database no longer knows: it was signed out elsewhere, or its code was reissued."""
    _forget()
    st.session_state["door_message"] = "session_ended"


def _forget() -> None:
    for key in list(st.session_state.keys()):
        del st.session_state[key]
    st.session_state[_TOKEN] = ""


def kept(name: str, ask: Callable[[], T], fresh: bool) -> T:
    """What ``ask`` returned within the last minute of this session; asked anew where that is older, or ``fresh``.

    Where it need not be fresh and the record does not answer soon, what is there will do for another minute.
    """
    value, until = st.session_state.get(_KEPT + name, (None, 0.0))
    if fresh or not until:
        value = ask()
        st.session_state[_KEPT + name] = (value, time.monotonic() + KEPT_SECONDS)
    elif time.monotonic() > until:
        try:
            with at_most(SOON_SECONDS):
                value = ask()
        except Unreachable:
            keep_on()
        else:
            st.session_state[_KEPT + name] = (value, time.monotonic() + KEPT_SECONDS)
    return value  # type: ignore[no-any-return]


def keep_on() -> None:
    """Take all that is kept for another minute: the record cannot be asked now."""
    for key in [key for key in st.session_state if str(key).startswith(_KEPT)]:
        st.session_state[key] = (st.session_state[key][0], time.monotonic() + KEPT_SECONDS)


def forget(name: str) -> None:
    """Ask anew next time."""
    st.session_state.pop(_KEPT + name, None)


def owners_ticket(seconds: float = 600.0) -> str:
    """A ticket that signs a browser in as the data folder's owner, with a session of the browser's own."""
    new = new_token()
    record.current().owner.call("another_session", token_hash=token_hash(new))
    return tickets.issue(new, seconds)
