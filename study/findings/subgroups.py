"""Humans and models in subgroups of the cases, and whether their difference changes from one to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import combinations
from typing import Literal

import numpy as np

from scoring.estimates import Estimate
from scoring.missing import Term, combined, per_case
from study.contamination import first_published
from study.findings._material import Array, Material, Matrix, difference, from_models, matrices, panel_mean
from study.findings._result import GROUPS, Finding, Group, LeftOut, Result, Status, Value, value_of
from study.results import clinical_case
from study.specialties import group_of

By = Literal["specialty", "specialty-group", "language", "arm", "evidence-type", "published"]


class Level(Result):
    """One subgroup: each group's mean, and humans minus these models (fixed) on the cases that both read.

    ``small`` warns that fewer than ``SMALL`` cases or two readers are behind the difference.
    """

    level: str
    cases: int
    readings: dict[Group, int]
    human: Value
    model: Value
    difference: Value
    small: bool


class Interaction(Result):
    """Whether the difference is the same in all levels, by F; for two levels also the difference of differences.

    ``n`` counts the human cells that models answered too.
    """

    levels: tuple[str, ...]
    n: int = 0
    F: float | None = None
    df1: int | None = None
    df2: float | None = None
    p: float | None = None
    contrast: Value | None = None
    method: str = "Wald's F, covariance by U-statistics"
    why: str = ""


class Division(Result):
    """The cases divided ``by`` one property, for one measure; ``overlapping`` where a case is in several levels."""

    by: By
    measure: str
    status: Status
    overlapping: bool
    levels: tuple[Level, ...]
    interactions: tuple[Interaction, ...]
    left_out: tuple[LeftOut, ...] = ()


class Subgroups(Finding):
    """Divisions by the primary outcome of the plan; those that the plan names are confirmatory."""

    divisions: tuple[Division, ...] = ()
    not_divided: tuple[LeftOut, ...] = ()


SMALL = 10
METHOD = (
    "Humans minus these models (fixed) within each subgroup, over readers and cases, on cases that both read. "
    "Interaction: for two levels the difference of differences (U-statistics); for more levels of the cases an F of "
    "all levels with one variance of readers, and a variance of its own for each level's cases where all have ten; for "
    "more levels of the readings Wald's F of all differences, referred as Hotelling's T2 with the lower quartile of "
    "the single differences' degrees of freedom."
)
PLANNED: Mapping[By, str] = {
    "specialty": "specialty",
    "specialty-group": "specialty",
    "language": "language",
    "arm": "arm",
    "evidence-type": "evidence-type",
    "published": "published-after-cut-off",
}
NO_PROFILES = "what readers said of themselves is not among the results"
NO_STAGES = "which evidence a case has was not told"
Levels = dict[str, set[str]]


def find(material: Material) -> Subgroups:
    """Every division that has two levels, by the plan's primary outcome; the others are named with the reason.

    Kept with the material, as corrections of p values ask for it again.
    """
    if "subgroups" not in material.kept:
        material.kept["subgroups"] = _found(material)
    found: Subgroups = material.kept["subgroups"]
    return found


def _found(material: Material) -> Subgroups:
    measure = material.measure_of(material.plan.primary)
    divisions, without = [], []
    waits = material.waiting(measure)
    for by in PLANNED:
        found = _levels(material, by)
        why = f"{waits} readings wait for a grade that matters" if waits else _too_few(material, by, found)
        if why:
            without.append(LeftOut(what=by, n=len(found), why=why))
        elif by in ("language", "arm"):
            divisions.append(_by_reading(material, by, measure))
        else:
            divisions.append(_by_case(material, by, measure, found))
    if "practice-level" in material.plan.subgroups:
        without.append(LeftOut(what="practice-level", n=0, why=NO_PROFILES))
    planned = [division for division in divisions if division.status == "confirmatory"]
    small = sum(level.small for division in divisions for level in division.levels)
    notes = (f"{small} subgroups have fewer than {SMALL} cases or two readers: their figures are no more than a hint.",)
    return Subgroups(
        status="confirmatory" if planned else "exploratory",
        method=METHOD,
        n=len(divisions),
        counted="divisions of the cases",
        why="" if divisions else "no division has two levels with scores",
        notes=notes if small else (),
        divisions=tuple(divisions),
        not_divided=tuple(without),
    )


def _too_few(material: Material, by: By, levels: Levels) -> str:
    if by == "evidence-type" and material.stages is None:
        return NO_STAGES
    return "" if len(levels) > 1 or (by == "evidence-type" and levels) else "all cases are of one kind"


def _levels(material: Material, by: By) -> Levels:
    """The clinical cases of each level; for evidence types the cases that have the type."""
    published = first_published(material.rows) if by == "published" else {}
    cutoff = _last_cutoff(material)
    found: Levels = {}
    for row in material.distinct:
        case = clinical_case(row)
        for level in _of_row(material, row, by, published.get(case), cutoff):
            found.setdefault(level, set()).add(case)
    if by == "evidence-type":
        everything = set(material.cases)
        return {level: cases for level, cases in sorted(found.items()) if cases != everything}
    return dict(sorted(found.items()))


def _of_row(
    material: Material, row: Mapping[str, object], by: By, published: date | None, cutoff: date | None
) -> list[str]:
    if by == "evidence-type":
        told = (material.stages or {}).get(str(row.get("reading")), {})
        return sorted(set(told.get("types", {}).values()))
    if by == "specialty-group":
        return [group_of(str(row["specialty"]))]
    if by == "published":
        known = published is not None and cutoff is not None
        return ["unknown" if not known else "after" if published > cutoff else "before"]  # type: ignore[operator]
    return [str(row[by])]


def _last_cutoff(material: Material) -> date | None:
    """The last knowledge cut-off of the models that took part; None where one of them declares none."""
    told = [entry.details.get("cutoff") for entry in material.models if entry.condition == "main"]
    if not told or not all(told):
        return None
    return max(date.fromisoformat(str(day)) for day in told)


def _by_case(material: Material, by: By, measure: str, levels: Levels) -> Division:
    human, model = (material.matrix(measure, group) for group in GROUPS)
    found = [_level(name, human.of_cases(cases), model.of_cases(cases)) for name, cases in levels.items()]
    overlapping = by == "evidence-type"
    interactions = []
    if overlapping:
        everything = set(material.cases)
        for name, cases in levels.items():
            interactions.append(_between({name: cases, f"no {name}": everything - cases}, human, model))
    else:
        interactions.append(_between(levels, human, model))
    return _division(material, by, measure, found, interactions, overlapping)


def _by_reading(material: Material, by: By, measure: str) -> Division:
    """Levels of the reading itself: a case may be in several, by different readers."""
    scores = material.scores(measure)
    told = np.array([str(row[by]) for row in material.rows])
    pairs: dict[str, tuple[Matrix, Matrix]] = {}
    for level in sorted(set(told)):
        own = matrices(material.scored, np.where(told == level, scores, np.nan), material.cases)
        pairs[level] = own["human"], own["model"]
    found = [_level(name, *_read(*pair)) for name, pair in pairs.items()]
    return _division(material, by, measure, found, [interaction(pairs)], overlapping=True)


def _read(human: Matrix, model: Matrix) -> tuple[Matrix, Matrix]:
    """The same without cases that nobody read in this level."""
    empty = np.asarray(np.isnan(np.vstack([human.scores, model.scores])).all(axis=0))
    scored = [case for case, none in zip(human.cases, empty.tolist(), strict=True) if not none]
    return human.of_cases(scored), model.of_cases(scored)


def _division(
    material: Material, by: By, measure: str, levels: list[Level], interactions: list[Interaction], overlapping: bool
) -> Division:
    planned = PLANNED[by] in material.plan.subgroups and by != "specialty-group"
    status: Status = "confirmatory" if planned else "exploratory"
    untold = [one for one in levels if one.difference.se is None]
    without = [LeftOut(what=one.level, n=one.cases, why=one.difference.why) for one in untold]
    return Division(
        by=by,
        measure=measure,
        status=status,
        overlapping=overlapping,
        levels=tuple(levels),
        interactions=tuple(interactions),
        left_out=tuple(without),
    )


def _level(name: str, human: Matrix, model: Matrix) -> Level:
    readers = int((~np.isnan(human.scores)).any(axis=1).sum())
    return Level(
        level=name,
        cases=len(human.cases),
        readings={"human": human.n, "model": model.n},
        human=panel_mean(human),
        model=panel_mean(model),
        difference=difference(human, model),
        small=len(human.cases) < SMALL or readers < 2,
    )


def _between(levels: Levels, human: Matrix, model: Matrix) -> Interaction:
    """Between disjoint levels of the cases."""
    found = {}
    for name, cases in levels.items():
        inside = np.array([case in cases for case in human.cases])
        found[name] = tuple(
            Matrix(one.readers, one.cases, np.where(inside, one.scores, np.nan)) for one in (human, model)
        )
    return interaction(found)  # type: ignore[arg-type]


def interaction(pairs: Mapping[str, tuple[Matrix, Matrix]]) -> Interaction:
    """Whether the levels' differences are one; levels with fewer than two cases that both read are left out."""
    terms = {name: _term(*pair) for name, pair in pairs.items()}
    kept = [name for name, term in terms.items() if (~np.isnan(np.asarray(term.scores))).any(axis=0).sum() > 1]
    if len(kept) < 2:
        return Interaction(levels=tuple(kept), why="fewer than two levels have two cases that both read")
    scores = [np.asarray(terms[name].scores, dtype=float) for name in kept]
    n = sum(int((~np.isnan(x)).sum()) for x in scores)
    if len(kept) > 2 and (np.sum([(~np.isnan(x)).any(axis=0) for x in scores], axis=0) < 2).all():
        return _of_cases(kept, scores).model_copy(update={"n": n})
    single = {
        (a, b): value_of(lambda a=a, b=b: _difference(terms[a], terms[b]), n)  # type: ignore[misc]
        for a, b in combinations(kept, 2)
    }
    contrast = single[kept[0], kept[1]] if len(kept) == 2 else None
    untold = next((value.why for value in single.values() if value.se is None), "")
    if untold:
        return Interaction(levels=tuple(kept), n=n, why=untold, contrast=contrast)
    return _tested(kept, single, contrast).model_copy(update={"n": n})


