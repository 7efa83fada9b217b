"""What every finding carries: its status, its n, what was left out and why, and by which method it was made."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from scoring.estimates import Estimate

Status = Literal["confirmatory", "exploratory"]
Group = Literal["human", "model"]
GROUPS: tuple[Group, ...] = ("human", "model")


class Result(BaseModel):
    """A part of a finding: frozen."""

    model_config = ConfigDict(frozen=True)


class LeftOut(Result):
    """How many of what are not in a finding, and why."""

    what: str
    n: int
    why: str


class Value(Result):
    """An estimate over ``n``; None, and ``why`` says so, where it or its error cannot be told. ``ci`` is 95 %.

    ``p`` is two-sided against no effect, where there is such a thing as no effect.
    """

    estimate: float | None
    n: int
    se: float | None = None
    df: float | None = None
    ci: tuple[float, float] | None = None
    p: float | None = None
    method: str = ""
    why: str = ""


class Finding(Result):
    """One subject. ``n`` counts what ``counted`` names; ``why`` says why there is nothing where there is nothing."""

    status: Status = "exploratory"
    method: str
    n: int
    counted: str
    left_out: tuple[LeftOut, ...] = ()
    why: str = ""
    notes: tuple[str, ...] = ()


def left_out(*counts: tuple[str, int, str]) -> tuple[LeftOut, ...]:
    """Those of which any is missing."""
    return tuple(LeftOut(what=what, n=n, why=why) for what, n, why in counts if n)


def value_of(estimate: Callable[[], Estimate], n: int, plain: float | None = None, against_zero: bool = True) -> Value:
    """What the estimate comes to; ``plain`` alone, with the reason, where it is refused for too little data."""
    from scoring.estimates import TooLittleData, without_interval

    try:
        found = estimate()
    except TooLittleData as refusal:
        return Value(estimate=plain, n=n, why=str(refusal))
    if why := without_interval(found):
        return Value(estimate=found.estimate, n=n, method=found.method, why=why)
    df = found.df if math.isfinite(found.df) else None
    p = found.p if against_zero else None
    return Value(estimate=found.estimate, n=n, se=found.se, df=df, ci=found.ci, p=p, method=found.method)


def wilson(hits: int, n: int) -> Value:
    """A share with Wilson's interval, which takes the ``n`` as independent."""
    if not n:
        return Value(estimate=None, n=0, why="there is none to count")
    z = 1.959963984540054
    share, span = hits / n, 1 + z * z / n
    middle = (share + z * z / (2 * n)) / span
    half = z / span * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    ends = (max(0.0, middle - half), min(1.0, middle + half))
    return Value(estimate=share, n=n, ci=ends, method="Wilson")
