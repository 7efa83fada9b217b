"""How far those who grade agree, judges and clinicians apart and with one another, and readers in what they hit."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, product

import numpy as np

from scoring.adjudication import is_human
from scoring.agreement import Weights, kappas
from scoring.matching import normalise
from study.agreement import HUMAN, Rated, rated_by
from study.desk.staff import Grade
from study.findings._material import Array, Material
from study.findings._result import GROUPS, Finding, Result, Value, left_out, wilson
from study.results import Key


class Coefficient(Result):
    """One coefficient of agreement by name, over ``value.n`` units with two ratings or more."""

    name: str
    value: Value


class Panel(Result):
    """Several raters over the same units: ``raters`` of the group ``of``, who gave ``what``.

    ``coefficients`` are fleiss, gwet-ac1, krippendorff-nominal, -ordinal and -interval, and the six ICCs.
    """

    of: str
    what: str
    raters: int
    coefficients: tuple[Coefficient, ...]
    why: str = ""


class Pairs(Result):
    """All pairs of one kind (judge with judge ...): mean kappas, weighted by the lines of each pair."""

    kind: str
    pairs: int
    lines: int
    linear: Value
    quadratic: Value


class GuessedSource(Result):
    """Whether graders who guessed who wrote a line were right: of ``share.n`` guesses, at a chance of ``chance``.

    ``unsure`` is how often they could not tell, which is no guess.
    """

    share: Value
    chance: float | None
    unsure: int = 0


class Agreement(Finding):
    """``ratio`` is judge with clinician over clinician with clinician: 1 where a judge agrees as well as they do."""

    panels: tuple[Panel, ...] = ()
    pairs: tuple[Pairs, ...] = ()
    ratio: Value | None = None
    guessed: GuessedSource | None = None


NORMAL = 1.959963984540054
METHOD = (
    "Fleiss' kappa and Gwet's AC1 with Gwet's standard error over units, Krippendorff's alpha with a jackknife over "
    "units, ICCs of Shrout and Fleiss over units that all rated; levels of a scale count by their order. Cohen's "
    "kappas of pairs are averaged by lines, with a jackknife over cases; the ratio's interval is made on its logarithm."
)
APART = "Lines that came to clinicians because judges were apart are among theirs."
SAID = re.compile(r"^\s*source:\s*(human|model)\b", re.IGNORECASE)
KINDS = ("judge with judge", "judge with clinician", "clinician with clinician")


def find(material: Material) -> Agreement:
    """Of those who graded the lines, and of readers over the cases; pairs without a common line are left out."""
    own = [g for g in material.grades if (g.scale, g.version) == (material.scale.id, material.scale.version)]
    rated = rated_by(own)
    judges = sorted(name for name in rated if name.startswith("judge:"))
    people = sorted(name for name in rated if name.startswith(f"{HUMAN}:"))
    panels = [*_graders(material, rated, judges, people), *_readers(material)]
    pairs, ratio = _pairs(material, rated, judges, people)
    lines = {key for name in (*judges, *people) for key in rated[name]}
    other = len(material.grades) - len(own)
    return Agreement(
        method=METHOD,
        n=len(lines),
        counted="distinct lines that a judge or a clinician graded",
        left_out=left_out(("grades", other, "they are on another scale than the plan's")),
        why="" if panels or pairs else "fewer than two graders, and fewer than two readers of a group",
        notes=(APART,) if judges and people else (),
        panels=tuple(panels),
        pairs=pairs,
        ratio=ratio,
        guessed=_guessed(material),
    )


def _graders(material: Material, rated: Rated, judges: Sequence[str], people: Sequence[str]) -> Iterator[Panel]:
    levels = {grade: place for place, grade in enumerate(sorted(material.scale.grades))}
    for of, raters in (("judges", judges), ("clinicians", people), ("judges and clinicians", [*judges, *people])):
        if len(raters) < 2 or (of == "judges and clinicians" and not (judges and people)):
            continue
        keys = sorted({key for name in raters for key in rated[name]})
        places = {key: place for place, key in enumerate(keys)}
        ratings = np.full((len(keys), len(raters)), np.nan)
        for column, name in enumerate(raters):
            for key, grade in rated[name].items():
                ratings[places[key], column] = levels[grade]
        yield _panel(of, "grades of lines", ratings, list(levels.values()), ordered=True)


def _readers(material: Material) -> Iterator[Panel]:
    """Whether the same cases are hit by all: covered, and right in the final diagnosis of the plan."""
    for group in GROUPS:
        for measure in ("coverage", material.plan.fdx):
            matrix = material.answers(measure, group)
            # A model's samples are one reader: what most of them hit counts, a tie as not hit.
            hits = np.where(np.isnan(matrix.scores), np.nan, matrix.scores > 0.5).T
            if waits := material.waiting(measure, group):
                why = f"{waits} readings wait for a grade that matters"
                yield Panel(of=f"{group} readers", what=measure, raters=len(matrix.readers), coefficients=(), why=why)
            elif len(matrix.readers) > 1 and matrix.n:
                yield _panel(f"{group} readers", measure, hits, [0, 1], ordered=False)


def _panel(of: str, what: str, ratings: Array, levels: Sequence[int], ordered: bool) -> Panel:
    from scoring import raters
    from scoring.estimates import TooLittleData

    counts = raters.counts_of(ratings, levels)
    kinds: dict[str, Callable[[], raters.Coefficient]] = {
        "fleiss": lambda: raters.fleiss(counts),
        "gwet-ac1": lambda: raters.gwet_ac1(counts),
        "krippendorff-nominal": lambda: raters.krippendorff(ratings, "nominal"),
    }
    if ordered:
        kinds["krippendorff-ordinal"] = lambda: raters.krippendorff(ratings, "ordinal")
        kinds["krippendorff-interval"] = lambda: raters.krippendorff(ratings, "interval")
    found = []
    for name, coefficient in kinds.items():
        try:
            one = coefficient()
            value = _value(one.value, one.se, one.units, name)
        except TooLittleData as refusal:
            value = Value(estimate=None, n=len(ratings), why=str(refusal))
        found.append(Coefficient(name=name, value=value))
    return Panel(of=of, what=what, raters=ratings.shape[1], coefficients=(*found, *_iccs(ratings, ordered)))


def _iccs(ratings: Array, ordered: bool) -> Iterator[Coefficient]:
    from scoring.estimates import TooLittleData
    from scoring.icc import FORMS, icc

    if not ordered:
        return
    try:
        for one in icc(ratings):
            value = Value(estimate=one.value, n=one.units, ci=one.ci, method="Shrout and Fleiss 1979")
            yield Coefficient(name=one.form, value=value)
    except TooLittleData as refusal:
        for form in FORMS:
            yield Coefficient(name=form, value=Value(estimate=None, n=0, why=str(refusal)))


def _value(estimate: float, se: float | None, n: int, method: str) -> Value:
    ends = None if se is None else (max(-1.0, estimate - NORMAL * se), min(1.0, estimate + NORMAL * se))
    return Value(estimate=estimate, n=n, se=se, ci=ends, method=method)


Tables = tuple[list[str], list[Array]]
"""The cases, and for each pair of graders its table in each of them, (cases, levels, levels)."""


def _pairs(
    material: Material, rated: Rated, judges: Sequence[str], people: Sequence[str]
) -> tuple[tuple[Pairs, ...], Value | None]:
    kinds = (combinations(judges, 2), product(judges, people), combinations(people, 2))
    cases = sorted({case for name in (*judges, *people) for case, _ in rated[name]})
    told: list[Pairs] = []
    without: dict[str, Array] = {}
    for kind, both in zip(KINDS, kinds, strict=True):
        tables = [t for one in both if (t := _table(rated, *one, cases, material.scale.grades)).any()]
        if tables:
            linear, left = _mean_kappa(tables, "linear")
            without[kind] = left
            quadratic, _ = _mean_kappa(tables, "quadratic")
            lines = int(sum(t.sum() for t in tables))
            told.append(Pairs(kind=kind, pairs=len(tables), lines=lines, linear=linear, quadratic=quadratic))
    found = {one.kind: one.linear.estimate for one in told}
    return tuple(told), _ratio(found.get(KINDS[1]), found.get(KINDS[2]), without, len(cases))


def _table(rated: Rated, first: str, second: str, cases: Sequence[str], levels: Sequence[int]) -> Array:
    """The pair's table of each case."""
    places, rows = {grade: n for n, grade in enumerate(sorted(levels))}, {case: n for n, case in enumerate(cases)}
    table = np.zeros((len(cases), len(places), len(places)))
    for key in rated[first].keys() & rated[second].keys():
        table[rows[key[0]], places[rated[first][key]], places[rated[second][key]]] += 1
    return table