def _of_cases(kept: Sequence[str], scores: Sequence[Array]) -> Interaction:
    from scoring.estimates import TooLittleData
    from scoring.levels import equality

    try:
        one = equality(scores)
    except TooLittleData as refusal:
        return Interaction(levels=tuple(kept), df1=len(kept) - 1, why=str(refusal))
    return Interaction(levels=tuple(kept), F=one.F, df1=one.df1, df2=one.df2, p=one.p, method=one.method)


def _tested(kept: Sequence[str], single: Mapping[tuple[str, str], Value], contrast: Value | None) -> Interaction:
    from scipy import stats

    first, rest = kept[0], kept[1:]
    d = np.array([single[first, other].estimate for other in rest], dtype=float)
    variance = {pair: (value.se or 0.0) ** 2 for pair, value in single.items()}
    cov: Array = np.diag([variance[first, other] for other in rest])
    for (i, a), (j, b) in combinations(enumerate(rest), 2):
        cov[i, j] = cov[j, i] = (variance[first, a] + variance[first, b] - variance[a, b]) / 2
    df1 = len(rest)
    # Degrees of freedom of single differences scatter: their lower quartile.
    df2 = float(np.quantile([value.df or 1e9 for value in single.values()], 0.25))
    if np.linalg.eigvalsh(cov).min() <= 1e-12:
        why = "the levels' differences vary too little to be told apart in so few readers and cases"
        return Interaction(levels=tuple(kept), df1=df1, contrast=contrast, why=why)
    f = float(d @ np.linalg.solve(cov, d)) / df1
    # The covariance is estimated with df2 degrees of freedom: Hotelling's reference for a quadratic form in it.
    rest_df = df2 - df1 + 1
    if rest_df <= 0:
        return Interaction(levels=tuple(kept), df1=df1, contrast=contrast, why="too few readers for so many levels")
    f *= rest_df / df2
    p = float(stats.f.sf(f, df1, rest_df))
    return Interaction(levels=tuple(kept), F=f, df1=df1, df2=rest_df, p=p, contrast=contrast)


def _term(human: Matrix, model: Matrix) -> Term:
    """Each human cell minus the models' mean of its case; every case weighs the same, whoever read it."""
    scores = from_models(human, model)
    return Term(1.0, "human", scores, per_case(scores))


def _difference(first: Term, second: Term) -> Estimate:
    return combined([first, Term(-1.0, "human", second.scores, second.cells)], "these models fixed, U-statistics")
