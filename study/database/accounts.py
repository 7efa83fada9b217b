"""Who somebody is, by Supabase Auth: a code sent by e-mail, or a password. No links: mail scanners follow them first.

Each call has a client of its own, so that no session stays in one; all share one pool of connections.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError
from supabase import AuthError
from supabase_auth import Session
from supabase_auth.errors import AuthApiError, AuthRetryableError, AuthWeakPasswordError

from study.database._asking import until_answered
from study.database._faults import of_status
from study.database._http import last_answer
from study.database.supabase import new_client
from study.database.wire import NOT_SIGNED_IN, SIGN_IN_FIRST, TOO_MANY, Refused, StudyError, Unavailable, Unreachable

Reply = TypeVar("Reply")
_ENDED = {
    "session_not_found",
    "refresh_token_not_found",
    "refresh_token_already_used",
    "session_expired",
    "user_banned",
}
_ENDED |= {"user_not_found", "bad_jwt", "no_authorization"}


class SignInRefused(Refused):
    """A sign-in that Supabase Auth refused; ``reason`` is code, password, rate, mail, weak, closed or address."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(TOO_MANY if reason == "rate" else NOT_SIGNED_IN, message)
        self.reason = reason


_REFUSALS = {
    "otp_expired": ("code", "The code is wrong or too old. Look again, or have a new one sent."),
    "invalid_credentials": ("password", "No account has this address and this password."),
    "email_not_confirmed": ("password", "This address is not confirmed yet. Sign in with a code sent to it."),
    "over_email_send_rate_limit": ("rate", "Too many codes were sent for the moment. Wait some minutes and try again."),
    "over_request_rate_limit": ("rate", "Too many tries for the moment. Wait some minutes and try again."),
    "email_address_not_authorized": (
        "mail",
        "The project still sends mail by Supabase's built-in server, which writes to its own team alone. "
        "Its administrator must set an SMTP server of their own.",
    ),
    "email_address_invalid": ("address", "This is no e-mail address that mail can be sent to."),
    "validation_failed": ("address", "This is no e-mail address that mail can be sent to."),
    "weak_password": ("weak", "This password is too easy to guess. Take a longer one, of letters and digits."),
    "same_password": ("weak", "This is the password that you have already."),
    "signup_disabled": ("closed", "The project takes no new accounts. Its administrator must allow sign-ups."),
    "otp_disabled": ("closed", "The project takes no new accounts. Its administrator must allow sign-ups."),
    "email_provider_disabled": ("closed", "The project does not let people sign in by e-mail."),
    "reauthentication_needed": ("password", "Sign in again before you set a password."),
}


@dataclass(frozen=True)
class Tokens:
    """What a sign-in gives: an access token good for ``seconds`` from now, and what renews it, once."""

    access: str
    refresh: str
    seconds: int


class Settings(BaseModel):
    """What a project tells everybody of its sign-in."""

    model_config = ConfigDict(extra="ignore")

    external: dict[str, bool] = {}
    disable_signup: bool = False
    mailer_autoconfirm: bool = False


