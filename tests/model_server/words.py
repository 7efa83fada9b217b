"""What the server's model says: drawn from the request alone, in the form that it asks for."""

from __future__ import annotations

import hashlib
import json
import math
import re
from typing import Any

from tests.model_server.acts import Asked

DIAGNOSES = (
    "Gout", "Malaria", "Pneumonia", "Otosclerosis", "Appendicitis", "Ureteric stone", "Pericarditis",
    "Acute porphyria", "Waldenström macroglobulinaemia", "Craniopharyngioma",
    "Subglottic stenosis", "Hyperparathyroidism",
)  # fmt: skip
LABEL = re.compile(r"^\s*\(?([A-Z])[.):]\s", re.MULTILINE)
KINDS: dict[str, dict[str, Any]] = {
    "seen_before": {"seen_before": {"enum": ["no"]}, "looked_up": {"type": "boolean"}, "comment": {"type": "string"}},
    "choice": {"choice": {}, "confidence": {"type": "integer"}},
    "diagnosis": {"diagnosis": {"type": "string"}, "confidence": {"type": "integer"}},
    "lines": {"lines": {"type": "array"}, "confidence": {"type": "integer"}},
}


class Draws:
    """Numbers that follow from the request: the model, the conversation, and its seed if it has one."""

    def __init__(self, asked: Asked) -> None:
        """Draw for this request."""
        key = [asked.model, asked.messages, asked.body.get("seed")]
        self._key = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()
        self._drawn = 0

    def below(self, bound: int) -> int:
        """A number from 0 to ``bound`` - 1."""
        self._drawn += 1
        drawn = hashlib.sha256(f"{self._key}/{self._drawn}".encode()).digest()
        return int.from_bytes(drawn[:8], "big") % bound


def words(asked: Asked) -> str:
    """The model's words: JSON after the schema, or after the names that the text asks for; else a label."""
    draws, labels = Draws(asked), LABEL.findall(asked.text)
    if asked.schema is not None:
        return json.dumps(_value(asked.schema, draws, ""), ensure_ascii=False)
    for name, properties in KINDS.items():
        if f'"{name}"' in asked.text:
            filled = properties | ({"choice": {"enum": labels or ["A"]}} if name == "choice" else {})
            return json.dumps(_value({"properties": filled, "type": "object"}, draws, ""), ensure_ascii=False)
    return labels[draws.below(len(labels))] if labels else "I cannot tell."


def distribution(asked: Asked) -> dict[str, float]:
    """Log-probabilities over the labels that the text shows."""
    draws = Draws(asked)
    weights = {label: 1 + draws.below(99) for label in LABEL.findall(asked.text) or ["A", "B"]}
    return {label: math.log(weight / sum(weights.values())) for label, weight in weights.items()}


def _value(schema: dict[str, Any], draws: Draws, name: str) -> Any:
    if "enum" in schema:
        return schema["enum"][draws.below(len(schema["enum"]))]
    kind = schema.get("type")
    if kind == "object":
        return {key: _value(inner, draws, key) for key, inner in schema["properties"].items()}
    if kind == "array":
        items = schema.get("items", {"type": "string"})
        if items.get("type") == "string" and "enum" not in items:
            first = draws.below(len(DIAGNOSES))
            return [DIAGNOSES[(first + n) % len(DIAGNOSES)] for n in range(3)]
        return [_value(items, draws, name) for _ in range(schema.get("minItems", 2))]
    if kind == "boolean":
        return False
    if kind in ("integer", "number"):
        low, high = int(schema.get("minimum", 0)), int(schema.get("maximum", 100))
        return low + draws.below(high - low + 1)
    return DIAGNOSES[draws.below(len(DIAGNOSES))] if name == "diagnosis" else ""
