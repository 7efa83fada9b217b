"""What ``readerstudy models ablate --tables`` prints: accuracy under each condition, beside the main reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from commands._model_rows import study_rows
from scoring.accuracy import Accuracy, Difference
from study.ablation import TABLES, Ablation, AblationRow, ablation_tables
from study.desk import StudyStatus


def analysed(data: Path | None, slug: str | None, only: Sequence[str]) -> tuple[StudyStatus, Ablation]:
    """The tables of an unblinded study; raises ``StudyError`` where no model, or not one of those named, took part."""
    found = study_rows(data, slug, only)
    return found.status, ablation_tables(found.rows, found.status.protocol, list(only) or None)


def as_json(status: StudyStatus, found: Ablation) -> dict[str, Any]:
    """The result with its study."""
    return {"study": status.slug, "synthetic": status.synthetic, **found.to_json()}


def show(status: StudyStatus, found: Ablation, console: Console) -> None:
    """One table for each thing that conditions change, then what was left out and why."""
    said = ["Synthetic cases: not patients."] if status.synthetic else []
    said += [
        "Exploratory. Per cent of n cases; a case's score is the mean over its samples. Differences are condition "
        "minus main in points, over the cases read in both; p is adjusted by Holm over the conditions of a model.",
        f"The study's plan has failures {found.failures}; both ways are shown.",
    ]
    for sentence in said:
        console.print(f"• {sentence}", markup=False, highlight=False)
    for name in TABLES:
        rows = found.table(name)
        if rows:
            console.print(_table(name, rows, found.failures))
    for model in dict.fromkeys(row.model for row in found.rows):
        unread = [row.condition for row in found.rows if row.model == model and not row.readings]
        if unread:
            console.print(f"• {model} has not read in: {', '.join(unread)}.", markup=False, highlight=False)
    for row in (one for one in found.rows if one.readings):
        for sentence in _left_out(row):
            console.print(f"• {row.model}, {row.condition}: {sentence}", markup=False, highlight=False)
    for method in _methods(found.rows):
        console.print(f"• {method}.", markup=False, highlight=False)


def _table(name: str, rows: Sequence[AblationRow], failures: str) -> Table:
    table = Table(title=name, title_justify="left")
    table.add_column("model")
    table.add_column("condition")
    counted = "left out" if failures == "left-out" else "wrong"
    for column in (
        "accuracy [95 % CI] (n)",
        "failures as wrong (n)",
        f"minus main, failures {counted} (n)",
        "p (Holm)",
    ):
        table.add_column(column)
    table.add_column("failed, missing")
    for row in rows:
        counts = f"{sum(row.failed.values())}, {sum(row.missing.values())}" if row.readings else "–"
        cells = (_rate(row, row.accuracy), _rate(row, row.as_wrong), _moved(row.planned), _p(row), counts)
        table.add_row(*(escape(cell) for cell in (row.model, row.condition, *cells)))
    return table


def _rate(row: AblationRow, found: Accuracy | None) -> str:
    if found is None:
        return "no answer" if row.readings else "not read"
    ends = f" [{100 * found.ci[0]:.1f}, {100 * found.ci[1]:.1f}]" if found.ci else ""
    return f"{100 * found.estimate:.1f}{ends} ({found.n})"


def _moved(found: Difference | None) -> str:
    if found is None:
        return "–"
    ends = f" [{100 * found.ci[0]:+.1f}, {100 * found.ci[1]:+.1f}]" if found.ci else ""
    return f"{100 * found.estimate:+.1f}{ends} ({found.n})"


def _p(row: AblationRow) -> str:
    if row.planned is None or row.planned.p is None or row.p_holm is None:
        return "–"
    return f"{row.planned.p:.4f} ({row.p_holm:.4f})"


def _left_out(row: AblationRow) -> list[str]:
    counted = ((row.failed, "failed"), (row.missing, "missing"))
    said = [f"{sum(reasons.values())} {what} ({_counts(reasons)})" for reasons, what in counted if reasons]
    if row.elsewhere and row.readings:
        said.append(f"{row.elsewhere} cases of the main reading do not have this condition, or were not read in it")
    return [*said, *row.why]


def _counts(reasons: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in reasons.items())


def _methods(rows: Sequence[AblationRow]) -> list[str]:
    found = [part.method for row in rows for part in (row.accuracy, row.difference) if part is not None]
    return list(dict.fromkeys(found))
