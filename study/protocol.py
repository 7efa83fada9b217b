"""The protocol: how every case of a study is read, as data that is hashed when the study opens.

What this version does not offer is refused with a sentence, so that no study runs under a rule that was ignored.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from importlib import resources
from typing import Any, Literal

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    field_validator,
    model_serializer,
    model_validator,
)

from study.canonical import digest
from study.case import EvidenceType, Key, Text
from study.conditions import MAIN, Condition, Form
from study.plan import AnalysisPlan

PRESETS = ("medsyn", "medsyn-staged", "sequential", "assisted")
Task = Literal["ddx", "open", "selection"]
TASKS: tuple[Task, ...] = ("ddx", "open", "selection")
FlagKind = Literal[
    "insufficient",
    "ambiguous",
    "image-unusable",
    "content-wrong",
    "recognise-case",
    "recognise-patient",
    "technical",
    "patient-safety",
]
FLAG_KINDS: tuple[FlagKind, ...] = FlagKind.__args__  # type: ignore[attr-defined]
NOT_OFFERED = {
    "washout": "repeat rounds with a washout are not offered yet: leave `washout` out",
}


class Part(BaseModel):
    """A part of the protocol: frozen, and unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Limit(Part):
    """A time limit on one kind of step: soft is shown and recorded, hard locks the last draft when it is over."""

    seconds: int = Field(ge=5, le=24 * 3600)
    kind: Literal["soft", "hard"] = "soft"


class Limits(Part):
    """The limit of each kind of step; ``None`` is no limit."""

    show: Limit | None = None
    ddx: Limit | None = None
    open: Limit | None = None
    selection: Limit | None = None
    closing: Limit | None = None


class DdxRule(Part):
    """The differential: when it is asked and how many lines count. The last list is always asked before the FDx."""

    asked: Literal["end", "every-step", "named"] = "end"
    after: tuple[Key, ...] = ()
    min_lines: int = Field(default=1, ge=1)
    max_lines: int = Field(default=5, ge=1, le=20)
    cannot_name: bool = True
    probabilities: bool = False
    confidence: bool = True

    @field_validator("probabilities")
    @classmethod
    def _no_probabilities(cls, value: bool) -> bool:
        if value:
            raise ValueError("probabilities for each line are not offered yet: set `probabilities: false`")
        return value

    @model_validator(mode="after")
    def _agrees(self) -> DdxRule:
        if self.min_lines > self.max_lines:
            raise ValueError(f"min_lines {self.min_lines} is above max_lines {self.max_lines}")
        if (self.asked == "named") != bool(self.after):
            raise ValueError("`after` names block ids or evidence types, and is given exactly when `asked` is named")
        return self


class FdxRule(Part):
    """The final diagnosis: open (from the own list) and then selection (among options), each locked before the next."""

    open: bool = True
    selection: bool = True
    cannot_tell: bool = False
    confidence: bool = True

    @model_validator(mode="after")
    def _asks_something(self) -> FdxRule:
        if not (self.open or self.selection):
            raise ValueError("ask for the final diagnosis at least once: open, selection or both")
        return self


class Arm(Part):
    """Which form of each evidence is shown: ``visual`` for all images, ``by_type`` for the types that differ."""

    visual: Form = "image"
    by_type: Mapping[EvidenceType, Form] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _no_random_text(cls, data: Any) -> Any:
        forms = [data.get("visual"), *(data.get("by_type") or {}).values()] if isinstance(data, dict) else []
        if "random" in forms:
            raise ValueError("random text is for models alone: make it a condition with `text: random`, not an arm")
        return data

    def form(self, kind: str) -> Form:
        """The form in which visual evidence of this type is shown."""
        return self.by_type.get(kind, self.visual)  # type: ignore[call-overload, no-any-return]


class AdviceRule(Part):
    """A model's answer that readers are shown once their own answers are locked; afterwards they answer again.

    ``model`` is the name under which it answered, given by the time a study is made; ``named`` whether readers see that
    name. ``arms`` are those in which advice is shown, all where there are none. Models are shown no advice.
    """

    model: Text | None = None
    shows: tuple[Task, ...] = TASKS
    confidence: bool = True
    named: bool = True
    arms: tuple[Key, ...] = ()

    @model_validator(mode="after")
    def _agrees(self) -> AdviceRule:
        if not self.shows or len(set(self.shows)) < len(self.shows):
            raise ValueError("`shows` names at least one of ddx, open and selection, each once")
        return self

    def applies(self, arm: str) -> bool:
        """Whether readers in this arm are shown it."""
        return not self.arms or arm in self.arms


class AllocationRule(Part):
    """Every reader every case, or ``readers_per_case`` of every ``readers`` readers, in balanced incomplete blocks."""

    readers_per_case: int | None = Field(default=None, ge=1)
    readers: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _agrees(self) -> AllocationRule:
        if (self.readers_per_case is None) != (self.readers is None):
            raise ValueError("give both readers_per_case and the expected number of readers, or neither")
        if self.readers_per_case and self.readers and self.readers_per_case > self.readers:
            raise ValueError(f"{self.readers_per_case} readers a case cannot come from {self.readers} readers")
        return self


