"""A model's differential for each case becomes its distractors: exactly so many, or the case is short of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from baselines.adapters import Said
from baselines.conversation import Question
from baselines.declared import Declared
from baselines.options import asked
from baselines.options.terms import Terms, Watch, put
from baselines.running.ledger import Ledger
from baselines.running.run import Ended
from baselines.running.tally import Tally
from study.case import Case
from study.distractors import Proposal, chosen

MORE = 4
"""Diagnoses that are asked for beside those wanted: some are the truth, or another name of it."""


@dataclass
class Proposed:
    """Proposals by case; ``short`` says of how many distractors a case is short. ``ended`` and ``tallies`` tell how."""

    proposals: dict[str, Proposal] = field(default_factory=dict)
    short: dict[str, int] = field(default_factory=dict)
    ended: Ended = field(default_factory=lambda: Ended(None, ""))
    tallies: list[Tally] = field(default_factory=list)

    @property
    def cost(self) -> float:
        """The dollars that this took."""
        return sum(tally.cost for tally in self.tallies)


def wanting(cases: Sequence[Case], count: int) -> list[Case]:
    """The cases with fewer distractors than ``count``."""
    return [case for case in cases if len(case.distractors) < count]


def questions(cases: Sequence[Case], count: int, number: int = 1) -> dict[tuple[str, int], Question]:
    """The question of the ``number``-th round for each case: every round asks for a longer list."""
    return {(case.key, 1): asked.differential(case, _length(case, count, number)) for case in cases}


def propose(
    ledger: Ledger,
    terms: Terms,
    cases: Sequence[Case],
    every: Sequence[Case],
    count: int,
    rounds: int = 3,
    spent: float = 0.0,
    watch: Watch = lambda done, total: None,
) -> Proposed:
    """Distractors for these cases, of all the bundle's; what stands in a case already counts and is kept.

    A case that is short of them is asked about again, up to ``rounds`` times. Raises ``StudyError`` where the model
    cannot be asked.
    """
    found, ranked = Proposed(), {case.key: list[tuple[str, str]]() for case in cases}
    left = list(cases)
    for number in range(1, rounds + 1):
        put_out = questions(left, count, number)
        came = put(ledger, terms, spent + found.cost, put_out, _reading(terms.declared), watch)
        found.tallies.append(came.tally)
        found.ended = came.ended
        for (key, _), named in came.answers.items():
            ranked[key] += named
        _take(found, left, every, ranked, count)
        left = [case for case in left if case.key in found.short]
        if came.ended.why or not left:
            break
    return found


def _take(
    found: Proposed,
    cases: Sequence[Case],
    every: Sequence[Case],
    ranked: Mapping[str, Sequence[tuple[str, str]]],
    count: int,
) -> None:
    for case in cases:
        proposal = chosen(case, every, ranked[case.key], count, case.distractors)
        found.proposals[case.key] = proposal
        found.short.pop(case.key, None)
        if proposal.missing > 0:
            found.short[case.key] = proposal.missing


def _length(case: Case, count: int, number: int) -> int:
    return count + len(case.rejected) + MORE * number


def _reading(declared: Declared) -> Callable[[str, int, Said], list[tuple[str, str]]]:
    """What a reply names, in its order, each with its origin."""

    def read(key: str, sample: int, said: Said) -> list[tuple[str, str]]:
        version = (said.model or declared.model) + (f"@{declared.revision}" if declared.revision else "")
        origin = f"model {declared.name} ({version}), differential.{asked.version()}, place "
        return [(text, f"{origin}{place}") for place, text in enumerate(asked.diagnoses(said), 1)]

    return read
