"""Humans beside models in one outcome: each group, and their difference by every method that the data carry.

The primary difference takes these models as they are. Where human cells are missing the within-case difference leads.
Every figure names its method; what cannot be estimated is None, with a sentence in ``refused``.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from scoring import missing, mrmc
from scoring.estimates import Estimate, TooLittleData, without_interval

Array = npt.NDArray[np.float64]
Refusals = defaultdict[str, list[str]]
Lead = Literal["difference_models_fixed", "within_case_models_fixed"]
BOTH_NEEDED = "humans and models are both needed, with scores for the same case"


@dataclass(frozen=True)
class Figure:
    """An estimate in score units with its 95 % interval; ``n`` counts the cells (reader and case) behind it."""

    estimate: float
    se: float | None
    df: float | None
    ci: tuple[float, float] | None
    p: float | None
    n: int
    method: str


@dataclass(frozen=True)
class Differences:
    """Humans minus models; ``leads`` names the one to report first, None where neither is there.

    ``readers_fixed`` speaks of other cases only, ``cases_fixed`` of other readers only: both need every cell.
    ``pooled`` (equal variances in both groups) is there on request only.
    """

    difference: Figure | None = None
    difference_models_fixed: Figure | None = None
    within_case: Figure | None = None
    within_case_models_fixed: Figure | None = None
    readers_fixed: Figure | None = None
    cases_fixed: Figure | None = None
    pooled: Figure | None = None
    leads: Lead | None = None


def figure(what: str, estimate: Callable[[], Estimate], n: int, refused: Refusals) -> Figure | None:
    """The estimate with its ``n``; None where it is refused, with the sentence in ``refused``."""
    try:
        found = estimate()
    except TooLittleData as error:
        refused[str(error)].append(what)
        return None
    if why := without_interval(found):
        refused[why].append(what)
        return Figure(found.estimate, None, None, None, None, n, f"{found.method}, no interval")
    return Figure(found.estimate, found.se, found.df, found.ci, found.p, n, found.method)


def group_mean(what: str, x: Array, refused: Refusals, *, centred: bool = False) -> Figure | None:
    """The mean of (readers, cases), NaN for missing; without standard error where that is refused."""
    n = cells(x)
    if not n:
        return None
    plain = Figure(float(np.nanmean(x)), None, None, None, None, n, "mean of the cells, no test")
    holes = np.isnan(x).any()
    found = figure(what, lambda: missing.panel(x, centred=centred) if holes else mrmc.one_group(x), n, refused)
    return found or plain


def differences(
    h: Array, m: Array, refused: Refusals, *, centred: bool = False, pooled: bool = False, what: str = ""
) -> Differences:
    """Humans minus models of (readers, cases) each, NaN for missing, by every method that the data carry."""
    if not len(h) or not len(m):
        refused[BOTH_NEEDED].append(f"{what}difference")
        return Differences()
    n, complete = cells(h) + cells(m), not (np.isnan(h).any() or np.isnan(m).any())
    asked = _complete(h, m, pooled) if complete else _with_holes(h, m, centred)
    found: dict[str, Any] = {}
    for name, (told, estimate) in asked.items():
        found[name] = figure(f"{what}{told}", estimate, n, refused)
    if pooled and not complete:
        refused["pooled variances need every cell; some are missing"].append(f"{what}difference")
    if len(m) < 3:
        why = f"{len(m)} models are too few for a random factor (three needed); they are fixed"
        refused[why].append(f"{what}difference")
        found |= {"difference": found["difference_models_fixed"], "within_case": found.get("within_case_models_fixed")}
    return dataclasses.replace(Differences(**found), leads=_leads(h, found))


def against(h: Array, m: Array, method: str, *, centred: bool = False) -> Estimate:
    """Panel (readers, cases) minus the models' mean per case; cells without a counterpart are left out."""
    answered = ~np.isnan(m).all(axis=0)
    if not answered.any():
        raise TooLittleData(BOTH_NEEDED)
    h, case_means = h[:, answered], np.nanmean(m[:, answered], axis=0)
    if not np.isnan(h).any() and answered.all():
        return dataclasses.replace(mrmc.model_against_panel(h, case_means), method=f"{method} (1T-RRRC)")
    found = missing.panel(h - case_means, centred=centred)
    return dataclasses.replace(found, method=f"{method}, cells that both answered, {found.method}")


def cells(x: Array) -> int:
    """How many cells of (readers, cases) have a score."""
    return int((~np.isnan(x)).sum())


Asked = dict[str, tuple[str, Callable[[], Estimate]]]


def _complete(h: Array, m: Array, pooled: bool) -> Asked:
    asked: Asked = {
        "difference_models_fixed": ("difference, these models fixed", lambda: against(h, m, "these models fixed")),
        "readers_fixed": ("difference, readers fixed", lambda: mrmc.group_contrast(h, m, random="cases")),
    }
    if len(m) > 2:
        asked["difference"] = ("difference", lambda: mrmc.group_contrast(h, m))
        asked["cases_fixed"] = ("difference, cases fixed", lambda: mrmc.group_contrast(h, m, random="readers"))
        if pooled:
            asked["pooled"] = ("difference, pooled", lambda: mrmc.group_contrast(h, m, pooled=True))
    return asked


def _with_holes(h: Array, m: Array, centred: bool) -> Asked:
    asked: Asked = {
        "difference_models_fixed": (
            "difference, these models fixed",
            lambda: against(h, m, "these models fixed", centred=centred),
        ),
        "within_case_models_fixed": (
            "within case, these models fixed",
            lambda: missing.within_case_fixed(h, m, centred=centred),
        ),
    }
    if len(m) > 2:
        asked["difference"] = ("difference", lambda: missing.contrast(h, m, centred=centred))
        asked["within_case"] = ("within case", lambda: missing.within_case(h, m, centred=centred))
    return asked


def _leads(h: Array, found: Mapping[str, Figure | None]) -> Lead | None:
    order: tuple[Lead, Lead] = ("difference_models_fixed", "within_case_models_fixed")
    if np.isnan(h).any():
        order = (order[1], order[0])
    return next((name for name in order if found.get(name) is not None), None)
