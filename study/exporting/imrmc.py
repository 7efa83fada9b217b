"""The FDA's iMRMC: a line a score, missing cells absent, one truth a case."""

from __future__ import annotations

from pathlib import Path

from study.exporting.field_ids import Ids
from study.exporting.scores import Panel

RESERVED = ("N0:", "N1:", "NR:", "NM:", "BEGIN DATA:")


def write(panel: Panel, ids: Ids, title: str, path: Path) -> None:
    """Write the panel; the made-up cases of truth 0 are scored 0.5 by every reader on each of the reader's tests."""
    made_up = [f"C{number}" for number in ids.made_up()]
    tests = {(reader, test): None for reader, test, _ in panel.scores}
    lines = [
        _header(f"{title}; {panel.title}; share right as AUC"),
        f"N0: {len(made_up)}",
        f"N1: {len(panel.cases)}",
        f"NR: {len(panel.readers)}",
        f"NM: {len({test for _, test in tests})}",
        "BEGIN DATA:",
        *(f"truth,{case},truth,0" for case in made_up),
        *(f"truth,C{ids.case(case)},truth,1" for case in panel.cases),
        *(f"{ids.reader(reader)},{case},{test},0.5" for reader, test in sorted(tests) for case in made_up),
        *(
            f"{ids.reader(reader)},C{ids.case(case)},{test},{score:g}"
            for (reader, test, case), score in sorted(panel.scores.items())
        ),
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _header(title: str) -> str:
    """The free first line: a token that begins a part of the file would end it."""
    line = " ".join(title.split()).encode("ascii", "replace").decode()
    for token in RESERVED:
        line = line.replace(token, token.rstrip(":"))
    return line
