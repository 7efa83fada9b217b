"""The benchmarks run on a small scale; their figures say nothing then."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import both_wires, error_rates


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


def test_the_quick_benchmark_of_sensitivity_holds_its_intervals_against_the_truth() -> None:
    rows = quick("sensitivity")
    assert len(rows) == 6
    assert all("s_image" in row["found"] for row in rows.values())


@pytest.mark.database
def test_the_quick_benchmark_of_models_sends_the_same_calls_by_the_run_and_by_the_sdk_alone() -> None:
    rows = quick("models")
    assert len(rows) == 3
    assert all("the SDK alone" in row["found"] for row in rows.values())


def test_the_quick_benchmarks_of_statistics_stand_beside_what_they_are_held_to() -> None:
    rows = quick("statistics")
    assert len(rows) == 3
    assert any("statsmodels" in row["found"] for row in rows.values())
    rows = quick("errors")
    assert len(rows) == 9
    assert all(row["found"].startswith("these models ") for row in rows.values())
    rows = quick("family")
    assert len(rows) == 5
    assert all("max-T" in row["found"] for row in rows.values())


def test_the_quick_benchmark_of_findings_computes_all_of_them_and_tests_levels_that_are_the_same() -> None:
    rows = quick("findings")
    assert len(rows) == 17
    assert sum("rejected in" in row["found"] for row in rows.values()) == 16


def test_the_primary_test_holds_its_level_with_models_far_more_variable_than_physicians() -> None:
    """800 studies without any difference: limits .03 to .075; pooled variances reject three times as often."""
    rejected, counted = error_rates.rates(error_rates.UNEQUAL[0], 800, seed=1)
    rate = {name: rejected[name] / counted[name] for name in rejected}
    assert 0.03 < rate["these models"] < 0.075
    assert rate["pooled"] > 0.12
    assert rate["cases only"] > 0.4


def test_the_quick_benchmark_of_pages_tells_cold_looks_the_preparation_and_looks_after_it() -> None:
    rows = quick("pages")
    sections = [what for what in rows if ", prepared, " in what]
    assert len(rows) == 2 * len(sections) + 1
    assert all("again" in rows[what]["found"] for what in sections)
    assert " MB" in next(row["found"] for what, row in rows.items() if what.startswith("preparation"))
