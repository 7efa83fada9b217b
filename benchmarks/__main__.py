"""``python -m benchmarks``: the bar's rows that exist, each with its reference measured in the same run.

``--quick`` runs every row on a small scale, to see that it runs; its figures say nothing. ``--only NAME`` runs some;
``supabase`` stands for all that compare the two wires: ``turns``, ``clients``, ``answers``, ``exports`` and ``homes``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import (
    analyst_pages,
    app,
    app_homes,
    both_wires,
    client_memory,
    database,
    desk_calls,
    error_rates,
    exporting,
    family_rates,
    findings,
    model_answers,
    models,
    sensitivity_coverage,
    setting_up,
    statistics_floor,
    statistics_speed,
    wire_exports,
    wire_turns,
)
from benchmarks.database import Row
from study.bundle import read
from study.database import Box, open_box
from tests.played_bundle import played_bundle

Measure = Callable[[], list[Row]]


def main(arguments: list[str]) -> int:
    """Measure and print; 1 where a bar is missed."""
    asked = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="readerstudy-bench-", dir="/tmp") as made:
        Path(made).chmod(0o755)  # as root, Postgres' account walks into it
        found = _measured(Path(made), asked)
    if asked.json:
        print(json.dumps({"machine": _machine(), "rows": [asdict(row) for row in found]}, ensure_ascii=False, indent=2))
    else:
        _print(found)
    return 0 if asked.quick or all(row.met for row in found) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small and short; figures say nothing")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--bundle", type=Path, help="a bundle that is read instead of the demo's, which takes a while to draw"
    )
    names = (*NAMES, "supabase")
    parser.add_argument("--only", action="append", default=[], choices=names, help="these alone; repeat for several")
    parser.add_argument("--many", action="store_true", help="also 500 readers at 20 s")
    parser.add_argument("--answers", type=int, help="how many model answers each wire takes")
    parser.add_argument("--events", type=int, help="how many events both wires export")
    return parser


BOTH = ("turns", "clients", "answers", "homes", "exports")
READ = {"calls", "app", "turns", "answers", "homes"}
NAMES = (
    "start",
    "demo",
    "database",
    "calls",
    "app",
    "bootstrap",
    "statistics",
    "errors",
    "family",
    "findings",
    "sensitivity",
    "pages",
    "export",
    "models",
    *BOTH,
)


def _measured(folder: Path, asked: argparse.Namespace) -> list[Row]:
    """Run the measures one after another, saying on standard error what is being done."""
    bundle = asked.bundle or (played_bundle(folder / "small") if asked.quick else None)
    measures: dict[str, Measure] = {
        "start": lambda: setting_up.server(folder),
        "demo": lambda: [] if bundle else setting_up.bundle(folder),
        "database": lambda: [] if asked.quick else database.rows(),
        "bootstrap": lambda: statistics_floor.rows(200 if asked.quick else statistics_floor.DRAWS),
        "statistics": lambda: statistics_speed.rows(quick=asked.quick),
        "errors": lambda: error_rates.rows(20 if asked.quick else error_rates.RUNS),
        "family": lambda: family_rates.rows(20 if asked.quick else family_rates.RUNS),
        "findings": lambda: findings.rows(quick=asked.quick),
        "sensitivity": lambda: sensitivity_coverage.rows(2 if asked.quick else 100),
        "pages": lambda: analyst_pages.rows(analyst_pages.QUICK if asked.quick else analyst_pages.FULL),
        "export": lambda: exporting.rows(asked.quick),
        "models": lambda: models.rows(folder, models.QUICK if asked.quick else models.FULL),
    }
    only = {name for one in asked.only for name in (BOTH if one == "supabase" else (one,))}
    wanted = [n for n in NAMES if not only or n in only or (n == "demo" and not bundle and READ & only)]
    found: list[Row] = []
    for name in [one for one in wanted if one not in BOTH]:
        with _timed(name):
            if name in measures:
                found += measures[name]()
            else:
                with open_box(folder / "data") as box:
                    found += _in_box(box, name, bundle or folder / "bundle", asked.quick, asked.many)
    compared = [one for one in wanted if one in BOTH]
    if compared and not both_wires.available():
        print(
            f"Left out: {', '.join(compared)}. npm has to reach the packages of tests/supabase once.", file=sys.stderr
        )
    elif compared:
        with both_wires.opened(folder / "project") as both:
            for name in compared:
                with _timed(name):
                    found += _on_both(both, folder, name, bundle or folder / "bundle", asked)
    return found


@contextmanager
def _timed(name: str) -> Iterator[None]:
    began = time.monotonic()
    print(f"{name} ...", file=sys.stderr, flush=True)
    yield
    print(f"{name}: {time.monotonic() - began:.0f} s, load {os.getloadavg()[0]:.1f}", file=sys.stderr, flush=True)


def _in_box(box: Box, name: str, bundle: Path, quick: bool, many: bool) -> list[Row]:
    cases = read(bundle)
    if name == "calls":
        return desk_calls.rows(box, cases, 0.5 if quick else 5.0)
    found = app.rows(box, cases, app.QUICK if quick else app.FULL, "bench-app")
    return [*found, *(app.rows(box, cases, app.MANY, "bench-many") if many else [])]


def _on_both(both: both_wires.BothWires, folder: Path, name: str, bundle: Path, asked: argparse.Namespace) -> list[Row]:
    quick: bool = asked.quick
    if name == "turns":
        return wire_turns.rows(both, read(bundle), wire_turns.QUICK if quick else wire_turns.FULL)
    if name == "clients":
        return client_memory.rows(both, client_memory.QUICK if quick else client_memory.FULL)
    if name == "answers":
        size = model_answers.QUICK if quick else model_answers.FULL
        return model_answers.rows(both, read(bundle), replace(size, answers=asked.answers or size.answers))
    if name == "exports":
        return wire_exports.rows(both, folder, asked.events or (wire_exports.QUICK if quick else wire_exports.FULL))
    with open_box(folder / "data") as box:
        return app_homes.rows(box, both, read(bundle), app.QUICK if quick else app.FULL)


def _machine() -> str:
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} cores, load {load:.1f}, Python {platform.python_version()}, {platform.system()}"


def _print(found: list[Row]) -> None:
    table = Table("what", "found", "bar", "met?", title=f"readerstudy benchmarks ({_machine()})")
    for row in found:
        mark = "-" if row.bar == "none set" else "yes" if row.met else "NO"
        table.add_row(row.what, row.found, row.bar, mark, style="red" if mark == "NO" else None)
    Console(width=None if sys.stdout.isatty() else 200).print(table)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
