"""A Supabase project as the home of studies: its settings, its sessions, its wires and its bucket."""

from __future__ import annotations

import base64
import json
import os
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import httpx

from study.codes import new_token, token_hash
from study.database import _http
from study.database.accounts import Accounts, Tokens
from study.database.bucket import Bucket
from study.database.login import Login, logins
from study.database.media import MediaStore
from study.database.patience import at_most
from study.database.sessions import KEY, CookieSession, Seal
from study.database.supabase import Session, SupabaseWire
from study.database.wire import JSON, NOT_SIGNED_IN, SIGN_IN_FIRST, Refused, StudyError, Unreachable, Wire, error_of

URL_NAME, KEY_NAME = "SUPABASE_URL", "SUPABASE_KEY"
SESSIONS = 5000
POSTING_THREADS = 16
POST_SECONDS = 6.0  # a browser gives a post up after 8, says so, and sends it again
SCHEMA = "2"


@dataclass(frozen=True)
class Settings:
    """Where the project is, its publishable key, and the secret under which sessions are sealed."""

    url: str
    key: str
    seal: str = ""

    @property
    def host(self) -> str:
        """The project's host, as sentences name it."""
        return httpx.URL(self.url).netloc.decode()


def settings(environment: Mapping[str, str] = os.environ) -> Settings | None:
    """The project that the environment names; None where it names none.

    Raises ``StudyError`` for half of it, for an address that is none, and for a key that is secret: whoever holds one
    reads and writes everything, so no process of ours has it.
    """
    url, key = environment.get(URL_NAME, "").strip(), environment.get(KEY_NAME, "").strip()
    if not url and not key:
        return None
    if not url or not key:
        raise StudyError(f"{URL_NAME} and {KEY_NAME} go together; only {URL_NAME if url else KEY_NAME} is set.")
    if not url.startswith(("https://", "http://127.0.0.1:", "http://localhost:", "http://[::1]:")):
        raise StudyError(f"{URL_NAME} must begin with https://, as the project's dashboard shows it; it is {url!r}.")
    if _is_secret(key):
        raise StudyError(
            f"{KEY_NAME} holds a secret key, which opens everything to everybody. Set the project's publishable key "
            "(sb_publishable_..., or the older one named anon), and have the secret one replaced."
        )
    return Settings(url.rstrip("/"), key, environment.get(KEY, "").strip())


def _is_secret(key: str) -> bool:
    """Whether a key is a secret one, by its prefix or by the role that an older key's own text states."""
    return key.startswith("sb_secret_") or _claims(key).get("role") not in (None, "anon")


def _claims(token: str) -> dict[str, Any]:
    """What a signed token says, unproven; nothing where it is none."""
    try:
        part = token.split(".")[1]
        claims: Any = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}


