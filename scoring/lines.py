"""One written line: its list mark, its inverted form, and the alternatives that it names.

The rule for alternatives. A line is split at "or", "vs", "versus", "and/or", ";", "|" and a line break; at "/" between
two words of three letters or more (never in listed names such as HIV/AIDS, nor between numbers or single letters); and
at a comma, unless what follows it only qualifies the name ("cardiomyopathy, dilated", "carcinoma, pancreatic",
"stroke, due to embolism"). "with" never splits, and "and" only after the last comma of a list: they claim two things
at once, which is one, more specific, diagnosis. Nothing inside brackets is split. In Chinese: 或, 、, the comma, the
semicolon and the slash.
"""

from __future__ import annotations

import re
from functools import lru_cache

from scoring.chinese import is_chinese
from scoring.spelling import listed

_MARK = re.compile(r"^\s*(?:\(?\d{1,2}[.)](?!\d)|[-*•‣·–—#]|ddx?:|fdx:|dx:|diagnosis:)\s*", re.IGNORECASE)
_EDGES = re.compile(r'\A[\s.?!,;:"“”，。；：？！]+|[\s.?!,;:"“”，。；：？！]+\Z')
_PER_CENT = re.compile(r"\s*(?:\(\s*\d+(?:\.\d+)?\s*%\s*\)|[:–—-]\s*\d+(?:\.\d+)?\s*%)\s*$")
_NAMES = re.compile(
    r"\b(HIV/AIDS|SJS/TEN|ME/CFS|ALS/FTD|CLL/SLL|MDS/MPN|TTP/HUS|N/A|attention.deficit/hyperactivity"
    r"|myelodysplastic/myeloproliferative|graft (versus|vs\.?) host|hand, foot,? and mouth)\b",
    re.IGNORECASE,
)
_MARKS = re.compile("[\ue001\ue002]")
_BRACKETED = re.compile(r"[(\[（【][^()\[\]（）【】]*[)\]）】]")
_ALTERNATIVES = re.compile(r"\s*(?:;|\||\n|\band/or\b|\bor\b|\bvs?\.(?=\s)|\bvs\b|\bversus\b)\s*", re.IGNORECASE)
_SLASH = re.compile(r"(?<=[^\W\d_]{3})\s*/\s*(?=[^\W\d_]{3})|\s+/\s+")
_CHINESE_ALTERNATIVES = re.compile(r"\s*(?:或者?|、|,|,|;|;|/|\||\n)\s*")
_RELATES = re.compile(
    r"^(?:(?:due to|with|without|secondary to|in|of|on|from|after|type|stage|grade|level|caused by|associated|nos"
    r"|not otherwise)\b|\S+ type \S+$)"
)
_ADJECTIVE = re.compile(r"(al|ic|ive|ous|ar|ary|oid|ile|able|ed|less|genic|ory|free|cell|type|like|onset|stage|grade)$")
_NOUNS = listed("colic panic tic scar hospital chorea seed med bed ulcer polyp arsenic beriberi")
_QUALIFIERS = listed(
    "acute chronic left right unspecified nos primary secondary tertiary essential benign malignant mild "
    "moderate severe early late juvenile adult infantile male female recurrent latent silent dominant "
    "recessive variant lung breast liver kidney pancreas stomach colon prostate ovary brain skin bone bladder "
    "thyroid esophagus oesophagus hodgkin non-hodgkin ruptured wild atypical typical"
)
_EMPTY_HEADS = listed("disease syndrome disorder")


@lru_cache(maxsize=65536)
def split_line(line: str) -> tuple[str, ...]:
    """The diagnoses that a line names, in the order written, without list marks; see the module for the rule.

    A qualifier on its own takes the noun of the alternative after it: "acute or chronic pancreatitis" names two.
    """
    if is_chinese(line):
        pieces = [bare(part) for part in _CHINESE_ALTERNATIVES.split(bare(line))]
        return tuple(piece for piece in pieces if piece)
    masked, hidden = _hidden(bare(_MARKS.sub("", line)))
    parts = [part for chunk in _ALTERNATIVES.split(masked) for part in _SLASH.split(chunk)]
    parts = [piece for part in parts for piece in _split_commas(part)]
    shown = [_show(part, hidden) for part in _with_heads(parts)]
    return tuple(text for text in (bare(part) for part in shown) if text)


def bare(line: str) -> str:
    """A line without list mark, leading "either", closing full stop or probability."""
    text = _EDGES.sub("", _PER_CENT.sub("", _MARK.sub("", line)))
    return re.sub(r"^either\s+", "", text, flags=re.IGNORECASE)


def uninverted(text: str) -> str:
    """ "cardiomyopathy, dilated" as "dilated cardiomyopathy"; what relates ("due to ...") stays behind."""
    head, *rest = re.split(r",\s+", text)
    front = [part for part in rest if not _RELATES.match(part.casefold())]
    behind = [part for part in rest if _RELATES.match(part.casefold())]
    return " ".join([*reversed(front), head, *behind])


def _split_commas(text: str) -> list[str]:
    pieces: list[str] = []
    for part in re.split(r",\s*(?=\D)|,\s+", text):
        head = pieces[-1] if pieces else ""
        if head and (_qualifies(part) or head.strip().casefold() in _EMPTY_HEADS):
            pieces[-1] = f"{head}, {part}"
        elif head and _only_qualifiers(head.casefold()):
            pieces[-1] = f"{head} {part}"
        else:
            pieces.append(re.sub(r"^and\s+", "", part, flags=re.IGNORECASE) if head else part)
    return pieces


def _qualifies(part: str) -> bool:
    """Whether what follows a comma only qualifies the name before it."""
    lowered = part.strip().casefold()
    return bool(_RELATES.match(lowered)) or _only_qualifiers(lowered)


def _only_qualifiers(lowered: str) -> bool:
    found = lowered.split()
    return bool(found) and all(_is_qualifier(word) for word in found)


def _is_qualifier(word: str) -> bool:
    if word in _QUALIFIERS or re.fullmatch(r"\d+|i{1,3}|iv|type|stage", word):
        return True
    return word not in _NOUNS and bool(_ADJECTIVE.search(word)) and len(word) > 3


def _with_heads(parts: list[str]) -> list[str]:
    """Give an alternative that is only a qualifier the noun of the next one."""
    completed = list(parts)
    for place in range(len(parts) - 2, -1, -1):
        following = completed[place + 1].split()
        if not _only_qualifiers(parts[place].casefold()) or "," in completed[place + 1]:
            continue
        while len(following) > 1 and _is_qualifier(following[0].casefold()):
            following = following[1:]
        completed[place] = " ".join([parts[place].strip(), *following])
    return completed


def _hidden(text: str) -> tuple[str, list[str]]:
    """The text with brackets and listed names replaced by marks, and what the marks stand for."""
    hidden: list[str] = []

    def mark(found: re.Match[str]) -> str:
        hidden.append(found[0])
        return f"\ue001{len(hidden) - 1}\ue002"

    return _NAMES.sub(mark, _BRACKETED.sub(mark, text)), hidden


def _show(text: str, hidden: list[str]) -> str:
    while "\ue001" in text:
        text = re.sub("\ue001(\\d+)\ue002", lambda found: hidden[int(found[1])], text)
    return text
