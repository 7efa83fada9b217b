"""The flow of readers, cases and readings, counted from the states that the export carries."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from study.conditions import MAIN
from study.reporting import drawing
from study.reporting.facts import Facts
from study.reporting.parts import Block, Bullets, Figure, Paragraph, Section, Table, Text, count

Row = Mapping[str, Any]
WIDTH, BOX, STEP = 300, 44, 66


@dataclass(frozen=True)
class Step:
    """One box of the flow: its number's id, what it counts, and how many; ``aside`` stands beside the way onward."""

    id: str
    words: str
    n: int
    aside: bool = False


def flow(facts: Facts) -> Section:
    """Readers from invited to completed, cases from imported to read, readings by state; trial readers apart."""
    columns = {"Clinicians": _people(facts), "Models": _models(facts), "Cases": _cases(facts)}
    rows = tuple(
        ((name,), (step.words,), count(f"flow.{step.id}", step.n)) for name, steps in columns.items() for step in steps
    )
    trial = sum(bool(row["trial"]) for row in facts.source.tables["readers"])
    blocks: list[Block] = [
        _figure(facts, columns),
        Table("Flow of readers and cases", ("of", "step", "n"), rows),
        Table("Readings by state", ("readers", "given out", "begun", "by state"), tuple(_readings(facts))),
        _flags(facts),
        Paragraph(("Readers who only tried the study out, who are in no count: ", *count("flow.trial", trial), ".")),
    ]
    return Section("flow", "Flow of readers and cases", tuple(blocks))


def _people(facts: Facts) -> list[Step]:
    """Invited, consented, began, completed; and who declined, withdrew or was excluded."""
    found = [row for row in facts.source.tables["readers"] if row["group"] == "human" and not row["trial"]]
    states = Counter(row["state"] for row in found)
    consented = [row for row in found if row["consented_at"] is not None and row["state"] != "declined"]
    own = _own_readings(facts, "human")
    completed = sum(all(one["state"] == "completed" for one in rows) for rows in own.values())
    return [
        Step("humans.invited", "invited", len(found)),
        Step("humans.declined", "declined", states["declined"], True),
        Step("humans.consented", "consented", len(consented)),
        Step("humans.began", "began a case", _begun(own)),
        Step("humans.completed", "completed every case given to them", completed),
        Step("humans.withdrew", "withdrew", states["withdrawn"], True),
        Step("humans.excluded", "excluded, answers not kept", states["excluded"], True),
    ]


def _models(facts: Facts) -> list[Step]:
    own, entries = _own_readings(facts, "model"), facts.source.models
    main = [entry for entry in entries if entry.condition == MAIN]
    completed = sum(all(one["state"] == "completed" for one in rows) for rows in own.values())
    return [
        Step("models.enrolled", "models enrolled", len({entry.model for entry in entries})),
        Step("models.samples", "samples of them in the main reading", sum(entry.samples for entry in main)),
        Step("models.conditions", "further conditions", len({e.condition for e in entries} - {MAIN}), True),
        Step("models.began", "samples that began a case", _begun(own)),
        Step("models.completed", "samples that completed every case", completed),
    ]


def _own_readings(facts: Facts, group: str) -> dict[str, list[Row]]:
    """The readings of each reader of a group in the main reading, practice and trial readers left out."""
    told = {row["reader"]: row for row in facts.source.tables["readers"]}
    found: dict[str, list[Row]] = {}
    for row in facts.source.tables["readings"]:
        counts = row["group"] == group and not row["practice"] and not row["trial"]
        if counts and told[row["reader"]]["condition"] == MAIN:
            found.setdefault(row["reader"], []).append(row)
    return found


def _begun(own: Mapping[str, Sequence[Row]]) -> int:
    return sum(any(row["begun_at"] is not None for row in rows) for rows in own.values())


