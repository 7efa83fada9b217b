"""What a run, or one that would be, is said to be: as sentences and as JSON. Correctness is told by neither."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from baselines.running.estimate import Estimate
from baselines.running.order import Order
from baselines.running.preparing import Plan, counted
from baselines.running.run import Ended
from baselines.running.tally import Tally

SIZES = 3
NOT_BEGUN = "Not begun, for its endpoint is down."


def result(order: Order, plan: Plan, ended: Ended, tally: Tally) -> dict[str, Any]:
    """The run's counts for another program."""
    return {
        "model": order.declared.name,
        "condition": order.condition,
        "ended": ended.why or "complete",
        "why": ended.sentence or None,
        "samples": plan.samples,
        "samples_fixed": plan.rules.protocol.model_samples,
        "readings": tally.readings,
        "before": tally.before,
        "failed_before": tally.failed_before,
        "completed": tally.completed,
        "failed": dict(tally.failed),
        "open": tally.open,
        "left_unread": tally.left_unread,
        "calls": dict(tally.calls),
        "cached": tally.cached,
        "taken_up": tally.taken_up,
        "repeats": tally.repeats,
        "told_to_wait": tally.busy,
        "fenced": tally.fenced,
        "no_distribution": tally.no_distribution,
        "input_tokens": tally.input_tokens,
        "output_tokens": tally.output_tokens,
        "cost": round(tally.cost, 6),
        "cost_unknown": tally.cost_unknown,
        "resolved": dict(tally.resolved),
    }


def sentences(order: Order, plan: Plan, ended: Ended, tally: Tally) -> Iterator[str]:
    """The same in words."""
    failed = f", {sum(tally.failed.values())} failed ({_counts(tally.failed)})" if tally.failed else ""
    without = f" ({tally.failed_before} of them failed)" if tally.failed_before else ""
    before = f", {tally.before} before{without}" if tally.before else ""
    left = f", {tally.open} left" if tally.open else ""
    yield (
        f"{order.declared.name}, {order.condition}: {tally.completed} of {tally.readings} readings completed"
        f"{before}{failed}{left}. {tally.sent} calls ({_counts(tally.calls) or 'none'}), {_cost(tally)}."
    )
    fixed = plan.rules.protocol.model_samples
    if plan.samples < fixed:
        yield f"It reads with {counted(plan.samples)}; the protocol fixes {fixed}."
    if tally.cached or tally.taken_up:
        yield f"{tally.cached} answers came from the cache; {tally.taken_up} were stored and not asked for again."
    if tally.repeats:
        yield f"{tally.repeats} questions were in flight when a worker went: sent again, and perhaps paid twice."
    if tally.left_unread:
        why = "the file has no answers for them" if order.declared.adapter == "replay" else "it may not be shown them"
        yield f"{tally.left_unread} readings are left unread: {why}."
    if tally.no_distribution:
        yield f"{tally.no_distribution} readings have no distribution over the options: none could be had."
    others = {name: n for name, n in tally.resolved.items() if name != order.declared.model}
    if others:
        yield f"What answered called itself {_counts(Counter(others))}, where {order.declared.model} was asked."
    if ended.why:
        yield ended.sentence


def not_begun(order: Order) -> str:
    """What is said of a condition whose model was down in one before."""
    return f"{order.declared.name}, {order.condition}: {NOT_BEGUN[0].lower()}{NOT_BEGUN[1:]}"


def dry(order: Order, plan: Plan, found: Estimate) -> dict[str, Any]:
    """What would be sent, for another program."""
    return {
        "model": order.declared.name,
        "condition": order.condition,
        "samples": plan.samples,
        "samples_fixed": plan.rules.protocol.model_samples,
        "readings": found.readings,
        "done": found.done,
        "calls": found.calls,
        "input_tokens": found.input_tokens,
        "output_tokens": found.output_tokens,
        "answer_tokens": found.answer_tokens,
        "answer_tokens_measured": found.measured,
        "cost": found.cost,
        "cost_at_most": found.most,
        "images": [{"native": list(native), "sent": list(sent)} for native, sent in found.images],
        "longest": found.longest,
        "warnings": _warnings(order, plan, found),
    }


def dry_sentences(order: Order, plan: Plan, found: Estimate) -> Iterator[str]:
    """The same in words."""
    done = f", {found.done} of them done" if found.done else ""
    yield (
        f"{order.declared.name}, {order.condition}: {found.readings} readings{done} ({counted(plan.samples)}), about "
        f"{found.calls:,} calls, {found.input_tokens:,} tokens in and {found.output_tokens:,} out."
    )
    taken = "as its calls here had" if found.measured else "a guess; reasoning is not in it"
    cost = "not known: no prices are declared" if found.cost is None else f"about ${found.cost:,.2f}"
    most = f", at the most ${found.most:,.2f}" if found.most is not None else ""
    yield f"Cost: {cost}{most}. An answer is taken to have {found.answer_tokens} tokens ({taken})."
    if found.images:
        yield f"{len(found.images)} images, {found.smaller} of them made smaller{_sizes(found)}."
    yield from (f"Warning: {warning}." for warning in _warnings(order, plan, found))


def dry_total(found: Sequence[Estimate]) -> str:
    """The same of all models and conditions together."""
    known = [one.cost for one in found if one.cost is not None]
    most = [one.most for one in found if one.most is not None]
    cost = f"about ${sum(known):,.2f}" if known else "not known"
    bound = f", at the most ${sum(most):,.2f}" if len(most) == len(found) else ""
    unpriced = f", and that of {len(found) - len(known)} without prices" if 0 < len(known) < len(found) else ""
    readings, calls = (sum(one.readings for one in found), sum(one.calls for one in found))
    return f"In all: {readings} readings, about {calls:,} calls. Cost: {cost}{bound}{unpriced}."


def _warnings(order: Order, plan: Plan, found: Estimate) -> list[str]:
    context = order.declared.limits.context
    if context is None or found.longest <= context:
        return list(plan.warnings)
    words = (
        f"{order.declared.name}: the longest question and its answer may have {found.longest:,} tokens, and its context"
    )
    return [*plan.warnings, f"{words} holds {context:,}"]


def _sizes(found: Estimate) -> str:
    """The sizes that change most often, native and sent."""
    changed = Counter(one for one in found.images if one[0] != one[1]).most_common(SIZES)
    told = [f"{a[0]}x{a[1]} to {b[0]}x{b[1]} ({count})" for (a, b), count in changed]
    return f": {', '.join(told)}" if told else ""


def _counts(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()) if count)


def _cost(tally: Tally) -> str:
    tokens = f"{tally.input_tokens:,} tokens in and {tally.output_tokens:,} out"
    if tally.cost_unknown and not tally.cost:
        return f"{tokens}, at no price that is known"
    return f"{tokens}, ${tally.cost:.4f}" + (
        f" and {tally.cost_unknown} calls of unknown cost" if tally.cost_unknown else ""
    )
