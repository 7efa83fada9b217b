"""Readers by cases, both random: Obuchowski-Rockette with Hillis' degrees of freedom, in closed form.

Obuchowski & Rockette 1995 (Commun Stat Simul Comput 24:285); Hillis 2007 (Stat Med 26:596), 2014 (Stat Med 33:330); a
model against a panel: Hillis 2007 section 5.3, Chakraborty 2017 chapter 22. A figure is a mean of scores over K cases,
so the covariance of two figures is the covariance of the scores over cases divided by K.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import stats

from scoring.estimates import Estimate, TooLittleData, referred_to_t, satterthwaite

Array = npt.NDArray[np.float64]
Random = Literal["both", "cases", "readers"]
"""What the result speaks of beyond the data: other readers and cases, other cases (readers fixed), other readers."""
Pairs = dict[tuple[int, int], Estimate]
_FIXED = {"both": "readers and cases random", "cases": "readers fixed, cases random", "readers": "cases fixed"}


@dataclass(frozen=True)
class Test:
    """One hypothesis test: ``F`` with ``df1`` and ``df2`` (for fixed readers X2/df1 with infinite ``df2``).

    ``differences[i, j]`` is test i minus test j for i < j; ``tests`` are the tests one by one.
    """

    F: float
    df1: float
    df2: float
    p: float
    differences: Pairs = field(default_factory=dict)
    tests: tuple[Estimate | None, ...] = ()


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
    covariances, and None where it does not vary. ``fixed_readers`` and ``fixed_cases`` hold theirs; they are None where
    the scores do not vary over cases, or the readers' figures differ by the same amount throughout.
    """

    F: float
    df1: float
    df2: float
    p: float
    fixed_readers: Test | None
    fixed_cases: Test | None
    differences: Pairs
    tests: tuple[Estimate | None, ...]
    components: Components


def obuchowski_rockette(figures: npt.ArrayLike, covariance: npt.ArrayLike) -> ObuchowskiRockette:
    """Compare tests read by the same readers: figures (tests, readers), covariance (tests, readers, tests, readers)."""
    theta, cov = _finite(figures, "figures"), _finite(covariance, "covariances")
    t, r = theta.shape
    if t < 2 or r < 2:
        raise TooLittleData(f"a comparison needs two tests and two readers at least; {t} and {r} were given")
    parts = _components(theta, cov)
    shared = max(parts.cov2 - parts.cov3, 0.0)
    den = parts.ms_tr + r * shared
    df2 = satterthwaite(den, (parts.ms_tr, (t - 1) * (r - 1)))
    method = "Obuchowski-Rockette, readers and cases random"
    overall = _f_test(parts.ms_t, den, t - 1, df2)
    return ObuchowskiRockette(
        overall.F,
        overall.df1,
        overall.df2,
        overall.p,
        fixed_readers=_fixed_readers(theta, cov, parts, shared),
        fixed_cases=_fixed_cases(theta, cov, parts),
        differences=_pairs(theta, 2 * den / r, df2, method),
        tests=_each(theta, cov, "both"),
        components=parts,
    )


def standalone(figures: npt.ArrayLike, model: float, covariance: npt.ArrayLike, random: Random = "both") -> Estimate:
    """A panel minus one model: figures (readers,), covariance (readers, readers) of the differences from the model."""
    differences = _finite(figures, "figures") - model
    name = "one model against the panel (1T-RRRC)" if random == "both" else "one model against the panel, {}"
    return _one_test(differences, _finite(covariance, "covariances"), random, name.format(_FIXED[random]))


def crossed(scores: npt.ArrayLike) -> ObuchowskiRockette:
    """Compare tests from complete scores (tests, readers, cases)."""
    x = _complete(scores)
    t, r, k = x.shape
    return obuchowski_rockette(x.mean(axis=2), _covariance(x.reshape(t * r, k)).reshape(t, r, t, r))


def one_group(scores: npt.ArrayLike, random: Random = "both") -> Estimate:
    """The mean of a panel from complete scores (readers, cases)."""
    x = _complete(scores)
    return _one_test(x.mean(axis=1), _covariance(x), random, _FIXED[random])


def model_against_panel(panel: npt.ArrayLike, model: npt.ArrayLike, random: Random = "both") -> Estimate:
    """Panel (readers, cases) minus model (cases,), for this model only; repeated runs are averaged per case first."""
    x, m = _complete(panel), _complete(model)
    return standalone(x.mean(axis=1), float(m.mean()), _covariance(x - m), random)