def _cases(facts: Facts) -> list[Step]:
    """Imported, for practice, translated, and read by whom. No act takes a case out of an open study."""
    cases = facts.source.tables["cases"]
    counted = [row for row in cases if not row["practice"]]
    read = {group: _read(facts, group) for group in ("human", "model")}
    nobody = sum(row["case"] not in read["human"] | read["model"] for row in counted)
    return [
        Step("cases.imported", "case texts imported", len(cases)),
        Step("cases.practice", "for practice, not analysed", len(cases) - len(counted), True),
        Step(
            "cases.translations", "translations of another", sum(bool(row["translation_of"]) for row in counted), True
        ),
        Step("cases.read_by_humans", "read to the end by a clinician", len(read["human"])),
        Step("cases.read_by_models", "read to the end by a model", len(read["model"])),
        Step("cases.unread", "read to the end by nobody", nobody, True),
    ]


def _read(facts: Facts, group: str) -> set[str]:
    return {str(row["case"]) for row in facts.main if row["kind"] == group and row["state"] == "completed"}


def _readings(facts: Facts) -> list[tuple[Text, ...]]:
    found: list[tuple[Text, ...]] = []
    for group, words in (("human", "clinicians"), ("model", "models, main reading")):
        rows = [row for rows in _own_readings(facts, group).values() for row in rows]
        states = Counter(str(row["state"]) for row in rows)
        told: Text = ()
        for place, (state, n) in enumerate(sorted(states.items())):
            told = (*told, *([", "] if place else []), f"{state} ", *count(f"flow.readings.{group}.{state}", n))
        begun = sum(row["begun_at"] is not None for row in rows)
        name = f"flow.readings.{group}"
        found.append(((words,), count(f"{name}.given_out", len(rows)), count(f"{name}.begun", begun), told or ("–",)))
    return found


def _flags(facts: Facts) -> Bullets:
    """Flags by kind; they exclude nothing by themselves."""
    flags = [
        (row["case"], flag["kind"])
        for row in facts.source.tables["readings"]
        if row["flags"] and not row["trial"] and not row["practice"]
        for flag in json.loads(row["flags"])
    ]
    kinds = Counter(str(kind) for _, kind in flags)
    items: list[Text] = [
        (f"Flagged as {kind}: ", *count(f"flow.flags.{kind}", n), " times; flags exclude nothing by themselves.")
        for kind, n in sorted(kinds.items())
    ]
    return Bullets(tuple(items) or (("No case was flagged.",),))


def _figure(facts: Facts, columns: Mapping[str, Sequence[Step]]) -> Figure:
    most = max(len(steps) for steps in columns.values())
    height = drawing.TOP + most * STEP + 10
    marks: list[str] = []
    for place, (name, steps) in enumerate(columns.items()):
        x = 16 + place * WIDTH
        marks.append(drawing.text(x, drawing.TOP - 10, name, weight=600))
        marks.append(_way(x, steps))
        for row, step in enumerate(steps):
            marks += _box(x, drawing.TOP + row * STEP, step)
    said = "; ".join(
        f"{name}: " + ", ".join(f"{step.words} n = {step.n}" for step in steps) for name, steps in columns.items()
    )
    title = f"Flow of {facts.source.slug}"
    svg = drawing.drawing(title, f"{said}.", 16 + len(columns) * WIDTH, height, marks)
    return Figure("flow", f"{title}: clinicians, models and cases.", f"{said}.", svg)


def _way(x: float, steps: Sequence[Step]) -> str:
    """The line behind the boxes, from the first to the last that is on the way."""
    last = max(row for row, step in enumerate(steps) if not step.aside)
    return drawing.line(x + 12, drawing.TOP + BOX / 2, x + 12, drawing.TOP + last * STEP + BOX / 2, drawing.FAINT, 2)


def _box(x: float, y: float, step: Step) -> list[str]:
    """A box on the way; one beside it is dashed and set in."""
    set_in, dash = (36, ' stroke-dasharray="4 3"') if step.aside else (0, "")
    return [
        f'<rect x="{x + set_in:.1f}" y="{y:.1f}" width="{WIDTH - 32 - set_in}" height="{BOX}" fill="#f5f7fa" '
        f'stroke="{drawing.FAINT}"{dash}/>',
        drawing.text(x + set_in + 10, y + 18, step.words),
        drawing.text(x + set_in + 10, y + 35, f"n = {step.n:,}", weight=600),
    ]
