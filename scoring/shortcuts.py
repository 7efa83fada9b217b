"""Whether the right option can be told without the evidence: guesses held against chance, and a classifier's guesses.

The classifier sees the options' wordings alone. It learns on other cases than those whose options it guesses at, so
what it finds is a regularity of the whole collection: the right option is the longest, the most detailed, the one the
others resemble, or a word that only distractors have.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse, stats
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.preprocessing import StandardScaler

from scoring.estimates import TooLittleData

LEVEL = 0.95
FOLDS = 10
LEAST = 10
"""Groups of cases below which a classifier would learn nothing."""
EXACT = "exact binomial (Clopper and Pearson); p from the exact sum of each case's own chance, one-sided"


@dataclass(frozen=True)
class Guessed:
    """``hits`` of ``n`` cases, whose options alone would give ``chance``; ``ci`` is the exact 95 % interval.

    ``p`` is how likely guessing would hit as often or more often; below half of what ``ci`` leaves out, it
    ``beats_chance``.
    """

    hits: int
    n: int
    estimate: float
    ci: tuple[float, float]
    chance: float
    p: float
    beats_chance: bool
    method: str = EXACT


def guessed(hits: Sequence[bool], options: Sequence[int]) -> Guessed:
    """The guesses at cases with so many options each, held against chance.

    Raises ``TooLittleData`` where there are none.
    """
    n, right = len(hits), int(sum(hits))
    if not n:
        raise TooLittleData("no case was guessed at")
    interval = stats.binomtest(right, n).proportion_ci(LEVEL, method="exact")
    p = float(_sums(1 / np.asarray(options, dtype=float))[right:].sum())
    chance = float(np.mean(1 / np.asarray(options, dtype=float)))
    ends = (float(interval.low), float(interval.high))
    return Guessed(right, n, right / n, ends, chance, min(1.0, p), p <= (1 - LEVEL) / 2)


def out_of_fold(options: Sequence[Sequence[str]], right: Sequence[int], groups: Sequence[Hashable]) -> list[int]:
    """For each case the option that a classifier holds to be right which learned on the other groups' cases alone.

    ``right`` are the places of the right options, ``groups`` keep cases together that are one. The order of a case's
    options says nothing: of options that it cannot tell apart the first by the alphabet is taken. Raises
    ``TooLittleData`` for fewer than ten groups.
    """
    number = len(set(groups))
    if number < LEAST:
        raise TooLittleData(f"{number} cases are too few for a classifier; it takes {LEAST}")
    order = [sorted(range(len(own)), key=own.__getitem__) for own in options]
    texts = [[own[place] for place in places] for own, places in zip(options, order, strict=True)]
    truth = [[float(place == one) for place in places] for one, places in zip(right, order, strict=True)]
    ids = {group: number for number, group in enumerate(dict.fromkeys(groups))}
    fold_of = [ids[group] for group in groups]
    found = [0] * len(options)
    for learnt, held in GroupKFold(min(FOLDS, number)).split(np.zeros(len(texts)), groups=fold_of):
        scores = _scores([texts[i] for i in learnt], [truth[i] for i in learnt], [texts[i] for i in held])
        for case, own in zip(held, scores, strict=True):
            found[case] = order[case][int(np.argmax(own))]
    return found


def _scores(
    learnt: Sequence[Sequence[str]], truth: Sequence[Sequence[float]], held: Sequence[Sequence[str]]
) -> list[np.ndarray]:
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True)
    letters.fit([text for case in learnt for text in case])
    scale = StandardScaler().fit(_shapes(letters, learnt))
    model = LogisticRegression(class_weight="balanced", max_iter=1000)
    model.fit(_features(letters, scale, learnt), np.concatenate([np.asarray(case) for case in truth]))
    flat = model.decision_function(_features(letters, scale, held))
    return np.split(np.round(flat, 9), np.cumsum([len(case) for case in held])[:-1])


def _features(letters: TfidfVectorizer, scale: StandardScaler, cases: Sequence[Sequence[str]]) -> sparse.csr_matrix:
    words = letters.transform([text for case in cases for text in case])
    return sparse.csr_matrix(sparse.hstack([words, scale.transform(_shapes(letters, cases))]))


def _shapes(letters: TfidfVectorizer, cases: Sequence[Sequence[str]]) -> np.ndarray:
    """What an option is beside the others of its case: longer, wordier, more like them, with signs of detail."""
    return np.vstack([_shape(letters, case) for case in cases])


def _shape(letters: TfidfVectorizer, case: Sequence[str]) -> np.ndarray:
    lengths = np.array([len(text) for text in case], dtype=float)
    words = np.array([len(text.split()) for text in case], dtype=float)
    detail = np.array([sum(not (sign.isalpha() or sign.isspace()) for sign in text) for text in case], dtype=float)
    vectors = letters.transform(case)
    alike = np.asarray((vectors @ vectors.T).todense())
    near = (alike.sum(axis=1) - np.diag(alike)) / max(1, len(case) - 1)
    longest, shortest = lengths == lengths.max(), lengths == lengths.min()
    sizes = [np.log(lengths / lengths.mean()), words - words.mean()]
    return np.column_stack([*sizes, longest, shortest, detail - detail.mean(), near - near.mean()])


def _sums(chances: np.ndarray) -> np.ndarray:
    """How likely each number of hits is where every case is hit by its own chance."""
    found = np.array([1.0])
    for chance in chances:
        found = np.convolve(found, [1 - chance, chance])
    return found
