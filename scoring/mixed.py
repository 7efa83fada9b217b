"""Linear mixed models with crossed readers and cases, the sensitivity analysis of the closed forms.

score ~ group * task + (1 + task | reader) + (1 + task | case) by restricted maximum likelihood, the way lme4 does it
(Bates et al. 2015, J Stat Softw 67): the criterion is profiled over fixed effects and residual, so the optimiser sees
the relative Cholesky factors alone. Random slopes are needed: intercepts alone take the gaps of readers and cases for
noise, and give p-values that are too small. Readers of both groups have one variance here, which models do not keep to.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
from scipy import optimize

from scoring.estimates import Estimate, TooLittleData, referred_to_t
from scoring.profiled import Criterion, Gram

if TYPE_CHECKING:
    import pandas as pd

Array = npt.NDArray[np.float64]
EXPLAINED = "readers and cases explain every score, so no residual variance can be estimated"
Random = Literal["slopes", "uncorrelated", "intercepts"]
_FORMULA = {
    "slopes": "group * task + (1 + task | reader) + (1 + task | case)",
    "uncorrelated": "group * task + (1 + task || reader) + (1 + task || case)",
    "intercepts": "group * task + (1 | reader) + (1 | case)",
}


@dataclass(frozen=True)
class Mixed:
    """``effect`` is humans minus models; of the task or of the scores. ``reader`` and ``case`` are the covariances of
    their effects (1 x 1, or intercept and slope), ``residual`` the residual variance, ``criterion`` the REML deviance.

    ``singular`` says that a variance is estimated as zero; the effect is still valid.
    """

    effect: Estimate
    reader: Array
    case: Array
    residual: float
    criterion: float
    singular: bool
    n: int

    def to_json(self) -> dict[str, Any]:
        """The effect's fields beside the variances, as plain data."""
        effect = asdict(self.effect) | {"df": self.effect.df if math.isfinite(self.effect.df) else None}
        own = {name: getattr(self, name) for name in ("residual", "criterion", "singular", "n")}
        return effect | {"reader": self.reader.tolist(), "case": self.case.tolist()} | own


def gap(table: pd.DataFrame, random: Random = "slopes") -> Mixed:
    """The interaction of group and task, human gap minus model gap, from rows of reader, group, case, ddx, fdx.

    Runs of a model are averaged per case. ``random="intercepts"`` is there to compare: it takes too little for noise.
    Raises :class:`TooLittleData` where a group has fewer than two readers, for fewer than two cases, or where the
    scores do not vary.
    """
    cells = table.groupby(["group", "reader", "case"], as_index=False)[["ddx", "fdx"]].mean()
    long = cells.melt(["group", "reader", "case"], ["ddx", "fdx"], "task", "score").dropna(subset="score")
    task = np.where(long["task"] == "ddx", 0.5, -0.5)
    human = _human(long)
    fixed = np.column_stack([np.ones(len(long)), human, task, human * task])
    z = np.ones((len(long), 1)) if random == "intercepts" else np.column_stack([np.ones(len(long)), task])
    return _fitted(long, "score", fixed, z, random != "uncorrelated", f"linear mixed model, {_FORMULA[random]}")


def outcome(table: pd.DataFrame) -> Mixed:
    """Humans minus models of one outcome, score ~ group + (1 | reader) + (1 | case), from rows of reader, group, case,
    value; of a gap per cell it has random slopes for the task, and a residual of its own for each reader and case.
    """
    long = table.dropna(subset="value").groupby(["group", "reader", "case"], as_index=False)[["value"]].mean()
    fixed = np.column_stack([np.ones(len(long)), _human(long)])
    method = "linear mixed model, group + (1 | reader) + (1 | case)"
    return _fitted(long, "value", fixed, np.ones((len(long), 1)), True, method)


def _human(long: pd.DataFrame) -> Array:
    readers = long.groupby("group")["reader"].nunique()
    if min(readers.get("human", 0), readers.get("model", 0)) < 2:
        raise TooLittleData(
            f"a mixed model needs two readers in each group; found {readers.get('human', 0)} humans "
            f"and {readers.get('model', 0)} models"
        )
    return np.asarray(long["group"] == "human", dtype=float)


