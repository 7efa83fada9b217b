"""What a first and a second start wait for: the server, cold and warm, and the demo's bundle."""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks.database import Row
from study import demo
from study.database import open_box


def server(folder: Path) -> list[Row]:
    """A new data folder until it takes calls, and the same folder once more."""
    cold, warm = _opened(folder / "start"), _opened(folder / "start")
    return [
        Row("data folder opened for the first time (cluster, migrations)", f"{cold:.2f} s", "none set", True),
        Row("data folder opened again", f"{warm:.2f} s", "none set", True),
    ]


def bundle(folder: Path) -> list[Row]:
    """The demo's images, drawn anew."""
    began, used = time.perf_counter(), time.process_time()
    demo.build(folder / "bundle")
    taken, used = time.perf_counter() - began, time.process_time() - used
    return [Row("demo bundle drawn", f"{taken:.0f} s, {used:.0f} s of processor", "none set", True)]


def _opened(data: Path) -> float:
    began = time.perf_counter()
    with open_box(data) as box:
        box.wire(None).call("about")
        return time.perf_counter() - began
