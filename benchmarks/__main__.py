"""``python -m benchmarks``: the bar's rows that exist, each with its reference measured in the same run.

``--quick`` runs every row on a small scale, to see that it runs; its figures say nothing. ``--only NAME`` runs some.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import app, database, desk_calls, exporting, setting_up, statistics_floor
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
        found = _measured(Path(made), asked.quick, asked.bundle, asked.only, asked.many)
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
    parser.add_argument("--only", action="append", default=[], choices=NAMES, help="these alone; repeat for several")
    parser.add_argument("--many", action="store_true", help="also 500 readers at 20 s")
    return parser


NAMES = ("start", "demo", "database", "calls", "app", "bootstrap", "export")


def _measured(folder: Path, quick: bool, bundle: Path | None, only: list[str], many: bool) -> list[Row]:
    """Run the measures one after another, saying on standard error what is being done."""
    if quick:
        bundle = bundle or played_bundle(folder / "small")
    measures: dict[str, Measure] = {
        "start": lambda: setting_up.server(folder),
        "demo": lambda: [] if bundle else setting_up.bundle(folder),
        "database": lambda: [] if quick else database.rows(),
        "bootstrap": lambda: statistics_floor.rows(200 if quick else statistics_floor.DRAWS),
        "export": lambda: exporting.rows(quick),
    }
    found: list[Row] = []
    for name in NAMES:
        if only and name not in only and not (name == "demo" and not bundle and {"calls", "app"} & set(only)):
            continue
        began = time.monotonic()
        print(f"{name} ...", file=sys.stderr, flush=True)
        if name in measures:
            found += measures[name]()
        else:
            with open_box(folder / "data") as box:
                found += _in_box(box, name, bundle or folder / "bundle", quick, many)
        print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return found


def _in_box(box: Box, name: str, bundle: Path, quick: bool, many: bool) -> list[Row]:
    cases = read(bundle)
    if name == "calls":
        return desk_calls.rows(box, cases, 0.5 if quick else 5.0)
    found = app.rows(box, cases, app.QUICK if quick else app.FULL, "bench-app")
    return [*found, *(app.rows(box, cases, app.MANY, "bench-many") if many else [])]


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
