"""The likelihood of a logistic mixed model with crossed readers and cases, by Laplace's approximation.

hits ~ Binomial(tries, 1 / (1 + exp(-eta))), eta = fixed effects + z'Lr u_reader + z'Lc u_case, u standard normal. The
integral over u is replaced by its value at the mode (Breslow & Clayton 1993, J Am Stat Assoc 88:9; as lme4 with nAGQ =
1): deviance = -2 [log p(hits | u) - |u|^2 / 2 - log|H| / 2], H the penalised information of u. The gradient is exact:
the mode moves with the parameters, and H with the mode. Cases are eliminated first, so that an evaluation costs
(reader effects)^2 x cases.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

Array = npt.NDArray[np.float64]
STEPS = 200


@dataclass(frozen=True)
class Counts:
    """``hits`` of ``tries`` (readers, cases, tasks), 0 of 0 where nothing was read; ``fixed`` effects (readers, cases,
    tasks, q); ``z`` (tasks, p), what a reader's and a case's p effects are multiplied with.
    """

    hits: Array
    tries: Array
    fixed: Array
    z: Array


@dataclass(frozen=True)
class _Mode:
    """The effects (readers, p), (cases, p) where the integrand is largest, and the information there, factored."""

    reader: Array
    case: Array
    residual: Array
    weight: Array
    slope: Array
    value: float
    own: Array
    between: Array
    schur: Array


class Laplace:
    """The deviance and its gradient; places are the factors of readers, then of cases (lower triangles), then the fixed
    effects.
    """

    def __init__(self, counts: Counts) -> None:
        self.counts = counts
        self.p = counts.z.shape[1]
        self.factors_of_each = self.p * (self.p + 1) // 2
        n, y = counts.tries, counts.hits
        self._constant = float((special.gammaln(n + 1) - special.gammaln(y + 1) - special.gammaln(n - y + 1)).sum())
        readers, cases, _ = counts.hits.shape
        self._start = np.zeros((readers, self.p)), np.zeros((cases, self.p))

    def factors(self, place: Array) -> tuple[Array, Array]:
        """The lower triangles of reader and case effects."""
        both = np.zeros((2, self.p, self.p))
        rows, columns = np.tril_indices(self.p)
        both[:, rows, columns] = place[: 2 * self.factors_of_each].reshape(2, -1)
        return both[0], both[1]

    def __call__(self, place: Array) -> tuple[float, Array]:
        """The deviance at a place, and its gradient; the mode is looked for from the last one."""
        reader, case = self.factors(place)
        zr, zc = self.counts.z @ reader, self.counts.z @ case
        mode = self._mode(self.counts.fixed @ place[2 * self.factors_of_each :], zr, zc)
        self._start = mode.reader, mode.case
        logdet = np.linalg.slogdet(mode.own)[1].sum() + np.linalg.slogdet(mode.schur)[1]
        return -2 * (mode.value + self._constant) + float(logdet), self._gradient(mode, zr, zc)

    def _mode(self, offset: Array, zr: Array, zc: Array) -> _Mode:
        """Newton's steps, halved until the integrand grows."""
        r, c = self._start
        value, eta = self._value(offset, r, c, zr, zc)
        for _ in range(STEPS):
            mode = self._at(eta, value, r, c, zr, zc)
            up = mode.residual.sum(axis=1) @ zr - r, mode.residual.sum(axis=0) @ zc - c
            step = _solved(mode, *up)
            if (up[0] * step[0]).sum() + (up[1] * step[1]).sum() < 1e-18:
                return mode
            size = 1.0
            while True:
                tried = r + size * step[0], c + size * step[1]
                new, eta = self._value(offset, *tried, zr, zc)
                if new >= value - 1e-9 or size < 1e-6:
                    break
                size /= 2
            (r, c), value = tried, new
        return self._at(eta, value, r, c, zr, zc)

    def _value(self, offset: Array, r: Array, c: Array, zr: Array, zc: Array) -> tuple[float, Array]:
        eta = offset + (r @ zr.T)[:, None, :] + c @ zc.T
        told = self.counts.hits * eta - self.counts.tries * np.logaddexp(0, eta)
        return float(told.sum() - (r**2).sum() / 2 - (c**2).sum() / 2), eta

    def _at(self, eta: Array, value: float, r: Array, c: Array, zr: Array, zc: Array) -> _Mode:
        mean = special.expit(eta)
        weight = self.counts.tries * mean * (1 - mean)
        one = np.eye(self.p)
        own = np.tensordot(weight.sum(axis=0), _outer(zc, zc), 1) + one
        between = np.tensordot(weight, _outer(zc, zr), 1).transpose(1, 2, 0, 3).reshape(len(c), self.p, -1)
        schur = -np.einsum("cpi,cpj->ij", between, np.linalg.solve(own, between), optimize=True)
        places = np.arange(r.size).reshape(r.shape)
        schur[places[:, :, None], places[:, None, :]] += np.tensordot(weight.sum(axis=1), _outer(zr, zr), 1) + one
        residual = self.counts.hits - self.counts.tries * mean
        return _Mode(r, c, residual, weight, weight * (1 - 2 * mean), value, own, between, schur)

    def _gradient(self, mode: _Mode, zr: Array, zc: Array) -> Array:
        (readers, p), cases = mode.reader.shape, len(mode.case)
        z, w = self.counts.z, mode.weight
        schur, own = np.linalg.inv(mode.schur), np.linalg.inv(mode.own)
        back = own @ mode.between
        cross = -(back.reshape(cases * p, -1) @ schur).reshape(cases, p, readers, p)
        of_case = own - np.einsum("cprs,cqrs->cpq", cross, back.reshape(cross.shape), optimize=True)
        of_reader = np.stack([schur[p * i : p * i + p, p * i : p * i + p] for i in range(readers)])
        spread = np.einsum("tp,rpq,tq->rt", zr, of_reader, zr)[:, None] + np.einsum("tp,cpq,tq->ct", zc, of_case, zc)
        spread = spread + 2 * np.einsum("tp,cprq,tq->rct", zc, cross, zr, optimize=True)
        turned = spread * mode.slope
        vr, vc = _solved(mode, turned.sum(axis=1) @ zr, turned.sum(axis=0) @ zc)
        moved = turned - w * ((vr @ zr.T)[:, None] + vc @ zc.T) - 2 * mode.residual
        to_reader = _products(z, moved.sum(axis=1), mode.reader) + _products(z, mode.residual.sum(axis=1), vr)
        to_reader += 2 * np.einsum("rt,tj,tl,rlk->jk", w.sum(axis=1), z, zr, of_reader, optimize=True)
        to_reader += 2 * np.einsum("rct,tj,tl,clrk->jk", w, z, zc, cross, optimize=True)
        to_case = _products(z, moved.sum(axis=0), mode.case) + _products(z, mode.residual.sum(axis=0), vc)
        to_case += 2 * np.einsum("ct,tj,tl,clk->jk", w.sum(axis=0), z, zc, of_case, optimize=True)
        to_case += 2 * np.einsum("rct,tj,tl,ckrl->jk", w, z, zr, cross, optimize=True)
        lower = np.tril_indices(p)
        to_fixed = np.tensordot(moved, self.counts.fixed, 3)
        return np.concatenate([to_reader[lower], to_case[lower], to_fixed])


def _solved(mode: _Mode, reader: Array, case: Array) -> tuple[Array, Array]:
    """H^-1 times a vector of reader parts and case parts."""
    from_case = np.linalg.solve(mode.own, case[:, :, None])
    right = reader.ravel() - np.einsum("cpi,cp->i", mode.between, from_case[:, :, 0])
    r = np.linalg.solve(mode.schur, right)
    c = from_case[:, :, 0] - np.linalg.solve(mode.own, (mode.between @ r)[:, :, None])[:, :, 0]
    return r.reshape(reader.shape), c


def _outer(a: Array, b: Array) -> Array:
    """Products (tasks, p, p) of the rows of two (tasks, p)."""
    return a[:, :, None] * b[:, None, :]


def _products(z: Array, of_tasks: Array, effects: Array) -> Array:
    """Sum over units of z (tasks, p) times what each unit has of each task, by its effects: (p, p)."""
    return np.asarray(z.T @ of_tasks.T @ effects)