class Project:
    """An open project. Everybody acts as themselves; ``owner`` is whoever signed in by ``readerstudy login``."""

    def __init__(self, given: Settings, login: Session | None = None) -> None:
        self._given = given
        self._http = _http.client()
        self._login = login
        self._visitor = SupabaseWire(given.url, given.key, self._http)
        self._sessions: OrderedDict[str, CookieSession] = OrderedDict()
        self._lock = Lock()
        self._seal: Seal | None = Seal(given.seal) if given.seal else None
        self._posting = ThreadPoolExecutor(POSTING_THREADS, thread_name_prefix="posts")
        self.accounts = Accounts(given.url, given.key, self._http)

    @property
    def name(self) -> str:
        """The project by its host."""
        return f"the Supabase project at {self._given.host}"

    @property
    def host(self) -> str:
        """The project's host."""
        return self._given.host

    @property
    def drafts(self) -> Path:
        """Beside this account's logins."""
        return logins() / "drafts"

    @property
    def owner(self) -> Wire:
        """The wire of whoever signed in on this machine; raises ``Refused`` where nobody did."""
        return self.wire_of(self._signed_in())

    def wire_of(self, session: Session) -> Wire:
        """The wire of whoever's session this is."""
        return SupabaseWire(self._given.url, self._given.key, self._http, session)

    @property
    def images(self) -> MediaStore:
        """The bucket, as whoever signed in on this machine."""
        return Bucket(self._given.url, self._given.key, self._http, self._signed_in())

    def wire(self, token: str | None) -> Wire:
        """The wire of the session of this cookie; None is a visitor."""
        if not token:
            return self._visitor
        return self.wire_of(self._session(token))

    def images_of(self, token: str | None) -> MediaStore:
        """The bucket, as the session of this cookie; raises ``Refused`` for a visitor."""
        if not token:
            raise Refused(NOT_SIGNED_IN, SIGN_IN_FIRST)
        return Bucket(self._given.url, self._given.key, self._http, self._session(token))

    def begin(self, tokens: Tokens) -> str:
        """Begin a session of whoever has just signed in; returns the cookie's value."""
        cookie = new_token()
        wire = self.wire_of(Fixed(tokens.access))
        wire.call("enter", token_hash=token_hash(cookie), sealed=self._sealing().close(tokens, cookie))
        return cookie

    def address(self, token: str) -> str:
        """The e-mail address by which this cookie's session was begun, as Auth wrote it into the access token."""
        return str(_claims(self._session(token).access()).get("email", ""))

    def set_password(self, token: str, password: str) -> None:
        """Set the password of whose session this is, which a code by e-mail must have begun.

        Raises ``SignInRefused`` for a password that is too weak, ``Refused`` (RS403) for a session begun by password:
        only after this note of the record does the password sign anybody in.
        """
        self.accounts.set_password(self._session(token).access(), password)
        self.wire(token).call("password_set")

    def end(self, token: str) -> None:
        """End a session here, in the record, and with Supabase Auth.

        Raises ``Unreachable`` where the record did not answer: then the session may still live.
        """
        with suppress(Refused):
            access = self._session(token).access()
            self.wire(token).call("sign_out")
            with suppress(Unreachable):  # The record has ended it, and nobody has what renews it any more.
                self.accounts.sign_out(access)
        with self._lock:
            self._sessions.pop(token_hash(token), None)

    def keep_posts(self, items: Sequence[Mapping[str, JSON]]) -> list[dict[str, Any] | StudyError]:
        """Store drafts and telemetry of many sessions: one call a person, several people at once."""
        mine: dict[str, list[int]] = {}
        for place, item in enumerate(items):
            mine.setdefault(str(item["token"] or ""), []).append(place)
        replies: list[dict[str, Any] | StudyError] = [Unreachable("not sent")] * len(items)
        kept = self._posting.map(lambda token: self._keep_own(token, [items[n] for n in mine[token]]), mine)
        for places, own in zip(mine.values(), kept, strict=True):
            for place, reply in zip(places, own, strict=True):
                replies[place] = reply
        return replies

    def close(self) -> None:
        """Close the connections."""
        self._posting.shutdown()
        self._http.close()

    def check_sealing(self) -> None:
        """Raise ``StudyError`` where there is no key under which the sessions of browsers can be kept."""
        self._sealing()

    def check(self) -> None:
        """Raise ``StudyError`` in a sentence where the project cannot be the home of a study as it is now."""
        about: Any = self._visitor.call("about")
        if about["schema"] != SCHEMA:
            raise StudyError(
                f"The database of {self.name} has the form {about['schema']}, and this program reads {SCHEMA}. "
                "Use the version that set it up, or run `supabase --workdir study db push --remote` from this one."
            )
        if self.accounts.settings().mailer_autoconfirm:
            raise StudyError(
                f"{self.name} takes e-mail addresses without having them confirmed, so that anybody could take up "
                "anybody's invitation. Run `supabase --workdir study config push`, which turns confirmation on."
            )

    def _keep_own(self, token: str, items: Sequence[Mapping[str, JSON]]) -> Sequence[dict[str, Any] | StudyError]:
        asked: list[JSON] = [
            {
                "function": f"save_{item['kind']}",
                "arguments": {k: v for k, v in item.items() if k not in ("token", "kind")},
            }
            for item in items
        ]
        try:
            with at_most(POST_SECONDS):
                found: Any = self.wire(token or None).call("turns", items=asked)
        except StudyError as fault:
            return [fault] * len(items)
        return [_reply(reply, str(item["kind"])) for reply, item in zip(found, items, strict=True)]

    def _session(self, token: str) -> CookieSession:
        name = token_hash(token)
        with self._lock:
            known = self._sessions.get(name)
            if known is None:
                known = self._sessions[name] = CookieSession(token, self._visitor, self.accounts, self._sealing())
            self._sessions.move_to_end(name)
            while len(self._sessions) > SESSIONS:
                self._sessions.popitem(last=False)
            return known

    def _sealing(self) -> Seal:
        if self._seal is None:
            self._seal = Seal(self._given.seal)
        return self._seal

    def _signed_in(self) -> Session:
        if self._login is None:
            self._login = Login.read(self._given.host, self.accounts)
        return self._login


@dataclass(frozen=True)
class Fixed:
    """A session by its access token alone, for the call that begins it."""

    token: str

    def access(self) -> str:
        """The token."""
        return self.token

    def renewed(self, spent: str) -> str:
        """There is no other."""
        raise Refused(NOT_SIGNED_IN, SIGN_IN_FIRST)


def _reply(given: dict[str, Any], function: str) -> dict[str, Any] | StudyError:
    fault = given.get("error")
    return error_of(fault["code"], fault["message"], f"save_{function}") if fault else given


@contextmanager
def open_project(given: Settings, login: Session | None = None) -> Iterator[Project]:
    """A project for as long as the block runs; nothing is asked of it yet."""
    project = Project(given, login)
    try:
        yield project
    finally:
        project.close()
