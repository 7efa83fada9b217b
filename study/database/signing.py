"""Signing this machine's command line in to a project, and out of it again."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from study.codes import new_token, token_hash
from study.database.accounts import Tokens
from study.database.login import Login
from study.database.project import Fixed, Project
from study.database.wire import Refused, StudyError


def sign_in(project: Project, email: str, tokens: Tokens) -> int:
    """Begin a session of whoever Auth has just signed in, in the place of this machine's earlier one.

    Returns how many invitations it took up. No cookie will ever have the session: the hash is of a token that nobody
    keeps, and nothing is sealed. Raises ``Refused`` where the record does not take the sign-in; nothing is kept then.
    """
    reply: Any = project.wire_of(Fixed(tokens.access)).call("enter", token_hash=token_hash(new_token()))
    with suppress(StudyError):
        sign_out(project)
    Login.write(project.host, project.accounts, email, tokens)
    return int(reply["joined"])


def sign_out(project: Project) -> str:
    """End this machine's session in the record and with Auth, and forget it; returns whose it was.

    Raises ``Refused`` (RS401) where nobody is signed in, ``Unreachable`` where the project does not answer: the session
    goes on then, and so its file stays.
    """
    login = Login.read(project.host, project.accounts)
    email = login.email
    with suppress(Refused):  # It has ended already, or its person was removed.
        access = login.access()
        with suppress(Refused):
            project.wire_of(login).call("sign_out")
        project.accounts.sign_out(access)
    login.forget()
    return email
