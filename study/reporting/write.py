"""A report's folder: the page, the Markdown with its drawings, the numbers, the export, the script that repeats it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import Any

from study.database.wire import StudyError, Wire
from study.exporting import source as record
from study.exporting.export import export
from study.exporting.folder import check_target, whole
from study.reporting.compose import composed
from study.reporting.markdown import FIGURES, markdown
from study.reporting.page import page
from study.reporting.parts import Report
from study.reporting.source import source

Progress = Callable[[str, int, int], None]
PAGE, TEXT, NUMBERS, SCRIPT, EXPORT = "report.html", "report.md", "numbers.json", "analysis.py", "export"


@dataclass(frozen=True)
class Reported:
    """What was written, and how many numbers are in it."""

    folder: Path
    study: str
    numbers: int
    figures: int


def report(wire: Wire, study: str, to: Path, progress: Progress) -> Reported:
    """Export the study and write its report into ``to``, which must not exist or be empty; all of it or nothing.

    Raises ``StudyError`` where the study is not unblinded or the folder cannot be used.
    """
    check_target(to)
    found = record.study_row(wire, study)
    if found.state != "unblinded":
        raise StudyError(
            f"{found.slug} is not unblinded ({found.state}), so there is nothing to report yet. "
            "Close it with `readerstudy study close`, unblind it with `readerstudy study unblind`, then report it."
        )
    with whole(to) as folder:
        export(wire, study, folder / EXPORT, lambda done, total: progress("exporting events", done, total))
        made = composed(source(folder / EXPORT), lambda done, total: progress("computing the report", done, total))
        write(made, folder)
    return Reported(to, found.slug, len(made.numbers()), len(made.figures()))


def write(made: Report, folder: Path) -> None:
    """Write everything beside the export that is in the folder already."""
    (folder / PAGE).write_text(page(made), "utf-8")
    (folder / TEXT).write_text(markdown(made), "utf-8")
    (folder / FIGURES).mkdir()
    for figure in made.figures():
        (folder / FIGURES / f"{figure.name}.svg").write_text(figure.svg, "utf-8")
    told = numbers(made, folder / EXPORT)
    (folder / NUMBERS).write_text(json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False) + "\n", "utf-8")
    script = (resources.files("study") / "reporting" / "analysis_template.py").read_text("utf-8")
    (folder / SCRIPT).write_text(script, "utf-8")


def numbers(made: Report, exported: Path) -> dict[str, Any]:
    """Every number by its id, with the export that it follows from and the version that computed it."""
    return {
        "format": "readerstudy-report-1",
        "software": {"readerstudy": version("readerstudy")},
        "manifest_sha256": hashlib.sha256((exported / "manifest.json").read_bytes()).hexdigest(),
        "numbers": {one.id: {"value": one.value, "shown": one.shown} for one in made.numbers()},
    }
