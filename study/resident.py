"""``python -m study.resident``: holds the scored readings of a few studies and tells their results, one by one.

Each line of standard input is one message in JSON, and ``do`` says what it is. ``tell`` and ``plan`` are answered by
one line each: ``=`` and the result as JSON, or ``!`` and a sentence, or ``?`` and a sentence where what was told before
of a study could not be taken in. The process ends when standard input ends, at whatever it is: a program that is killed
leaves nothing behind.
"""

from __future__ import annotations

import gc
import json
import os
import queue
import sys
import threading
import traceback
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from study.held import Held

NICE = 5
ANSWERED = ("tell", "plan")
LIBRARIES = ("pandas", "scipy.stats", "study.findings", "scoring.measures", "scoring.missing", "scoring.planning")


class Desk:
    """The studies that are held, by the name of their version."""

    def __init__(self) -> None:
        self._held: dict[str, Held] = {}

    def did(self, asked: Mapping[str, Any]) -> str | None:
        """Do what a message says: the result as JSON where it asks for one; raises what the computation raises."""
        study = asked.get("study", "")
        match asked["do"]:
            case "hold":
                self._held[study] = Held(asked["protocol"], asked["grades"], asked["models"])
            case "rows":
                self._held[study].add(asked["rows"])
            case "stages":
                self._held[study].add_stages(asked["rows"])
            case "drop":
                self._held.pop(study, None)
            case "tell":
                return self._held[study].told(asked["subject"]).model_dump_json()
            case "plan":
                return _planned(asked)
        return None


def _planned(asked: Mapping[str, Any]) -> str:
    from study.plans import Asked, Variances, plan_of

    return plan_of(Variances.model_validate(asked["variances"]), Asked(**asked["asked"])).model_dump_json()


def _listen(heard: queue.SimpleQueue[bytes]) -> None:
    """Pass on what is said, and end the process with the one that speaks."""
    for line in sys.stdin.buffer:
        heard.put(line)
    os._exit(0)


def main() -> None:
    """Answer until standard input ends."""
    if hasattr(os, "nice"):
        os.nice(NICE)  # The pages go first.
    heard: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(heard,), daemon=True).start()
    gc.disable()  # To look for garbage among the rows, which hold no circles, takes longer than to read them.
    for name in LIBRARIES:  # While the rows are on their way.
        import_module(name)
    desk, fault = Desk(), ""
    while True:
        asked = json.loads(heard.get())
        told = None
        try:
            told = desk.did(asked)
        except Exception as error:
            traceback.print_exc()
            fault = fault or f"{'!' if asked['do'] in ANSWERED else '?'}{type(error).__name__}: {error}"
        if asked["do"] in ANSWERED:
            _say(f"={told}" if told is not None and not fault else fault)
            fault = ""
            gc.collect()
            gc.freeze()


def _say(line: str) -> None:
    sys.stdout.buffer.write(line.replace("\n", " ").encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
