"""Probes for what a model may have read: questions built from a case, and the rule by which each reply is graded.

Nothing here asks a model. A probe that does not fit a case is None: a title too short, a source that nobody could name.
The image-removed probe asks for the diagnosis from the text alone; the paraphrase probe asks for it from text and
findings in other words, beside the same question in the original words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal, get_args

import yaml

from baselines.collection import TWIN, is_chinese, shingles
from study.case import TEXTUAL_TYPES
from study.draws import Draws

Kind = Literal["title-completion", "which-source", "image-removed", "original", "paraphrase"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Content = Mapping[str, Any]
LEAST_WORDS = 6
LEAST_CHINESE = 10
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True)
class Probe:
    """A question to a model about one case: its words, and what the reply is held against.

    ``expected`` is the rest of the title, the citation, or the label of the right option; ``options`` are those shown,
    in their order, and ``chance`` how often a guess would hit.
    """

    kind: Kind
    case: str
    prompt: str
    expected: str
    options: tuple[str, ...] = ()
    version: str = "1"

    @property
    def chance(self) -> float | None:
        """The hits that guessing would give; None where there is nothing to guess from."""
        return 1 / len(self.options) if self.options else None


def build(kind: Kind, content: Content, sample: int = 1, words: Mapping[str, str] | None = None) -> Probe | None:
    """The probe of this kind: the same arguments give the same question, so a reply that was kept is graded by it.

    ``words`` are the blocks of a paraphrase. None where the probe does not fit the case.
    """
    if kind == "title-completion":
        return title_completion(content)
    if kind == "which-source":
        return which_source(content)
    if kind == "paraphrase":
        return paraphrased(content, words or {}, sample)
    return image_removed(content, sample) if kind == "image-removed" else original(content, sample)


def title_completion(content: Content) -> Probe | None:
    """The first half of the title is given; None for a title of fewer than six words (ten characters of Chinese)."""
    title = str(content.get("title") or "").strip()
    chinese = is_chinese(title)
    pieces = list(title) if chinese else title.split()
    if len(pieces) < (LEAST_CHINESE if chinese else LEAST_WORDS):
        return None
    half, join = (len(pieces) + 1) // 2, "" if chinese else " "
    start, rest = join.join(pieces[:half]), join.join(pieces[half:])
    return _probe("title-completion", content, rest, start=start)


def which_source(content: Content) -> Probe | None:
    """The history and examination are shown; None for a synthetic case, and for one without a citation or address."""
    source = content.get("source") or {}
    told = " ".join(str(source[name]) for name in ("citation", "url", "published") if source.get(name))
    text = _text(content, TEXTUAL_TYPES)
    if content.get("synthetic") or not (source.get("citation") or source.get("url")) or not text:
        return None
    return _probe("which-source", content, told, text=text)


def image_removed(content: Content, sample: int = 1) -> Probe | None:
    """The options under history and examination alone; None for a case without options, text or images."""
    visual = any(block.get("images") for block in content["evidence"])
    text = _text(content, TEXTUAL_TYPES)
    return _choice("image-removed", content, text, sample) if visual and text else None


def original(content: Content, sample: int = 1) -> Probe | None:
    """The options under all text and findings, as they are written; None for a case without options."""
    return _choice("original", content, _text(content), sample)


def paraphrased(content: Content, words: Mapping[str, str], sample: int = 1) -> Probe | None:
    """The same with the blocks in other ``words``, by id; raises ``ValueError`` for a block that has none."""
    missing = [block for block in blocks(content) if not words.get(block, "").strip()]
    if missing:
        raise ValueError(f"the paraphrase of {content['key']} has no words for {', '.join(missing)}")
    return _choice("paraphrase", content, "\n\n".join(words[block].strip() for block in blocks(content)), sample)


def blocks(content: Content) -> dict[str, str]:
    """The words of each block that has some, by id: its text, or the finding of its images."""
    told = {str(block["id"]): str(block.get("text") or block.get("finding") or "") for block in content["evidence"]}
    return {block: text.strip() for block, text in told.items() if text.strip()}


def version() -> str:
    """The version of the words in which probes are asked."""
    return _words("en")["version"]


def paraphrase_request(text: str, language: str) -> str:
    """What another model is asked, so that a block stands in other words."""
    return _words(language)["paraphrase"].format(text=text)


def faults_of_paraphrase(text: str, other: str) -> list[str]:
    """Why ``other`` is no paraphrase of ``text``: numbers that are gone, wording that is kept, another length."""
    gone = sorted(set(_NUMBER.findall(text)) - set(_NUMBER.findall(other)))
    faults = [f"the numbers {', '.join(gone)} are gone"] if gone else []
    runs = shingles(text)
    kept = len(runs & shingles(other)) / len(runs) if runs else 0.0
    if kept >= TWIN:
        faults.append(f"{100 * kept:.0f} % of the wording is kept, and less than {100 * TWIN:.0f} % may be")
    if not 0.5 <= len(other) / max(len(text), 1) <= 2:
        faults.append(f"it has {len(other)} characters for {len(text)}")
    return faults


def _choice(kind: Kind, content: Content, text: str, sample: int) -> Probe | None:
    options: Sequence[Mapping[str, Any]] = content.get("options") or ()
    if len(options) < 2 or not text:
        return None
    # One order for all three: what differs between them is the words alone.
    order = Draws("probe", content["key"], sample).shuffled(list(options))
    labels = [chr(65 + place) for place in range(len(order))]
    right = next(label for label, option in zip(labels, order, strict=True) if option.get("right"))
    shown = tuple(str(option["text"]) for option in order)
    listed = "\n".join(f"{label}. {option}" for label, option in zip(labels, shown, strict=True))
    return _probe(kind, content, right, shown, text=text, options=listed)


def _probe(kind: Kind, content: Content, expected: str, shown: tuple[str, ...] = (), **fields: str) -> Probe:
    words = _words(str(content["language"]))
    prompt = words["choose" if shown else kind].format(**fields)
    return Probe(kind, str(content["key"]), prompt, expected, shown, words["version"])


def _text(content: Content, types: frozenset[str] | None = None) -> str:
    told = blocks(content)
    chosen = [block for block in content["evidence"] if types is None or block["type"] in types]
    return "\n\n".join(told[str(block["id"])] for block in chosen if str(block["id"]) in told)


@cache
def _words(language: str) -> dict[str, str]:
    """The words in this language; English where there are none in it."""
    read = yaml.safe_load((resources.files("baselines") / "probes.yaml").read_text(encoding="utf-8"))
    return {"version": read["version"], **read.get(language.split("-")[0], read["en"])}
