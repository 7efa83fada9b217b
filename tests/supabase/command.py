"""The command line as a process of its own on a test project, with a folder of logins of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.supabase.project import Project

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Command:
    """``readerstudy ...`` on ``project``; what it keeps of logins lies in ``logins``."""

    project: Project
    logins: Path

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """The command, running; its input is closed."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("SUPABASE_", "DATA"))}
        environment |= {"SUPABASE_URL": self.project.url, "SUPABASE_KEY": self.project.key, "COLUMNS": "200"}
        return subprocess.Popen(
            [sys.executable, "-m", "commands.main", *arguments],
            cwd=ROOT,
            env=environment | {"READERSTUDY_LOGINS": str(self.logins)} | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """The command, ended; never raises for its exit."""
        return ended(self.start(*arguments, **variables))

    def login(self, email: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Sign in as a terminal without a keyboard does: have a code sent, then bring it."""
        self.run("login", "--email", email)
        return self.run("login", "--email", email, "--code", self.project.otp_for(email), *arguments)


def ended(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    """Wait for a command that was started."""
    out, err = process.communicate(timeout=120)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)
