"""Readers of the field's files that go by the formats' own rules and know nothing of who wrote them."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import openpyxl

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Read:
    """The truth of each case, and the ratings of (reader, test, case)."""

    truth: dict[str, int]
    ratings: dict[tuple[str, str, str], float]

    def scores(self, test: str) -> Array:
        """Ratings (readers, cases) of the cases of truth 1, NaN for missing."""
        readers = sorted({reader for reader, _, _ in self.ratings})
        cases = [case for case, truth in sorted(self.truth.items()) if truth]
        return np.array([[self.ratings.get((reader, test, case), np.nan) for case in cases] for reader in readers])

    def area(self, reader: str, test: str) -> float:
        """The empirical area under the curve: pairs in which the case of truth 1 is rated higher, ties half."""
        own = [
            (self.truth[case], value)
            for (one, two, case), value in self.ratings.items()
            if (one, two) == (reader, test)
        ]
        high, low = ([value for truth, value in own if truth == wanted] for wanted in (1, 0))
        return float(np.mean([(h > o) + (h == o) / 2 for h in high for o in low]))


def rows(path: Path) -> list[dict[str, str]]:
    """A CSV file with a header."""
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def imrmc(path: Path) -> Read:
    """Header, counts, ``BEGIN DATA:``, then four fields a line; truths first come as reader ``truth``."""
    head, _, body = path.read_text(encoding="ascii").partition("BEGIN DATA:\n")
    counts = {
        line.split(":")[0]: int(line.split(":")[1])
        for line in head.splitlines()
        if line[:3] in ("N0:", "N1:", "NR:", "NM:")
    }
    lines = [line.split(",") for line in body.split("\n")[:-1]]
    assert all(len(line) == 4 for line in lines)
    truth = {case: int(value) for reader, case, _, value in lines if reader == "truth"}
    ratings = {(reader, test, case): float(value) for reader, case, test, value in lines if reader != "truth"}
    assert len(truth) + len(ratings) == len(lines)
    assert {case for _, _, case in ratings} <= set(truth)
    found = (
        *(list(truth.values()).count(one) for one in (0, 1)),
        *(len({key[place] for key in ratings}) for place in (0, 1)),
    )
    assert found == tuple(counts[name] for name in ("N0", "N1", "NR", "NM"))
    return Read(truth, ratings)


def rjafroc(path: Path) -> Read:
    """Sheets TRUTH, TP, FP: lesion 0 is a case without disease; paradigm and design in the second and third row."""
    book = openpyxl.load_workbook(path, read_only=True)
    assert book.sheetnames == ["TRUTH", "TP", "FP"]
    truths, hits, others = (list(book[name].iter_rows(values_only=True)) for name in book.sheetnames)
    assert [row[5] for row in truths[1:3]] == ["ROC", "FCTRL"]
    assert all(isinstance(row[0], int) for row in truths[1:])
    assert {(row[3], row[4]) for row in truths[1:]} == {(truths[1][3], truths[1][4])}
    ratings = {(str(row[0]), str(row[1]), str(row[2])): float(row[4]) for row in hits[1:]}
    ratings |= {(str(row[0]), str(row[1]), str(row[2])): float(row[3]) for row in others[1:]}
    truth = {str(row[0]): int(row[1]) for row in truths[1:]}
    assert len(ratings) == len(truth) * len(truths[1][3].split(",")) * len(truths[1][4].split(","))
    return Read(truth, ratings)


def or_dbm(path: Path) -> Read:
    """Comma-separated with a header of five names; everything but the rating is a whole number."""
    read = rows(path)
    assert list(read[0]) == ["reader", "treatment", "case", "truth", "rating"]
    assert all(row[name].isdigit() for row in read for name in ("reader", "treatment", "case", "truth"))
    truth = {row["case"]: int(row["truth"]) for row in read}
    return Read(truth, {(row["reader"], row["treatment"], row["case"]): float(row["rating"]) for row in read})
