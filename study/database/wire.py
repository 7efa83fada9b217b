"""The one way to the record: ``call(function, **arguments)``, and what can go wrong on it.

A wire is the box's Postgres or a Supabase project; nothing above this package knows which. Whatever the wire's own
library raises, its callers see only the exceptions of this module.
"""

from __future__ import annotations

import re
from typing import Protocol, TypeAlias

JSON: TypeAlias = dict[str, "JSON"] | list["JSON"] | str | int | float | bool | None

NAME = re.compile(r"^[a-z_][a-z0-9_]*$")

BAD_INPUT = "RS400"
NOT_SIGNED_IN = "RS401"
NOT_ALLOWED = "RS403"
NOT_FOUND = "RS404"
CONFLICT = "RS409"
LOCKED = "RS423"
TOO_MANY = "RS429"

FORBIDDEN = "42501"  # Postgres' own state: this role may not
SIGN_IN_FIRST = "You are not signed in, or your session has ended. Sign in again."


class StudyError(Exception):
    """Anything that a person can be told in a sentence: what was done, what was found, what to do."""


class Refused(StudyError):
    """The record refused the call and nothing was written.

    ``code`` is one of RS400 (bad input), RS401 (not signed in), RS403 (not allowed), RS404 (not found), RS409 (conflict
    or stale), RS423 (paused, closed, locked), RS429 (too many tries).
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Unreachable(StudyError):
    """No answer came. ``maybe_done`` says whether the call may have been carried out all the same."""

    def __init__(self, message: str, maybe_done: bool = True) -> None:
        super().__init__(message)
        self.maybe_done = maybe_done


class TooBusy(Unreachable):
    """Too many requests; ``after`` is how many seconds to wait before the next, where that was said."""

    def __init__(self, message: str, after: float | None = None, maybe_done: bool = False) -> None:
        super().__init__(message, maybe_done)
        self.after = after


class Unavailable(Unreachable):
    """No call will be carried out before somebody has mended what the sentence names."""

    def __init__(self, message: str, maybe_done: bool = False) -> None:
        super().__init__(message, maybe_done)


class TimedOut(StudyError):
    """The database gave up on the call after its time limit; nothing was written."""


class Wire(Protocol):
    """What a desk needs of a database."""

    def call(self, function: str, /, **arguments: JSON) -> JSON:
        """Call the function ``api.<function>`` by name and return its reply.

        Raises ``Refused``, ``Unreachable``, ``TimedOut``, or ``StudyError`` for a fault of the record itself.
        """
        ...


def check_names(function: str, arguments: dict[str, JSON]) -> None:
    """Raise ``Refused`` (bad input) unless the names of a call are plain lower-case identifiers."""
    for name in (function, *arguments):
        if not NAME.fullmatch(name):
            raise Refused(BAD_INPUT, f"The name {name!r} cannot be a function or an argument: use a-z, 0-9 and _ only.")


# What writes nothing, or the same thing again: safe to send twice without a request id.
_REPEATABLE = {
    "about",
    "me",
    "studies",
    "study_home",
    "study_status",
    "study_chain",
    "matrix",
    "matrix_reader",
    "people",
    "open_reading",
}
_REPEATABLE |= {"evidence_image", "feedback", "model_readings", "grading_lines", "analysis", "export_events"}
_REPEATABLE |= {
    "export_study",
    "export_rows",
    "export_telemetry",
    "export_calls",
    "act_body",
    "case_contents",
    "option_orders",
    "examine",
    "turns",
    "enter",
    "session_tokens",
    "renew_session",
    "sign_out",
    "save_draft",
    "save_telemetry",
    "password_set",
    "analysis_grades",
}
_REPEATABLE |= {"moving_manifest", "moving_rows", "moving_piece", "depart"}
_REPEATABLE |= {"arrive_begin", "arrive_rows", "arrive_piece", "arrive_forget", "arrive_end"}
# A claim that was carried out unheard holds its readings until their leases run out.
_REPEATABLE |= {"work", "renew_leases", "reading_calls", "kept_replies", "calls_page", "calls_summary", "case_outlines"}
_REPEATABLE |= {"analysis_models", "analysis_stages", "model_cases"}


def repeatable(function: str, arguments: dict[str, JSON]) -> bool:
    """Whether a call whose reply was lost may be sent again.

    It carries a request id, so that it is carried out once; or it writes nothing; or each of its items has an id.
    """
    return arguments.get("request_id") is not None or function in _REPEATABLE


# The states that Postgres itself raises, for the wires to translate; classes are the first two characters.
_STATES = {
    FORBIDDEN: NOT_ALLOWED,
    "42883": NOT_FOUND,
    "40001": CONFLICT,
    "40P01": CONFLICT,
    "55P03": LOCKED,
    "23505": CONFLICT,
}
_CLASSES = {"22": BAD_INPUT, "23": BAD_INPUT}
_AWAY = ("08", "57P", "53")
_OVER = ("57014", "25P04")  # a statement, or a whole transaction, took longer than its limit


def error_of(state: str | None, message: str, function: str) -> StudyError:
    """The exception for an SQLSTATE and its message, the same for every wire.

    ``state`` is None where the connection broke before the server could name a state.
    """
    if state is None or state.startswith(_AWAY):
        return Unreachable(f"The database could not be reached for {function} ({message}). Try again in a moment.")
    if state in _OVER:
        return TimedOut(f"The database gave up on {function} after its time limit; nothing was written. Try again.")
    if state.startswith("RS"):
        return Refused(state, message)
    code = _STATES.get(state) or _CLASSES.get(state[:2])
    if code is not None:
        return Refused(code, f"{function} was refused: {message}")
    return StudyError(f"{function} failed inside the database ({state}): {message}")
