"""How long somebody waits for the record: less than the wire would, where what they wait for can be had otherwise."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _Mine(threading.local):
    """This thread's patience; None is the wire's own."""

    seconds: float | None = None


_mine = _Mine()


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Inside, a call of this thread to a project is given up after so many seconds; a box is there or away at once."""
    _mine.seconds = seconds
    try:
        yield
    finally:
        _mine.seconds = None


def patience(usual: float) -> float:
    """The seconds to wait: the wire's usual ones, or this thread's where they are fewer."""
    return usual if _mine.seconds is None else min(usual, _mine.seconds)
