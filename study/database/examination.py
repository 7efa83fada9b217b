"""What an examination of a record finds: fine, to be mended, or not shown, where more rights than ours could tell.

The parts that ask are beside this file: ``examination_outside`` and ``examination_visitors`` as whoever comes,
``examination_sign_in`` of Auth, ``examination_inside`` as the owner, ``examination_management`` as a manager.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "mend", "not shown"]
PUSH = "Run `supabase --workdir study db push --remote`."
CONFIG = "Run `supabase --workdir study config push`."
AGAIN = "Run `readerstudy doctor` again; where it stays, look into the project's logs in its dashboard."
DIGITS = 8
OPEN = frozenset({"about", "session_tokens", "renew_session", "sign_in"})
"""The functions that whoever has no session may call; each refuses by itself what it should."""


@dataclass(frozen=True)
class Finding:
    """What was seen of one thing, and what to do where it is not as it should be."""

    check: str
    state: State
    seen: str
    do: str = ""


def ok(check: str, seen: str) -> Finding:
    """As it should be."""
    return Finding(check, "ok", seen)


def mend(check: str, seen: str, do: str) -> Finding:
    """To be mended."""
    return Finding(check, "mend", seen, do)


def not_shown(check: str, seen: str, do: str) -> Finding:
    """Nothing was seen; ``do`` says whose rights would show it."""
    return Finding(check, "not shown", seen, do)


def some(names: list[str], most: int = 5) -> str:
    """The first names, and how many more there are."""
    return "; ".join(names[:most]) + (f"; and {len(names) - most} more" if len(names) > most else "")
