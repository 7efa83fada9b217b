"""What a signed-in person's client on Supabase's wire keeps in memory: on the shared connections, and with its own.

A process of its own makes the clients of so many people, lets each make a call, keeps them, and tells its size.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence

import psutil

from benchmarks.both_wires import BothWires
from benchmarks.database import Row
from study.database._http import client
from study.database.project import Fixed, open_project
from study.database.supabase import SupabaseWire
from tests.supabase.record import settings, tokens_of

MEGABYTE = 1_000_000
FULL = (1, 100, 500)
QUICK = (1, 5)


def rows(both: BothWires, people: Sequence[int]) -> list[Row]:
    """A row with the shared connections as the app has them, and one in which everybody has their own."""
    tokens = _signed_in(both, max(people))
    asked = {"url": both.direct.url, "key": both.direct.key, "tokens": tokens, "people": list(people)}
    shared, own = (_apart({**asked, "shared": one}) for one in (True, False))
    ratio = own["each"] / shared["each"] if shared["each"] > 0 else float("nan")
    return [
        _row("on one shared pool of connections", shared, people, ""),
        _row("with connections of their own", own, people, f"; ratio {ratio:.0f}"),
    ]


def _signed_in(both: BothWires, people: int) -> list[str]:
    """The access tokens of so many new people, each in a session of theirs."""
    found = []
    with open_project(settings(both.project)) as door:
        for _ in range(people):
            tokens = tokens_of(door, both.project)
            door.begin(tokens)
            found.append(tokens.access)
    return found


def _apart(asked: dict[str, object]) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.client_memory"]
    done = subprocess.run(command, input=json.dumps(asked), check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _held(url: str, key: str, tokens: list[str], people: list[int], shared: bool) -> dict[str, float]:
    """Megabytes of this process with so many clients, by their number; and of each beyond the first."""
    pool, held, found, began = client(), [], {}, time.perf_counter()
    for number, token in enumerate(tokens, 1):
        wire = SupabaseWire(url, key, pool if shared else client(), Fixed(token))
        wire.call("me")
        held.append(wire)
        if number in people:
            found[str(number)] = psutil.Process().memory_info().rss / MEGABYTE
    first, last = found[str(people[0])], found[str(people[-1])]
    each = (last - first) / (people[-1] - people[0])
    return {**found, "each": each, "ms": (time.perf_counter() - began) / len(held) * 1000}


def _row(how: str, found: dict[str, float], people: Sequence[int], more: str) -> Row:
    sizes = ", ".join(f"{found[str(number)]:.0f} MB with {number}" for number in people)
    told = f"{found['each']:.3f} MB a client ({sizes}); {found['ms']:.1f} ms to make one and call{more}"
    return Row(f"memory of signed-in people's clients {how} (RSS)", told, "none set", True)


if __name__ == "__main__":
    print(json.dumps(_held(**json.loads(sys.stdin.read()))))
