"""Closed forms and mixed models beside the naive way and a library, in the same run; processor seconds, one thread."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from benchmarks.database import Row
from scoring import mixed, mrmc

if TYPE_CHECKING:
    import pandas as pd

Array = npt.NDArray[np.float64]
NO_R = "MRMCaov, RJafroc and iMRMC need R or Java, which is not asked of this machine"


def rows(*, quick: bool = False) -> list[Row]:
    """The headline contrast by closed form against a jackknife case by case, and mixed models against statsmodels."""
    with threadpool_limits(1, user_api="blas"):
        return [_closed(50 if quick else 1000), _mixed(20 if quick else 120), _large(20 if quick else 500)]


def _closed(cases: int) -> Row:
    x = (np.random.default_rng(1).random((20, cases)) < 0.6).astype(float)
    taken = min(_taken(lambda: [mrmc.group_contrast(x[:10], x[10:]) for _ in range(50)]) / 50 for _ in range(5))
    naive = _taken(lambda: _jackknife(x))
    told = f"{taken * 1000:.2f} ms; covariances by leaving out case after case: {naive * 1000:.0f} ms; {NO_R}"
    return Row(f"closed form, 10 humans and 10 models x {cases:,} cases", told, "faster than naive", taken < naive)


def _jackknife(x: Array) -> Array:
    """The covariances of the readers' means from their means without each case (statistics of any figure of merit)."""
    k = x.shape[1]
    left_out = np.array([np.delete(x, case, axis=1).mean(axis=1) for case in range(k)])
    return np.asarray(np.cov(left_out.T) * (k - 1) ** 2 / k)


def _mixed(cases: int) -> Row:
    table = _table(12, 5, cases)
    gap = table.assign(value=table["ddx"] - table["fdx"])
    taken = min(_taken(lambda: mixed.outcome(gap)) for _ in range(3))
    library = _taken(lambda: _by_statsmodels(gap))
    told = f"{taken:.2f} s; statsmodels' mixedlm: {library:.2f} s"
    return Row(f"mixed model of the gap, 17 readers x {cases} cases", told, "faster than it", taken < library)


def _large(cases: int) -> Row:
    table = _table(30, 20, cases)
    taken = _taken(lambda: mixed.gap(table))
    what = f"mixed model with random slopes, 30 humans and 20 models x {cases} cases x 2 tasks"
    return Row(what, f"{taken:.1f} s", "under 30 s", taken < 30)


def _by_statsmodels(gap: pd.DataFrame) -> None:
    import statsmodels.formula.api as smf

    parts = {"reader": "0 + C(reader)", "case": "0 + C(case)"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        smf.mixedlm("value ~ group", gap.assign(one=1), groups="one", vc_formula=parts).fit(reml=True)


def _table(humans: int, models: int, cases: int) -> pd.DataFrame:
    import pandas as pd

    rng = np.random.default_rng(2)
    readers = [("human", f"H{i}") for i in range(humans)] + [("model", f"M{i}") for i in range(models)]
    own = 0.3 * rng.normal(size=(2, len(readers), 1)) + 0.5 * rng.normal(size=(2, 1, cases))
    hits = (own + rng.normal(size=(2, len(readers), cases)) > -0.2).astype(float)
    rows = [(*name, f"C{c}", hits[0, r, c], hits[1, r, c]) for r, name in enumerate(readers) for c in range(cases)]
    return pd.DataFrame(rows, columns=["group", "reader", "case", "ddx", "fdx"])


def _taken(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
