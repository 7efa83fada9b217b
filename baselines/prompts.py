"""The few words of a model's messages that no reader's screen has as text; the rest is the study's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

import yaml

from study.texts import TextsError


def words(language: str) -> Mapping[str, Any]:
    """The words in this language; raises ``TextsError`` where there are none."""
    base = language.split("-")[0]
    if base not in _catalogue() or base == "version":
        raise TextsError(f"there are no words for models' messages in {language!r}: add them to baselines/prompts.yaml")
    found: Mapping[str, Any] = _catalogue()[base]
    return found


def version() -> str:
    """The version of these words."""
    return str(_catalogue()["version"])


def type_name(kind: str, language: str) -> str:
    """What a type of evidence is called."""
    return str(words(language)["types"][kind])


def refined(kind: str, language: str) -> str:
    """The sentence that names a type of evidence, for the condition that does."""
    return str(words(language)["refine"]).format(type=type_name(kind, language))


def probabilities(language: str, labels: Sequence[str]) -> str:
    """The question for a probability of each option."""
    return str(words(language)["probabilities"]).format(labels=", ".join(labels))


@cache
def _catalogue() -> Mapping[str, Any]:
    content = (resources.files("baselines") / "prompts.yaml").read_text(encoding="utf-8")
    catalogue: Mapping[str, Any] = yaml.safe_load(content)
    return catalogue
