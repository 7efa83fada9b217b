"""Evidence images on Supabase: a private bucket, an object a study and SHA-256, read and put as whoever is signed in.

The bucket's own rules ask the record whether a reader has been shown an image. What comes back is hashed before it is
used, so that an object that was changed behind the record's back is never shown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, TypeVar

import httpx
from storage3.exceptions import StorageApiError

from study.database._asking import until_answered
from study.database._faults import of_status
from study.database._http import last_answer
from study.database.supabase import Session, new_client
from study.database.wire import NOT_ALLOWED, Refused, StudyError, Unreachable

BUCKET = "evidence"
_YEAR = "31536000"
Reply = TypeVar("Reply")


class Bucket:
    """The bucket, as the person whose session this is may use it."""

    def __init__(self, url: str, key: str, http: httpx.Client, session: Session) -> None:
        self._url, self._key, self._http, self._session = url, key, http, session
        self._host = httpx.URL(url).netloc.decode()

    def put(self, study: str, content: bytes, mime: str) -> str:
        """Keep the bytes under their SHA-256 and see that these very bytes lie there; returns the SHA-256.

        Raises ``Refused`` where the study is not this coordinator's draft, ``StudyError`` where other bytes lie there.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        name = f"{study}/{sha256}"
        options = {"content-type": mime, "cache-control": _YEAR, "upsert": "false"}
        try:
            self._ask(lambda client: client.upload(name, content, options))
        except StorageApiError as fault:
            if not _says(fault, "409", "Duplicate"):
                raise self._fault(fault, f"The image {sha256[:12]} could not be put into the bucket") from fault
        try:
            self.read(study, sha256)
        except FileNotFoundError:
            raise StudyError(
                f"The image {sha256[:12]} was put into the bucket and is not there. Try again; if it happens twice, "
                "run `readerstudy doctor`."
            ) from None
        return sha256

    def read(self, study: str, sha256: str) -> bytes:
        """The bytes, proven by their hash; raises ``FileNotFoundError`` where there are none for this person."""
        try:
            content: bytes = self._ask(lambda client: client.download(f"{study}/{sha256}"))
        except StorageApiError as fault:
            if fault.code == "not_found" or _says(fault, "403", "Unauthorized"):
                raise FileNotFoundError(f"there is no image {sha256} for you") from None
            raise self._fault(fault, f"The image {sha256[:12]} could not be read") from fault
        if hashlib.sha256(content).hexdigest() != sha256:
            raise StudyError(
                f"The bytes of the image {sha256[:12]} in the bucket are not those that were stored. "
                "It is not shown; tell the study's coordinator."
            )
        return content

    def _ask(self, question: Callable[[Any], Reply]) -> Reply:
        """One request to the bucket, again where no answer came: reading and putting the same twice changes nothing."""
        return until_answered(lambda: self._as_somebody(question), repeatable=True)

    def _as_somebody(self, question: Callable[[Any], Reply]) -> Reply:
        """One request; an access token that ran out is renewed, and the request goes once more."""
        access = self._session.access()
        try:
            return self._once(access, question)
        except StorageApiError as fault:
            if not _expired(fault):
                raise
        return self._once(self._session.renewed(access), question)

    def _once(self, access: str, question: Callable[[Any], Reply]) -> Reply:
        try:
            return question(new_client(self._url, self._key, self._http, access).storage.from_(BUCKET))
        except (httpx.HTTPError, StorageApiError) as fault:
            away = self._away(fault)
            if away is None:
                raise
            raise away from fault

    def _away(self, fault: Exception) -> StudyError | None:
        """The fault as one of reaching the project at all; None where Storage itself refused."""
        answer = last_answer()
        if isinstance(fault, httpx.HTTPError) or answer is None:
            return Unreachable(
                f"The image store of {self._host} could not be reached ({fault}). Try again in a moment."
            )
        known = of_status(answer, "an image", self._host)
        if known is None and answer.status >= 500:
            known = Unreachable(f"The image store of {self._host} answered {answer.status}. Try again in a moment.")
        return known

    def _fault(self, fault: StorageApiError, did: str) -> StudyError:
        if _says(fault, "403", "Unauthorized"):
            return Refused(NOT_ALLOWED, f"{did}: the study is not a draft of yours.")
        return StudyError(f"{did} at {self._host}: {fault.message} ({fault.status}). Run `readerstudy doctor`.")


def _says(fault: StorageApiError, status: str, error: str) -> bool:
    """Whether Storage gave this status in its body; the HTTP status is 400 for nearly everything."""
    return str(fault.status) == status or fault.code == error


def _expired(fault: StorageApiError) -> bool:
    """Whether the token may have run out: whoever shows none that is good is told that there is no bucket."""
    words = fault.message.lower()
    return '"exp"' in words or "jwt" in words or "signature" in words or words == "bucket not found"
