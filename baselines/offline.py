"""The baselines that need no key and no network, made ready for a bundle."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from importlib import resources

from baselines.chance import Chance
from baselines.reader import Answerer
from baselines.retrieval import Labelled, Retrieval
from study.bundle import Bundle

COLLECTION = "presentations.csv"


def presentations() -> list[Labelled]:
    """The project's own short collection: one typical presentation a diagnosis, synthetic."""
    text = (resources.files("baselines") / "collections" / COLLECTION).read_text(encoding="utf-8")
    return [Labelled(row["presentation"], row["diagnosis"]) for row in csv.DictReader(text.splitlines())]


def labelled(bundle: Bundle) -> list[Labelled]:
    """A bundle's own cases as a collection, by their text and findings."""
    return [
        Labelled("\n".join(block.text or block.finding or "" for block in case.evidence), case.diagnosis.name)
        for case in bundle.cases
    ]


def offline(bundle: Bundle, collection: Sequence[Labelled] | None = None, source: str = COLLECTION) -> list[Answerer]:
    """Retrieval over the collection (the project's own unless one is given), and chance over the bundle's diagnoses."""
    cases = list(collection) if collection is not None else presentations()
    names = [option.text for case in bundle.cases for option in case.options] or [case.diagnosis for case in cases]
    return [Retrieval(cases, source), Chance(names)]
