"""What all subjects draw on: rows, grades and plan of a study, scored once and kept while findings are computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from scoring.grades import Scale, list_grade
from scoring.measures import NO_FAILURE
from scoring.reading import FAILED, Reading
from study.case import Diagnosis
from study.conditions import MAIN
from study.desk.staff import Grade, ModelEntry
from study.findings._result import GROUPS, Group, Value, value_of
from study.plan import AnalysisPlan, measure_of
from study.results import Given, Graded, Row, graded, longest_list, planned_scale, readings, settled_grades

if TYPE_CHECKING:
    import pandas as pd

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Matrix:
    """The scores of one measure in one group, (readers, cases), NaN for missing; runs are averaged by case."""

    readers: tuple[str, ...]
    cases: tuple[str, ...]
    scores: Array

    @property
    def n(self) -> int:
        """How many cells have a score."""
        return int((~np.isnan(self.scores)).sum())

    @property
    def mean(self) -> float | None:
        """The mean over cells; None without any."""
        return float(np.nanmean(self.scores)) if self.n else None

    def of_cases(self, cases: Iterable[str]) -> Matrix:
        """The same of these cases alone."""
        kept = set(cases)
        places = [place for place, case in enumerate(self.cases) if case in kept]
        return Matrix(self.readers, tuple(self.cases[place] for place in places), self.scores[:, places])


class Material:
    """The rows of a study's main condition and what is known of them; ``stages`` as ``AnalystDesk.stages`` tells."""

    def __init__(
        self,
        rows: Iterable[Row],
        grades: Sequence[Grade],
        protocol: Mapping[str, Any] | None,
        models: Sequence[ModelEntry] = (),
        stages: Iterable[Row] | None = None,
    ) -> None:
        self.rows = [row for row in rows if row.get("condition", MAIN) == MAIN]
        self.grades, self.protocol, self.models = list(grades), protocol or {}, list(models)
        self.stages = None if stages is None else {stage["reading"]: stage for stage in stages}
        self._matrices: dict[str, dict[Group, Matrix]] = {}
        self._graded: dict[tuple[str, tuple[str, ...]], tuple[Graded, ...]] = {}
        self._diagnoses: dict[str, Diagnosis] = {}
        self.kept: dict[str, Any] = {}

    @cached_property
    def plan(self) -> AnalysisPlan:
        """The analysis plan that was fixed with the protocol, or the one that holds without."""
        return AnalysisPlan.model_validate(self.protocol.get("plan") or {})

    @cached_property
    def scale(self) -> Scale:
        """The scale of the plan, with its threshold."""
        return planned_scale(self.protocol)

    @cached_property
    def cap(self) -> int:
        """How many lines of a list count."""
        return longest_list(self.protocol)

    @cached_property
    def given(self) -> Given:
        """The grade that counts for each case and wording."""
        return {key: one.grade for key, one in settled_grades(self.grades, self.scale).items()}

    @cached_property
    def readings(self) -> list[Reading]:
        """The rows as readings, in the same order."""
        return readings(self.rows, self.given, self.scale)

    @cached_property
    def scored(self) -> pd.DataFrame:
        """One row a reading with the bounds of every measure: see ``scoring.measures.frame``."""
        from scoring.measures import frame

        found = frame(self.readings, self.cap, self.scale)
        k = self.plan.k
        if k is None or f"top{k}_low" in found:
            return found
        bounds = np.array([self._top(reading, k) for reading in self.readings], dtype=float).reshape(-1, 2)
        return found.assign(**{f"top{k}_low": bounds[:, 0], f"top{k}_high": bounds[:, 1]})

    def _top(self, reading: Reading, k: int) -> tuple[float, float]:
        """Whether a line that is correct stands among the first ``k``, as bounds."""
        if reading.state != "completed" or reading.lines is None:
            return np.nan, np.nan
        best = list_grade([grade for _, grade in reading.lines], min(k, self.cap), self.scale)
        return float(best.low >= self.scale.correct_from), float(best.high >= self.scale.correct_from)

    @cached_property
    def cases(self) -> tuple[str, ...]:
        """The clinical cases that anybody read, translations counted as their original."""
        return tuple(sorted({reading.case for reading in self.readings}))

    @cached_property
    def distinct(self) -> list[Row]:
        """A row for each combination of what subgroups are made of: case, language, arm, specialty, publication."""
        differs = ("case", "language", "arm", "specialty", "published")
        return list({tuple(str(row.get(name)) for name in differs): row for row in self.rows}.values())

    def lines(self, row: Row, written: Sequence[str]) -> tuple[Graded, ...]:
        """The diagnoses of a list with their grades, each distinct list of a case held against the truth once."""
        case = str(row["case"])
        key = case, tuple(line for line in written if line.strip())
        if key not in self._graded:
            if case not in self._diagnoses:
                self._diagnoses[case] = Diagnosis.model_validate(row["diagnosis"])
            self._graded[key] = graded(case, key[1], self._diagnoses[case], self.given, self.scale)
        return self._graded[key]

    def matrix(self, measure: str, group: Group) -> Matrix:
        """The group's scores of a measure; a failure is 0 or missing as the plan says, a provisional score missing."""
        if measure not in self._matrices:
            self._matrices[measure] = self._matrix_of(measure)
        return self._matrices[measure][group]

    def _matrix_of(self, measure: str) -> dict[Group, Matrix]:
        return matrices(self.scored, self.scores(measure), self.cases)

    def scores(self, measure: str) -> Array:
        """The score of each reading; a failure is 0 or missing as the plan says, a provisional score missing."""
        low, high = self.scored[f"{measure}_low"], self.scored[f"{measure}_high"]
        score = low.where(low == high)
        if self.plan.failures == "wrong" and measure not in NO_FAILURE:
            # A reader without any answer has no rate, not one of nought.
            answered = self.scored["reader"].isin(self.scored.loc[low.notna(), "reader"])
            failed = self.scored["state"].isin(FAILED) & answered
            wrong = -1 / (self.scored["options"] - 1) if measure == "selection_corrected" else 0.0
            score = score.mask(failed, wrong)
        return score.to_numpy(float)

    def answers(self, measure: str, group: Group) -> Matrix:
        """The group's scores of completed readings alone, whatever the plan says of failures."""
        low, high = self.scored[f"{measure}_low"], self.scored[f"{measure}_high"]
        return matrices(self.scored, low.where(low == high).to_numpy(float), self.cases)[group]

    def waiting(self, measure: str, group: Group | None = None) -> int:
        """How many readings have no score of this measure yet, because a line that matters waits for a grade."""
        own = self.scored if group is None else self.scored[self.scored["group"] == group]
        low, high = own[f"{measure}_low"], own[f"{measure}_high"]
        return int((low.notna() & (low != high)).sum())

    def difference(self, measure: str, cases: Iterable[str] | None = None) -> Value:
        """Humans minus these models as they are; within cases where human cells are missing, as the analysis leads."""
        if waiting := self.waiting(measure):
            return Value(estimate=None, n=0, why=f"{waiting} readings wait for a grade that matters")
        both = [self.matrix(measure, group) for group in GROUPS]
        human, model = both if cases is None else [one.of_cases(cases) for one in both]
        return difference(human, model)

    def measure_of(self, outcome: str) -> str:
        """The measure that a planned outcome (gap, coverage, fdx, top-k, reciprocal-rank) means in this plan."""
        return measure_of(self.plan, outcome)


