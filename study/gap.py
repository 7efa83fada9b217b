"""The gap of an unblinded study: what humans and models cover, sign and select, with intervals, or bounds while lines
wait for a grade.

Screens compute it in a process of its own (``study.resident``), so that the libraries for statistics are loaded by
nobody who does not need them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict

from study.agreement import Judging, judging
from study.desk.staff import Grade, ModelEntry
from study.results import Row, given_grades, longest_list, planned_scale, readings

if TYPE_CHECKING:
    import pandas as pd

    from scoring.analysis import Analysis
    from scoring.bootstrap import Bootstrap
    from scoring.grades import Scale

DRAWS = 10_000
SEED = 20_231_031
WAITING = "closed forms: lines that matter wait for a grade, so only bounds are known"
FDX: tuple[Literal["selection", "open"], ...] = ("selection", "open")


class Result(BaseModel):
    """A part of the result: frozen."""

    model_config = ConfigDict(frozen=True)


class Score(Result):
    """A measure of a reader, or of a group (``reader`` None): see ``scoring.measures.Measure``.

    ``interval`` is the 95 % percentile interval of the bootstrap: over readers and cases for a group, over cases alone
    for one reader. None where the measure is provisional or cannot be resampled.
    """

    group: str
    reader: str | None
    measure: str
    estimate: float | None
    low: float | None
    high: float | None
    n: int
    missing: int
    failed: int
    as_wrong: float | None
    as_wrong_low: float | None
    as_wrong_high: float | None
    n_as_wrong: int
    interval: tuple[float, float] | None = None


class Contrast(Result):
    """Humans minus models for one measure, by a named method; score units."""

    measure: str
    estimate: float
    se: float | None
    df: float | None
    ci: tuple[float, float] | None
    p: float | None
    n: int
    method: str


class Gap(Result):
    """All that the analyst is shown: scores by group and by reader, contrasts, and what could not be said and why.

    ``joint`` are the bootstrap's contrasts tested together: simultaneous intervals, p adjusted by max-T. They are
    exploratory: the family that the plan names is corrected in ``study.findings.multiplicity``.
    """

    scores: tuple[Score, ...]
    contrasts: tuple[Contrast, ...]
    refused: tuple[str, ...]
    notes: tuple[str, ...]
    readers: dict[str, int]
    cases: int
    readings: int
    ungraded: int
    sources: dict[str, int]
    scale: str
    threshold: int
    cap: int
    draws: int
    seed: int
    agreement: Judging | None = None
    joint: tuple[Contrast, ...] = ()

    def of(self, measure: str, group: str, reader: str | None = None) -> Score | None:
        """The score of a reader, or of the group."""
        found = (s for s in self.scores if (s.measure, s.group, s.reader) == (measure, group, reader))
        return next(found, None)


def computed(
    rows: Iterable[Row],
    grades: Sequence[Grade],
    protocol: Mapping[str, Any] | None,
    draws: int = DRAWS,
    seed: int = SEED,
    models: Sequence[ModelEntry] = (),
    scored: pd.DataFrame | None = None,
) -> Gap:
    """Score and resample the analyst's rows as the protocol's plan says; runs of a model are averaged per case.

    ``models`` are those that took part, so that a judge of their family is named. ``scored`` is the frame of these rows
    where it is at hand.
    """
    from scoring.measures import summary

    rows = list(rows)
    scale, cap, scored = frame_of(rows, grades, protocol, scored)
    found = [asdict(one) for by_reader in (False, True) for one in summary(scored, by_reader=by_reader)]
    groups, of_readers, refused = _resampled(scored, draws, seed)
    contrasts, more, notes = _contrasts(scored, groups, planned_failures(protocol))
    return Gap(
        scores=tuple(Score(**one, interval=_interval(one, groups, of_readers)) for one in found),
        contrasts=contrasts,
        refused=tuple(dict.fromkeys([*refused, *more])),
        notes=notes,
        readers={str(group): int(own["reader"].nunique()) for group, own in scored.groupby("group")},
        cases=int(scored["case"].nunique()),
        readings=len(scored),
        ungraded=int(scored["ungraded"].sum()),
        sources=dict(Counter(grade.source for grade in grades)),
        scale=scale.title,
        threshold=scale.correct_from,
        cap=cap,
        draws=draws,
        seed=seed,
        joint=tuple(_together(scored, groups)),
        agreement=judging(rows, grades, scale, protocol, models),
    )


def planned(
    rows: Iterable[Row], grades: Sequence[Grade], protocol: Mapping[str, Any] | None, *, pooled: bool = False
) -> tuple[Analysis | None, list[str]]:
    """The closed-form analysis of the plan's final diagnosis; None with the sentences that say why there is none."""
    *_, scored = frame_of(rows, grades, protocol)
    if not final(scored):
        return None, [WAITING]
    plan = (protocol or {}).get("plan") or {}
    return closed_form(scored, "open" if plan.get("fdx") == "open" else "selection", planned_failures(protocol), pooled)


