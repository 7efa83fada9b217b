"""The REML criterion of a linear mixed model with two crossed factors, from cross-products alone.

Cases are eliminated first: their block of Z'Z is block diagonal, so an evaluation costs (reader effects)^2 x cases and
no more, whatever the number of scores.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Gram:
    """Cross-products of case effects (cases, p), of the rest (reader and fixed effects, y), and between the two."""

    case: Array
    between: Array
    rest: Array
    n: int
    readers: int
    fixed: int

    @classmethod
    def of(cls, y: Array, fixed: Array, z: Array, reader: Indices, case: Indices) -> Gram:
        """From scores (n,), fixed effects (n, q), random effects (n, p), and whose each score is."""
        readers, cases, p = int(reader.max()) + 1, int(case.max()) + 1, z.shape[1]
        of_reader = np.zeros((len(y), readers * p))
        of_reader.reshape(len(y), readers, p)[np.arange(len(y)), reader] = z
        rest = np.column_stack([of_reader, fixed, y])
        of_case = sparse.csr_array((np.ones(len(y)), (case, np.arange(len(y)))), shape=(cases, len(y)))
        own = np.stack([of_case @ (column[:, None] * z) for column in z.T], axis=1)
        between = np.stack([of_case @ (column[:, None] * rest) for column in z.T], axis=1)
        return cls(own, between, rest.T @ rest, len(y), readers, fixed.shape[1])


@dataclass(frozen=True)
class At:
    """The criterion at one place: deviance, residual variance, fixed effects and their covariance over the residual."""

    deviance: float
    residual: float
    fixed: Array
    unscaled: Array
    logdet: float
    rss: float


class Criterion:
    """The REML deviance as a function of the relative Cholesky factors of reader and case effects."""

    def __init__(self, gram: Gram, correlated: bool) -> None:
        self.gram = gram
        self.p = gram.case.shape[1]
        rows, columns = np.tril_indices(self.p)
        kept = np.ones(len(rows), bool) if correlated else rows == columns
        self._places = rows[kept], columns[kept]
        diagonal = np.tile(rows[kept] == columns[kept], 2)
        self.starts = [np.where(diagonal, size, 0.0) for size in (0.1, 0.4, 1.0)]
        self.bounds = [(0.0, None) if one else (None, None) for one in diagonal]

    def factors(self, theta: Array) -> tuple[Array, Array]:
        """The lower triangles of reader and case effects."""
        found = []
        for own in np.split(theta, 2):
            factor = np.zeros((self.p, self.p))
            factor[self._places] = own
            found.append(factor)
        return found[0], found[1]

    def at(self, theta: Array) -> At:
        """Everything at these factors; raises ``numpy.linalg.LinAlgError`` where nothing is left for the residual."""
        gram, (reader, case) = self.gram, self.factors(theta)
        size, q = gram.readers * self.p, gram.fixed
        scale = np.eye(gram.rest.shape[0])
        scale[:size, :size] = np.kron(np.eye(gram.readers), reader)
        block = case.T @ gram.case @ case + np.eye(self.p)
        lower = np.linalg.cholesky(block)
        between = np.linalg.solve(lower, case.T @ gram.between @ scale).reshape(-1, len(scale))
        rest = scale.T @ gram.rest @ scale - between.T @ between
        rest[:size, :size] += np.eye(size)
        factor = np.linalg.cholesky(rest)
        if factor[-1, -1] ** 2 <= 1e-12 * gram.rest[-1, -1]:
            raise np.linalg.LinAlgError("the scores are explained")
        diagonal = np.log(np.diag(factor))
        logdet = 2 * float(np.log(np.diagonal(lower, axis1=1, axis2=2)).sum() + diagonal[: size + q].sum())
        rss = float(factor[-1, -1] ** 2)
        free = gram.n - q
        root = factor[size : size + q, size : size + q]
        inverse = np.linalg.inv(root)
        return At(
            deviance=logdet + free * (1 + math.log(2 * math.pi * rss / free)),
            residual=rss / free,
            fixed=inverse.T @ factor[-1, size : size + q],
            unscaled=inverse.T @ inverse,
            logdet=logdet,
            rss=rss,
        )

    def full(self, place: Array) -> float:
        """The deviance with the residual standard deviation, the last element, not profiled out."""
        at, sigma = self.at(place[:-1]), float(place[-1])
        return at.logdet + (self.gram.n - self.gram.fixed) * math.log(2 * math.pi * sigma**2) + at.rss / sigma**2

    def variance(self, place: Array) -> float:
        """The variance of the last fixed effect there."""
        return float(place[-1] ** 2 * self.at(place[:-1]).unscaled[-1, -1])
