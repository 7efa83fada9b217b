"""Whatever Supabase, its gateway or the network can answer, as one of the wire's own exceptions."""

from __future__ import annotations

import httpx
from postgrest.exceptions import APIError

from study.database._http import Answer, last_answer
from study.database.wire import NOT_FOUND, Refused, StudyError, TooBusy, Unavailable, Unreachable, error_of

PUSH = "Run `supabase --workdir study db push --remote` for it, then `supabase --workdir study config push`."
_PAUSED, _RESTRICTED, _BUSY = 540, 402, 429
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class TokenSpent(Exception):
    """The access token is not taken any more: it has run out, or was signed with a key that has gone."""


def fault_of(fault: Exception, function: str, host: str) -> Exception:
    """The exception to raise in place of one of the library's; ``TokenSpent`` is for the wire itself."""
    answer = last_answer()
    if isinstance(fault, httpx.HTTPError) or answer is None:
        return Unreachable(
            f"The Supabase project at {host} could not be reached for {function} ({_words(fault)}). Look whether this "
            "machine is online and SUPABASE_URL is right; a project that was deleted has no address any more.",
            maybe_done=not isinstance(fault, _NEVER_SENT),
        )
    code = fault.code if isinstance(fault, APIError) else None
    known = of_status(answer, function, host)
    if known is not None:
        return known
    if code and code.startswith("PGRST"):
        return _of_postgrest(code, str(getattr(fault, "message", fault)), function, host)
    if code and len(code) == 5:
        return error_of(code, str(getattr(fault, "message", fault)), function)
    return _of_gateway(answer, _words(fault), function, host)


def of_status(answer: Answer, function: str, host: str) -> StudyError | None:
    """What the platform says by its status alone; None for every other status."""
    if answer.status == _PAUSED:
        return Unavailable(
            f"The Supabase project at {host} is paused; nothing in it is lost. Restore it in its dashboard, "
            "which takes some minutes, then try again. (Free projects pause after about a week without use.)"
        )
    if answer.status == _RESTRICTED:
        return Unavailable(
            f"The Supabase project at {host} is restricted: its plan's quota is used up or a bill is open. "
            "Its administrator sees which in the dashboard."
        )
    if answer.status == _BUSY:
        when = "shortly" if answer.after is None else f"in {answer.after:.0f} seconds"
        return TooBusy(
            f"The Supabase project at {host} takes no more requests for the moment ({function}). Try again {when}.",
            answer.after,
        )
    return None


def _of_postgrest(code: str, message: str, function: str, host: str) -> Exception:
    if code in {"PGRST301", "PGRST302", "PGRST303"}:
        return TokenSpent(message)
    if code in {"PGRST000", "PGRST001", "PGRST002", "PGRST003"}:
        words = f"The project at {host} has no connection to its database for {function} ({message})."
        return Unreachable(words, maybe_done=code in {"PGRST000", "PGRST001"})
    if code == "PGRST106":
        return Unavailable(f"The project at {host} does not expose the schema `api` ({message}). {PUSH}")
    if code == "PGRST202":
        return Refused(NOT_FOUND, f"The project at {host} has no function {function} of this form. {PUSH}")
    return StudyError(f"{function} was not understood by the project at {host} ({code}: {message}).")


def _of_gateway(answer: Answer, words: str, function: str, host: str) -> StudyError:
    """An answer without a code of the database's: from the gateway before it, or from something in between."""
    if answer.status >= 500:
        return Unreachable(f"The project at {host} answered {answer.status} to {function} ({words}).")
    if answer.status in (401, 403):
        return Unavailable(f"The project at {host} does not take the key in SUPABASE_KEY ({words}). Copy it anew.")
    return Unavailable(
        f"What answers at {host} is no Supabase project: {answer.status} to {function} ({words}). Look at SUPABASE_URL."
    )


def _words(fault: Exception) -> str:
    told = getattr(fault, "message", None) or str(fault) or type(fault).__name__
    return " ".join(str(told).split())[:200]
