"""The wire to a Supabase project: one RPC a call on the exposed schema ``api``, as whoever is signed in.

Each person has a client of their own, so that nobody's token can go with another's call; all share one pool of
connections. A call whose answer was lost is sent again while that is safe: it reads, or its request id makes a second
arrival the first one's repeat. Nothing runs in the background.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol

import httpx
from postgrest.exceptions import APIError
from supabase import Client, ClientOptions
from supabase_auth import SyncMemoryStorage

from study.database._asking import until_answered
from study.database._faults import TokenSpent, fault_of
from study.database._http import check_reply
from study.database.wire import (
    FORBIDDEN,
    JSON,
    NOT_SIGNED_IN,
    SIGN_IN_FIRST,
    Refused,
    Unreachable,
    check_names,
    repeatable,
)


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
        return until_answered(lambda: self._as_somebody(function, arguments), repeatable(function, arguments))

    def _as_somebody(self, function: str, arguments: Mapping[str, JSON]) -> JSON:
        """One call; an access token that ran out is renewed, and the call goes once more."""
        if self._session is None:
            return self._once(None, function, arguments)
        access = _unsent(self._session.access)
        try:
            return self._once(access, function, arguments)
        except TokenSpent:
            access = _unsent(partial(self._session.renewed, access))
        try:
            return self._once(access, function, arguments)
        except TokenSpent:
            raise Refused(NOT_SIGNED_IN, SIGN_IN_FIRST) from None

    def _once(self, access: str | None, function: str, arguments: Mapping[str, JSON]) -> JSON:
        try:
            reply: JSON = self._client(access).postgrest.rpc(function, dict(arguments)).execute().data  # type: ignore[assignment,arg-type]
            check_reply(reply)
        except (APIError, httpx.HTTPError) as fault:
            raise self._told(fault_of(fault, function, self._host), access, fault) from fault
        return reply

    def _told(self, fault: Exception, access: str | None, cause: Exception) -> Exception:
        """What a visitor may not do, or whoever's session has ended, they may perhaps do once signed in."""
        forbidden = getattr(cause, "code", None) == FORBIDDEN
        nobody = forbidden or isinstance(fault, TokenSpent) if access is None else forbidden and self._ended(access)
        return Refused(NOT_SIGNED_IN, SIGN_IN_FIRST) if nobody else fault

    def _ended(self, access: str) -> bool:
        try:
            self._client(access).postgrest.rpc("me", {}).execute()
        except (APIError, httpx.HTTPError) as fault:
            return getattr(fault, "code", None) == NOT_SIGNED_IN
        return False

    def _client(self, access: str | None) -> Client:
        made = self._made
        if made is None or made[0] != access:
            made = self._made = (access, new_client(self._url, self._key, self._http, access))
        return made[1]


def _unsent(token: Callable[[], str]) -> str:
    """A token for a call; where there is none to be had for the moment, the call itself has not gone out."""
    try:
        return token()
    except Unreachable as fault:
        fault.maybe_done = False
        raise
