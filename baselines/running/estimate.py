"""What a run would send: readings, calls, tokens and cost, images with native and sent pixels. Nothing is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from baselines.answers import output_text
from baselines.conversation import Rules
from baselines.declared import Declared
from baselines.pictures import fitting
from baselines.running.preparing import UNFINISHED, Plan, Reads, shown
from baselines.running.tokens import AN_IMAGE, LEAST_BYTES, LEAST_PIXELS, likely
from study.desk.calls import CallCount
from study.script import Script

ANSWER_TOKENS = 150
ANSWER_BYTES = 120
ENOUGH = 20
"""Calls from which on what a model has written so far says how much it writes."""


@dataclass(frozen=True)
class Sent:
    """What one reading sends, all its questions together: the text so far is sent again with each of them."""

    calls: int
    text_bytes: int
    pixels: int
    images: int
    longest: int


@dataclass(frozen=True)
class Estimate:
    """What is left of a run. Costs are None without prices, ``most`` also without a limit of an answer's tokens.

    ``longest`` are the tokens of the longest question with its answer, ``answer_tokens`` how long an answer is taken to
    be, ``measured`` whether this model's own calls say so.
    """

    readings: int
    done: int
    calls: int
    input_tokens: int
    output_tokens: int
    cost: float | None
    most: float | None
    answer_tokens: int
    measured: bool
    longest: int
    images: tuple[tuple[tuple[int, int], tuple[int, int]], ...]

    @property
    def smaller(self) -> int:
        """How many of the images are made smaller."""
        return sum(native != sent for native, sent in self.images)


def estimate(plan: Plan, counts: Sequence[CallCount] = ()) -> Estimate:
    """What is left to do of this plan; ``counts`` are the study's calls so far."""
    declared = plan.order.declared
    reads = [read for read in plan.reads if read.permitted]
    sent = [_sent(plan, read, script) for read in reads for script in read.scripts]
    weight = plan.samples / max(1, len(reads[0].scripts) if reads else 1)
    total = len(reads) * plan.samples
    done = sum(row.state not in UNFINISHED for member in plan.members for row in member.readings)
    left = max(0, total - done) / total if total else 0.0
    each, measured = _answer(declared, counts)
    calls = round(sum(one.calls for one in sent) * weight * left)
    incoming = round(sum(likely(one.text_bytes, one.pixels) for one in sent) * weight * left)
    limit = declared.limits.max_output_tokens
    bound = sum(_bound(one) for one in sent) * weight * left
    return Estimate(
        readings=total,
        done=done,
        calls=calls,
        input_tokens=incoming,
        output_tokens=calls * each,
        cost=declared.cost(incoming, calls * each),
        most=declared.cost(round(bound), calls * limit) if limit else None,
        answer_tokens=each,
        measured=measured,
        longest=max((one.longest for one in sent), default=0) + (limit or each),
        images=_images(declared, reads),
    )


def _sent(plan: Plan, read: Reads, script: Script) -> Sent:
    """The questions of one script, each with what stands before it."""
    rules, blocks = plan.rules, {block.id: block for block in read.case.evidence}
    limits, language = plan.order.declared.limits, read.case.language
    text = pixels = images = calls = all_text = all_pixels = all_images = longest = 0
    for step in script.steps:
        if step["kind"] == "show":
            for one in step["evidence"]:
                block = blocks[one["id"]]
                text += 30 + ((block.finding if one["form"] == "finding" else block.text) or 0)
                sizes = [fitting(size, limits) for size in block.images] if one["form"] == "image" else []
                pixels, images = pixels + sum(width * height for width, height in sizes), images + len(sizes)
            continue
        own = _question(rules, step["kind"], language, read.case.options.bytes)
        times = 2 if step["kind"] == "selection" and plan.order.distribution != "none" else 1
        carried = rules.condition.context == "carried"
        calls += times
        longest = max(longest, likely(text + own, pixels))
        all_text += times * (text + own)
        all_pixels, all_images = all_pixels + times * pixels, all_images + times * images
        text += own + ANSWER_BYTES if carried else 0
    return Sent(calls, all_text, all_pixels, all_images, longest)


def _question(rules: Rules, kind: str, language: str, option_bytes: int) -> int:
    """The bytes of what one question says itself."""
    step = rules.step(kind, language)
    words = rules.text(kind, language).text + output_text(step, language, ("A", "B", "C", "D")).text
    return len(words.encode()) + (option_bytes if kind == "selection" else 0)


def _bound(sent: Sent) -> float:
    return sent.text_bytes / LEAST_BYTES + sent.pixels / LEAST_PIXELS + sent.images * AN_IMAGE + 200 * sent.calls


def _answer(declared: Declared, counts: Sequence[CallCount]) -> tuple[int, bool]:
    """How many tokens an answer of this model has, reasoning included where that is counted."""
    own = [one for one in counts if one.model == declared.name and one.output_tokens]
    calls = sum(one.calls - one.cached for one in own)
    if calls < ENOUGH:
        return ANSWER_TOKENS, False
    return round(sum(one.output_tokens or 0 for one in own) / calls), True


def _images(declared: Declared, reads: Sequence[Reads]) -> tuple[Any, ...]:
    """Each image that is shown, once, as it is and as it would be sent."""
    found = []
    for read in reads:
        ids = {id_ for script in read.scripts for id_, form in shown(script) if form == "image"}
        sizes = [size for block in read.case.evidence if block.id in ids for size in block.images]
        found += [(size, fitting(size, declared.limits)) for size in sizes]
    return tuple(found)
