"""One level of evidence, specialty, language or arm minus the others: in humans, in models, and humans minus models
with models as a random factor, by cell means.

This is the sensitivity analysis of the subgroups: whether humans minus these models is the same at all levels is tested
by :mod:`scoring.levels` alone.
An interaction is a sum of weighted means (:func:`scoring.missing.combined`): of one level minus the other levels, in
humans, in models, and in humans minus models. Of a gap it is the interaction of task and level; of humans minus models
that of group, task and level.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scoring.comparing import Array, Figure, Refusals, cells, figure
from scoring.missing import Term, combined

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Interaction:
    """One level minus ``others``. ``difference`` is humans minus models with models as a random factor, None for fewer
    than three; ``refused`` says what is not there and why.
    """

    level: str
    others: tuple[str, ...]
    cases: int
    human: Figure | None
    models: Figure | None
    difference: Figure | None
    refused: tuple[str, ...]


def interactions(scored: pd.DataFrame) -> tuple[Interaction, ...]:
    """Each level against the others, from rows of group, reader, case, level and value, one per reader, case and level.

    Of two levels only the first is compared, the second would say the same. One level alone gives no interaction.
    """
    levels = sorted(str(level) for level in scored["level"].dropna().unique())
    if len(levels) < 2:
        return ()
    return tuple(_one(scored, level, levels) for level in (levels[:1] if len(levels) == 2 else levels))


def _one(scored: pd.DataFrame, level: str, levels: list[str]) -> Interaction:
    refused: Refusals = defaultdict(list)
    inside = scored["level"] == level
    cases = sorted(scored["case"].unique())
    (h, h_rest), (m, m_rest) = (_pair(scored[scored["group"] == group], inside, cases) for group in ("human", "model"))
    human = [Term(1.0, "human", h), Term(-1.0, "human", h_rest)]
    models = [Term(1.0, "model", m), Term(-1.0, "model", m_rest)]
    turned = [Term(-term.weight, term.group, term.scores) for term in models]

    def of(what: str, terms: list[Term], method: str) -> Figure | None:
        n = sum(cells(np.asarray(term.scores)) for term in terms)
        return figure(f"{level}, {what}", lambda: combined(terms, f"{method}, U-statistics"), n, refused)

    found = Interaction(
        level=level,
        others=tuple(other for other in levels if other != level),
        cases=int(scored[inside]["case"].nunique()),
        human=of("humans", human, "readers and cases random"),
        models=of("models", models, "models and cases random"),
        difference=of("models random", [*human, *turned], "models random, separate variances") if len(m) > 2 else None,
        refused=(),
    )
    why = tuple(f"{', '.join(what)}: {sentence}" for sentence, what in refused.items())
    return Interaction(**{**found.__dict__, "refused": why})


def _pair(own: pd.DataFrame, inside: pd.Series[bool], cases: list[str]) -> tuple[Array, Array]:
    """Scores (readers, cases) at the level and at the others, with the same readers in the same rows."""
    readers = sorted(own["reader"].unique())
    kept = inside.reindex(own.index)
    return tuple(  # type: ignore[return-value]
        part.pivot_table(index="reader", columns="case", values="value", aggfunc="mean")
        .reindex(index=readers, columns=cases)
        .to_numpy(dtype=float)
        for part in (own[kept], own[~kept])
    )
