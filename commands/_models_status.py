"""``readerstudy models status`` and ``cost``: how far models have read, what was asked of them, what it cost."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from commands._data import opened
from commands._study import find_study
from study.desk import ModelReader
from study.desk.calls import CallCount
from study.desk.work import WorkDesk


def status(data: Path | None, slug: str | None, as_json: bool) -> None:
    """Readings and calls of each model in each condition."""
    with opened(data) as record:
        study, desk = find_study(record.owner, slug), WorkDesk(record.owner)
        rows = _rows(desk.models(study), desk.summary(study))
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    table = Table("model", "condition", "samples", "readings", "calls", "from the cache", "lost", title="Models")
    for row in rows:
        counts = _counts(row["readings"]), _counts(row["calls"])
        cells = (row["model"], row["condition"], row["samples"], *counts, row["cached"], row["lost"])
        table.add_row(*(escape(str(cell)) for cell in cells))
    Console().print(table)


def cost(data: Path | None, slug: str | None, as_json: bool) -> None:
    """Tokens and cost of each model, as they were reported and priced when it was asked."""
    with opened(data) as record:
        found = WorkDesk(record.owner).summary(find_study(record.owner, slug))
    rows = _costs(found)
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    table = Table(
        "model", "condition", "for", "calls", "tokens in", "tokens out", "cost", "perhaps paid unheard", title="Cost"
    )
    for row in rows:
        money = "not known" if row["cost"] is None else f"${row['cost']:,.4f}"
        tokens = (f"{row['input_tokens']:,}", f"{row['output_tokens']:,}")
        cells = (row["model"], row["condition"], row["purpose"], row["calls"], *tokens, money, row["uncertain"])
        table.add_row(*(escape(str(cell)) for cell in cells))
    Console().print(table)
    total = sum(row["cost"] or 0.0 for row in rows)
    typer.echo(f"${total:,.4f} in all, where it is known. Replies from the cache cost nothing and are not counted.")


def _rows(members: Iterable[ModelReader], calls: Iterable[CallCount]) -> list[dict[str, Any]]:
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for member in members:
        row = rows.setdefault((member.name, member.condition), _empty(member.name, member.condition))
        row["samples"] += 1
        for reading in member.readings:
            row["readings"][reading.state] += 1
    for one in calls:
        row = rows.get((one.model, one.condition or "")) or _empty(one.model, one.condition or "")
        row["calls"][one.outcome or "in flight"] += one.calls
        row["cached"], row["lost"] = row["cached"] + one.cached, row["lost"] + one.lost
    return [rows[key] for key in sorted(rows)]


def _empty(model: str, condition: str) -> dict[str, Any]:
    counts: dict[str, Any] = {"readings": Counter(), "calls": Counter(), "samples": 0, "cached": 0, "lost": 0}
    return {"model": model, "condition": condition, **counts}


def _costs(found: Iterable[CallCount]) -> list[dict[str, Any]]:
    """One row for each model, condition and purpose; the cost is None where no call told it."""
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    for one in found:
        key = (one.model, one.condition or "", one.purpose)
        empty = dict.fromkeys(("calls", "input_tokens", "output_tokens", "uncertain"), 0)
        row = rows.setdefault(key, {"model": key[0], "condition": key[1], "purpose": key[2], "cost": None, **empty})
        row["calls"] += one.calls - one.cached
        row["uncertain"] += one.uncertain
        row["input_tokens"] += one.input_tokens or 0
        row["output_tokens"] += one.output_tokens or 0
        if one.cost is not None:
            row["cost"] = (row["cost"] or 0.0) + one.cost
    return [rows[key] for key in sorted(rows)]


def _counts(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "none"
