"""The baselines that need no key and no network, made ready for a study's languages."""

from __future__ import annotations

from collections.abc import Sequence

from baselines.chance import Chance
from baselines.collection import OWN, Labelled, presentations
from baselines.reader import Answerer
from baselines.retrieval import Retrieval

NAMES = (Retrieval.name, Chance.name)


def offline(collection: Sequence[Labelled] | None = None, source: str = OWN) -> list[Answerer]:
    """Retrieval and chance over one labelled collection: the project's own unless one is given."""
    cases = list(collection) if collection is not None else presentations()
    names: dict[str, list[str]] = {}
    for case in cases:
        names.setdefault(case.language, []).append(case.diagnosis)
    return [Retrieval(cases, source), Chance(names)]
