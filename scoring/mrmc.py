"""Readers by cases, both random: Obuchowski-Rockette with Hillis' degrees of freedom, in closed form.

Obuchowski & Rockette 1995 (Commun Stat Simul Comput 24:285); Hillis 2007 (Stat Med 26:596), 2014 (Stat Med 33:330); a
model against a panel: Hillis 2007 section 5.3, Chakraborty 2017 chapter 22. A figure is a mean of scores over K cases,
so the covariance of two figures is the covariance of the scores over cases divided by K.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from scoring.estimates import Estimate, TooLittleData, referred_to_t, satterthwaite

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Test:
    """One hypothesis test: ``F`` with ``df1`` and ``df2`` (for fixed readers X2/df1 with infinite ``df2``)."""

    F: float
    df1: float
    df2: float
    p: float


@dataclass(frozen=True)
class Components:
    """Covariances of two figures (var: with itself; cov1 same reader; cov2 same test; cov3 neither), mean squares."""

    var: float
    cov1: float
    cov2: float
    cov3: float
    ms_t: float
    ms_tr: float


@dataclass(frozen=True)
class ObuchowskiRockette:
    """Equality of the tests, with readers and cases random (F, df1, df2, p), with fixed readers, and with fixed cases.

    ``differences[i, j]`` is test i minus test j for i < j; ``tests`` are the tests one by one, each on its own
    covariances.
    """

    F: float
    df1: float
    df2: float
    p: float
    fixed_readers: Test
    fixed_cases: Test
    differences: dict[tuple[int, int], Estimate]
    tests: tuple[Estimate, ...]
    components: Components


def obuchowski_rockette(figures: npt.ArrayLike, covariance: npt.ArrayLike) -> ObuchowskiRockette:
    """Compare tests read by the same readers: figures (tests, readers), covariance (tests, readers, tests, readers)."""
    theta = np.asarray(figures, dtype=float)
    cov = np.asarray(covariance, dtype=float)
    t, r = theta.shape
    if t < 2 or r < 2:
        raise TooLittleData(f"a comparison needs two tests and two readers at least; {t} and {r} were given")
    parts = _components(theta, cov)
    shared = max(parts.cov2 - parts.cov3, 0.0)
    den = parts.ms_tr + r * shared
    df2 = satterthwaite(den, (parts.ms_tr, (t - 1) * (r - 1)))
    mean = theta.mean(axis=1)
    method = "Obuchowski-Rockette, readers and cases random"
    overall = _f_test(parts.ms_t, den, t - 1, df2)
    return ObuchowskiRockette(
        overall.F,
        overall.df1,
        overall.df2,
        overall.p,
        fixed_readers=_fixed_readers(parts, t, r, shared),
        fixed_cases=_f_test(parts.ms_t, parts.ms_tr, t - 1, (t - 1) * (r - 1)),
        differences={
            (i, j): referred_to_t(float(mean[i] - mean[j]), 2 * den / r, df2, method)
            for i in range(t)
            for j in range(i + 1, t)
        },
        tests=tuple(_one_test(theta[i], cov[i, :, i, :]) for i in range(t)),
        components=parts,
    )


def standalone(figures: npt.ArrayLike, model: float, covariance: npt.ArrayLike) -> Estimate:
    """A panel minus one model: figures (readers,), covariance (readers, readers) of the differences from the model."""
    differences = np.asarray(figures, dtype=float) - model
    return _one_test(differences, np.asarray(covariance, dtype=float), "one model against the panel (1T-RRRC)")


def crossed(scores: npt.ArrayLike) -> ObuchowskiRockette:
    """Compare tests from complete scores (tests, readers, cases)."""
    x = _complete(scores)
    t, r, k = x.shape
    return obuchowski_rockette(x.mean(axis=2), _covariance(x.reshape(t * r, k)).reshape(t, r, t, r))


def one_group(scores: npt.ArrayLike) -> Estimate:
    """The mean of a panel from complete scores (readers, cases), both random."""
    x = _complete(scores)
    return _one_test(x.mean(axis=1), _covariance(x))


def model_against_panel(panel: npt.ArrayLike, model: npt.ArrayLike) -> Estimate:
    """Panel (readers, cases) minus model (cases,), for this model only; repeated runs are averaged per case first."""
    x, m = _complete(panel), _complete(model)
    return standalone(x.mean(axis=1), float(m.mean()), _covariance(x - m))


def group_contrast(humans: npt.ArrayLike, models: npt.ArrayLike, *, pooled: bool = False) -> Estimate:
    """Humans minus models, (readers, cases) each, models a random factor with a variance of their own; NaN for
    missing.

    With missing cells the variance is that of :func:`scoring.missing.contrast`. ``pooled`` assumes equal variances in
    both groups, which models do not keep to: only for comparison. Raises :class:`TooLittleData` with fewer than two
    humans, three models or two cases.
    """
    h, m = np.asarray(humans, dtype=float), np.asarray(models, dtype=float)
    if len(h) < 2 or len(m) < 3:
        raise TooLittleData(f"models as a random factor need two humans and three models; found {len(h)} and {len(m)}")
    if np.isnan(h).any() or np.isnan(m).any():
        from scoring import missing

        return missing.contrast(h, m)
    _enough_cases(h.shape[1])
    return _pooled(h, m) if pooled else _separate(h, m)


def _separate(h: Array, m: Array) -> Estimate:
    means_h, means_m, cov2_h, cov2_m, cov3 = _groups(h, m)
    part_h, part_m = means_h.var(ddof=1) / len(h), means_m.var(ddof=1) / len(m)
    variance = part_h + part_m + max(cov2_h + cov2_m - 2 * cov3, 0.0)
    df = satterthwaite(variance, (part_h, len(h) - 1), (part_m, len(m) - 1))
    return referred_to_t(float(means_h.mean() - means_m.mean()), variance, df, "models random, separate variances")


def _pooled(h: Array, m: Array) -> Estimate:
    means_h, means_m, cov2_h, cov2_m, cov3 = _groups(h, m)
    r_h, r_m = len(h), len(m)
    n = r_h + r_m
    within = ((means_h.var(ddof=1) * (r_h - 1)) + (means_m.var(ddof=1) * (r_m - 1))) / (n - 2)
    pairs_h, pairs_m = r_h * (r_h - 1), r_m * (r_m - 1)
    cov2 = (cov2_h * pairs_h + cov2_m * pairs_m) / (pairs_h + pairs_m)
    den = within + (n**2 - r_h**2 - r_m**2) / n * max(cov2 - cov3, 0.0)
    df = satterthwaite(den, (within, n - 2))
    variance = (1 / r_h + 1 / r_m) * den
    return referred_to_t(float(means_h.mean() - means_m.mean()), variance, df, "models random, pooled variances")


def _groups(h: Array, m: Array) -> tuple[Array, Array, float, float, float]:
    r = len(h)
    cov = _covariance(np.vstack([h, m]))
    return h.mean(axis=1), m.mean(axis=1), _off(cov[:r, :r]), _off(cov[r:, r:]), float(cov[:r, r:].mean())


def _one_test(theta: Array, cov: Array, method: str = "readers and cases random") -> Estimate:
    r = len(theta)
    if r < 2:
        raise TooLittleData("one reader has no variance between readers: two at least are needed")
    between = float(theta.var(ddof=1))
    den = between + max(r * _off(cov), 0.0)
    return referred_to_t(float(theta.mean()), den / r, satterthwaite(den, (between, r - 1)), method)


def _components(theta: Array, cov: Array) -> Components:
    t, r = theta.shape
    same_test = np.eye(t, dtype=bool)[:, None, :, None]
    same_reader = np.eye(r, dtype=bool)[None, :, None, :]
    grand, by_test, by_reader = theta.mean(), theta.mean(axis=1, keepdims=True), theta.mean(axis=0, keepdims=True)
    return Components(
        var=_mean_where(cov, same_test & same_reader),
        cov1=_mean_where(cov, ~same_test & same_reader),
        cov2=_mean_where(cov, same_test & ~same_reader),
        cov3=_mean_where(cov, ~same_test & ~same_reader),
        ms_t=float(r * ((by_test - grand) ** 2).sum() / (t - 1)),
        ms_tr=float(((theta - by_test - by_reader + grand) ** 2).sum() / ((t - 1) * (r - 1))),
    )


def _fixed_readers(parts: Components, t: int, r: int, shared: float) -> Test:
    den = parts.var - parts.cov1 + (r - 1) * shared
    if den <= 0:
        raise TooLittleData("the scores do not vary over cases, so fixed readers cannot be compared")
    x2 = (t - 1) * parts.ms_t / den
    return Test(x2 / (t - 1), t - 1, float("inf"), float(stats.chi2.sf(x2, t - 1)))


def _f_test(numerator: float, denominator: float, df1: float, df2: float) -> Test:
    if denominator <= 0:
        raise TooLittleData("the readers' figures differ by the same amount throughout, so no F can be formed")
    f = numerator / denominator
    p = stats.chi2.sf(f * df1, df1) if np.isinf(df2) else stats.f.sf(f, df1, df2)
    return Test(f, df1, df2, float(p))


def _mean_where(values: Array, where: npt.NDArray[np.bool_]) -> float:
    return float(values[np.broadcast_to(where, values.shape)].mean())


def _off(cov: Array) -> float:
    """The mean of a covariance matrix off its diagonal."""
    r = len(cov)
    return float((cov.sum() - np.trace(cov)) / (r * (r - 1)))


def _covariance(rows: Array) -> Array:
    _enough_cases(rows.shape[-1])
    return np.asarray(np.atleast_2d(np.cov(rows)) / rows.shape[-1])


def _enough_cases(cases: int) -> None:
    if cases < 2:
        raise TooLittleData(f"cases vary only from two on; found {cases}")


def _complete(scores: npt.ArrayLike) -> Array:
    x = np.asarray(scores, dtype=float)
    if not np.isfinite(x).all():
        raise TooLittleData("this analysis needs every cell; scoring.missing takes designs with missing cells")
    return x
