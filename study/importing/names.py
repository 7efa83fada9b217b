"""Diagnosis names as collections write them: a synonym or an abbreviation often stands in a closing parenthesis."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

_CLOSING = re.compile(r"^(?P<name>\S.*\S)\s+\((?P<inside>[^()]+)\)$")
_ACRONYM = re.compile(r"^(?=(?:.*[A-Z]){2})[A-Za-z0-9-]{2,10}$")
_QUALIFIERS = frozenset(
    {
        "stage",
        "grade",
        "type",
        "class",
        "left",
        "right",
        "bilateral",
        "acute",
        "subacute",
        "chronic",
        "early",
        "late",
        "recurrent",
        "primary",
        "secondary",
        "mild",
        "moderate",
        "severe",
        "suspected",
        "probable",
        "possible",
        "in",
        "of",
        "with",
        "without",
        "due",
        "from",
        "not",
    }
)


def diagnosis(written: str) -> dict[str, Any]:
    """Name and synonyms: "Polycystic kidney disease (PKD)" has the synonym "PKD"; a qualifier as "(stage 3)" stays."""
    text = " ".join(written.split())
    match = _CLOSING.match(text)
    if match is None or not _is_synonym(match["inside"].strip()):
        return {"name": text}
    return {"name": match["name"], "synonyms": [match["inside"].strip()]}


def slug(text: str, taken: set[str] | None = None) -> str:
    """A key out of a name: lower-case letters, digits, hyphens; numbered if it is already ``taken``, which it joins."""
    plain = unicodedata.normalize("NFKD", text.replace("β", "beta")).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:56].strip("-") or "block"
    name, number = base, 1
    while taken is not None and name in taken:
        number += 1
        name = f"{base}-{number}"
    if taken is not None:
        taken.add(name)
    return name


def _is_synonym(inside: str) -> bool:
    words = inside.split()
    if _ACRONYM.match(inside):
        return True
    if not inside[0].isalpha() or words[0].lower() in _QUALIFIERS or (len(words) == 1 and inside.islower()):
        return False
    return not any(re.fullmatch(r"[\d.,%]+", word) for word in words)
