"""Long text of OR-DBM and MRMCaov: reader, treatment, case, truth, rating, whole numbers with leading zeros."""

from __future__ import annotations

from pathlib import Path

from study.exporting.field_ids import Ids
from study.exporting.scores import Panel

HEADER = "reader,treatment,case,truth,rating"


def write(panel: Panel, ids: Ids, path: Path) -> None:
    """Write the panel, missing cells absent; the made-up cases of truth 0 are rated 0.5 throughout."""
    numbers = {test: place for place, test in enumerate(panel.tests, start=1)}
    tests = {(reader, test): None for reader, test, _ in panel.scores}
    rows = [(ids.number(reader), numbers[test], case, 0, 0.5) for reader, test in tests for case in ids.made_up()]
    rows += [
        (ids.number(reader), numbers[test], ids.case(case), 1, score)
        for (reader, test, case), score in panel.scores.items()
    ]
    lines = (f"{reader},{test},{case},{truth},{rating:.6f}" for reader, test, case, truth, rating in sorted(rows))
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
