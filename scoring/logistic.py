"""Logistic mixed models with crossed readers and cases: the sensitivity analysis of hits, in log odds.

hit ~ group * task + (1 + task | reader) + (1 + task | case), the random parts of :mod:`scoring.mixed`. On one panel
estimates, log-likelihoods and variances agree with lme4 to three digits and more; standard errors, of the Hessian of
all parameters, to .4 % with lme4 and .01 % with glmmTMB. Intercepts alone give p = .022 there where slopes give .092
(lme4: .091). The reference is normal: readers of both groups have one variance, and nothing is taken off for how few
they are, so the closed forms lead.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
from scipy import optimize

from scoring.estimates import Estimate, TooLittleData, referred_to_t
from scoring.laplace import Counts, Laplace

if TYPE_CHECKING:
    import pandas as pd

Array = npt.NDArray[np.float64]
NOT_HITS = "a logistic model takes hits alone, and there are scores between 0 and 1"
_FORMULA = {
    "slopes": "group * task + (1 + task | reader) + (1 + task | case)",
    "intercepts": "group * task + (1 | reader) + (1 | case)",
    "outcome": "group + (1 | reader) + (1 | case)",
}


@dataclass(frozen=True)
class Logistic:
    """``effect`` is humans minus models in log-odds: of the task, or of the hits. ``reader`` and ``case`` are the
    covariances of their effects, ``fixed`` all fixed effects, ``singular`` that a variance is estimated as zero.
    """

    effect: Estimate
    reader: Array
    case: Array
    fixed: Array
    loglik: float
    singular: bool
    n: int

    def to_json(self) -> dict[str, Any]:
        """The effect's fields beside the variances, as plain data; the reference is normal, so ``df`` is None."""
        own = {name: getattr(self, name) for name in ("loglik", "singular", "n")}
        return asdict(self.effect) | {"df": None, "reader": self.reader.tolist(), "case": self.case.tolist()} | own


def gap(table: pd.DataFrame, random: Literal["slopes", "intercepts"] = "slopes") -> Logistic:
    """The interaction of group and task from rows of reader, group, case, ddx, fdx, each 0, 1 or blank: the log odds
    ratio of coverage against the final diagnosis in humans, minus that in models.

    Runs of a model are tries of one cell. Raises :class:`TooLittleData` for scores that are no hits, for fewer than two
    readers in a group or two cases, or where the hits can be told from the group and task alone.
    """
    z = np.array([[1.0, -0.5], [1.0, 0.5]]) if random == "slopes" else np.ones((2, 1))
    return _fitted(table, ("fdx", "ddx"), z, _FORMULA[random])


def outcome(table: pd.DataFrame) -> Logistic:
    """Humans minus models of one outcome, from rows of reader, group, case and value (0, 1 or blank)."""
    return _fitted(table, ("value",), np.ones((1, 1)), _FORMULA["outcome"])


def _fitted(table: pd.DataFrame, tasks: tuple[str, ...], z: Array, formula: str) -> Logistic:
    counts = _counts(table, tasks, z)
    criterion = Laplace(counts)
    factors, q = 2 * criterion.factors_of_each, counts.fixed.shape[-1]
    rows, columns = np.tril_indices(criterion.p)
    diagonal = np.concatenate([np.tile(rows == columns, 2), np.zeros(q, bool)])
    bounds = [(0.0, None) if one else (None, None) for one in diagonal]
    tries = [
        optimize.minimize(
            criterion,
            np.where(diagonal, size, 0.0),
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"ftol": 1e-13},
        )
        for size in (0.3, 1.0)
    ]
    best = min(tries, key=lambda one: float(one.fun))
    variance = _variance(criterion, np.asarray(best.x), diagonal)
    reader, case = (factor @ factor.T for factor in criterion.factors(best.x))
    effect = referred_to_t(float(best.x[-1]), variance, float("inf"), f"logistic mixed model (Laplace), {formula}")
    singular = any(float(np.linalg.eigvalsh(own)[0]) < 1e-6 for own in (reader, case))
    fixed = np.asarray(best.x[factors:])
    return Logistic(effect, reader, case, fixed, -float(best.fun) / 2, singular, int((counts.tries > 0).sum()))


def _counts(table: pd.DataFrame, tasks: tuple[str, ...], z: Array) -> Counts:
    told = table.dropna(subset=list(tasks), how="all")
    values = told[list(tasks)].to_numpy(dtype=float)
    if not np.isin(values[~np.isnan(values)], (0.0, 1.0)).all():
        raise TooLittleData(NOT_HITS)
    readers = told[["group", "reader"]].drop_duplicates().reset_index(drop=True)
    human = np.asarray(readers["group"] == "human", dtype=float)
    if min(human.sum(), (1 - human).sum()) < 2 or told["case"].nunique() < 2:
        raise TooLittleData("a mixed model needs two readers in each group and two cases")
    cases = {case: place for place, case in enumerate(sorted(told["case"].unique()))}
    places = {key: place for place, key in enumerate(zip(readers["group"], readers["reader"], strict=True))}
    row = np.array([places[key] for key in zip(told["group"], told["reader"], strict=True)])
    column = told["case"].map(cases).to_numpy(dtype=np.intp)
    hits, tries = np.zeros((2, len(readers), len(cases), len(tasks)))
    np.add.at(hits, (row, column), np.nan_to_num(values))
    np.add.at(tries, (row, column), (~np.isnan(values)).astype(float))
    _separated(hits, tries, human > 0)
    return Counts(hits, tries, _design(human, z.shape[0], tries.shape), z)


def _design(human: Array, tasks: int, shape: tuple[int, ...]) -> Array:
    """Intercept and group; for two tasks also the task (-.5, .5) and its product with the group."""
    group = np.broadcast_to(human[:, None, None], shape)
    columns = [np.ones(shape), group]
    if tasks == 2:
        task = np.broadcast_to(np.array([-0.5, 0.5]), shape)
        columns += [task, group * task]
    return np.stack(columns, axis=-1)


def _separated(hits: Array, tries: Array, human: npt.NDArray[np.bool_]) -> None:
    for own in (human, ~human):
        share = hits[own].sum(axis=(0, 1)) / np.maximum(tries[own].sum(axis=(0, 1)), 1)
        if ((share <= 0) | (share >= 1)).any():
            raise TooLittleData("a group has no hit or nothing but hits in a task, so its log-odds have no bound")


def _variance(criterion: Laplace, place: Array, diagonal: npt.NDArray[np.bool_]) -> float:
    """Of the last fixed effect, from the Hessian of all parameters; variances estimated as zero stay where they are."""
    free = ~(diagonal & (place < 1e-4))
    steps = 1e-4 * np.eye(len(place))[free]
    hessian = np.array([(criterion(place + step)[1] - criterion(place - step)[1])[free] / 2e-4 for step in steps])
    values, vectors = np.linalg.eigh((hessian + hessian.T) / 2)
    kept = values > 1e-8 * values.max()
    return float((2 * vectors[-1, kept] ** 2 / values[kept]).sum())