class Accounts:
    """Supabase Auth of one project."""

    def __init__(self, url: str, key: str, http: httpx.Client) -> None:
        self._url, self._key, self._http = url, key, http
        self._host = httpx.URL(url).netloc.decode()

    def send_code(self, email: str) -> None:
        """Have a one-time code sent; an account is made where there is none. Raises ``SignInRefused``."""
        self._ask(lambda auth: auth.sign_in_with_otp({"email": email, "options": {"should_create_user": True}}))

    def with_code(self, email: str, code: str) -> Tokens:
        """Sign in by the code that was sent; raises ``SignInRefused``."""
        return _tokens(self._ask(lambda auth: auth.verify_otp({"email": email, "token": code, "type": "email"})))

    def with_password(self, email: str, password: str) -> Tokens:
        """Sign in by a password that was set before; raises ``SignInRefused``."""
        return _tokens(self._ask(lambda auth: auth.sign_in_with_password({"email": email, "password": password})))

    def set_password(self, access: str, password: str) -> None:
        """Set the password of whoever is signed in; raises ``SignInRefused`` for one that is too weak."""
        # The library's own call wants a stored session with its refresh token, which is not to be spent here.
        self._ask(lambda auth: auth._request("PUT", "user", jwt=access, body={"password": password}))

    def renew(self, refresh: str) -> Tokens:
        """New tokens for a refresh token, which it spends; raises ``Refused`` (RS401) where the session has ended.

        Nobody signs in here: too many renewals are no refusal, they are asked again later.
        """
        try:
            return _tokens(self._ask(lambda auth: auth.refresh_session(refresh)))
        except SignInRefused as refusal:
            head = last_answer()
            raise (of_status(head, "the sign-in", self._host) if head else None) or refusal from None

    def sign_out(self, access: str) -> None:
        """End this session there; one that has ended already is no fault."""
        with suppress(Refused):
            self._ask(lambda auth: auth.admin.sign_out(access, "local"))

    def settings(self) -> Settings:
        """What the project tells of its sign-in; raises ``Unreachable``, or ``StudyError`` for no project."""
        return until_answered(self._settings, repeatable=True)

    def _settings(self) -> Settings:
        try:
            answer = self._http.get(f"{self._url.rstrip('/')}/auth/v1/settings", headers={"apikey": self._key})
            head = last_answer()
            known = of_status(head, "its settings", self._host) if head else None
            if known is not None:
                raise known
            answer.raise_for_status()
            return Settings.model_validate_json(answer.content)
        except httpx.HTTPStatusError as fault:
            status = fault.response.status_code
            if status >= 500:
                raise Unreachable(f"The sign-in of {self._host} answered {status}. Try again in a moment.") from None
            raise StudyError(
                f"What answers at {self._host} gave {status} for the settings of its sign-in. "
                "Look at SUPABASE_URL and SUPABASE_KEY."
            ) from None
        except httpx.HTTPError as fault:
            raise Unreachable(f"The Supabase project at {self._host} could not be reached ({fault}).") from None
        except ValidationError:
            raise StudyError(f"What answers at {self._host} is no Supabase project. Look at SUPABASE_URL.") from None

    def _ask(self, question: Callable[[Any], Reply]) -> Reply:
        """One question to Auth by a client of its own, with every fault as one of ours."""
        try:
            return question(new_client(self._url, self._key, self._http).auth)
        except (AuthError, httpx.HTTPError) as fault:
            raise self._fault(fault) from fault
        except (ValidationError, ValueError) as fault:
            raise Unreachable(f"The sign-in of the Supabase project at {self._host} gave no whole answer.") from fault

    def _fault(self, fault: Exception) -> StudyError:
        code = str(getattr(fault, "code", None) or "")
        if isinstance(fault, AuthWeakPasswordError):
            code = "weak_password"
        if code in _REFUSALS:
            return SignInRefused(*_REFUSALS[code])
        if code in _ENDED:
            return Refused(NOT_SIGNED_IN, SIGN_IN_FIRST)
        answer = last_answer()
        known = of_status(answer, "the sign-in", self._host) if answer else None
        if known is not None:
            return known
        if isinstance(fault, AuthApiError) and fault.status == 401 and not code:
            return Unavailable(
                f"The project at {self._host} does not take the key in SUPABASE_KEY ({fault.message}). Copy it anew."
            )
        if isinstance(fault, AuthApiError) and fault.status < 500:
            return SignInRefused("refused", f"The sign-in was refused: {fault.message}.")
        why = fault.message if isinstance(fault, AuthRetryableError) else str(fault)
        return Unreachable(f"The sign-in of the Supabase project at {self._host} did not answer ({why}). Try again.")


def _tokens(reply: Any) -> Tokens:
    session: Session | None = reply.session
    if session is None:
        raise SignInRefused("refused", "The sign-in gave no session. Try again.")
    return Tokens(session.access_token, session.refresh_token, session.expires_in)
