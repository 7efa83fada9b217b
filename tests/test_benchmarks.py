"""The benchmarks run on a small scale; their figures say nothing then."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.database
def test_quick_benchmarks_measure_the_app_and_the_database_and_find_no_fault() -> None:
    words = [
        sys.executable,
        "-m",
        "benchmarks",
        "--quick",
        "--json",
        "--only",
        "calls",
        "--only",
        "app",
        "--only",
        "start",
    ]
    done = subprocess.run(words, cwd=Path(__file__).parents[1], capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr[-2000:]
    rows = {row["what"]: row for row in json.loads(done.stdout)["rows"]}
    faults = next(row for what, row in rows.items() if what.startswith("faults"))
    assert faults["found"] == "none"
    assert sum(what.startswith("page turn") for what in rows) == 2  # alone, and with posts beside
    assert all(row["found"] for row in rows.values())