def _mean_kappa(tables: Sequence[Array], weights: Weights) -> tuple[Value, Array]:
    """The pairs' mean kappa weighted by lines, and the same without each case in turn."""
    from scoring.raters import jackknifed

    n = int(sum(table.sum() for table in tables))
    whole = _averaged([table.sum(axis=0)[None] for table in tables], weights)
    without = _averaged([table.sum(axis=0)[None] - table for table in tables], weights)
    estimate = float(whole[0])
    if math.isnan(estimate):
        return Value(estimate=None, n=n, why="chance alone would agree as often"), without
    return _value(estimate, jackknifed(without), n, f"mean of Cohen's kappa, {weights} weights"), without


def _averaged(tables: Sequence[Array], weights: Weights) -> Array:
    found = np.array([kappas(table, weights) for table in tables])
    lines = np.where(np.isnan(found), 0.0, np.array([table.sum(axis=(-2, -1)) for table in tables]))
    weight = lines.sum(axis=0)
    mean = (np.nan_to_num(found) * lines).sum(axis=0) / np.where(weight > 0, weight, 1.0)
    return np.asarray(np.where(weight > 0, mean, np.nan))


def _ratio(mixed: float | None, people: float | None, without: Mapping[str, Array], cases: int) -> Value | None:
    from scoring.raters import jackknifed

    if KINDS[1] not in without or KINDS[2] not in without:
        return None
    if mixed is None or people is None or people <= 0 or mixed <= 0:
        return Value(estimate=None, n=cases, why="clinicians, or judges with them, agree no better than by chance")
    estimate, parts = mixed / people, (without[KINDS[1]], without[KINDS[2]])
    spread = jackknifed(np.log(parts[0] / parts[1])) if all((part > 0).all() for part in parts) else None
    if spread is None:
        return Value(estimate=estimate, n=cases, why="too few cases for an error")
    ends = (estimate * math.exp(-NORMAL * spread), estimate * math.exp(NORMAL * spread))
    return Value(
        estimate=estimate, n=cases, se=estimate * spread, ci=ends, method="linear kappas, jackknife over cases"
    )


