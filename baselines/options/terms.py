"""On which terms a model is asked about the cases of a bundle: which it may be shown, what may be spent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from baselines.adapters import Said
from baselines.conversation import Question
from baselines.declared import Declared, may_show
from baselines.running import content
from baselines.running.errands import Came
from baselines.running.ledger import Ledger
from baselines.running.outside import Errandry, ask
from baselines.running.tokens import likely
from study.case import Case
from study.database import StudyError

Answer = TypeVar("Answer")
Questions = Mapping[tuple[str, int], Question]
Watch = Callable[[int, int], None]
ASKED = ("responses", "chat")
ANSWER_TOKENS = 80


@dataclass(frozen=True)
class Terms:
    """The model, and the dollars for all its questions together; None is without end.

    ``permitted_only`` leaves the cases out that may not leave the institution; else they refuse the whole.
    """

    declared: Declared
    budget: float | None = None
    permitted_only: bool = False
    first_wait: float = 0.5


@dataclass(frozen=True)
class Cost:
    """What questions would take that the ledger has no answer to; ``dollars`` is None without prices."""

    calls: int
    stored: int
    input_tokens: int
    dollars: float | None


def permitted(terms: Terms, cases: Sequence[Case]) -> list[Case]:
    """The cases that the model may be shown; raises ``StudyError`` with every reason why it cannot be asked."""
    declared, faults = terms.declared, []
    if declared.adapter not in ASKED:
        faults.append(
            f"{declared.name} is asked by {declared.adapter}; cases are asked one by one: {' or '.join(ASKED)}."
        )
    if terms.budget is not None and not declared.local and declared.prices is None:
        faults.append(f"{declared.name} declares no prices: a budget cannot be kept.")
    if terms.budget is not None and declared.prices and declared.limits.max_output_tokens is None:
        faults.append(f"{declared.name} declares no limits.max_output_tokens: one answer's cost has no bound.")
    away = [case.key for case in cases if not may_show(declared, case.external_models)]
    if away and not terms.permitted_only:
        named = ", ".join(away[:10]) + (" ..." if len(away) > 10 else "")
        faults.append(
            f"{declared.name} is outside the institution ({declared.host}), and {len(away)} cases may not be sent "
            f"there: {named}. Their authors allow it by permissions.external_models; --permitted-only leaves them out."
        )
    if faults:
        raise StudyError("\n".join(faults))
    return [case for case in cases if case.key not in away]


def cost(ledger: Ledger, terms: Terms, questions: Iterable[tuple[Question, int]]) -> Cost:
    """What these questions would take; nothing is sent."""
    asked = [(one, content.question_digest(terms.declared, one, lambda _: {}), sample) for one, sample in questions]
    kept = ledger.kept([content.key(digest, sample, 1) for _, digest, sample in asked])
    left = [question for (question, _, _), there in zip(asked, kept, strict=True) if there is None]
    tokens = sum(likely(sum(len(str(part).encode()) for part in one.messages[0].parts)) for one in left)
    dollars = terms.declared.cost(tokens, ANSWER_TOKENS * len(left))
    return Cost(len(left), len(asked) - len(left), tokens, dollars)


def put(
    ledger: Ledger,
    terms: Terms,
    spent: float,
    questions: Questions,
    read: Callable[[str, int, Said], Answer],
    watch: Watch = lambda done, total: None,
) -> Came[tuple[str, int], Answer]:
    """Ask these questions by case and sample; ``spent`` dollars of the budget are gone already."""
    budget = None if terms.budget is None else max(0.0, terms.budget - spent)
    errands = Errandry("options", terms.declared, questions, read, budget, terms.first_wait)
    return ask(ledger, errands, watch)
