"""Whether a reply shows that its model has read a case before: a stated rule for each kind of probe, and the rates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz

from baselines.probes import KINDS, Kind, Probe
from scoring.accuracy import Accuracy, accuracy
from scoring.matching import normalise

LIKE = 0.8
NAMED = 0.6
_RIGHT = "A hit where the reply's letter, or the option's own words alone, is the right one"
RULES: Mapping[Kind, str] = {
    "title-completion": f"A hit where the reply's first line, without the words that were given, is the rest of the "
    f"title to {LIKE:.0%} (edit similarity of letters and digits).",
    "which-source": f"A hit where the reply has the DOI, or {NAMED:.0%} of the words (four letters or more) and of the "
    "numbers (four digits or more) by which the source is cited and which the question did not give away.",
    "image-removed": f"{_RIGHT}, from the text alone.",
    "original": f"{_RIGHT}, in the original words.",
    "paraphrase": f"{_RIGHT}, in other words.",
}
_DOI = re.compile(r"10\.\d{4,9}/[^\s\"'<>]+", re.IGNORECASE)
_LETTER = re.compile(
    r"^\W*(?:(?i:(?:the\s+)?(?:answer|option)(?:\s+is)?)|答案是?)?\W*([A-Z])(?:[.):：。，,*]|\s*$|\s*\n)"
)
_REASONING = re.compile(r"\s*<think>.*?</think>", re.DOTALL)
_CITED = re.compile(r"[^\W\d_]{4,}|\d{4,}")
_COMMON = {"https", "http", "www", "with", "from", "case", "cases", "line", "journal"}


@dataclass(frozen=True)
class ProbeGrade:
    """``hit`` is None where the reply cannot be read; ``score`` is what the rule measured, between 0 and 1."""

    kind: Kind
    case: str
    hit: bool | None
    score: float
    chance: float | None


@dataclass(frozen=True)
class ProbeRate:
    """The hits of one kind; ``hits`` is None without a reply that could be read.

    ``chance`` is what guessing would give on average; ``unread`` replies could not be read.
    """

    kind: Kind
    hits: Accuracy | None
    unread: int
    chance: float | None
    rule: str


def grade(probe: Probe, reply: str) -> ProbeGrade:
    """The reply under the rule of its kind; a reasoning before it is passed over."""
    reply = _REASONING.sub("", reply, count=1)
    measure = {"title-completion": _completed, "which-source": _cited}.get(probe.kind, _chosen)
    hit, score = measure(probe, reply)
    return ProbeGrade(probe.kind, probe.case, hit, score, probe.chance)


def rates(grades: Iterable[ProbeGrade]) -> list[ProbeRate]:
    """The rate of each kind that was asked, over the cases; several replies about one case are averaged first."""
    by_kind: dict[Kind, list[ProbeGrade]] = {kind: [] for kind in KINDS}
    for one in grades:
        by_kind[one.kind].append(one)
    return [_rate(kind, own) for kind, own in by_kind.items() if own]


def _rate(kind: Kind, own: list[ProbeGrade]) -> ProbeRate:
    read = [one for one in own if one.hit is not None]
    scores: dict[str, list[float]] = {}
    for one in read:
        scores.setdefault(one.case, []).append(float(bool(one.hit)))
    chances = [one.chance for one in read if one.chance is not None]
    chance = sum(chances) / len(chances) if chances else None
    return ProbeRate(kind, accuracy(scores) if read else None, len(own) - len(read), chance, RULES[kind])


def _completed(probe: Probe, reply: str) -> tuple[bool | None, float]:
    line = next((line for line in reply.splitlines() if line.strip()), "")
    given = probe.prompt.rsplit("\n", 1)[-1]
    said, start, rest = (_letters(text) for text in (line, given, probe.expected))
    if not said:
        return None, 0.0
    score = fuzz.ratio(said.removeprefix(start), rest) / 100
    return score >= LIKE, score


def _cited(probe: Probe, reply: str) -> tuple[bool | None, float]:
    if not reply.strip():
        return None, 0.0
    doi = _DOI.search(probe.expected)
    if doi and doi.group().rstrip(".,;)").lower() in reply.lower():
        return True, 1.0
    wanted = set(_CITED.findall(probe.expected.lower())) - _COMMON - set(_CITED.findall(probe.prompt.lower()))
    if not wanted:
        return None, 0.0
    score = len(wanted & set(_CITED.findall(reply.lower()))) / len(wanted)
    return score >= NAMED, score


def _chosen(probe: Probe, reply: str) -> tuple[bool | None, float]:
    labels = [chr(65 + place) for place in range(len(probe.options))]
    by_words = {normalise(option): label for label, option in zip(labels, probe.options, strict=True)}
    letter = _LETTER.match(reply.strip())
    label = by_words.get(normalise(reply.strip().rstrip("."))) or (letter.group(1) if letter else None)
    if label not in labels:
        return None, 0.0
    return label == probe.expected, float(label == probe.expected)


def _letters(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())
