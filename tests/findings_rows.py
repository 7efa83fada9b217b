"""A study of any size as the analyst's rows, drawn by seed: for what findings say and how fast they say it."""

from __future__ import annotations

import random
from typing import Any

from study.desk.staff import Grade
from tests.test_results import answer, grade, row

WRONG = ("Gout", "Typhus", "Measles", "Scurvy", "Sepsis")
SPECIALTIES = ("cardiology", "neurology", "infectious-diseases")


def rows_of(humans: int, models: int, cases: int, seed: int = 1, lists: int = 1, samples: int = 1) -> list[Any]:
    """Completed readings of each case by all; the truth is malaria; ``lists`` differentials, later ones no worse."""
    draws = random.Random(seed)
    readers: list[tuple[str, str, str | None, int | None]] = [(f"H{n}", "human", None, None) for n in range(humans)]
    readers += [(f"m{n}-{s}", "model", f"m{n}", s) for n in range(models) for s in range(1, samples + 1)]
    return [_row(draws, *who, case, lists) for who in readers for case in range(cases)]


def _row(
    draws: random.Random, reader: str, kind: str, model: str | None, sample: int | None, case: int, lists: int
) -> Any:
    lines = draws.sample(WRONG, draws.randint(1, 4))
    answers, rank = [], None
    for stage in range(lists):
        if rank is None and draws.random() < 0.7:
            rank = draws.randint(0, len(lines))
        said = lines if rank is None else [*lines[:rank], "Malaria", *lines[rank:]]
        asked = answer("ddx", {"lines": said, "confidence": draws.randint(20, 90)}, stage)
        answers.append(asked | {"step": 2 * stage + 1})
    last = answers[-1]["answer"]["lines"]
    right = draws.random() < (0.75 if "Malaria" in last else 0.3)
    answers.append(answer("open", {"diagnosis": last[0], "confidence": draws.randint(20, 90)}, lists))
    chosen = {"choice": "B" if right else "A", "confidence": draws.randint(20, 90)}
    answers.append(answer("selection", chosen, lists + 1))
    more: Any = {"kind": kind, "model": model, "sample": sample, "answers": answers, "reading": f"{reader}/{case}"}
    more |= {"specialty": SPECIALTIES[case % 3], "position": case + 1, "published": "2024-05-01"}
    return row(reader, case=f"case-{case:03}", **more)


def grades_of(cases: int) -> list[Grade]:
    """Every wrong line of every case graded 0."""
    return [grade(line, 0, case=f"case-{case:03}") for case in range(cases) for line in WRONG]
