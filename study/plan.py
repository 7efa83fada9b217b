"""The analysis plan: what a study says before it opens about how it will be analysed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

Scale = Literal["kanjee-2023", "mcduff-2025"]
Outcome = Literal["gap", "coverage", "fdx", "top-k", "reciprocal-rank"]
Subgroup = Literal["language", "specialty", "practice-level", "evidence-type", "arm", "published-after-cut-off"]
LEVELS: dict[str, frozenset[int]] = {
    "kanjee-2023": frozenset({0, 2, 3, 4, 5}),
    "mcduff-2025": frozenset({1, 2, 3, 4, 5}),
}


class AnalysisPlan(BaseModel):
    """What is confirmatory; whatever it does not name is labelled exploratory wherever it is shown.

    ``threshold`` is the lowest grade that counts as covered, ``k`` the lines that count (``None``: the cap),
    ``margin`` the non-inferiority margin as a share (0.05 is five points), ``family`` the outcomes that share
    one error rate under ``correction``. ``guess_source`` has graders guess who wrote a line, a clinician or a model.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    primary: Outcome = "gap"
    scale: Scale = "kanjee-2023"
    scale_version: str = "1"
    threshold: int = 4
    k: int | None = Field(default=None, ge=1)
    fdx: Literal["open", "selection"] = "selection"
    chance_correction: bool = False
    failures: Literal["wrong", "left-out"] = "wrong"
    method: Literal["crossed-bootstrap", "obuchowski-rockette", "group-contrast"] = "crossed-bootstrap"
    family: tuple[Outcome, ...] = ("gap",)
    correction: Literal["none", "holm", "max-t"] = "none"
    margin: float | None = Field(default=None, gt=0, lt=1)
    subgroups: tuple[Subgroup, ...] = ()
    guess_source: bool = False

    @model_validator(mode="after")
    def _agrees(self) -> AnalysisPlan:
        levels = LEVELS[self.scale]
        if self.threshold not in levels or self.threshold == min(levels):
            above = ", ".join(str(level) for level in sorted(levels)[1:])
            raise ValueError(f"threshold {self.threshold} is no level of {self.scale} that parts it: choose {above}")
        if self.primary not in self.family:
            raise ValueError(f"the primary outcome {self.primary} belongs to the family of outcomes: add it there")
        if len(set(self.family)) < len(self.family) or len(set(self.subgroups)) < len(self.subgroups):
            raise ValueError("the family and the subgroups name each entry once")
        if len(self.family) > 1 and self.correction == "none":
            raise ValueError("a family of several outcomes needs a correction: holm or max-t")
        if self.chance_correction and self.fdx != "selection":
            raise ValueError("chance correction applies to the selection only")
        return self

    @model_serializer(mode="wrap")
    def _as_before(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """What came later is left out where it says nothing: such a plan keeps its protocol's hash."""
        parts: dict[str, Any] = handler(self)
        if not self.guess_source:
            parts.pop("guess_source", None)
        return parts


def measure_of(plan: AnalysisPlan, outcome: str) -> str:
    """The measure that a planned outcome means: the plan's final diagnosis, corrected for chance where it says so."""
    if outcome == "gap":
        return f"{plan.fdx}_gap"
    if outcome == "fdx":
        return "selection_corrected" if plan.chance_correction else plan.fdx
    if outcome == "top-k":
        return f"top{plan.k}" if plan.k else "coverage"
    return {"coverage": "coverage", "reciprocal-rank": "reciprocal_rank"}[outcome]


def asks_source(protocol: Mapping[str, Any] | None) -> bool:
    """Whether graders under this protocol are asked who wrote a line."""
    return bool(((protocol or {}).get("plan") or {}).get("guess_source"))