def frame_of(
    rows: Iterable[Row],
    grades: Sequence[Grade],
    protocol: Mapping[str, Any] | None,
    scored: pd.DataFrame | None = None,
) -> tuple[Scale, int, pd.DataFrame]:
    """The protocol's scale and cap, and ``scoring.measures.frame`` of the analyst's rows by both, if not at hand."""
    from scoring.measures import frame

    scale, cap = planned_scale(protocol), longest_list(protocol)
    if scored is not None:
        return scale, cap, scored
    return scale, cap, frame(readings(rows, given_grades(grades, scale), scale), cap, scale)


def final(scored: pd.DataFrame) -> bool:
    """Whether no ungraded line can change coverage or a final diagnosis any more."""
    pairs = [(scored[f"{name}_low"], scored[f"{name}_high"]) for name in ("coverage", "open", "selection")]
    return all(bool(((low == high) | low.isna()).all()) for low, high in pairs)


def of_groups(scored: pd.DataFrame, measures: Sequence[str], draws: int = DRAWS, seed: int = SEED) -> tuple[Score, ...]:
    """The groups' scores of these measures in a part of ``frame_of``'s frame, and nothing that they do not need.

    Intervals are those of ``computed``, by the crossed bootstrap over the readers and cases of this part.
    """
    from scoring.estimates import TooLittleData
    from scoring.measures import bootstrapped, summary

    drawn: Drawn | None = None
    with suppress(TooLittleData, ValueError):
        drawn = bootstrapped(scored, measures, draws, seed)
    found = map(asdict, summary(scored, measures=measures))
    return tuple(Score(**one, interval=_interval(one, drawn, None)) for one in found)


Drawn = tuple[tuple[str, ...], "Bootstrap"]


def _resampled(scored: pd.DataFrame, draws: int, seed: int) -> tuple[Drawn | None, Drawn | None, list[str]]:
    """The bootstrap by group over readers and cases, and by reader over cases; with what stood in the way."""
    from scoring.estimates import TooLittleData
    from scoring.measures import bootstrapped_with_readers

    try:
        names, groups, readers = bootstrapped_with_readers(scored, draws, seed)
        return (names, groups), (names, readers), []
    except (TooLittleData, ValueError) as error:
        return None, None, [f"intervals: {error}"]


def _name(group: str, reader: str) -> str:
    return f"{group}/{reader}"


def _interval(score: Mapping[str, Any], groups: Drawn | None, readers: Drawn | None) -> tuple[float, float] | None:
    drawn = groups if score["reader"] is None else readers
    name = score["group"] if score["reader"] is None else _name(score["group"], score["reader"])
    if drawn is None or score["measure"] not in drawn[0] or name not in drawn[1].groups:
        return None
    return drawn[1].interval(name, outcome=drawn[0].index(score["measure"]))


def planned_failures(protocol: Mapping[str, Any] | None) -> Literal["wrong", "left_out"]:
    """What the plan says a failed reading is."""
    plan = (protocol or {}).get("plan") or {}
    return "left_out" if plan.get("failures") == "left-out" else "wrong"


