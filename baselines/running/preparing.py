"""Before a model reads: whether it can, whether it may, whether there is room; then it takes part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from baselines.conversation import Rules
from baselines.declared import lacking, may_show, warnings
from baselines.running.order import Order
from baselines.running.places import make_room
from study.allocation import eligible
from study.conditions import MAIN, Condition
from study.database import Refused, StudyError, Wire
from study.database.wire import CONFLICT
from study.desk import CoordinatorDesk, ModelReader, StudyStatus
from study.desk.calls import CaseOutline
from study.desk.work import WorkDesk
from study.protocol import Protocol
from study.script import Script, applies, compile_script

UNFINISHED = ("assigned", "reading", "paused")


@dataclass(frozen=True)
class Reads:
    """A case that the model reads, once for each sample, under each of these scripts in turn."""

    case: CaseOutline
    scripts: tuple[Script, ...]
    permitted: bool

    @property
    def images(self) -> int:
        """The most images that it shows."""
        own = {block.id: len(block.images) for block in self.case.evidence}
        return max(sum(own[id_] for id_, form in shown(script) if form == "image") for script in self.scripts)


@dataclass(frozen=True)
class Plan:
    """What a model would read, found sound: nothing has been written, and nothing was sent."""

    order: Order
    status: StudyStatus
    rules: Rules
    reads: tuple[Reads, ...]
    samples: int
    members: tuple[ModelReader, ...]
    warnings: tuple[str, ...]

    @property
    def missing(self) -> int:
        """The samples that do not take part yet."""
        return max(0, self.samples - len(self.members))


def shown(script: Script) -> list[tuple[str, str]]:
    """The evidence that a script shows, each with its form."""
    return [(one["id"], one["form"]) for step in script.steps for one in step.get("evidence") or ()]


def plan(wire: Wire, order: Order) -> Plan:
    """What the order comes to; raises ``StudyError`` with every reason why it cannot be done."""
    desk = WorkDesk(wire)
    status = CoordinatorDesk(wire).status(order.study)
    if status.state != "open":
        raise StudyError(f"{status.slug} is {status.state}; models read while a study is open.")
    protocol = Protocol.model_validate(status.protocol)
    rules = Rules(protocol, status.texts, _condition(protocol, order.condition))
    found = [m for m in desk.models(order.study, order.declared.name) if m.condition == order.condition]
    samples = _samples(protocol, order, len(found))
    external = {one.case: one.external for one in desk.cases(order.study)}
    reads = tuple(_reads(desk.outlines(order.study), protocol, order, external))
    faults = [*_faults(order, reads), *_changed(order, found)]
    if faults:
        raise StudyError("\n".join(faults))
    return Plan(order, status, rules, reads, samples, tuple(found), tuple(_warnings(order, protocol, samples, reads)))


def enrol(wire: Wire, made: Plan) -> list[ModelReader]:
    """Have the model take part with the samples that are missing; its samples."""
    order, desk = made.order, WorkDesk(wire)
    if made.missing:
        cases = [read.case.outline for read in made.reads]
        make_room(wire, made.status, made.rules.protocol, cases, order.condition, made.missing)
        try:
            desk.enrol(order.study, order.declared.name, order.details, made.samples, order.condition)
        except Refused as refusal:
            if refusal.code != CONFLICT:  # else another worker has done it at the same time
                raise
    return [m for m in desk.models(order.study, order.declared.name) if m.condition == order.condition]


def _condition(protocol: Protocol, name: str) -> Condition:
    if name == MAIN:
        return Condition()
    if name not in protocol.conditions:
        there = ", ".join(protocol.conditions) or "none; `study new --conditions` adds some"
        raise StudyError(f"The study's protocol has no condition {name!r}; it has: {there}.")
    return protocol.conditions[name]


def _samples(protocol: Protocol, order: Order, there: int) -> int:
    fixed = protocol.model_samples
    asked = order.samples or max(fixed, there)
    if order.samples and order.samples > fixed and order.declared.adapter == "replay":
        raise StudyError(f"The protocol fixes {counted(fixed)} of each model, and the file goes up to {order.samples}.")
    if order.samples and order.samples > fixed:
        raise StudyError(
            f"The protocol fixes {counted(fixed)} of each model before opening; --samples may be smaller only."
        )
    if asked < there:
        raise StudyError(f"{order.declared.name} takes part with {counted(there)} already: leave --samples out.")
    return asked


def _reads(outlines: Sequence[CaseOutline], protocol: Protocol, order: Order, external: dict[str, bool]) -> list[Reads]:
    """The cases that this condition is read with."""
    own = {case.key for case in eligible([one.outline for one in outlines], "models")}
    if order.condition != MAIN:
        own &= {o.key for o in outlines if not o.practice and applies(protocol, o.outline, order.condition)}
    names = list(protocol.arms) if order.condition == MAIN else [order.condition]
    return [
        Reads(
            one,
            tuple(compile_script(protocol, one.outline, name) for name in names),
            may_show(order.declared, external.get(one.key, False)),
        )
        for one in outlines
        if one.key in own
    ]


def _faults(order: Order, reads: Sequence[Reads]) -> list[str]:
    """What this model cannot do, and what it may not be shown."""
    declared = order.declared
    found = lacking(declared, max((read.images for read in reads), default=0), order.distribution == "logprobs")
    kept_in = [read.case.key for read in reads if not read.permitted]
    if kept_in and not order.permitted_only:
        found.append(
            f"{declared.name} is outside the institution ({declared.host}), and {len(kept_in)} of {len(reads)} cases "
            f"may not be shown there: {', '.join(kept_in[:10])}{' ...' if len(kept_in) > 10 else ''}. Their authors "
            "allow it by permissions.external_models; --permitted-only leaves them unread."
        )
    if order.budget is not None and declared.cost(1, 1) is None and not declared.local:
        found.append(f"{declared.name} declares no prices: a budget cannot be kept.")
    if order.budget is not None and declared.prices and declared.limits.max_output_tokens is None:
        found.append(
            f"{declared.name} declares no limits.max_output_tokens: what one answer may cost has no bound, so that a "
            "budget cannot be kept."
        )
    return found


def _changed(order: Order, found: Sequence[ModelReader]) -> list[str]:
    """Why what takes part under this name is not what is declared now."""
    if not found:
        return []
    before, now = found[0].details.get("run") or {}, order.details["run"]
    parts = [part for part in ("identity", "distribution") if before.get(part) != now[part]]
    if not parts:
        return []
    told = {
        "identity": "its version, endpoint or parameters were others",
        "distribution": f"its distribution was asked for as {before.get('distribution')!r}",
    }
    why = "; ".join(told[part] for part in parts)
    return [f"{order.declared.name} takes part already, and {why}. Declare what runs now under another name."]


def _warnings(order: Order, protocol: Protocol, samples: int, reads: Sequence[Reads]) -> list[str]:
    found = warnings(order.declared)
    if samples < protocol.model_samples:
        found.append(
            f"{order.declared.name}: {counted(samples)}, fewer than the {protocol.model_samples} that the protocol "
            "fixes"
        )
    left_out = sum(not read.permitted for read in reads)
    if left_out:
        found.append(f"{order.declared.name}: {left_out} cases are left unread, for they may not be shown outside")
    return found


def counted(samples: int) -> str:
    """How many samples, as a sentence says it."""
    return f"{samples} sample{'' if samples == 1 else 's'}"
