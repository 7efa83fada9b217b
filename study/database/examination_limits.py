"""How many readers behind one address a project's sign-in can take at once.

Auth counts requests by address, and the app's server is one address for everybody who reads by it. It lets 30 through
at once, and in five minutes as many more as the limit says. Mails are counted for the whole project, by the hour.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

TRIES = 1.2
"""One reader in five needs a second code or a second try."""


@dataclass(frozen=True)
class Limit:
    """One of Auth's limits, by its name in the Management API."""

    name: str
    words: str
    at_once: int = 30


LIMITS = (
    Limit("rate_limit_email_sent", "mails an hour", 0),
    Limit("rate_limit_otp", "codes asked for in five minutes"),
    Limit("rate_limit_verify", "codes tried in five minutes"),
    Limit("rate_limit_token_refresh", "renewals in five minutes"),
)


def needed(readers: int) -> int:
    """The requests of each kind where so many begin within five minutes, and renew an hour later within five."""
    return math.ceil(readers * TRIES)


def enough_for(limit: Limit, number: int) -> int:
    """How many readers begin within five minutes before a limit of this number stops one."""
    return int((number + limit.at_once) / TRIES)
