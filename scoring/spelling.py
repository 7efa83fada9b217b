"""Spelling: British and American forms, accents, plurals, numerals, prefixes; word by word, knowing no diagnosis."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache


def listed(text: str) -> frozenset[str]:
    """The words of a table written as one string."""
    return frozenset(text.split())


_LETTERS = {
    "ø": "o", "æ": "ae", "œ": "oe", "ß": "ss", "ł": "l", "đ": "d",
    "α": " alpha ", "β": " beta ", "γ": " gamma ", "δ": " delta ", "κ": " kappa ", "λ": " lambda ", "μ": " mu ",
}  # fmt: skip
_WORDS = {
    "&": "and", "<": "less", ">": "greater", "≤": "less", "≥": "greater", "↑": "raised", "↓": "lowered",
    "↔": "unchanged", "(+)": "positive", "(-)": "negative", "(−)": "negative",
}  # fmt: skip
_APOSTROPHES = re.compile("['’‘`´ʼ＇]")
_SPELLINGS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"^sjoegren$", "sjogren"),
        (r"^schoenlein$", "schonlein"),
        (r"^loeffler$", "loffler"),
        (r"^loefgren$", "lofgren"),
        (r"^koebner$", "kobner"),
        (r"^moebius$", "mobius"),
        (r"ae|oe", "e"),
        (r"(tum|col|hum|od|behavi|vap|rig|harb|lab)our", r"\1or"),
        (r"leuc(?=[oe])", "leuk"),
        (r"sulph", "sulf"),
        (r"(goit|fib|tit|cent|lit|calib)re(?=s?$)", r"\1er"),
        (r"(?<=[a-z]{3})is(e|ed|ing|ation|ations)$", r"iz\1"),
        (r"(?<=[a-z]{3})ys(e|ed|ing)$", r"yz\1"),
        (r"^grey$", "gray"),
        (r"^mould", "mold"),
        (r"^ageing$", "aging"),
        (r"^artefact", "artifact"),
        (r"neurone", "neuron"),
        (r"omata$", "oma"),
    )
)
_PLURALS = {
    "metastases": "metastasis", "stenoses": "stenosis", "psychoses": "psychosis", "diverticula": "diverticulum",
    "emboli": "embolus", "thrombi": "thrombus", "calculi": "calculus", "nevi": "nevus", "bacilli": "bacillus",
    "abscesses": "abscess", "cervices": "cervix", "testes": "testis", "ova": "ovum", "ulcera": "ulcer",
    "eyes": "eye", "legs": "leg", "ribs": "rib", "sinuses": "sinus", "viruses": "virus",
    **{word: word for word in listed("ascites biceps diabetes herpes lues measles mumps pancreas tabes")},
    "rabies": "rabies", "scabies": "scabies", "caries": "caries", "series": "series", "species": "species",
}  # fmt: skip
_PREFIXES = listed(
    "anti auto bi extra hemi hyper hypo infra inter intra micro macro mono multi non pan para peri poly post pre "
    "pseudo semi sub supra trans"
)
_NUMBERED = listed("type stage grade class group factor level degree bipolar neurofibromatosis neoplasia men")
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8", "ix": "9",
          "x": "10", "xi": "11", "xii": "12", "xiii": "13"}  # fmt: skip
_ALWAYS_ROMAN = frozenset({"ii", "iii", "vii", "viii", "xii", "xiii"})
_SPOKEN = {"one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6"}
_ORDINALS = {"first": "1st", "second": "2nd", "third": "3rd", "fourth": "4th", "fifth": "5th"}
_SUBTYPED = re.compile(r"^(i{1,3}|iv|v|vi{0,3})([abc])$")
_JOINS_NUMBER = listed("type stage grade class group factor level")
_TYPED = listed("diabetes mellitus neurofibromatosis neoplasia men")


def words(text: str) -> list[str]:
    """The words of a line in their normal spelling, in the order written; punctuation is gone, signs are words."""
    found = re.findall(r"[^\W_]+(?:\.\d+)*", _signs(_plain(text)))
    return _numbers(_prefixes([singular(american(word)) for word in found]))


@lru_cache(maxsize=100_000)
def american(word: str) -> str:
    """One lower-case word in American spelling."""
    for pattern, replacement in _SPELLINGS:
        word = pattern.sub(replacement, word)
    return word


def singular(word: str) -> str:
    """One lower-case word without its plural ending; one that only looks plural loses the same letters everywhere."""
    if word in _PLURALS:
        return _PLURALS[word]
    if len(word) <= 4 or not word.isalpha() or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("xes", "ches", "shes")):
        return word[:-2]
    return word.removesuffix("s")


def _plain(text: str) -> str:
    lowered = unicodedata.normalize("NFKC", text).casefold()
    lowered = "".join(_LETTERS.get(character, character) for character in lowered)
    decomposed = unicodedata.normalize("NFKD", lowered)
    kept = "".join(character for character in decomposed if not unicodedata.combining(character))
    return re.sub(r"(?<=\w)['](s)\b|[']", "", _APOSTROPHES.sub("'", kept))


def _signs(text: str) -> str:
    """Signs that tell two diagnoses apart (HER2+ and HER2-, < and >) as words; "&" as "and"."""
    for sign, word in _WORDS.items():
        text = text.replace(sign, f" {word} ")
    text = re.sub(r"(?<=\w)\+", " positive ", text)
    return re.sub(r"\b(\w{1,4})[-−](?=[\s,;)]|$)", r"\1 negative ", text)


def _prefixes(found: list[str]) -> list[str]:
    joined: list[str] = []
    for word in found:
        if joined and joined[-1] in _PREFIXES and word.isalpha():
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def _numbers(found: list[str]) -> list[str]:
    """Make "type I", "type one", "type 1" and "type1" one word; a lone i, v or x only after a word for numbers."""
    out: list[str] = []
    for place, word in enumerate(found):
        before = out[-1] if out else ""
        numbered = before in _NUMBERED
        word = _digit(word, numbered)
        if before in _JOINS_NUMBER and (word[:1].isdigit()):
            out[-1] = before + word
        elif before in _TYPED and re.fullmatch("[12][ab]?", word):
            out.append("type" + word)
        else:
            out.append(_ORDINALS.get(word, word) if found[place + 1 : place + 2] == ["degree"] else word)
    return out


def _digit(word: str, numbered: bool) -> str:
    if word in _ALWAYS_ROMAN or (numbered and word in _ROMAN):
        return _ROMAN[word]
    if numbered and word in _SPOKEN:
        return _SPOKEN[word]
    subtyped = _SUBTYPED.match(word) if numbered else None
    return _ROMAN[subtyped[1]] + subtyped[2] if subtyped else word
