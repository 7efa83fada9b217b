"""The command line's own session on a project: what ``readerstudy login`` keeps on this machine (mode 0600)."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock
from pydantic import BaseModel, ConfigDict, ValidationError

from study.database.accounts import Accounts, Tokens
from study.database.wire import NOT_SIGNED_IN, Refused, StudyError

FOLDER = "READERSTUDY_LOGINS"
SPARE_SECONDS = 60


def logins() -> Path:
    """The folder of this account's logins: ``$READERSTUDY_LOGINS``, else ``~/.config/readerstudy``."""
    given = os.environ.get(FOLDER)
    folder = Path(given).expanduser() if given else Path.home() / ".config" / "readerstudy"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


class _Kept(BaseModel):
    """The file."""

    model_config = ConfigDict(extra="forbid")

    email: str
    access: str
    refresh: str
    until: float


@dataclass
class Login:
    """A session kept in a file; several commands at once share it, and one of them renews it."""

    path: Path
    accounts: Accounts

    @staticmethod
    def path_of(host: str) -> Path:
        """Where the login for a project lies."""
        return logins() / f"{host.replace(':', '_')}.json"

    @classmethod
    def read(cls, host: str, accounts: Accounts) -> Login:
        """The login for a project; raises ``Refused`` (RS401) where nobody has signed in on this machine."""
        path = cls.path_of(host)
        if not path.exists():
            raise Refused(NOT_SIGNED_IN, f"Nobody is signed in to {host} on this machine. Run `readerstudy login`.")
        return cls(path, accounts)

    @classmethod
    def write(cls, host: str, accounts: Accounts, email: str, tokens: Tokens) -> Login:
        """Keep what a sign-in gave."""
        login = cls(cls.path_of(host), accounts)
        with login._lock():
            login._save(email, tokens)
        return login

    @property
    def email(self) -> str:
        """Whose login it is."""
        return self._load().email

    def forget(self) -> None:
        """Remove the file."""
        self.path.unlink(missing_ok=True)

    def access(self) -> str:
        """The access token, renewed where it has run out; raises ``Refused`` (RS401) where the session has ended."""
        kept = self._load()
        return kept.access if kept.until - SPARE_SECONDS > time.time() else self.renewed(kept.access)

    def renewed(self, spent: str) -> str:
        """An access token other than the spent one: another command's, where one has renewed it meanwhile."""
        with self._lock():
            kept = self._load()
            if kept.access != spent:
                return kept.access
            try:
                return self._save(kept.email, self.accounts.renew(kept.refresh))
            except Refused as refusal:
                raise Refused(
                    refusal.code, "Your sign-in on this machine has ended. Run `readerstudy login`."
                ) from None

    def _lock(self) -> FileLock:
        return FileLock(f"{self.path}.lock", timeout=60, mode=0o600)

    def _load(self) -> _Kept:
        try:
            return _Kept.model_validate_json(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise Refused(
                NOT_SIGNED_IN, "Nobody is signed in on this machine any more. Run `readerstudy login`."
            ) from None
        except ValidationError:
            raise StudyError(
                f"The login in {self.path} cannot be read. Remove it and run `readerstudy login`."
            ) from None

    def _save(self, email: str, tokens: Tokens) -> str:
        kept = _Kept(email=email, access=tokens.access, refresh=tokens.refresh, until=time.time() + tokens.seconds)
        fresh = self.path.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(kept.model_dump_json())
        os.replace(fresh, self.path)
        return tokens.access
