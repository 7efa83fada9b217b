"""Beside the app that starts: once it answers, its address is printed, and shown in a browser where there is a display.

``python -m commands._opener PORT PID`` returns at once and waits in a process of its own, as long as PID lives.
"""

from __future__ import annotations

import os
import sys
import time
import urllib.error
import urllib.request
import webbrowser

import psutil

SECONDS = 120


def answers(port: int) -> bool:
    """Whether the app on this port says that it is well."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2) as reply:
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def has_display() -> bool:
    """Whether a browser could show a window."""
    return sys.platform in ("darwin", "win32") or any(os.environ.get(n) for n in ("DISPLAY", "WAYLAND_DISPLAY"))


def wait_and_tell(port: int, pid: int) -> None:
    """Print the address once the app answers, and open it."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until and psutil.pid_exists(pid):
        if answers(port):
            address = f"http://127.0.0.1:{port}"
            print(f"readerstudy is ready: {address} (Ctrl-C stops it)", file=sys.stderr, flush=True)
            if has_display():
                webbrowser.open(address)
            return
        time.sleep(0.2)


if __name__ == "__main__":
    if os.fork() == 0:
        wait_and_tell(int(sys.argv[1]), int(sys.argv[2]))
