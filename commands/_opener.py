"""Beside the app that starts: once it answers, its address is printed, and shown in a browser where there is a display.

``python -m commands._opener PID`` returns at once and waits in a process of its own, as long as PID lives; where the
app listens is in the environment, as for the app itself.
"""

from __future__ import annotations

import os
import ssl
import sys
import time
import urllib.error
import urllib.request
import webbrowser

import psutil

from study.serving import LOOPBACK, Serving

SECONDS = 120


def answers(port: int, address: str = LOOPBACK, https: bool = False) -> bool:
    """Whether the app at this address and port says that it is well."""
    host = {"0.0.0.0": LOOPBACK, "::": "::1"}.get(address, address)
    url = f"{'https' if https else 'http'}://{f'[{host}]' if ':' in host else host}:{port}/_stcore/health"
    # Only whether it runs is asked: the certificate names the machine as others call it.
    unchecked = ssl._create_unverified_context() if https else None
    try:
        with urllib.request.urlopen(url, timeout=2, context=unchecked) as reply:
            return bool(reply.status == 200)
    except urllib.error.HTTPError as refusal:
        return refusal.code == 403  # It runs, and answers its proxy alone.
    except OSError:
        return False


def has_display() -> bool:
    """Whether a browser could show a window."""
    return sys.platform in ("darwin", "win32") or any(os.environ.get(n) for n in ("DISPLAY", "WAYLAND_DISPLAY"))


def wait_and_tell(serving: Serving, pid: int) -> None:
    """Print the address once the app answers, and open it."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until and psutil.pid_exists(pid):
        if answers(serving.port, serving.address, serving.certificate is not None):
            print(f"readerstudy is ready: {serving.base} (Ctrl-C stops it)", file=sys.stderr, flush=True)
            if has_display() and not serving.proxies:
                webbrowser.open(serving.base)
            return
        time.sleep(0.2)


if __name__ == "__main__":
    if os.fork() == 0:
        wait_and_tell(Serving.told(os.environ), int(sys.argv[1]))
