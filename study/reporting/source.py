"""An unblinded export, read back: what a report is made from, and nothing else."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from study.database.wire import StudyError
from study.desk.staff import Grade, ModelEntry
from study.exporting.manifest import manifest
from study.reporting.rows import analysts_rows, analysts_stages

Row = Mapping[str, Any]
_TABLES = ("answers", "events", "readings", "readers", "stages", "cases", "truth", "telemetry", "grades")
_KEPT = ("chain", "calls")
"""What the study itself holds beside its readings."""


@dataclass(frozen=True)
class Source:
    """The tables of an export by name, its manifest, and what the study was set up with."""

    manifest: Mapping[str, Any]
    study: Mapping[str, Any]
    tables: Mapping[str, Sequence[Row]]

    @property
    def slug(self) -> str:
        """The study's short name."""
        return str(self.study["slug"])

    @property
    def protocol(self) -> Mapping[str, Any] | None:
        """The protocol, with every part that its author left to its default."""
        found: Mapping[str, Any] | None = self.study["protocol"]
        return found

    @property
    def plan(self) -> Mapping[str, Any]:
        """The protocol's analysis plan."""
        return (self.protocol or {}).get("plan") or {}

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """The analyst's rows, as the record itself gives them."""
        return analysts_rows(self.tables)

    @cached_property
    def stages(self) -> list[dict[str, Any]]:
        """Of every counted reading what each step released, and what its times are made from."""
        return analysts_stages(self.tables, self.study["scripts"])

    @cached_property
    def grades(self) -> list[Grade]:
        """All grades, oldest first."""
        rows = sorted(self.tables["grades"], key=lambda row: int(row["seq"]))
        return [Grade.model_validate({**row, "version": row["scale_version"]}) for row in rows]

    @cached_property
    def models(self) -> list[ModelEntry]:
        """The models that took part, each once in each condition."""
        found = [row for row in self.tables["readers"] if row["group"] == "model" and row["state"] != "excluded"]
        counts = Counter((row["model"], row["condition"]) for row in found)
        first = {(row["model"], row["condition"]): row for row in sorted(found, key=lambda row: -int(row["sample"]))}
        return [
            ModelEntry(model=model, condition=condition, samples=counts[model, condition], details=_details(row))
            for (model, condition), row in sorted(first.items())
        ]


def source(folder: Path) -> Source:
    """The export in the folder; raises ``StudyError`` where it is none, or its study is not unblinded."""
    told = manifest(folder)
    if not told.unblinded:
        raise StudyError(
            f"{told.study.slug} was not unblinded when {folder} was exported, so no result can be told from it. "
            "Close and unblind the study, then report it."
        )
    try:
        plain = json.loads((folder / "manifest.json").read_text("utf-8"))
        study = json.loads((folder / "study.json").read_text("utf-8"))
        tables = {name: pq.read_table(folder / f"{name}.parquet").to_pylist() for name in (*_TABLES, *_KEPT)}
    except (OSError, ValueError) as fault:
        raise StudyError(
            f"The export in {folder} lacks a file that a report needs, or holds one that cannot be read ({fault}). "
            "Export the study again with this version."
        ) from None
    return Source(plain, study, tables)


def _details(row: Row) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(row["details"] or "{}")
    return found
