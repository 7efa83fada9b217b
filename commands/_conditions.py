"""The conditions that ``readerstudy study new --conditions`` adds to a protocol."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from study.bundle import Bundle
from study.case import EvidenceType
from study.conditions import Condition, medsyn
from study.database import StudyError
from study.protocol import Protocol, ProtocolError, protocol_from

MEDSYN = "medsyn"


def with_conditions(protocol: Protocol, given: str | None, bundle: Bundle) -> Protocol:
    """The protocol with MEDSYN's ablations over the kinds of images that the cases have, or with those of a file.

    Raises ``StudyError`` where the file holds no conditions, or one whose name the protocol has for something else.
    """
    if given is None:
        return protocol
    found = _plain(medsyn(_kinds(bundle))) if given == MEDSYN else _file(Path(given))
    own = _plain(protocol.conditions)
    taken = sorted(name for name in own.keys() & found.keys() if own[name] != found[name])
    if taken:
        raise StudyError(f"The protocol has conditions of these names already: {', '.join(taken)}.")
    try:
        return protocol_from(protocol.model_dump(mode="json") | {"conditions": own | found})
    except ProtocolError as error:
        raise StudyError(f"The conditions {given} are refused: {error}.") from None


def _kinds(bundle: Bundle) -> list[EvidenceType]:
    """The types of evidence that have images in some case, in written order."""
    blocks = [block for case in bundle.cases if not case.practice for block in case.evidence]
    return list(dict.fromkeys(block.type for block in blocks if block.images))


def _file(path: Path) -> dict[str, Any]:
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise StudyError(f"The conditions {path} cannot be read: {error}.") from None
    if not isinstance(content, dict) or not content:
        raise StudyError(
            f"{path} holds no conditions: give each a name and what it changes, as in `plain: {{text: absent}}`."
        )
    return content


def _plain(conditions: Any) -> dict[str, Any]:
    rules: dict[str, Condition] = dict(conditions)
    return {name: rule.model_dump(mode="json") for name, rule in rules.items()}