class Protocol(Part):
    """The rules under which each case of a study is read; every part has a default."""

    format: Literal[1] = 1
    name: Key = "medsyn-staged"
    version: Text = "1"
    reveal: Literal["all", "block-by-block", "type-by-type"] = "block-by-block"
    type_order: tuple[EvidenceType, ...] = ()
    ddx: DdxRule = DdxRule()
    fdx: FdxRule = FdxRule()
    limits: Limits = Limits()
    closing: bool = True
    looking_back: bool = True
    skip: bool = True
    flags: tuple[FlagKind, ...] = FLAG_KINDS
    break_after_minutes: int | None = Field(default=50, ge=5)
    feedback: Literal["none", "practice", "after_reading"] = "none"
    resources: tuple[Literal["books", "search"], ...] = ()
    arms: Mapping[Key, Arm] = Field(default_factory=lambda: {"images": Arm()}, min_length=1)
    allocation: AllocationRule = AllocationRule()
    model_samples: int = Field(default=5, ge=1, le=200)
    conditions: Mapping[Key, Condition] = Field(default_factory=dict)
    advice: AdviceRule | None = None
    texts_version: Text = "1"
    plan: AnalysisPlan = AnalysisPlan()

    @model_validator(mode="before")
    @classmethod
    def _say_what_is_not_offered(cls, data: Any) -> Any:
        for key in NOT_OFFERED.keys() & (data.keys() if isinstance(data, dict) else set()):
            raise ValueError(NOT_OFFERED[key])
        return data

    @field_validator("looking_back")
    @classmethod
    def _looking_back_stays(cls, value: bool) -> bool:
        if not value:
            raise ValueError("hiding earlier evidence is not offered yet: set `looking_back: true`")
        return value

    @model_validator(mode="after")
    def _agrees(self) -> Protocol:
        taken = {MAIN, *self.arms} & self.conditions.keys()
        if taken:
            raise ValueError(
                f"a condition needs a name that no arm has, and not `main`: rename {', '.join(sorted(taken))}"
            )
        if self.type_order and self.reveal != "type-by-type":
            raise ValueError("`type_order` applies to `reveal: type-by-type` only")
        if len(set(self.type_order)) < len(self.type_order):
            raise ValueError("`type_order` names a type twice")
        if self.fdx.selection is False and (self.plan.fdx == "selection" or self.plan.chance_correction):
            raise ValueError("the analysis plan uses the selection, which this protocol does not ask for")
        if self.fdx.open is False and self.plan.fdx == "open":
            raise ValueError("the analysis plan uses the open final diagnosis, which this protocol does not ask for")
        if self.plan.k and self.plan.k > self.ddx.max_lines:
            raise ValueError(f"the plan's k {self.plan.k} is above the {self.ddx.max_lines} lines that count")
        if self.advice:
            self._see_advice(self.advice)
        return self

    def _see_advice(self, advice: AdviceRule) -> None:
        asked = {"ddx": True, "open": self.fdx.open, "selection": self.fdx.selection}
        early = [task for task in advice.shows if not asked[task]]
        if early:
            raise ValueError(f"`shows` of the advice names what this protocol does not ask: {', '.join(early)}")
        unknown = [arm for arm in advice.arms if arm not in self.arms]
        if unknown:
            raise ValueError(f"the advice names arms that the protocol does not have: {', '.join(unknown)}")

    @model_serializer(mode="wrap")
    def _as_before(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """A part that came later is left out where it says nothing: such a protocol keeps the hash that it had."""
        parts: dict[str, Any] = handler(self)
        for later in ("conditions", "advice"):
            if not getattr(self, later):
                parts.pop(later, None)
        return parts

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the canonical JSON of all parts, defaults included."""
        return digest(self.model_dump(mode="json"))

    def refusals(self, synthetic: bool) -> list[str]:
        """Why a study of such cases may not use this protocol; empty when it may."""
        if self.feedback == "after_reading" and not synthetic:
            return ["feedback after each reading is for demonstrations with synthetic cases only: use none or practice"]
        return []


class ProtocolError(ValueError):
    """The protocol was refused; the message lists every fault by its part."""


def protocol_from(data: Mapping[str, Any]) -> Protocol:
    """The protocol that ``data`` describes; raises ``ProtocolError`` with every fault by part."""
    try:
        return Protocol.model_validate(data)
    except ValidationError as error:
        raise ProtocolError("; ".join(_sentence(fault) for fault in error.errors())) from None


def _sentence(fault: Any) -> str:
    where = ".".join(str(part) for part in fault["loc"]) or "protocol"
    told = {"extra_forbidden": "this part is unknown: remove it"}.get(fault["type"], fault["msg"])
    return f"{where}: {told.removeprefix('Value error, ')}"


def preset(name: str) -> Protocol:
    """The preset of that name; raises ``ProtocolError`` that lists the presets when there is none."""
    if name in NOT_OFFERED:
        raise ProtocolError(NOT_OFFERED[name])
    if name not in PRESETS:
        raise ProtocolError(f"there is no preset {name!r}: choose {', '.join(PRESETS)}, or give a protocol file")
    text = (resources.files("study") / "presets" / f"{name}.yaml").read_text(encoding="utf-8")
    return protocol_from(yaml.safe_load(text))
