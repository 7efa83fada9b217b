"""Results before and after a model's knowledge cut-off: a case that was public by then may have been read in training.

A case and its translations have appeared when the first of them did. The humans' results on the same cases stand
beside, for cases of other years may be harder; the last contrast is the model minus the humans, case by case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from statistics import fmean
from typing import TYPE_CHECKING, Any, Literal

from scoring.estimates import TooLittleData, welch
from study import gap
from study.conditions import MAIN
from study.desk.staff import Grade, ModelEntry
from study.gap import Score
from study.results import Row, clinical_case

if TYPE_CHECKING:
    import pandas as pd

PERIODS: tuple[Literal["before", "after", "unknown"], ...] = ("before", "after", "unknown")
SHOWN = ("coverage", "open", "selection", "open_gap", "selection_gap")
METHOD = "Welch's t over cases; a model's samples and the humans are averaged by case first"
ONE_SIDE = "there are no cases on one side of the cut-off"
NO_CUTOFF = "no cut-off is declared, so that nothing is before or after it"
DRAWS = 2000


@dataclass(frozen=True)
class Period:
    """A model's cases of one period: ``scores`` of the model (group model) and of the humans on the same cases."""

    name: str
    cases: int
    scores: tuple[Score, ...]


@dataclass(frozen=True)
class Change:
    """After minus before of one measure: of the model, of the humans, or of the model minus the humans by case.

    ``estimate``, ``ci`` and ``p`` are None, and ``why`` says so, where they cannot be told. ``n`` cases before, after.
    """

    measure: str
    of: str
    estimate: float | None
    ci: tuple[float, float] | None
    p: float | None
    n: tuple[int, int]
    why: str | None = None


