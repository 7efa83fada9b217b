"""The benchmarks run on a small scale; their figures say nothing then."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import both_wires


def quick(*names: str) -> dict[str, dict[str, Any]]:
    """The rows of some quick benchmarks, by what each measures."""
    only = [word for name in names for word in ("--only", name)]
    words = [sys.executable, "-m", "benchmarks", "--quick", "--json", *only]
    done = subprocess.run(words, cwd=Path(__file__).parents[1], capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr[-2000:]
    return {row["what"]: row for row in json.loads(done.stdout)["rows"]}


@pytest.mark.database
def test_quick_benchmarks_measure_the_app_and_the_database_and_find_no_fault() -> None:
    rows = quick("calls", "app", "start")
    faults = next(row for what, row in rows.items() if what.startswith("faults"))
    assert faults["found"] == "none"
    assert sum(what.startswith("page turn") for what in rows) == 2  # alone, and with posts beside
    assert all(row["found"] for row in rows.values())


@pytest.mark.supabase
def test_quick_benchmarks_measure_both_wires_and_export_the_same_by_both() -> None:
    if not both_wires.available():
        pytest.skip("npm has to reach the packages of tests/supabase once.")
    rows = quick("supabase")
    assert rows["what both exports hold"]["met"]
    faults = next(row for what, row in rows.items() if what.startswith("faults"))
    assert faults["found"] == "none"
    answers = [row for what, row in rows.items() if "model answers" in what]
    assert len(answers) == 2
    assert all(row["met"] and "750,000 would take" in row["found"] for row in answers)
