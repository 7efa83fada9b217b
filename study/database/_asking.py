"""Asking until an answer comes, as often as that is safe and for a bounded time; then the truth about what is known."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from study.database import _http
from study.database.patience import patience
from study.database.wire import StudyError, TooBusy, Unavailable, Unreachable

PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0)
BOUND_SECONDS = 25.0
Reply = TypeVar("Reply")


def until_answered(ask: Callable[[], Reply], repeatable: bool) -> Reply:
    """What ``ask`` returns; asked again where no answer came, for at most 25 seconds or what ``at_most`` says.

    One that is not repeatable is asked again only while it cannot have been carried out. Raises what ``ask`` raises;
    an ``Unreachable`` says whether the call may have been carried out. A question within another is asked once: the
    outer one comes back to it.
    """
    if _http.bounded():
        return ask()
    with _http.within(patience(BOUND_SECONDS)):
        maybe_done = False
        for tried, pause in enumerate(_pauses(), 1):
            try:
                return ask()
            except Unreachable as fault:
                maybe_done = maybe_done or fault.maybe_done
                wait = _wait(fault, pause)
                over = isinstance(fault, Unavailable) or wait + _http.SHORTEST_SECONDS > _http.left()
                if over or (maybe_done and not repeatable):
                    raise _told(fault, tried, maybe_done, repeatable) from fault
            time.sleep(wait)
    raise AssertionError("asked for ever")


def _pauses() -> Iterator[float]:
    """Growing pauses that vary, so that many who lost their answers at once do not ask again at once."""
    for pause in PAUSES:
        yield pause * random.uniform(0.7, 1.3)
    while True:
        yield PAUSES[-1] * random.uniform(0.7, 1.3)


def _wait(fault: Unreachable, pause: float) -> float:
    """Seconds before the next try: what the project asked for, else the pause."""
    asked = fault.after if isinstance(fault, TooBusy) else None
    return pause if asked is None else asked


def _told(fault: Unreachable, tried: int, maybe_done: bool, repeatable: bool) -> StudyError:
    """The same fault, with the truth about a call that was given up."""
    words = f"{fault} No answer after {tried} tries." if tried > 1 else str(fault)
    if not maybe_done:
        words = f"{words} Nothing was carried out."
    elif repeatable:
        words = f"{words} Whether it arrived is not known; trying again is safe, it is carried out once."
    else:
        words = f"{words} Whether it was carried out is not known: look before you try again."
    return type(fault)(words, maybe_done=maybe_done)
