"""Distractors of cases that were told without the evidence are drawn anew and audited again, round after round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from baselines.options.auditing import Audited, Plan, by_classifier, by_model
from baselines.options.proposing import propose
from baselines.options.terms import Watch
from baselines.running.ledger import Ledger
from study.case import APPROVED, Case, Option

REASON = "the right option was told without the evidence beside it"


@dataclass
class Replaced:
    """The audit of each round, the cases as they are now, and those that are told still.

    ``replaced`` counts the distractors drawn anew by case; ``stuck`` says why a case that is told was left as it was.
    """

    cases: list[Case]
    rounds: list[Audited] = field(default_factory=list)
    replaced: dict[str, int] = field(default_factory=dict)
    stuck: dict[str, str] = field(default_factory=dict)

    @property
    def last(self) -> Audited:
        """The last audit."""
        return self.rounds[-1]

    @property
    def cost(self) -> float:
        """The dollars that all this took."""
        return sum(one.cost for one in self.rounds)


def audit(
    ledger: Ledger, plan: Plan, cases: Sequence[Case], spent: float = 0.0, watch: Watch = lambda done, total: None
) -> Audited:
    """Every look at these cases: the model's, and the classifier's."""
    found = by_model(ledger, plan, cases, spent, watch)
    if not found.ended.why:
        found.looks.append(by_classifier(cases))
    return found


def replace(
    ledger: Ledger,
    plan: Plan,
    cases: Sequence[Case],
    every: Sequence[Case],
    rounds: int,
    watch: Watch = lambda done, total: None,
) -> Replaced:
    """Audit, draw anew what leaks, audit again: at most ``rounds`` times, or until nothing leaks.

    Distractors that a clinician holds good stay. A case for which too few others are found is left as it was.
    """
    made = Replaced(list(cases))
    for left in reversed(range(rounds + 1)):
        made.rounds.append(audit(ledger, plan, made.cases, made.cost, watch))
        leaking = [case for case in made.cases if case.key in made.last.leaks and case.key not in made.stuck]
        if made.last.ended.why or not leaking or not left:
            break
        if not _draw(ledger, plan, made, leaking, every, watch):
            break
    return made


def _draw(
    ledger: Ledger, plan: Plan, made: Replaced, leaking: Sequence[Case], every: Sequence[Case], watch: Watch
) -> bool:
    """Draw anew for these cases; whether any was changed."""
    bare = [_bare(case) for case in leaking]
    changed: dict[str, Case] = {}
    for count in sorted({len(case.distractors) for case in leaking}):
        own = [one for one, case in zip(bare, leaking, strict=True) if len(case.distractors) == count]
        _held(made, own, count)
        own = [one for one in own if one.key not in made.stuck]
        found = propose(ledger, plan.terms, own, every, count, spent=made.cost, watch=watch)
        made.last.tallies += found.tallies
        made.last.ended = found.ended
        if found.ended.why:
            return False
        made.stuck |= {key: f"{n} of {count} other distractors were not found" for key, n in found.short.items()}
        for case in (one for one in own if one.key not in found.short):
            options = tuple(Option.model_validate(option) for option in found.proposals[case.key].options)
            made.replaced[case.key] = made.replaced.get(case.key, 0) + count - len(case.distractors)
            changed[case.key] = case.model_copy(update={"options": options})
    made.cases = [changed.get(case.key, case) for case in made.cases]
    return bool(changed)


def _held(made: Replaced, cases: Sequence[Case], count: int) -> None:
    for case in cases:
        if len(case.distractors) == count:
            made.stuck[case.key] = "a clinician holds all of its distractors good"


def _bare(case: Case) -> Case:
    """The case with what stays of its options, and the rest among the rejected."""
    stay = tuple(option for option in case.options if option.right or option.review in APPROVED)
    away = [option.model_copy(update={"review": "rejected", "reason": REASON}) for option in case.options]
    gone = tuple(one for option, one in zip(case.options, away, strict=True) if option not in stay)
    return case.model_copy(update={"options": stay, "rejected": (*case.rejected, *gone)})
