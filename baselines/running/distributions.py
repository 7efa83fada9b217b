"""At the selection: a model's distribution over the options, asked beside the choice and kept with it, apart.

A question of its own, in the place of the selection's, so that it changes nothing of the conversation. Where it gets
no answer the distribution is missing, and the reading goes on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from baselines.adapters import Said
from baselines.answers import one_object
from baselines.conversation import Pictures, Question, Rules, asked_label, asked_probabilities
from baselines.running.workplace import Distribution
from study.answers import AnswerError
from study.desk import Page

Found = dict[str, float]


def question(kind: Distribution, page: Page, rules: Rules, picture: Pictures) -> Question | None:
    """The further question of a selection; None for any other step, and where no distribution is asked for."""
    if kind == "none" or page.current is None or page.current.kind != "selection":
        return None
    return (asked_label if kind == "logprobs" else asked_probabilities)(page, rules, picture)


def read(kind: Distribution, said: Said, labels: Sequence[str]) -> Found:
    """The probability of each label; raises ``AnswerError`` where there is none in the reply."""
    if kind == "elicited":
        return _stated(said.text, labels)
    if not said.logprobs:
        raise AnswerError("The reply has no log-probability of any label.")
    return {label: math.exp(log) for label, log in said.logprobs.items()}


def _stated(text: str, labels: Sequence[str]) -> dict[str, float]:
    """A probability for each label; that they add up is for the estimator to see to."""
    said = one_object(text)
    stated = said.get("probabilities")
    if set(said) != {"probabilities"} or not isinstance(stated, dict) or set(stated) != set(labels):
        raise AnswerError(f"The answer does not give a probability for each of {', '.join(labels)}, and no more.")
    faulty = [label for label, p in stated.items() if isinstance(p, bool) or not isinstance(p, int | float)]
    if faulty or any(not 0 <= p <= 100 for p in stated.values()) or not sum(stated.values()):
        raise AnswerError("A probability is a number from 0 to 100, and not all of them are 0.")
    return {label: float(p) for label, p in stated.items()}
