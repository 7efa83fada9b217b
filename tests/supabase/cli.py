"""Supabase's own command line, as whoever deploys runs it, on a copy of ``study/supabase``.

It is installed beside the environment on first use, or ahead of time by ``python -m tests.supabase.cli``: by version
and without a lock file, since a lock made on one platform lacks the others' programs. It is kept from telemetry and
from the user's own settings.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from filelock import FileLock

from study.database.migrations import MIGRATIONS
from tests.supabase.install import NODE, NPM, environment

VERSION = "3.1.0"
_QUIET = {"SUPABASE_TELEMETRY_DISABLED": "1", "SUPABASE_NO_UPDATE_NOTIFIER": "1", "SUPABASE_NO_KEYRING": "1"}


def installed() -> Path:
    """The program, for Node to run; installs it where it is not there. Raises ``RuntimeError`` where npm fails."""
    folder = Path(sys.prefix) / f"supabase-cli-{VERSION}"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            _install(folder)
    return folder / "node_modules" / "supabase" / "dist" / "supabase.js"


def needed() -> None:
    """Skip the test where the program cannot be installed; in CI that is a failure."""
    try:
        installed()
    except RuntimeError as fault:
        pytest.skip(str(fault))


def _install(folder: Path) -> None:
    """Install as a whole or not at all."""
    fresh = folder.with_suffix(".part")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    options = ("--no-save", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
    command: list[str | Path] = [NODE, NPM, "install", *options, f"supabase@{VERSION}"]
    done = subprocess.run(command, cwd=fresh, env=environment(), capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"npm could not install supabase {VERSION}: {done.stderr[-2000:]}")
    fresh.rename(folder)


class Cli:
    """The command line in a folder of its own; ``study/supabase`` is copied into it, to be changed at will."""

    def __init__(self, folder: Path) -> None:
        """Copy the project's files into ``folder``."""
        self.study = folder / "study"
        self.project = self.study / "supabase"
        self._home = folder / "home"
        self._home.mkdir()
        shutil.copytree(MIGRATIONS.parent, self.project)

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run ``supabase --workdir study ...`` with these environment variables; never raises for its exit."""
        return subprocess.run(
            [NODE, installed(), "--workdir", self.study, "--agent", "no", *arguments],
            cwd=self._home,
            env={**_own(environment()), **_QUIET, "HOME": str(self._home), **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )


def _own(everything: Mapping[str, str]) -> dict[str, str]:
    """The environment without what the user has set for a project or a database of theirs."""
    theirs = ("SUPABASE_", "SMTP_", "SITE_URL", "PG")
    return {name: value for name, value in everything.items() if not name.startswith(theirs)}


if __name__ == "__main__":
    print(installed())
