"""p values with the correction that their family asks for: Holm or max-T for the planned one, as the plan says;
Benjamini-Hochberg elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

import numpy as np

from study.findings import subgroups
from study.findings._material import Array, Material, Matrix, difference, from_models
from study.findings._result import GROUPS, Finding, LeftOut, Result, Status, Value
from study.gap import DRAWS, SEED

Correction = Literal["holm", "max-t", "benjamini-hochberg"]


class Test(Result):
    """One p value, raw and corrected within its family; by max-T with the difference's simultaneous 95 % interval.

    ``n`` counts the cells (reader and case) behind it.
    """

    name: str
    p: float
    corrected: float
    n: int | None = None
    interval: tuple[float, float] | None = None


class Family(Result):
    """The tests that share an error rate: family-wise by Holm or max-T, or the rate of false discoveries.

    ``draws`` are the bootstrap's of which max-T is made, and both p values of each test.
    """

    name: str
    status: Status
    correction: Correction
    tests: tuple[Test, ...]
    draws: int | None = None


class Multiplicity(Finding):
    """The planned family first. What the plan names and cannot be tested is among ``left_out``."""

    families: tuple[Family, ...] = ()


METHOD = (
    "p values of humans minus these models, two-sided. {} within the outcomes that the plan names as a family, "
    "Holm 1979 within the subgroups that it names, Benjamini and Hochberg 1995 within each family of all the rest."
)
PLANNED = {"holm": "Holm 1979", "max-t": "Max-T over the crossed bootstrap"}
MAX_T = (
    "The planned family is corrected by max-T (Westfall and Young 1993): {:,} draws of readers and cases, one set of "
    "weights for all its outcomes, these models fixed. Its raw p values are of the same draws, so they differ a little "
    "from those of the closed forms."
)
NOT_DRAWN = "The plan corrects by max-T, but {}: the planned family is corrected by Holm."
OTHERS = ("coverage", "coverage5", "top1", "top3", "reciprocal_rank", "open", "selection", "open_gap", "selection_gap")


def find(material: Material) -> Multiplicity:
    """The planned family, the other outcomes, each model against the panel, and the interactions of subgroups."""
    planned: dict[str, str] = {outcome: material.measure_of(outcome) for outcome in material.plan.family}
    main, missing = _p_values(material, planned)
    rest, more = _p_values(material, {name: name for name in OTHERS if name not in planned.values()})
    divisions = subgroups.find(material).divisions
    planned_family, notes = _planned(material, {name: planned[name] for name in main}, main)
    families = [
        planned_family,
        _family("other outcomes", "exploratory", rest),
        _family("each model against the panel", "exploratory", _models(material, planned[material.plan.primary])),
        _family("planned subgroups", "confirmatory", _interactions(divisions, "confirmatory")),
        _family("other subgroups", "exploratory", _interactions(divisions, "exploratory")),
    ]
    kept = tuple(family for family in families if family is not None)
    return Multiplicity(
        status="confirmatory" if any(family.status == "confirmatory" for family in kept) else "exploratory",
        method=METHOD.format(PLANNED["max-t" if material.plan.correction == "max-t" else "holm"]),
        n=sum(len(family.tests) for family in kept),
        counted="tests",
        left_out=(*missing, *more),
        why="" if kept else "no outcome has a p value",
        notes=notes,
        families=kept,
    )


def _planned(
    material: Material, measures: dict[str, str], tested: dict[str, Value]
) -> tuple[Family | None, tuple[str, ...]]:
    """The planned family by the plan's correction, and what has to be said of it."""
    from scoring.estimates import TooLittleData

    if material.plan.correction == "max-t" and measures:
        scores = [from_models(*(material.matrix(name, group) for group in GROUPS)) for name in measures.values()]
        try:
            n = {name: one.n for name, one in tested.items()}
            return by_max_t(measures, np.stack(scores), n=n), (MAX_T.format(DRAWS),)
        except TooLittleData as refusal:
            return _family("planned outcomes", "confirmatory", tested), (NOT_DRAWN.format(refusal),)
    return _family("planned outcomes", "confirmatory", tested), ()


def by_max_t(
    names: Collection[str], scores: Array, draws: int = DRAWS, seed: int = SEED, n: Mapping[str, int] | None = None
) -> Family:
    """Humans minus these models of (outcomes, readers, cases), NaN for missing: each alone, and all together.

    Raises :class:`TooLittleData` where an outcome does not vary over the draws.
    """
    from scoring.bootstrap import within_cases
    from scoring.joint import Comparison, max_t

    drawn = within_cases(scores, draws, seed)
    alone = [max_t(drawn, [Comparison(place, "panel")]).p[0] for place in range(len(scores))]
    found = max_t(drawn, [Comparison(place, "panel") for place in range(len(scores))])
    told = zip(names, alone, found.p, found.intervals, strict=True)
    cells = n or {}
    tests = tuple(Test(name=name, p=raw, corrected=p, n=cells.get(name), interval=ends) for name, raw, p, ends in told)
    return Family(name="planned outcomes", status="confirmatory", correction="max-t", tests=tests, draws=found.draws)


def _p_values(material: Material, measures: dict[str, str]) -> tuple[dict[str, Value], list[LeftOut]]:
    found: dict[str, Value] = {}
    missing: list[LeftOut] = []
    for name, measure in measures.items():
        value = material.difference(measure)
        if value.p is not None:
            found[name] = value
        elif material.scored[f"{measure}_low"].notna().any():
            missing.append(LeftOut(what=name, n=1, why=value.why))
    return found, missing


def _models(material: Material, measure: str) -> dict[str, Value]:
    if material.waiting(measure):
        return {}
    human, models = material.matrix(measure, "human"), material.matrix(measure, "model")
    found = {}
    for place, model in enumerate(models.readers):
        value = difference(human, Matrix((model,), models.cases, models.scores[place : place + 1]))
        if value.p is not None:
            found[model] = value
    return found


def _interactions(divisions: tuple[subgroups.Division, ...], status: Status) -> dict[str, Value]:
    return {
        f"{division.by}: {', '.join(one.levels) if division.overlapping else 'all'}": Value(
            estimate=None, n=one.n, p=one.p
        )
        for division in divisions
        for one in division.interactions
        if division.status == status and one.p is not None
    }


def _family(name: str, status: Status, tested: Mapping[str, Value]) -> Family | None:
    p = {one: value.p for one, value in tested.items() if value.p is not None}
    return family(name, status, p, {one: value.n for one, value in tested.items()})


def family(name: str, status: Status, p: Mapping[str, float], n: Mapping[str, int] | None = None) -> Family | None:
    """The p values corrected by Holm where they are confirmatory, else by Benjamini-Hochberg; None without
    any.
    """
    if not p:
        return None
    from statsmodels.stats.multitest import multipletests

    holm = status == "confirmatory"
    corrected = multipletests(list(p.values()), method="holm" if holm else "fdr_bh")[1]
    cells = n or {}
    tests = (
        Test(name=one, p=raw, corrected=float(c), n=cells.get(one))
        for (one, raw), c in zip(p.items(), corrected, strict=True)
    )
    correction: Correction = "holm" if holm else "benjamini-hochberg"
    return Family(name=name, status=status, correction=correction, tests=tuple(tests))
