"""Short ids for files whose readers take nothing else, and the map that leads back."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from study.cells import guarded
from study.exporting.scores import Panel, Scores

MADE_UP = 5
"""Cases of truth 0 that every reader scores 0.5: the area under the curve is then the share that is right."""


@dataclass(frozen=True)
class Ids:
    """Running numbers from 1 of readers and cases; the made-up cases come first."""

    readers: dict[str, int]
    groups: dict[str, str]
    cases: dict[str, int]

    def reader(self, name: str) -> str:
        """A letter for the group and the number with leading zeros: H01, M02."""
        return f"{self.groups[name][0].upper()}{self.number(name)}"

    def number(self, name: str) -> str:
        """The reader's number with leading zeros."""
        return str(self.readers[name]).zfill(len(str(len(self.readers))))

    def case(self, name: str) -> str:
        """The case's number with leading zeros; the made-up ones are 1 to 5."""
        return self._padded(self.cases[name])

    def made_up(self) -> list[str]:
        """The numbers of the made-up cases."""
        return [self._padded(number) for number in range(1, MADE_UP + 1)]

    def _padded(self, number: int) -> str:
        return str(number).zfill(len(str(len(self.cases) + MADE_UP)))


def ids_of(scores: Scores) -> Ids:
    """The ids of everybody and everything scored, humans first, each in order of name."""
    rows = scores.rows
    pairs = sorted(set(zip(rows["group"], rows["reader"], strict=True)))
    cases = sorted(set(rows["case"]))
    return Ids(
        {str(reader): place for place, (_, reader) in enumerate(pairs, start=1)},
        {str(reader): str(group) for group, reader in pairs},
        {str(case): place for place, case in enumerate(cases, start=MADE_UP + 1)},
    )


def write_map(ids: Ids, panels: Iterable[Panel], path: Path) -> None:
    """``ids.csv``: what each number and test stands for."""
    tests = sorted({test for panel in panels for test in panel.tests})
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(("kind", "number", "id", "name"))
        out.writerows(("reader", ids.number(name), ids.reader(name), guarded(name)) for name in ids.readers)
        out.writerows(("made-up case", number, f"C{number}", "") for number in ids.made_up())
        out.writerows(("case", ids.case(name), f"C{ids.case(name)}", guarded(name)) for name in ids.cases)
        out.writerows(("test", number, test, "") for number, test in enumerate(tests, start=1))
