"""Reporting checklists by item number: what the stored facts fill, what is for the author, what is missing.

Subjects are short wordings of our own; the lists' texts are their publishers' and stand nowhere here.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

from study.reporting.facts import Facts
from study.reporting.fill import FILLS
from study.reporting.fill_types import Fill
from study.reporting.parts import Block, Bullets, Heading, Paragraph, Section, Table, Text, count

NAMES = ("stard-ai", "tripod-llm", "claim", "mi-clear-llm")
HEAD = ("item", "about", "status", "where, or what is lacking")


@dataclass(frozen=True)
class Item:
    """An item by its number, what it is about in our words, and what fills it."""

    number: str
    subject: str
    fill: str


@dataclass(frozen=True)
class Checklist:
    """A checklist: its version, how it is cited, and how far its numbers could be verified."""

    name: str
    version: str
    cite: str
    checked: str
    items: tuple[Item, ...]


@cache
def checklist(name: str) -> Checklist:
    """The checklist of that name."""
    file = resources.files("study") / "reporting" / "checklists" / f"{name}.yaml"
    told = yaml.safe_load(file.read_text("utf-8"))
    return Checklist(**{**told, "items": tuple(Item(*item) for item in told["items"])})


def checklists(facts: Facts) -> Section:
    """A table a checklist, each item filled, for the author, missing, or not applicable."""
    answers = {name: fill(facts) for name, fill in FILLS.items()}
    blocks: list[Block] = [
        Paragraph(
            (
                "Filled: the export holds it, and the line says where. Missing: the study could have stored it and did "
                "not. For the author: nothing stored can tell it. A filled item is a beginning, not a verdict.",
            )
        )
    ]
    found = [checklist(name) for name in NAMES]
    for name, one in zip(NAMES, found, strict=True):
        rows = [(item, answers[item.fill]) for item in one.items]
        blocks.append(Heading(f"{one.name} {one.version}"))
        blocks.append(_counts(name, one, [fill for _, fill in rows]))
        blocks.append(Table(f"{one.name} {one.version}", HEAD, tuple(_row(item, fill) for item, fill in rows)))
    blocks.append(Bullets(tuple((f"{one.name}: {one.cite}. {one.checked}",) for one in found)))
    return Section("checklists", "Reporting checklists", tuple(blocks))


def _row(item: Item, fill: Fill) -> tuple[Text, ...]:
    return ((item.number,), (item.subject,), (fill.status,), (fill.where,))


def _counts(name: str, one: Checklist, fills: list[Fill]) -> Paragraph:
    counts = Counter(fill.status for fill in fills)
    told: Text = (f"{one.name} {one.version}: ",)
    for place, (status, n) in enumerate(sorted(counts.items())):
        told = (*told, *([", "] if place else []), *count(f"checklists.{name}.{status.replace(' ', '_')}", n))
        told = (*told, f" {status}")
    return Paragraph((*told, "."))
