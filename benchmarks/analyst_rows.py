"""A study as the analyst's rows, drawn by seed: as many humans, models and cases as asked for, every line graded, each
reading with a list after each of three blocks, an open diagnosis and a selection; and the stages of each reading.
"""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

from scoring.grades import DEFAULT, SCALES

AT = tuple(f"2026-01-02T03:0{minute}:05+00:00" for minute in range(1, 6))
START = "2026-01-02T03:00:05+00:00"
EVIDENCE = ("history", "laboratory", "ct")
SITES = ("cardiac", "renal", "hepatic", "splenic", "gastric", "dermal", "ocular", "nasal", "colonic", "pelvic")
KINDS = ("abscess", "cyst", "fibrosis", "adenoma", "infarction", "granuloma", "stenosis", "rupture")
LABELS = "ABCD"


def study(humans: int, models: int, cases: int, seed: int = 1) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Its readings and its grades."""
    draws = random.Random(seed)
    rows: list[dict[str, Any]] = []
    grades: list[dict[str, Any]] = []
    who = [("human", f"R{n:02}") for n in range(humans)] + [("model", f"model-{n:02}") for n in range(models)]
    for number in range(cases):
        case, wrong = f"case-{number:04}", [f"{site} {kind}" for site in SITES for kind in KINDS]
        lines = draws.sample(wrong, 20)
        rows += [_row(draws, kind, name, case, number, lines) for kind, name in who]
        grades += [_grade(case, line, draws.choice((0, 0, 0, 2, 3, 4))) for line in lines]
    return rows, grades


def _row(draws: random.Random, kind: str, name: str, case: str, number: int, lines: list[str]) -> dict[str, Any]:
    truth, listed = f"disease of type {number}", draws.sample(lines, 4)
    if draws.random() < 0.65:
        listed[draws.randrange(4)] = truth
    options = [truth, *lines[:3]]
    draws.shuffle(options)
    chosen = options.index(truth) if draws.random() < 0.7 else draws.randrange(4)
    said: tuple[tuple[str, dict[str, Any]], ...] = (
        ("ddx", {"lines": listed[2:]}),
        ("ddx", {"lines": listed[1:]}),
        ("ddx", {"lines": listed}),
        ("open", {"diagnosis": listed[0]}),
        ("selection", {"choice": LABELS[chosen]}),
    )
    return {
        "reading": f"{case}/{name}",
        "kind": kind,
        "reader": name,
        "model": name if kind == "model" else None,
        "sample": 1 if kind == "model" else None,
        "condition": "main",
        "case": case,
        "translation_of": None,
        "language": "en",
        "specialty": f"specialty-{number % 17}",
        "arm": "images",
        "state": "completed",
        "position": number + 1,
        "published": None,
        "outcome": None,
        "distribution": None,
        "answers": [
            {"kind": step, "answer": answer | {"confidence": draws.randrange(101)}, "at": at, "late": False,
             "timed_out": False, "step": place}
            for place, ((step, answer), at) in enumerate(zip(said, AT, strict=True))
        ],
        "options": [{"label": LABELS[n], "text": text, "right": text == truth} for n, text in enumerate(options)],
        "diagnosis": {"name": truth, "synonyms": [], "codes": []},
    }  # fmt: skip


def stages_of(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is told of each reading: the block that each step released and, of humans, events and the page's clock."""
    types = {f"block-{number}": kind for number, kind in enumerate(EVIDENCE)}
    return [_stage(row, types) for row in rows]


def _stage(row: dict[str, Any], types: dict[str, str]) -> dict[str, Any]:
    steps = [{"kind": answer["kind"], "evidence": []} for answer in row["answers"]]
    for step, block in zip(steps, types, strict=False):
        step["evidence"] = [block]
    events: list[dict[str, Any]] = []
    telemetry: list[dict[str, Any]] = []
    if row["kind"] == "human":
        for place, (before, after) in enumerate(pairwise((START, *AT))):
            about = {"step": place, "attempt": 1}
            events += [
                about | {"kind": kind, "at": before, "client": {"client_ms": 300}} for kind in ("shown", "ready")
            ]
            events.append(about | {"kind": "locked", "at": after, "client": {"first_input_ms": 4000}})
            body = {"source": "clock", "visible_ms": 55000, "hidden_ms": 2000, "idle_ms": 0, "first_input_ms": 4000}
            telemetry += [about | {"tab": "a", "number": n, "at": after, "body": body} for n in range(2)]
    return {"reading": row["reading"], "steps": steps, "types": types, "events": events, "telemetry": telemetry}


def _grade(case: str, line: str, grade: int) -> dict[str, Any]:
    scale = SCALES[DEFAULT]
    about = {"scale": scale.id, "version": scale.version, "source": "human", "at": AT[0]}
    return {"case": case, "line": line, "grade": grade, **about}