def _fitted(long: pd.DataFrame, value: str, fixed: Array, z: Array, correlated: bool, method: str) -> Mixed:
    y = long[value].to_numpy(dtype=float)
    reader, case = (
        long[column].astype("category").cat.codes.to_numpy().astype(np.intp) for column in ("reader", "case")
    )
    if case.max() < 1:
        raise TooLittleData("a mixed model needs two cases; found one")
    if len(y) <= fixed.shape[1] + 1 or np.linalg.matrix_rank(fixed) < fixed.shape[1]:
        raise TooLittleData("a mixed model needs scores of both tasks in both groups")
    if np.ptp(y) <= 1e-12:
        raise TooLittleData("the scores do not vary, so no mixed model can be fitted")
    criterion = Criterion(Gram.of(y, fixed, z, reader, case), correlated)
    try:
        theta = _minimum(criterion)
        at = criterion.at(theta)
    except np.linalg.LinAlgError:
        raise TooLittleData(EXPLAINED) from None
    variance = at.residual * float(at.unscaled[-1, -1])
    df = _satterthwaite(criterion, theta, at.residual)
    factors = criterion.factors(theta)
    reader_cov, case_cov = (at.residual * factor @ factor.T for factor in factors)
    return Mixed(
        effect=referred_to_t(float(at.fixed[-1]), variance, df, method),
        reader=reader_cov,
        case=case_cov,
        residual=at.residual,
        criterion=at.deviance,
        singular=any(float(np.linalg.eigvalsh(factor @ factor.T)[0]) < 1e-8 for factor in factors),
        n=len(y),
    )


def _minimum(criterion: Criterion) -> Array:
    """The relative Cholesky factors at the smallest deviance: by gradients from several starts, since zero is a
    stationary place, and from the best without.
    """

    def deviance(theta: Array) -> float:
        return criterion.at(theta).deviance

    def least(start: Array, method: Literal["L-BFGS-B", "Nelder-Mead"], options: Any) -> Any:
        return optimize.minimize(deviance, start, method=method, bounds=criterion.bounds, options=options)

    found = [least(start, "L-BFGS-B", {"ftol": 1e-12}) for start in criterion.starts]
    best = min(found, key=lambda one: float(one.fun))
    polished = least(best.x, "Nelder-Mead", {"xatol": 1e-6, "fatol": 1e-9, "maxfev": 600})
    return np.asarray(polished.x if polished.fun <= best.fun else best.x)


def _satterthwaite(criterion: Criterion, theta: Array, residual: float) -> float:
    """Degrees of freedom of the last fixed effect as in lmerTest: 2 V^2 / (g' A g), A twice the inverse Hessian."""
    at = np.append(theta, np.sqrt(residual))
    hessian = _hessian(criterion.full, at)
    gradient = _gradient(criterion.variance, at)
    values, vectors = np.linalg.eigh(hessian)
    kept = values > 1e-8 * values.max()
    along = (vectors.T @ gradient)[kept]
    spread = float((2 * along**2 / values[kept]).sum())
    return 2 * criterion.variance(at) ** 2 / spread if spread > 0 else float("inf")


def _steps(at: Array) -> Array:
    return 1e-4 * np.maximum(np.abs(at), 1.0)


def _gradient(function: Callable[[Array], float], at: Array) -> Array:
    steps = np.diag(_steps(at))
    return np.array([(function(at + step) - function(at - step)) / (2 * step.sum()) for step in steps])


def _hessian(function: Callable[[Array], float], at: Array) -> Array:
    steps, n = np.diag(_steps(at)), len(at)
    found = np.empty((n, n))
    for i in range(n):
        for j in range(i + 1):
            corners = [(1, 1), (1, -1), (-1, 1), (-1, -1)]
            total = sum(a * b * function(at + a * steps[i] + b * steps[j]) for a, b in corners)
            found[i, j] = found[j, i] = total / (4 * steps[i].sum() * steps[j].sum())
    return found