def group_contrast(
    humans: npt.ArrayLike, models: npt.ArrayLike, *, pooled: bool = False, random: Random = "both"
) -> Estimate:
    """Humans minus models, (readers, cases) each, models a random factor with a variance of their own; NaN for
    missing.

    With missing cells the variance is that of :func:`scoring.missing.contrast`. ``pooled`` assumes equal variances in
    both groups, which models do not keep to: only for comparison. ``random="cases"`` takes all readers and models as
    they are, ``random="readers"`` all cases (Welch's t on the readers' means). Raises :class:`TooLittleData` with
    fewer than two humans, three models (one each where readers are fixed) or two cases.
    """
    h, m = np.asarray(humans, dtype=float), np.asarray(models, dtype=float)
    least = (1, 1) if random == "cases" else (2, 3)
    if len(h) < least[0] or len(m) < least[1]:
        raise TooLittleData(f"models as a random factor need two humans and three models; found {len(h)} and {len(m)}")
    if np.isnan(h).any() or np.isnan(m).any():
        if pooled or random != "both":
            raise TooLittleData("pooled variances, fixed readers and fixed cases need every cell; some are missing")
        from scoring import missing

        return missing.contrast(h, m)
    h, m = _complete(h), _complete(m)
    _enough_cases(h.shape[1])
    return _contrast_of(random, pooled)(h, m)


def _contrast_of(random: Random, pooled: bool) -> Callable[[Array, Array], Estimate]:
    if random == "cases":
        return _readers_fixed
    if random == "readers":
        return _cases_fixed
    return _pooled if pooled else _separate


def _readers_fixed(h: Array, m: Array) -> Estimate:
    """The groups' means differ case by case; only the cases could have been others."""
    per_case = h.mean(axis=0) - m.mean(axis=0)
    variance = float(per_case.var(ddof=1)) / len(per_case)
    return referred_to_t(float(per_case.mean()), variance, float("inf"), "humans and models fixed, cases random")


def _cases_fixed(h: Array, m: Array) -> Estimate:
    means_h, means_m = h.mean(axis=1), m.mean(axis=1)
    parts = means_h.var(ddof=1) / len(h), means_m.var(ddof=1) / len(m)
    df = satterthwaite(sum(parts), (parts[0], len(h) - 1), (parts[1], len(m) - 1))
    return referred_to_t(float(means_h.mean() - means_m.mean()), sum(parts), df, "models random, cases fixed")


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


def _one_test(theta: Array, cov: Array, random: Random, method: str) -> Estimate:
    """The mean of the readers' figures: between readers it varies by their mean square, over cases by ``cov``."""
    r = len(theta)
    if random == "cases":
        return referred_to_t(float(theta.mean()), _mean_of_all(cov), float("inf"), method)
    if r < 2:
        raise TooLittleData("one reader has no variance between readers: two at least are needed")
    between = float(theta.var(ddof=1))
    if random == "readers":
        return referred_to_t(float(theta.mean()), between / r, r - 1, method)
    den = between + max(r * _off(cov), 0.0)
    return referred_to_t(float(theta.mean()), den / r, satterthwaite(den, (between, r - 1)), method)


def _mean_of_all(cov: Array) -> float:
    """(Var + (r - 1) max(Cov2, 0)) / r."""
    r = len(cov)
    off = max(_off(cov), 0.0) if r > 1 else 0.0
    return (float(np.trace(cov)) / r + (r - 1) * off) / r


def _each(theta: Array, cov: Array, random: Random) -> tuple[Estimate | None, ...]:
    def one(i: int) -> Estimate | None:
        try:
            return _one_test(theta[i], cov[i, :, i, :], random, _FIXED[random])
        except TooLittleData:
            return None

    return tuple(map(one, range(len(theta))))


def _pairs(theta: Array, variance: float, df: float, method: str) -> Pairs:
    """Every difference of two tests; all have one variance."""
    mean = theta.mean(axis=1)
    places = range(len(mean))
    return {
        (i, j): referred_to_t(float(mean[i] - mean[j]), variance, df, method) for i in places for j in places if i < j
    }


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


def _fixed_readers(theta: Array, cov: Array, parts: Components, shared: float) -> Test | None:
    t, r = theta.shape
    den = parts.var - parts.cov1 + (r - 1) * shared
    if den <= 0:
        return None
    x2 = (t - 1) * parts.ms_t / den
    infinite = float("inf")
    differences = _pairs(theta, 2 * den / r, infinite, f"Obuchowski-Rockette, {_FIXED['cases']}")
    p = float(stats.chi2.sf(x2, t - 1))
    return Test(x2 / (t - 1), t - 1, infinite, p, differences, _each(theta, cov, "cases"))


def _fixed_cases(theta: Array, cov: Array, parts: Components) -> Test | None:
    t, r = theta.shape
    if parts.ms_tr <= 0:
        return None
    df2 = (t - 1) * (r - 1)
    found = _f_test(parts.ms_t, parts.ms_tr, t - 1, df2)
    differences = _pairs(theta, 2 * parts.ms_tr / r, df2, f"Obuchowski-Rockette, {_FIXED['readers']}")
    return Test(found.F, found.df1, found.df2, found.p, differences, _each(theta, cov, "readers"))


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


def _finite(values: npt.ArrayLike, what: str) -> Array:
    found = np.asarray(values, dtype=float)
    if not np.isfinite(found).all():
        raise TooLittleData(f"the {what} are not all numbers, so nothing can be compared")
    return found


def _complete(scores: npt.ArrayLike) -> Array:
    x = np.asarray(scores, dtype=float)
    if not np.isfinite(x).all():
        raise TooLittleData("this analysis needs every cell; scoring.missing takes designs with missing cells")
    return x