@dataclass(frozen=True)
class ModelPeriods:
    """One model with its cut-off, None where none was declared: then every case is unknown."""

    model: str
    cutoff: date | None
    periods: tuple[Period, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Contamination:
    """All models; ``undated`` cases have no date of publication."""

    models: tuple[ModelPeriods, ...]
    cases: int
    undated: int
    draws: int
    seed: int
    method: str = METHOD

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        plain = asdict(self)
        for model, made in zip(plain["models"], self.models, strict=True):
            model["cutoff"] = made.cutoff.isoformat() if made.cutoff else None
            for period, scores in zip(model["periods"], made.periods, strict=True):
                period["scores"] = [score.model_dump(mode="json") for score in scores.scores]
        return plain


def computed(
    rows: Iterable[Row],
    grades: Sequence[Grade],
    protocol: Mapping[str, Any] | None,
    cutoffs: Mapping[str, date | None],
    draws: int = DRAWS,
    seed: int = gap.SEED,
) -> Contamination:
    """The main readings of the models in ``cutoffs``, by first publication against each one's cut-off."""
    main = [row for row in rows if row.get("condition", MAIN) == MAIN]
    *_, scored = gap.frame_of(main, grades, protocol)
    return of_scored(scored, first_published(main), cutoffs, draws, seed)


def of_scored(
    scored: pd.DataFrame,
    published: Mapping[str, date | None],
    cutoffs: Mapping[str, date | None],
    draws: int = DRAWS,
    seed: int = gap.SEED,
) -> Contamination:
    """The same of main readings that ``study.gap.frame_of`` has scored, with ``first_published`` of their rows."""
    split = _Split(scored, published, draws, seed)
    models = tuple(split.model(name, cutoff) for name, cutoff in cutoffs.items())
    return Contamination(models, len(published), sum(day is None for day in published.values()), draws, seed)


def first_published(rows: Iterable[Row]) -> dict[str, date | None]:
    """When each clinical case first appeared, in any language; None where nobody says."""
    found: dict[str, date | None] = {}
    for row in rows:
        key, told = clinical_case(row), row.get("published")
        day, known = date.fromisoformat(str(told)) if told else None, found.get(key)
        found[key] = min(day, known) if day and known else day or known
    return found


def declared(models: Sequence[ModelEntry]) -> dict[str, date | None]:
    """The cut-off that each model was declared with; None where there is none that can be read."""
    found: dict[str, date | None] = {}
    for one in models:
        found[one.model] = found.get(one.model) or day_of(one.details.get("cutoff"))
    return found


def day_of(told: object) -> date | None:
    """The day that a text names as ISO 8601 has it; None where it names none."""
    try:
        return date.fromisoformat(str(told))
    except ValueError:
        return None


def period_of(published: date | None, cutoff: date | None) -> str:
    """``before`` up to the day of the cut-off, ``after`` from the next, ``unknown`` where either is not known."""
    if published is None or cutoff is None:
        return "unknown"
    return "before" if published <= cutoff else "after"


class _Split:
    """The scored readings, and the humans' scores on sets of cases: most models' periods have the same cases."""

    def __init__(self, scored: pd.DataFrame, published: Mapping[str, date | None], draws: int, seed: int) -> None:
        self.scored, self.published, self.draws, self.seed = scored, published, draws, seed
        self.people = scored[scored["group"] == "human"]
        self._kept: dict[frozenset[str], tuple[Score, ...]] = {}

    def model(self, name: str, cutoff: date | None) -> ModelPeriods:
        """One model, and the humans on the cases that it read."""
        own = self.scored[(self.scored["group"] == "model") & (self.scored["reader"] == name)]
        read = set(own["case"])
        when = {case: period_of(day, cutoff) for case, day in self.published.items()}
        periods = tuple(self._period(one, name, own, {case for case in read if when[case] == one}) for one in PERIODS)
        people = self.people[self.people["case"].isin(read)]
        changes = (change for measure in SHOWN for change in _changes({"human": people, "model": own}, measure, when))
        if cutoff is None:
            changes = (replace(one, why=NO_CUTOFF) if one.why == ONE_SIDE else one for one in changes)
        return ModelPeriods(name, cutoff, periods, tuple(changes))

    def _period(self, period: str, name: str, own: pd.DataFrame, cases: set[str]) -> Period:
        """The scores of one period: of the model, then of the humans. None where nobody read such a case."""
        if not cases:
            return Period(period, 0, ())
        scores = gap.of_groups(own[own["case"].isin(cases)], SHOWN, self.draws, self.seed)
        model = tuple(score.model_copy(update={"reader": name}) for score in scores)
        return Period(period, len(cases), (*model, *self._people(frozenset(cases))))

    def _people(self, cases: frozenset[str]) -> tuple[Score, ...]:
        if cases not in self._kept:
            own = self.people[self.people["case"].isin(cases)]
            self._kept[cases] = gap.of_groups(own, SHOWN, self.draws, self.seed) if len(own) else ()
        return self._kept[cases]


def _changes(scored: Mapping[str, pd.DataFrame], measure: str, when: Mapping[str, str]) -> Iterable[Change]:
    present = {group: own[own[f"{measure}_low"].notna()] for group, own in scored.items()}
    by_group = {group: own for group, own in present.items() if len(own)}
    final = {
        group: own.groupby("case")[f"{measure}_low"].mean()
        for group, own in by_group.items()
        if (own[f"{measure}_low"] == own[f"{measure}_high"]).all()
    }
    if "model" in final and "human" in final:
        final["model minus human"] = (final["model"] - final["human"]).dropna()
    for of in ("model", "human", "model minus human"):
        if of in final:
            scores = final[of]
            yield _change(
                measure, of, *([float(scores[c]) for c in scores.index if when[c] == p] for p in ("before", "after"))
            )
        elif of in by_group:
            yield Change(measure, of, None, None, None, (0, 0), "lines that matter wait for a grade")


def _change(measure: str, of: str, before: Sequence[float], after: Sequence[float]) -> Change:
    n = (len(before), len(after))
    if not before or not after:
        return Change(measure, of, None, None, None, n, ONE_SIDE)
    try:
        found = welch(after, before)
    except TooLittleData as error:
        return Change(measure, of, fmean(after) - fmean(before), None, None, n, str(error))
    return Change(measure, of, found.estimate, found.ci, found.p, n)
