"""Scores in the files that the field's own tools open, with the map of ids and a page that says what is in them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from study.cells import guarded
from study.exporting import imrmc, or_dbm, rjafroc
from study.exporting.field_ids import Ids, ids_of, write_map
from study.exporting.files import Written, written
from study.exporting.folder import check_target, whole
from study.exporting.scores import COLUMNS, Panel, Scores, panels

Format = Literal["imrmc", "rjafroc", "or-dbm", "tidy"]
MODEL = "score ~ group * task + (1 + task | reader) + (1 + task | case)"
OPENED = {
    "imrmc": "Each .imrmc file opens in the FDA's iMRMC (the program, or the R package).",
    "rjafroc": "Each .xlsx opens with RJafroc's DfReadDataFile (figure of merit Wilcoxon); what it opens is crossed.",
    "or-dbm": "Each .txt opens in OR-DBM MRMC, or with read.csv for MRMCaov (empirical_auc).",
    "tidy": f"scores.csv opens with read.csv; in lme4, for two of its tasks: {MODEL}",
}


def write_field_files(scores: Scores, form: Format, title: str, to: Path) -> tuple[list[Written], list[str]]:
    """Write the scores into the folder ``to``, all of it or nothing; the files, and what has to be said of them.

    Raises ``StudyError`` where the folder is taken, nothing is scored, or a score does not fit the form.
    """
    check_target(to)
    with whole(to) as folder:
        paths, notes = _tidy(scores, folder) if form == "tidy" else _panels(scores, form, title, folder)
        said = [title, OPENED[form], *scores.notes, *notes]
        (folder / "README.txt").write_text("\n".join(said) + "\n", encoding="utf-8")
        return [written(path, rows) for path, rows in [*paths, (folder / "README.txt", len(said))]], said[1:]


Paths = list[tuple[Path, int]]


def _tidy(scores: Scores, folder: Path) -> tuple[Paths, list[str]]:
    path = folder / "scores.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(COLUMNS)
        for *words, score in scores.rows.itertuples(index=False):
            out.writerow((*(guarded(str(word)) for word in words), "" if score != score else repr(float(score))))
    missing = int(scores.rows["score"].isna().sum())
    return [(path, len(scores.rows))], [f"{missing} cells have no score and are blank."] if missing else []


def _panels(scores: Scores, form: Format, title: str, folder: Path) -> tuple[Paths, list[str]]:
    ids, found = ids_of(scores), panels(scores)
    kept = [panel for panel in found if form == "imrmc" or panel.tests[0] == "DDX"]
    paths: Paths = []
    notes: list[str] = []
    for panel in kept:
        if form == "rjafroc":
            notes += _left_out(panel)
        if form == "rjafroc" and not panel.complete_cases():
            continue
        path = folder / f"{panel.name}{_ENDS[form]}"
        _WRITERS[form](panel, ids, title, path)
        paths.append((path, len(panel.scores)))
    write_map(ids, kept, folder / "ids.csv")
    paths.append((folder / "ids.csv", len(ids.readers) + len(ids.cases)))
    return paths, [*notes, *_told(kept)]


def _left_out(panel: Panel) -> list[str]:
    cases = len(panel.cases) - len(panel.complete_cases())
    if cases == len(panel.cases):
        return [f"{panel.name}: not written, since no case was read whole by every reader."]
    return (
        [f"{panel.name}: {cases} cases are left out, since not every reader has both scores on them."] if cases else []
    )


def _told(kept: Sequence[Panel]) -> list[str]:
    said = ["Five made-up cases of truth 0, scored 0.5 by everybody, make the area under the curve the share right."]
    return said + [
        f"{panel.name}: {panel.title} ({len(panel.readers)} readers, {len(panel.cases)} cases)" for panel in kept
    ]


_ENDS = {"imrmc": ".imrmc", "rjafroc": ".xlsx", "or-dbm": ".txt"}
_WRITERS: dict[str, Callable[[Panel, Ids, str, Path], None]] = {
    "imrmc": imrmc.write,
    "rjafroc": lambda panel, ids, _, path: rjafroc.write(panel, ids, path),
    "or-dbm": lambda panel, ids, _, path: or_dbm.write(panel, ids, path),
}
