"""Every foreign error on the way to a model, as a member of our own tree: the one place where libraries' are known."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2
import openai

from baselines.adapters.faults import AdapterFault, Away, Busy, Declined, Rejected

_LATER = {408, 409, 423, 425}
_OVERLOADED = 529
_SPENT = {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "access_terminated"}
# By these an API says that it will not answer, which is an answer: the model refused.
_REFUSALS = {"content_filter", "content_policy_violation", "invalid_prompt", "bio_policy", "moderation_blocked",
             "image_content_policy_violation", "misalignment_policy_violation", "cyber_policy"}  # fmt: skip
_BY_CODE = {"server_error": 500, "rate_limit_exceeded": 429, "vector_store_timeout": 504}


def fault_of(error: BaseException, name: str) -> AdapterFault:
    """The fault to raise in place of one of the SDK's, of its HTTP library's, or of the clock's."""
    if isinstance(error, openai.APIStatusError):
        body = error.response.text
        return of_status(error.status_code, error_in(error.body), name, body, retry_after(error.response.headers))
    if isinstance(error, (openai.APITimeoutError, httpx2.TimeoutException, TimeoutError)):
        return Away(f"{name} did not answer in time.")
    if isinstance(error, (openai.APIConnectionError, httpx2.HTTPError, OSError)):
        cause = error.__cause__ or error
        return Away(f"{name} could not be reached, or broke off ({_named(cause)}).")
    if isinstance(error, (openai.OpenAIError, httpx2.InvalidURL)):
        return Rejected(f"The request to {name} could not be made ({_named(error)}).")
    raise error


def of_status(
    status: int, error: Mapping[str, Any], name: str, raw: str | None, after: float | None = None
) -> AdapterFault:
    """The fault that an HTTP status and the error in the body tell."""
    words = _short(error.get("message") or error.get("type") or error.get("code") or raw or "no words")
    told = f"{status}: {words}"
    if _is_refusal(error):
        return Declined(words, status, raw)
    if _codes(error) & _SPENT or status == 402:
        return Rejected(f"{name} answers no more: its quota is used up or its bill is open ({told}).", status, raw)
    if status in (429, _OVERLOADED) or (status == 503 and after is not None):
        return Busy(f"{name} takes no more requests for the moment ({told}).", after, status, raw)
    if status >= 500 or status in _LATER:
        return Away(f"{name} failed by itself ({told}).", status, raw)
    if status in (401, 403):
        return Rejected(f"{name} does not take the key, or not for this model ({told}).", status, raw)
    if status == 404:
        return Rejected(f"{name} does not have this model, or the address is wrong ({told}).", status, raw)
    if 300 <= status < 400:
        return Rejected(f"{name} sends on to another address, which is not followed ({told}).", status, raw)
    return Rejected(f"{name} refuses the request as it is ({told}).", status, raw)


def fault_in(error: Mapping[str, Any], name: str, raw: str) -> AdapterFault:
    """The fault that an error inside a reply with status 200 tells; its code may be a status or a word."""
    code = error.get("code")
    status = code if isinstance(code, int) else _BY_CODE.get(str(code), 400)
    return of_status(status, error, name, raw)


def error_in(body: Any) -> Mapping[str, Any]:
    """The error that a body holds, however it is wrapped; empty where there is none."""
    if isinstance(body, list) and body:
        body = body[0]
    if not isinstance(body, Mapping):
        return {}
    inner = body.get("error", body if "message" in body and "choices" not in body and "output" not in body else None)
    return inner if isinstance(inner, Mapping) else {"message": inner} if inner else {}


def _is_refusal(error: Mapping[str, Any]) -> bool:
    """Whether the error says that the model, or a filter before it, will not answer what it was asked."""
    metadata = error.get("metadata")
    flagged = isinstance(metadata, Mapping) and ("flagged_input" in metadata or "reasons" in metadata)
    return bool(_codes(error) & _REFUSALS) or flagged


def _codes(error: Mapping[str, Any]) -> set[str]:
    inner = error.get("innererror")
    return {
        str(code) for code in (error.get("code"), error.get("type"), isinstance(inner, Mapping) and inner.get("code"))
    }


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """The seconds that a reply asks to wait, as a number or a date; None where it says nothing that can be read."""
    asked = headers.get("retry-after-ms")
    if asked is not None and (milliseconds := _number(asked)) is not None:
        return milliseconds / 1000
    asked = headers.get("retry-after")
    if asked is None:
        return None
    if (seconds := _number(asked)) is not None:
        return seconds
    try:
        when = parsedate_to_datetime(asked)
    except ValueError:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - (now or datetime.now(UTC))).total_seconds())


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return max(0.0, number) if math.isfinite(number) else None


def _named(error: BaseException) -> str:
    return f"{type(error).__name__}: {_short(error)}".removesuffix(": ")


def _short(words: object) -> str:
    return " ".join(str(words).split())[:300]
