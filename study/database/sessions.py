"""Sessions that outlive a process, for people in a browser: any replica can take one up by its cookie alone.

The cookie is 256 random bits; the record knows its SHA-256, and keeps the tokens sealed under a key that all replicas
share and the record never has. An access token that ran out is renewed by one process at a time, under a short lease in
the record, since the refresh token is good once. Ages are told by the database's clock: ours may be wrong.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, Protocol
from uuid import uuid4

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from study.codes import token_hash
from study.database import _http
from study.database.accounts import Accounts, Tokens
from study.database.wire import CONFLICT, NOT_SIGNED_IN, SIGN_IN_FIRST, Refused, StudyError, Unreachable, Wire

KEY = "READERSTUDY_SESSION_KEY"
SPARE_SECONDS = 60.0
LAST_SECONDS = 5.0
WAIT_SECONDS = 20.0
ASK_SECONDS = 0.25
SHORTEST_KEY = 32


class Access(Protocol):
    """What gives the access token of one session: the same as ``study.database.supabase.Session``."""

    def access(self) -> str:
        """The access token as it is now."""
        ...

    def renewed(self, spent: str) -> str:
        """An access token other than the spent one."""
        ...


class Seal:
    """Seals tokens under the shared key; of several keys, separated by commas, the first seals and all open."""

    def __init__(self, key: str) -> None:
        """Raises ``StudyError`` where there is no key, or one that could be guessed."""
        keys = [part.strip() for part in key.split(",") if part.strip()]
        if not keys or min(map(len, keys)) < SHORTEST_KEY:
            raise StudyError(
                f"{KEY} must be set to a secret of at least {SHORTEST_KEY} characters, the same for every replica: it "
                "seals the sessions that the database keeps. Here is one that nobody else has: "
                f"{Fernet.generate_key().decode()}"
            )
        self._box = MultiFernet([Fernet(base64.urlsafe_b64encode(hashlib.sha256(k.encode()).digest())) for k in keys])

    def close(self, tokens: Tokens, cookie: str) -> str:
        """The tokens sealed for the session of this cookie."""
        content = {"for": token_hash(cookie), "access": tokens.access, "refresh": tokens.refresh}
        return self._box.encrypt(json.dumps(content | {"seconds": tokens.seconds}).encode()).decode()

    def open(self, sealed: str, cookie: str) -> Tokens:
        """The tokens; raises ``Refused`` (RS401) where another key sealed them, or for another session."""
        try:
            content: dict[str, Any] = json.loads(self._box.decrypt(sealed.encode()))
        except InvalidToken:
            raise Refused(NOT_SIGNED_IN, SIGN_IN_FIRST) from None
        if content["for"] != token_hash(cookie):
            raise Refused(NOT_SIGNED_IN, SIGN_IN_FIRST)
        return Tokens(content["access"], content["refresh"], content["seconds"])


class CookieSession:
    """The session of one cookie, in one process: asked of the record when first used, and when its token runs out."""

    def __init__(self, cookie: str, visitor: Wire, accounts: Accounts, seal: Seal) -> None:
        self._cookie, self._visitor, self._accounts, self._seal = cookie, visitor, accounts, seal
        self._lock = Lock()
        self._lease = str(uuid4())  # kept, so that a try that failed is no other process to the next one
        self._tokens: Tokens | None = None
        self._until = 0.0

    def access(self) -> str:
        """The access token; raises ``Refused`` (RS401) where the session has ended."""
        with self._alone():
            if self._tokens is None or time.monotonic() > self._until:
                self._take_up(spent=None)
            return self._current().access

    def renewed(self, spent: str) -> str:
        """An access token other than the one that was refused; several threads that ask get the same."""
        with self._alone():
            if self._current().access == spent:
                self._take_up(spent)
            return self._current().access

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One thread at a time; the others wait no longer than they would for an answer."""
        if not self._lock.acquire(timeout=max(_http.left(), 0.0)):
            raise Unreachable("This sign-in is still being renewed. Try again in a moment.")
        try:
            yield
        finally:
            self._lock.release()

    def _current(self) -> Tokens:
        if self._tokens is None:
            raise Refused(NOT_SIGNED_IN, SIGN_IN_FIRST)
        return self._tokens

    def _take_up(self, spent: str | None) -> None:
        """Take what the record keeps, if it is still good; else hold the lease and renew, or wait for who does."""
        until, lease = time.monotonic() + WAIT_SECONDS, None
        while True:
            held, tokens, left = self._kept(lease)
            lives = tokens.access != spent and left > LAST_SECONDS
            if lives and left > SPARE_SECONDS:
                return self._keep(tokens, left - SPARE_SECONDS)
            if held:
                return self._renew(tokens, lives)
            if lease is not None and lives:  # somebody else renews it, and it is good meanwhile
                return self._keep(tokens, LAST_SECONDS)
            if time.monotonic() > until or _http.left() < 0:
                raise Unreachable("Another process has been renewing this sign-in for too long. Try again in a moment.")
            if lease is not None:
                time.sleep(ASK_SECONDS)
            lease = self._lease

    def _kept(self, lease: str | None) -> tuple[bool, Tokens, float]:
        """Whether the lease is ours, the tokens that the record keeps, and the seconds that the access token has."""
        reply: Any = self._visitor.call("session_tokens", token=self._cookie, lease=lease)
        tokens = self._seal.open(reply["sealed"], self._cookie)
        return reply["held"], tokens, tokens.seconds - reply["age"]

    def _renew(self, tokens: Tokens, lives: bool) -> None:
        """New tokens, kept in the record; where Auth does not answer, the old one as long as it lives."""
        try:
            new = self._accounts.renew(tokens.refresh)
        except Unreachable:
            if not lives:
                raise
            return self._keep(tokens, LAST_SECONDS)
        sealed = self._seal.close(new, self._cookie)
        try:
            self._visitor.call("renew_session", token=self._cookie, lease=self._lease, sealed=sealed)
        except Refused as refusal:
            if refusal.code != CONFLICT:  # Whoever took the lease after its time has the very same tokens by now.
                raise
        return self._keep(new, new.seconds - SPARE_SECONDS)

    def _keep(self, tokens: Tokens, seconds: float) -> None:
        """Use these tokens, and ask the record again after so many seconds."""
        self._tokens, self._until = tokens, time.monotonic() + max(seconds, 0.0)