def _guessed(material: Material) -> GuessedSource | None:
    """From guesses kept with clinicians' grades, each grader's newest of a line; lines that both wrote are no test."""
    guesses = ((grade, _guess(grade)) for grade in material.grades)
    newest = {(one.grader, one.case, normalise(one.line)): told for one, told in guesses if told}
    said = {key: told for key, told in newest.items() if told in GROUPS}
    if not newest:
        return None
    wrote = _authors(material)
    tested = [(one, *wrote[key[1:]]) for key, one in said.items() if len(wrote.get(key[1:], ())) == 1]
    hits = sum(one == true for one, true in tested)
    chance = None
    if tested:
        shares = [[sum(pair[side] == kind for pair in tested) / len(tested) for kind in GROUPS] for side in (0, 1)]
        chance = sum(one * other for one, other in zip(*shares, strict=True))
    return GuessedSource(share=wilson(hits, len(tested)), chance=chance, unsure=len(newest) - len(said))


def _guess(grade: Grade) -> str | None:
    """Human, model or unsure; older grades say it in a remark that begins with ``source: human``, or ``model``."""
    if not is_human(grade.source):
        return None
    told = SAID.match(grade.note or "")
    return grade.guess or (told[1].lower() if told else None)


def _authors(material: Material) -> dict[Key, set[str]]:
    found: dict[Key, set[str]] = {}
    for row in material.rows:
        for said in (answer["answer"] for answer in row["answers"]):
            written = said.get("lines") or [said.get("diagnosis") or ""]
            for line in material.lines(row, written):
                found.setdefault((str(row["case"]), normalise(line.text)), set()).add(str(row["kind"]))
    return found