def difference(human: Matrix, model: Matrix) -> Value:
    """The mean of humans minus these models' mean per case, over readers and cases; refused where it cannot be told."""
    from scoring import missing
    from scoring.comparing import against

    n = human.n + model.n
    if not human.n or not model.n:
        return Value(estimate=None, n=n, why="humans and models are both needed, with scores for the same case")
    h, m = human.scores, model.scores
    plain = float(np.nanmean(h) - np.nanmean(m))
    if np.isnan(h).any():
        return value_of(lambda: missing.within_case_fixed(h, m), n, plain)
    return value_of(lambda: against(h, m, "these models fixed"), n, plain)


def from_models(human: Matrix, model: Matrix) -> Array:
    """Each human cell minus the models' mean of its case (readers, cases); NaN where either is missing."""
    m = model.scores
    count = (~np.isnan(m)).sum(axis=0) if len(m) else np.zeros(len(model.cases))
    mean = np.where(count > 0, np.nansum(m, axis=0) / np.maximum(count, 1), np.nan)
    return np.asarray(human.scores - mean)


def panel_mean(matrix: Matrix) -> Value:
    """A group's mean over readers and cases; without an error for one reader."""
    from scoring import missing

    if not matrix.n:
        return Value(estimate=None, n=0, why="there is no score")
    return value_of(lambda: missing.panel(matrix.scores), matrix.n, matrix.mean, against_zero=False)


def mean_of(cells: Iterable[tuple[str, str, float]], against_zero: bool = True) -> Value:
    """The mean of (reader, case, value), averaged by reader and case first, over readers and cases."""
    from scoring import missing

    found: dict[tuple[str, str], list[float]] = {}
    for reader, case, value in cells:
        found.setdefault((reader, case), []).append(value)
    if not found:
        return Value(estimate=None, n=0, why="there is none")
    readers, cases = (sorted({key[side] for key in found}) for side in (0, 1))
    rows, columns = {one: n for n, one in enumerate(readers)}, {one: n for n, one in enumerate(cases)}
    scores = np.full((len(readers), len(cases)), np.nan)
    for (reader, case), values in found.items():
        scores[rows[reader], columns[case]] = sum(values) / len(values)
    return value_of(
        lambda: missing.panel(scores, centred=True), len(found), float(np.nanmean(scores)), against_zero=against_zero
    )


def matrices(scored: pd.DataFrame, score: Array, cases: tuple[str, ...]) -> dict[Group, Matrix]:
    """Scores, one a row of ``scored`` (group, reader, case), as a matrix of each group over these cases."""
    import pandas as pd

    columns = pd.Index(cases, dtype=object).get_indexer(pd.Index(scored["case"], dtype=object))
    groups, names = scored["group"].to_numpy(), scored["reader"].to_numpy()
    found: dict[Group, Matrix] = {}
    for group in GROUPS:
        own = groups == group
        readers = tuple(sorted(set(names[own])))
        kept = own & ~np.isnan(score)
        cells = pd.Index(readers, dtype=object).get_indexer(names[kept]) * len(cases) + columns[kept]
        size = len(readers) * len(cases)
        count = np.bincount(cells, minlength=size).astype(float)
        total = np.bincount(cells, weights=score[kept], minlength=size)
        with np.errstate(invalid="ignore"):
            means = np.where(count > 0, total / count, np.nan)
        found[group] = Matrix(readers, cases, means.reshape(len(readers), len(cases)))
    return found


def states(readings: Sequence[Reading]) -> dict[str, int]:
    """How many readings are not completed, by state."""
    found: dict[str, int] = {}
    for reading in readings:
        if reading.state != "completed":
            found[reading.state] = found.get(reading.state, 0) + 1
    return dict(sorted(found.items()))
