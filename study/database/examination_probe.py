"""A visitor's requests to a project, one by one and as they are: no retries, no session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from study.database._faults import of_status
from study.database._http import Answer
from study.database.examination import AGAIN, Finding, mend
from study.database.project import Settings
from study.database.wire import StudyError, Unreachable


@dataclass(frozen=True)
class Probe:
    """Whoever has the project's publishable key can send the same."""

    given: Settings
    http: httpx.Client

    def ask(self, method: str, path: str, content: Any = None, **headers: str) -> httpx.Response:
        """The answer of one of the project's services.

        Raises ``httpx.HTTPError`` where none came, ``StudyError`` where the gateway answered in the service's place.
        """
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"apikey": self.given.key, **named}
        response = self.http.request(method, f"{self.given.url}{path}", headers=sent, json=content)
        known = of_status(Answer(response.status_code, None), f"{method} {path}", self.given.host)
        if known is None and response.status_code >= 500 and not code_of(response):
            known = Unreachable(f"{self.given.host} answered {response.status_code} to {method} {path}.")
        if known is not None:
            raise known
        return response

    def call(self, function: str, **arguments: Any) -> httpx.Response:
        """The answer to a call of ``api.<function>``."""
        return self.ask("POST", f"/rest/v1/rpc/{function}", arguments, content_profile="api")


def told(response: httpx.Response) -> Any:
    """The body read as JSON; None where it is none."""
    try:
        return response.json()
    except ValueError:
        return None


def code_of(response: httpx.Response) -> str:
    """The code of an error, or nothing."""
    body = told(response)
    return str(body.get("code") or "") if isinstance(body, dict) else ""


def words_of(fault: httpx.HTTPError) -> str:
    """What a fault of the network says, in one line."""
    return " ".join(str(fault).split()) or type(fault).__name__


def answered(check: str, examine: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """The findings of a part of the examination, with one more where the project stopped answering in it."""
    try:
        yield from examine()
    except httpx.HTTPError as fault:
        yield mend(check, f"The project did not answer ({words_of(fault)}).", AGAIN)
    except StudyError as fault:
        yield mend(check, str(fault), AGAIN)
