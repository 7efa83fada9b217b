"""Proposes distractors: the diagnoses of a pool that are worded most like the truth and yet are other diagnoses.

Likeness is the cosine of TF-IDF vectors: words and pairs of words, and 3- to 5-grams of characters within words,
half of the weight each. A proposal is only a draft: it is marked ``proposed`` until a clinician has reviewed it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion

from scoring.matching import names_nothing, normalise

from . import wording
from .case import Case, Diagnosis, Option
from .pools import Term

_LOOKED_AT = 400


@dataclass(frozen=True)
class Proposal:
    """Options for one case, the right one first; ``missing`` counts the distractors that no term was found for."""

    case: str
    options: tuple[dict[str, Any], ...]
    missing: int


@dataclass(frozen=True)
class _Entry:
    term: Term
    normals: frozenset[str]


def propose(
    cases: Sequence[Case],
    terms: Sequence[Term],
    count: int = 3,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> list[Proposal]:
    """A proposal for each case without options; ``seed`` orders terms of equal likeness.

    Refused as distractors: a synonym, a misspelling, a broader or narrower wording of the diagnosis, a code above or
    below it, the truth of another case, a variant of a distractor already taken, and a term with no likeness at all.
    """
    bare = [case for case in cases if not case.options]
    pool = _distinct(terms, seed)
    if not bare or not pool:
        return [Proposal(case.key, (), count) for case in bare]
    index = _Index(pool)
    proposals: list[Proposal] = []
    for case, scores in zip(bare, _likeness([case.diagnosis for case in bare], pool), strict=True):
        others = [other.diagnosis for other in cases if other.key != case.key]
        proposals.append(_proposal(case, _Refusal(case.diagnosis, others, index), pool, scores, count))
        if progress:
            progress(len(proposals), len(bare))
    return proposals


def chosen(
    case: Case, others: Sequence[Case], ranked: Sequence[tuple[str, str]], count: int, kept: Sequence[Option] = ()
) -> Proposal:
    """A proposal of the first ``count`` names that may stand as distractors, from (name, origin) in order of nearness.

    What is refused is what :func:`propose` refuses, and what was rejected before. ``kept`` are distractors that stand
    already; they count.
    """
    ranked = [one for one in ranked if not any(wording.alike(one[0], old.text) for old in case.rejected)]
    elsewhere = [other.diagnosis for other in others if other.key != case.key]
    refusal = _Refusal(case.diagnosis, elsewhere, _Index(()))
    terms = [(_Entry(Term(text, ""), frozenset({normalise(text)})), origin) for text, origin in ranked]
    stay = [option.model_dump(mode="json", exclude_defaults=True) for option in kept]
    return _proposed(case, stay + _taken(refusal, terms, count - len(stay), stay), count)


def _proposal(case: Case, refusal: _Refusal, pool: Sequence[_Entry], scores: np.ndarray, count: int) -> Proposal:
    ranked = np.lexsort((np.arange(len(pool)), -scores))[:_LOOKED_AT]
    likely = [(rank, pool[place], float(scores[place])) for rank, place in enumerate(ranked, 1) if scores[place] > 0]
    entries = [(entry, f"tf-idf:{entry.term.pool}:{rank}/{score:.3f}") for rank, entry, score in likely]
    return _proposed(case, _taken(refusal, entries, count, ()), count)


def _taken(
    refusal: _Refusal, ranked: Sequence[tuple[_Entry, str]], count: int, kept: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The first that are refused by nothing and are no variant of one another."""
    taken: list[dict[str, Any]] = []
    for entry, origin in ranked:
        if len(taken) >= count:
            break
        clash = any(wording.relation(entry.term.text, other["text"]) for other in (*kept, *taken))
        if not clash and not refusal.of(entry):
            taken.append({"text": entry.term.text, "origin": origin, "review": "proposed"})
    return taken


def _proposed(case: Case, distractors: Sequence[Mapping[str, Any]], count: int) -> Proposal:
    if not distractors:
        return Proposal(case.key, (), count)
    right = next((option for option in case.options if option.right), None)
    first = right.model_dump(mode="json", exclude_defaults=True) if right else _right(case)
    return Proposal(case.key, (first, *map(dict, distractors)), count - len(distractors))


def _right(case: Case) -> dict[str, Any]:
    return {"text": case.diagnosis.name, "right": True}


class _Index:
    """The codes of a pool's wordings, and the codes above each code, itself included."""

    def __init__(self, pool: Sequence[_Entry]) -> None:
        self.codes: dict[str, set[str]] = {}
        self.lineage: dict[str, tuple[str, ...]] = {}
        for entry in pool:
            if entry.term.codes:
                self.lineage[entry.term.codes[-1]] = entry.term.codes
                for normal in entry.normals:
                    self.codes.setdefault(normal, set()).add(entry.term.codes[-1])


class _Refusal:
    """Which terms cannot stand as distractors of one diagnosis."""

    def __init__(self, diagnosis: Diagnosis, others: Sequence[Diagnosis], index: _Index) -> None:
        self.diagnosis = diagnosis
        self.elsewhere = {normalise(name) for other in others for name in _names(other)}
        wanted = {normalise(name) for name in _names(diagnosis)}
        stated = {code.code for code in diagnosis.codes if code.system.upper().startswith("ICD-10")}
        self.codes = stated | {code for name in wanted for code in index.codes.get(name, ())}
        self.above = {above for code in self.codes for above in index.lineage.get(code, ())}

    def of(self, entry: _Entry) -> bool:
        """Whether the term is refused."""
        term = entry.term
        if names_nothing(term.text) or self.elsewhere & entry.normals:
            return True
        if term.codes and (term.codes[-1] in self.above or self.codes & set(term.codes)):
            return True
        if any(wording.variant(form, self.diagnosis) for form in (term.text, wording.without_closing(term.text))):
            return True
        return any(wording.means(other, self.diagnosis) for other in term.also)


def _names(diagnosis: Diagnosis) -> tuple[str, ...]:
    return (diagnosis.name, *diagnosis.synonyms)


def _distinct(terms: Sequence[Term], seed: int) -> list[_Entry]:
    found: dict[str, Term] = {}
    for term in terms:
        normal = normalise(term.text)
        if normal not in found or (term.also and not found[normal].also):
            found[normal] = term
    ordered = sorted(found.items(), key=lambda item: hashlib.sha256(f"{seed}\n{item[1].text}".encode()).digest())
    return [_Entry(term, frozenset({normal, *map(normalise, term.also)})) for normal, term in ordered]


def _likeness(diagnoses: Sequence[Diagnosis], pool: Sequence[_Entry]) -> Iterator[np.ndarray]:
    """For each diagnosis the likeness of every term, (terms,), in [0, 1]; of its wordings the likest counts."""
    vectors = FeatureUnion(
        [
            ("words", TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b", sublinear_tf=True)),
            ("letters", TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)),
        ]
    )
    wordings = [[normalise(name) for name in _names(one)] for one in diagnoses]
    texts = [normalise(entry.term.text) for entry in pool]
    vectors.fit([*texts, *(text for one in wordings for text in one)])
    matrix = vectors.transform(texts).T.tocsr() / 2
    for one in wordings:
        yield np.asarray((vectors.transform(one) @ matrix).max(axis=0).todense()).ravel()
