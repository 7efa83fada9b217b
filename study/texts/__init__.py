"""The task texts: one for each task and language, rendered once for a study and read by screens and prompts alike.

A text lies in ``<language>.yaml`` as a list of lines with named fields. ``study_texts`` fills the fields from the
protocol and the study's particulars; what it returns is stored with the study, so that the words a clinician reads and
the words a model is sent are the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

import yaml

from study.protocol import Protocol

TextId = Literal["consent", "instructions", "ddx", "open", "selection", "closing", "advice"]
TEXT_IDS: tuple[TextId, ...] = ("consent", "instructions", "ddx", "open", "selection", "closing")
ASKS: tuple[TextId, ...] = ("ddx", "open", "selection", "closing")
LANGUAGES = ("en", "zh")
PARTICULARS = ("title", "purpose", "telemetry", "controller", "contact", "ethics", "withdrawal", "retention", "pay")


class TextsError(ValueError):
    """The texts that a study needs do not exist; the message says which and where to add them."""


@dataclass(frozen=True)
class TaskText:
    """A rendered text: its version, the SHA-256 of its UTF-8 bytes, and the text, lines parted by a line break."""

    version: str
    hash: str
    text: str


@cache
def _catalogue(language: str) -> Mapping[str, Any]:
    base = language.split("-")[0]
    if base not in LANGUAGES:
        raise TextsError(f"there are no task texts in {language!r}, only in {', '.join(LANGUAGES)}")
    content = (resources.files("study") / "texts" / f"{base}.yaml").read_text(encoding="utf-8")
    catalogue: Mapping[str, Any] = yaml.safe_load(content)
    return catalogue


def render(lines: Iterable[str], fields: Mapping[str, str]) -> str:
    """The lines with their fields filled in; lines left empty are dropped. Raises ``KeyError`` for an unknown field."""
    filled = (line.format_map(fields).strip() for line in lines)
    return "\n".join(line for line in filled if line)


def task_text(protocol: Protocol, text_id: TextId, language: str, study: Mapping[str, Any] | None = None) -> TaskText:
    """The text of one task under this protocol; ``study`` holds the particulars that the consent names.

    Raises ``TextsError`` where the language or the protocol's version of the texts does not exist.
    """
    catalogue = _catalogue(language)
    if catalogue["version"] != protocol.texts_version:
        raise TextsError(
            f"the protocol asks for version {protocol.texts_version!r} of the texts; "
            f"{language} is at version {catalogue['version']!r}"
        )
    fields = _fields(protocol, text_id, catalogue["phrases"]) | _particulars(study or {}, catalogue["phrases"])
    text = render(catalogue["texts"][text_id], fields)
    return TaskText(catalogue["version"], hashlib.sha256(text.encode("utf-8")).hexdigest(), text)


def study_texts(
    protocol: Protocol, languages: Iterable[str], study: Mapping[str, Any] | None = None
) -> dict[str, dict[str, dict[str, str]]]:
    """Every text of a study as it is stored: ``{id: {language: {"version", "hash", "text"}}}``."""
    tongues = list(languages)
    ids: tuple[TextId, ...] = (*TEXT_IDS, "advice") if protocol.advice else TEXT_IDS
    return {i: {tongue: asdict(task_text(protocol, i, tongue, study)) for tongue in tongues} for i in ids}


def _particulars(study: Mapping[str, Any], phrases: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(study.get(name) or phrases["not_stated"]) for name in PARTICULARS}


def _fields(protocol: Protocol, text_id: TextId, phrases: Mapping[str, Any]) -> dict[str, str]:
    ddx, fdx = protocol.ddx, protocol.fdx
    sure = (ddx if text_id == "ddx" else fdx).confidence
    question = phrases["confidence"]
    return {
        "cap": str(ddx.max_lines),
        "lines": _lines(ddx.min_lines, ddx.max_lines, phrases),
        "reveal": phrases["reveal"][protocol.reveal],
        "asked": phrases["asked"]["end" if protocol.reveal == "all" else ddx.asked],
        "final": phrases["final"]["both" if fdx.open and fdx.selection else "open" if fdx.open else "selection"],
        "lock": phrases["lock"],
        "resources": phrases["resources"]["+".join(sorted(protocol.resources)) or "none"],
        "skip": phrases["skip"] if protocol.skip else "",
        "flag": phrases["flag"] if protocol.flags else "",
        "practice": phrases["practice"],
        "advice": phrases["advice"] if protocol.advice else "",
        "cannot_name": phrases["cannot_name"] if ddx.cannot_name else "",
        "choice": phrases["cannot_tell" if fdx.cannot_tell else "forced"],
        "confidence_first": phrases["confidence_first"].format(question=question) if sure else "",
        "confidence_one": phrases["confidence_one"].format(question=question) if sure else "",
        "limit": _limit(protocol, text_id, phrases),
    }


def _lines(least: int, cap: int, phrases: Mapping[str, str]) -> str:
    name = "lines_one" if cap == 1 else "lines_exact" if least == cap else "lines_range"
    return phrases[name].format(min=least, cap=cap)


def _limit(protocol: Protocol, text_id: TextId, phrases: Mapping[str, str]) -> str:
    limit = getattr(protocol.limits, text_id, None)
    return phrases[f"limit_{limit.kind}"].format(seconds=limit.seconds) if limit else ""