def _contrasts(
    scored: pd.DataFrame, drawn: Drawn | None, failures: Literal["wrong", "left_out"]
) -> tuple[tuple[Contrast, ...], list[str], tuple[str, ...]]:
    """Humans minus models: by the bootstrap, and by the closed forms once every line that matters has its grade."""
    contrasts = list(_by_bootstrap(scored, drawn))
    if not final(scored):
        return tuple(contrasts), [WAITING], ()
    refused: list[str] = []
    notes: dict[str, None] = {}
    for fdx in FDX:
        if scored[f"{fdx}_gap_low"].notna().any():
            found, why = closed_form(scored, fdx, failures)
            refused += why
            if found is not None:
                contrasts += _differences(found, f"{fdx}_gap")
                notes |= dict.fromkeys(found.missing.notes)
    return tuple(contrasts), refused, tuple(notes)


def closed_form(
    scored: pd.DataFrame,
    fdx: Literal["selection", "open"],
    failures: Literal["wrong", "left_out"] = "wrong",
    pooled: bool = False,
) -> tuple[Analysis | None, list[str]]:
    """The analysis of a frame without open lines by ``scoring.analysis``, or the sentences that say why none."""
    from scoring.analysis import analyse
    from scoring.estimates import TooLittleData
    from scoring.measures import analysis_table

    try:
        found = analyse(analysis_table(scored, fdx, failures), pooled=pooled)
    except TooLittleData as error:
        return None, [f"closed forms, {fdx}: {error}"]
    return found, [f"{fdx}: {sentence}" for sentence in found.refused]


def _differences(analysis: Analysis, measure: str) -> Iterable[Contrast]:
    seen: set[str] = set()
    for name in ("difference", "difference_models_fixed", "within_case", "within_case_models_fixed"):
        figure = getattr(analysis, name)
        if figure is not None and figure.method not in seen:
            seen.add(figure.method)
            plain = asdict(figure)
            yield Contrast(measure=measure, **{**plain, "df": _finite(plain["df"])})


def _finite(value: float | None) -> float | None:
    return None if value is None or value == float("inf") else value


CONTRASTED = ("selection_gap", "open_gap", "coverage", "selection", "open")


def _by_bootstrap(scored: pd.DataFrame, drawn: Drawn | None) -> Iterable[Contrast]:
    for measure, place in _contrasted(drawn):
        assert drawn is not None
        bootstrap = drawn[1]
        human, model = (bootstrap.groups.index(group) for group in ("human", "model"))
        yield Contrast(
            measure=measure,
            estimate=float(bootstrap.estimates[place, human] - bootstrap.estimates[place, model]),
            se=bootstrap.se("human", "model", place),
            df=None,
            ci=bootstrap.interval("human", "model", place),
            p=None,
            n=_cells(scored, measure),
            method=f"crossed bootstrap, {bootstrap.draws.shape[2]:,} draws, percentile",
        )


def _together(scored: pd.DataFrame, drawn: Drawn | None) -> Iterable[Contrast]:
    """The contrasts that vary at all, on one set of weights."""
    from scoring.estimates import TooLittleData
    from scoring.joint import Comparison, max_t

    if drawn is None:
        return
    varying = [
        (measure, place) for measure, place in _contrasted(drawn) if drawn[1].se("human", "model", place) > 1e-12
    ]
    if not varying:
        return
    try:
        found = max_t(drawn[1], [Comparison(place, "human", "model") for _, place in varying])
    except TooLittleData:
        return
    method = f"crossed bootstrap, {found.draws:,} draws, max-T over {len(varying)} outcome(s)"
    told = zip(varying, found.estimates, found.se, found.intervals, found.p, strict=True)
    for (measure, _), estimate, se, ci, p in told:
        n = _cells(scored, measure)
        yield Contrast(measure=measure, estimate=estimate, se=se, df=None, ci=ci, p=p, n=n, method=method)


def _contrasted(drawn: Drawn | None) -> list[tuple[str, int]]:
    """The measures of which humans minus models was drawn, with their places."""
    if drawn is None or not {"human", "model"} <= set(drawn[1].groups):
        return []
    return [(measure, drawn[0].index(measure)) for measure in CONTRASTED if measure in drawn[0]]


def _cells(scored: pd.DataFrame, measure: str) -> int:
    return len(scored[scored[f"{measure}_low"].notna()].drop_duplicates(["group", "reader", "case"]))
