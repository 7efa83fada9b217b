"""The shortcut audit: what a model and a classifier tell of a bundle's options without the evidence.

A model tells a case where each of its samples, with the options in another order each time, chose the right one. Its
guess at a case, which is what is counted, is the option that most of its samples chose.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from baselines.adapters import Said
from baselines.conversation import Question
from baselines.options import asked
from baselines.options.asked import Shown
from baselines.options.terms import Terms, Watch, put
from baselines.running.ledger import Ledger
from baselines.running.run import Ended
from baselines.running.tally import Tally
from scoring.estimates import TooLittleData
from scoring.shortcuts import Guessed, guessed, out_of_fold
from study.case import Case

ALL = "its history is all of its evidence"
NONE = "it has no history"
UNANSWERED = "no answer came"
CLASSIFIER = "classifier"


@dataclass(frozen=True)
class Look:
    """One way of guessing without the evidence: by whom, what was shown, the figure, and the cases that it told.

    ``guesses`` are the options chosen by case, ``left_out`` the cases that were not guessed at, by reason.
    ``figure`` is None where there is none, and ``why`` says why.
    """

    by: str
    shown: Shown
    figure: Guessed | None
    leaks: tuple[str, ...] = ()
    guesses: Mapping[str, int] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    why: str = ""

    def as_json(self) -> dict[str, Any]:
        """The look for a program to read."""
        figure = None if self.figure is None else vars(self.figure)
        told = {"by": self.by, "shown": self.shown, "figure": figure, "leaks": list(self.leaks)}
        return {**told, "left_out": dict(self.left_out), "why": self.why}


@dataclass(frozen=True)
class Plan:
    """What a model is shown, how often, and the seed of the options' orders."""

    terms: Terms
    shown: tuple[Shown, ...] = ("options", "history")
    samples: int = 3
    seed: int = 0


@dataclass
class Audited:
    """The looks, how asking ended, and its counts."""

    looks: list[Look] = field(default_factory=list)
    ended: Ended = field(default_factory=lambda: Ended(None, ""))
    tallies: list[Tally] = field(default_factory=list)

    @property
    def leaks(self) -> list[str]:
        """The cases that were told; a classifier's only where it beats chance, for it hits some by chance alone."""
        counted = [one for one in self.looks if one.by != CLASSIFIER or (one.figure and one.figure.beats_chance)]
        return sorted({key for look in counted for key in look.leaks})

    @property
    def unanswered(self) -> list[str]:
        """The cases about which a model gave no answer that could be read: whether they are told is not known."""
        return sorted({key for look in self.looks for key, why in look.left_out.items() if why == UNANSWERED})

    @property
    def silent(self) -> bool:
        """Whether a model that was asked answered nothing at all."""
        return any(UNANSWERED in look.left_out.values() and not look.guesses for look in self.looks)

    @property
    def cost(self) -> float:
        """The dollars that this took."""
        return sum(tally.cost for tally in self.tallies)


def questions(plan: Plan, cases: Sequence[Case], shown: Shown) -> dict[tuple[str, int], Question]:
    """The questions of one look at these cases, by case and sample."""
    return {
        (case.key, sample): asked.choice(case, shown, sample, plan.seed)
        for case in cases
        if not _left_out(case, shown)
        for sample in range(1, plan.samples + 1)
    }


def by_model(
    ledger: Ledger,
    plan: Plan,
    cases: Sequence[Case],
    spent: float = 0.0,
    watch: Watch = lambda done, total: None,
) -> Audited:
    """A model's looks; where asking ended before its time there is no look that was cut short."""
    found, by_key = Audited(), {case.key: case for case in cases}
    for shown in plan.shown:

        def read(key: str, sample: int, said: Said) -> int:
            return asked.chosen(by_key[key], sample, plan.seed, said)

        came = put(ledger, plan.terms, spent + found.cost, questions(plan, cases, shown), read, watch)
        found.tallies.append(came.tally)
        found.ended = came.ended
        if came.ended.why:
            break
        found.looks.append(_look(plan, cases, shown, came.answers))
    return found


def by_classifier(cases: Sequence[Case]) -> Look:
    """A classifier's look at the wordings of the options, cross-validated by case; translations are one case."""
    groups = [case.translation_of or case.key for case in cases]
    places = [_right(case) for case in cases]
    try:
        found = out_of_fold([[option.text for option in case.options] for case in cases], places, groups)
    except TooLittleData as few:
        return Look(CLASSIFIER, "options", None, why=f"{few}.")
    guesses = {case.key: place for case, place in zip(cases, found, strict=True)}
    leaks = tuple(case.key for case, place in zip(cases, places, strict=True) if guesses[case.key] == place)
    return Look(CLASSIFIER, "options", _figure(cases, guesses), leaks, guesses)


def _look(plan: Plan, cases: Sequence[Case], shown: Shown, answers: Mapping[tuple[str, int], int]) -> Look:
    left_out = {case.key: why for case in cases if (why := _left_out(case, shown))}
    guesses, leaks = {}, []
    for case in cases:
        own = [answers[case.key, n] for n in range(1, plan.samples + 1) if (case.key, n) in answers]
        if own:
            guesses[case.key] = Counter(own).most_common(1)[0][0]
            if len(own) == plan.samples and set(own) == {_right(case)}:
                leaks.append(case.key)
        elif case.key not in left_out:
            left_out[case.key] = UNANSWERED
    by, why = f"model {plan.terms.declared.name}", "" if guesses else "no case was guessed at."
    return Look(by, shown, _figure(cases, guesses) if guesses else None, tuple(leaks), guesses, left_out, why)


def _figure(cases: Sequence[Case], guesses: Mapping[str, int]) -> Guessed:
    there = [case for case in cases if case.key in guesses]
    return guessed([guesses[case.key] == _right(case) for case in there], [len(case.options) for case in there])


def _left_out(case: Case, shown: Shown) -> str:
    if shown == "options":
        return ""
    histories = asked.histories(case)
    return NONE if not histories else ALL if len(histories) == len(case.evidence) else ""


def _right(case: Case) -> int:
    return next(place for place, option in enumerate(case.options) if option.right)
