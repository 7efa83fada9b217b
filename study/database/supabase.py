"""The wire to a Supabase project: one RPC a call on the exposed schema ``api``, as whoever is signed in.

Each person has a client of their own, so that nobody's token can go with another's call; all share one pool of
connections. A call whose answer was lost is sent again while that is safe: it reads, or its request id makes a second
arrival the first one's repeat. Nothing runs in the background.
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from typing import Protocol

import httpx
from postgrest.exceptions import APIError
from supabase import Client, ClientOptions
from supabase_auth import SyncMemoryStorage

from study.database._faults import TokenSpent, fault_of
from study.database.wire import (
    FORBIDDEN,
    JSON,
    NOT_ALLOWED,
    NOT_SIGNED_IN,
    SIGN_IN_FIRST,
    Refused,
    StudyError,
    TooBusy,
    Unavailable,
    Unreachable,
    check_names,
    repeatable,
)

PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0, 4.0)
BOUND_SECONDS = 25.0
_TELLS_TEXT = {"act_body"}


class Session(Protocol):
    """Whose token goes with a call."""

    def access(self) -> str:
        """The access token as it is now; raises ``Refused`` (RS401) where the session has ended."""
        ...

    def renewed(self, spent: str) -> str:
        """An access token other than the spent one."""
        ...


def new_client(url: str, key: str, http: httpx.Client, access: str | None = None) -> Client:
    """A client for one person, or for a visitor: no timers, no stored session, over the shared connections."""
    options = ClientOptions(
        schema="api",
        auto_refresh_token=False,
        persist_session=False,
        postgrest_client_retry=False,
        flow_type="implicit",
    )
    settings = options.replace(
        headers={**options.headers, **({"Authorization": f"Bearer {access}"} if access else {})},
        storage=SyncMemoryStorage(),
        httpx_client=http,
    )
    return Client(url, key, settings)


class SupabaseWire:
    """The wire of one session on one project; None is a visitor."""

    def __init__(self, url: str, key: str, http: httpx.Client, session: Session | None = None) -> None:
        self._url, self._key, self._http, self._session = url, key, http, session
        self._host = httpx.URL(url).netloc.decode()
        self._made: tuple[str | None, Client] | None = None

    def call(self, function: str, /, **arguments: JSON) -> JSON:
        """Call ``api.<function>``, again where no answer came and that is safe, for at most 25 seconds."""
        check_names(function, arguments)
        until = time.monotonic() + BOUND_SECONDS
        for tried, pause in enumerate((*PAUSES, None), 1):
            try:
                return self._as_somebody(function, arguments)
            except Unavailable:
                raise
            except Unreachable as fault:
                wait = _wait(fault, pause)
                if wait is None or time.monotonic() + wait > until or not self._may_repeat(fault, function, arguments):
                    raise _unanswered(fault, function, arguments, tried) from fault
                time.sleep(wait)
        raise AssertionError("the last try returns or raises")

    def _may_repeat(self, fault: Unreachable, function: str, arguments: dict[str, JSON]) -> bool:
        return isinstance(fault, TooBusy) or repeatable(function, arguments)

    def _as_somebody(self, function: str, arguments: dict[str, JSON]) -> JSON:
        """One call; an access token that ran out is renewed, and the call goes once more."""
        if self._session is None:
            return self._once(None, function, arguments)
        access = self._session.access()
        try:
            return self._once(access, function, arguments)
        except TokenSpent:
            access = self._session.renewed(access)
        try:
            return self._once(access, function, arguments)
        except TokenSpent:
            raise Refused(NOT_SIGNED_IN, SIGN_IN_FIRST) from None

    def _once(self, access: str | None, function: str, arguments: Mapping[str, JSON]) -> JSON:
        try:
            reply: JSON = self._client(access).postgrest.rpc(function, dict(arguments)).execute().data  # type: ignore[assignment,arg-type]
        except (APIError, httpx.HTTPError) as fault:
            raise self._told(fault_of(fault, function, self._host), access, fault) from fault
        if isinstance(reply, str) and function not in _TELLS_TEXT:
            raise Unreachable(f"The answer of {self._host} to {function} is no JSON; something between us changed it.")
        return reply

    def _told(self, fault: Exception, access: str | None, cause: Exception) -> Exception:
        """What a visitor may not do, they may perhaps do once signed in."""
        nobody = access is None and (isinstance(fault, TokenSpent) or getattr(cause, "code", None) == FORBIDDEN)
        if nobody or (isinstance(fault, Refused) and fault.code == NOT_ALLOWED and access is None):
            return Refused(NOT_SIGNED_IN, SIGN_IN_FIRST)
        return fault

    def _client(self, access: str | None) -> Client:
        made = self._made
        if made is None or made[0] != access:
            made = self._made = (access, new_client(self._url, self._key, self._http, access))
        return made[1]


def _wait(fault: Unreachable, pause: float | None) -> float | None:
    """Seconds before the next try: what the project asked for, else a growing pause that varies; None for no more."""
    if pause is None:
        return None
    asked = fault.after if isinstance(fault, TooBusy) else None
    return asked if asked is not None else pause * random.uniform(0.7, 1.3)


def _unanswered(fault: Unreachable, function: str, arguments: Mapping[str, JSON], tried: int) -> StudyError:
    """The truth about a call that was given up."""
    if tried == 1 and not repeatable(function, dict(arguments)):
        return fault
    known = "It was not carried out." if isinstance(fault, TooBusy) else "Whether it arrived is not known"
    safe = "" if isinstance(fault, TooBusy) else "; trying again is safe, it is carried out once."
    return type(fault)(f"{fault} No answer after {tried} tries. {known}{safe}")
